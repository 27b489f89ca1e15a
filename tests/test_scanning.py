"""Which files of a folder are documents, under which name, and which cannot be."""

from __future__ import annotations

import os
import socket
import sys
import unicodedata
from pathlib import Path

import pytest
from fakes import write_folder

from index import FolderError
from index.scanning import hash_file, scan


def reasons(folder: Path) -> dict[str, str]:
    return {skipped.document: skipped.reason for skipped in scan(folder).skipped}


def test_files_below_the_folder_by_posix_name(tmp_path: Path) -> None:
    write_folder(tmp_path, {"a.txt": "1", "部门/报告/二.txt": "23", "部门/一.txt": "4"})
    found = scan(tmp_path)
    assert sorted(found.files) == ["a.txt", "部门/一.txt", "部门/报告/二.txt"]
    assert found.files["部门/报告/二.txt"].size == 2
    assert Path(found.files["部门/一.txt"].path).read_bytes() == b"4"
    assert found.skipped == []


@pytest.mark.parametrize("name", [".git/config", ".DS_Store", "~$报告.docx", "写到一半.tmp", "Thumbs.db", "a/desktop.ini"])
def test_names_that_are_no_documents(name: str, tmp_path: Path) -> None:
    write_folder(tmp_path, {name: "x", "a.txt": "x"})
    found = scan(tmp_path)
    assert list(found.files) == ["a.txt"]
    assert found.skipped == []


def test_names_are_composed(tmp_path: Path) -> None:
    spelled = unicodedata.normalize("NFD", "résumé が.txt")
    write_folder(tmp_path, {spelled: "x"})
    found = scan(tmp_path)
    assert list(found.files) == [unicodedata.normalize("NFC", spelled)]
    assert Path(next(iter(found.files.values())).path).is_file()


@pytest.mark.skipif(sys.platform == "darwin", reason="this file system has one form only")
def test_two_forms_of_one_name(tmp_path: Path) -> None:
    write_folder(tmp_path, {unicodedata.normalize(form, "é.txt"): form for form in ("NFC", "NFD")})
    assert list(scan(tmp_path).files) == ["é.txt"]
    assert "another Unicode form" in reasons(tmp_path)["é.txt"]


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux only")
def test_a_name_that_is_not_unicode(tmp_path: Path) -> None:
    os.close(os.open(os.fsencode(tmp_path) + b"/\xb1\xa8\xb8\xe6.txt", os.O_CREAT | os.O_WRONLY))
    found = scan(tmp_path)
    assert found.files == {}
    assert [(s.document.endswith(".txt"), "not valid UTF-8" in s.reason) for s in found.skipped] == [(True, True)]
    found.skipped[0].document.encode("utf-8")


def test_links(tmp_path: Path) -> None:
    write_folder(tmp_path, {"docs/a.txt": "1", "docs/部门/b.txt": "2", "docs-secret/c.txt": "3"})
    docs = tmp_path / "docs"
    (docs / "inside.txt").symlink_to(docs / "a.txt")
    (docs / "outside.txt").symlink_to(tmp_path / "docs-secret" / "c.txt")
    (docs / "folder-outside").symlink_to(tmp_path / "docs-secret")
    (docs / "folder-inside").symlink_to(docs / "部门")
    (docs / "circle").symlink_to(docs)
    (docs / "nowhere.txt").symlink_to(docs / "missing.txt")
    assert sorted(scan(docs).files) == ["a.txt", "inside.txt", "部门/b.txt"]
    assert {name: "outside" in reason for name, reason in reasons(docs).items() if name != "circle"} == {
        "outside.txt": True,
        "folder-outside": True,
        "nowhere.txt": False,
    }


def test_a_folder_that_is_itself_a_link(tmp_path: Path) -> None:
    write_folder(tmp_path, {"real/a.txt": "1"})
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert list(scan(tmp_path / "link").files) == ["a.txt"]
    assert scan(tmp_path / "link").skipped == []


def test_what_is_not_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.txt")
        assert reasons(tmp_path) == dict.fromkeys(("pipe.txt", "socket.txt"), "it is not a regular file")
    assert scan(tmp_path).files == {}


def test_a_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder(tmp_path, {"open/a.txt": "1", "closed/b.txt": "2"})
    really = os.scandir

    def scandir(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return really(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert list(scan(tmp_path).files) == ["open/a.txt"]
    assert reasons(tmp_path) == {"closed": "the folder cannot be listed: Permission denied"}
    with pytest.raises(FolderError, match="cannot be listed: Permission denied"):
        scan(tmp_path / "closed")


def test_the_folder_has_to_be_a_folder(tmp_path: Path) -> None:
    write_folder(tmp_path, {"a.txt": "1"})
    for path in (tmp_path / "missing", tmp_path / "a.txt"):
        with pytest.raises(FolderError, match=rf"{path.name} does not exist or is not a folder"):
            scan(path)


def test_a_touched_file_has_another_signature(tmp_path: Path) -> None:
    write_folder(tmp_path, {"a.txt": "12"})
    before = scan(tmp_path).files["a.txt"]
    status = (tmp_path / "a.txt").stat()
    os.utime(tmp_path / "a.txt", ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))
    after = scan(tmp_path).files["a.txt"]
    assert before.signature != after.signature
    assert after.touched_ns > before.touched_ns
    assert scan(tmp_path).files["a.txt"] == after


def test_the_hash_of_a_file(tmp_path: Path) -> None:
    write_folder(tmp_path, {"a.txt": "abc"})
    assert hash_file(str(tmp_path / "a.txt")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

"""Uploads: names that are safe, nothing half-written left behind, and what has become of each file."""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from fakes import FakeEncoder
from workspaces import Workspace

from ui.engine import Engine
from ui.file_names import LibraryError, clean_name
from ui.library import Library
from ui.uploads import UploadState


@pytest.fixture
def library(workspace: Workspace) -> Iterator[Library]:
    workspace.docs.mkdir(exist_ok=True)
    library = Library(workspace.docs, Engine(workspace.index, workspace.settings, workspace.encoder))
    yield library
    library.wait(30)


def put(library: Library, name: str, content: str = "新的内容。") -> str:
    part, target = library.uploads.part_file(name)
    part.write_text(content, "utf-8")
    return library.keep(part, target)


def synced(library: Library) -> None:
    library.rescan()
    library.wait(30)
    assert library.work().state == "done", library.work()


def state(library: Library, document: str) -> str:
    return library.upload_states([document])[document].name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("报告.txt", ("报告.txt",)),
        ("a/b/c.txt", ("a", "b", "c.txt")),
        ('<img src=x onerror="x">.txt', ("＜img src=x onerror=＂x＂＞.txt",)),
        ("a\\b:c|d?.txt", ("a＼b：c｜d？.txt",)),
        ("line\nend\x00.txt", ("lineend.txt",)),
        ("e\u0301.txt", ("\u00e9.txt",)),
        ("./a//b.txt", ("a", "b.txt")),
        ("end. ", ("end",)),
    ],
)
def test_names_become_safe_and_stay_readable(given: str, kept: tuple[str, ...]) -> None:
    assert clean_name(given) == kept


@pytest.mark.parametrize(
    "name", ["", "/", "..", "../a.txt", "a/../../b.txt", ".hidden", "a/.b", "x" * 300, "/".join("abcdefghijklmn"), "\x01"]
)
def test_names_that_cannot_be_used(name: str) -> None:
    with pytest.raises(LibraryError, match="bad_name"):
        clean_name(name)


def test_a_part_is_invisible_to_a_sync(library: Library) -> None:
    put(library, "整.txt")
    part, _ = library.uploads.part_file("半.txt")
    part.write_text("还没有传完", "utf-8")
    synced(library)
    assert library._known() == {"uploads/整.txt"}
    assert library.skipped() == ()


def test_a_folder_of_that_name_is_not_replaced(library: Library) -> None:
    (library.docs / "uploads" / "a.txt").mkdir(parents=True)
    part, target = library.uploads.part_file("a.txt")
    with pytest.raises(LibraryError, match="bad_name"):
        library.keep(part, target)
    library.uploads.discard(part)
    assert list((library.docs / "uploads").iterdir()) == [library.docs / "uploads" / "a.txt"]


def test_what_did_not_become_whole_leaves_no_folder_either(library: Library) -> None:
    put(library, "甲/乙/全.txt")
    for name in ("甲/丙/丁/半.txt", "甲/乙/半.txt", "戊/半.txt"):
        part, _ = library.uploads.part_file(name)
        library.uploads.discard(part)
    found = {path.relative_to(library.docs).as_posix() for path in library.docs.rglob("*")}
    assert found == {"uploads", "uploads/甲", "uploads/甲/乙", "uploads/甲/乙/全.txt"}


def test_more_than_the_limit_is_refused_whatever_was_said_before(library: Library) -> None:
    library.uploads._limit_mb = 0.00001
    part, _ = library.uploads.part_file("大.txt")
    with part.open("wb") as file:
        assert library.uploads.write(file, b"12345", 0) == 5
        with pytest.raises(LibraryError, match="too_large"):
            library.uploads.write(file, b"678901", 5)


def test_an_upload_is_in_line_then_searchable(library: Library) -> None:
    document = put(library, "甲.txt")
    assert state(library, document) == "queued"
    synced(library)
    assert state(library, document) == "searchable"


def test_an_upload_that_is_skipped_has_its_reason(library: Library) -> None:
    put(library, "甲.txt")
    empty = put(library, "空.txt", " ")
    synced(library)
    assert library.upload_states([empty])[empty] == UploadState("skipped", "it is empty")


def test_a_newer_version_is_not_searchable_before_it_was_read(library: Library) -> None:
    put(library, "甲.txt", "旧的内容。")
    synced(library)
    document = put(library, "甲.txt", "新的内容，与旧的不同。")
    assert state(library, document) == "queued"
    synced(library)
    assert state(library, document) == "searchable"


def test_a_file_that_is_gone_again_is_not_called_searchable(library: Library) -> None:
    put(library, "甲.txt")
    document = put(library, "乙.txt")
    library.delete(document)
    synced(library)
    assert state(library, document) == "gone"


def test_states_while_a_sync_runs(workspace: Workspace) -> None:
    started, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        started.set()
        go_on.wait(20)

    workspace.docs.mkdir(exist_ok=True)
    library = Library(workspace.docs, Engine(workspace.index, workspace.settings, FakeEncoder(before_encoding=wait)))
    first = put(library, "甲.txt")
    library.rescan()
    assert started.wait(20)
    later = put(library, "乙.txt")
    assert (state(library, first), state(library, later)) == ("indexing", "queued")
    go_on.set()
    library.wait(30)
    assert (state(library, first), state(library, later)) == ("searchable", "queued")
    synced(library)
    assert state(library, later) == "searchable"


def test_a_cancelled_sync_is_told_and_a_rescan_goes_on(workspace: Workspace) -> None:
    started, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        started.set()
        go_on.wait(20)

    workspace.docs.mkdir(exist_ok=True)
    library = Library(workspace.docs, Engine(workspace.index, workspace.settings, FakeEncoder(before_encoding=wait)))
    document = put(library, "甲.txt")
    library.rescan()
    assert started.wait(20)
    library.cancel()
    go_on.set()
    library.wait(30)
    assert state(library, document) == "stopped"
    synced(library)
    assert state(library, document) == "searchable"


def test_a_sync_that_fails_is_told_with_its_reason(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    document = put(library, "甲.txt")

    def fails(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("ui.library.sync", fails)
    library.rescan()
    library.wait(30)
    assert library.upload_states([document])[document] == UploadState("failed", "OSError: no space left")


@pytest.mark.parametrize("name", ["Thumbs.db", "资料/desktop.ini", "~$报告.docx", "a.tmp"])
def test_what_syncs_pass_over_is_refused_at_once_with_its_reason(name: str) -> None:
    with pytest.raises(LibraryError, match="ignored_name"):
        clean_name(name)


def test_a_folder_that_cannot_be_written_is_not_called_a_bad_name(library: Library) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    with patch("pathlib.Path.touch", side_effect=full), pytest.raises(LibraryError, match="not_written") as caught:
        library.uploads.part_file("a.txt")
    assert caught.value.values == {"reason": "No space left on device"}
    part, target = library.uploads.part_file("a.txt")
    with patch("os.replace", side_effect=full), pytest.raises(LibraryError, match="not_written"):
        library.keep(part, target)


def test_a_name_below_a_file_is_a_bad_name(library: Library) -> None:
    put(library, "a.txt")
    with pytest.raises(LibraryError, match="bad_name"):
        library.uploads.part_file("a.txt/b.txt")

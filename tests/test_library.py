"""The folder as the page keeps it: names that are safe, a trash with undo, syncs in the background."""

from __future__ import annotations

import errno
import threading
from pathlib import Path
from unittest.mock import patch

import pytest
from fakes import FakeEncoder
from workspaces import Workspace

from index import Settings
from ui.engine import Engine
from ui.file_names import LibraryError
from ui.library import Library


@pytest.fixture
def library(workspace: Workspace) -> Library:
    workspace.write({f"{name}.txt": f"这是{name}的内容，供检索使用。" for name in ("甲", "乙", "丙")})
    return Library(workspace.docs, Engine(workspace.index, workspace.settings, workspace.encoder))


def synced(library: Library) -> set[str]:
    library.rescan()
    library.wait(30)
    assert library.work().state == "done", library.work()
    return {info.id for info in library._engine.assistant().documents()}


def put(library: Library, name: str, content: str = "新的内容。") -> str:
    part, target = library.uploads.part_file(name)
    part.write_text(content, "utf-8")
    return library.keep(part, target)


def test_a_rescan_is_followed_without_opening_anew(library: Library) -> None:
    assert synced(library) == {"甲.txt", "乙.txt", "丙.txt"}
    put(library, "丁.txt")
    assert synced(library) == {"甲.txt", "乙.txt", "丙.txt", "uploads/丁.txt"}


def test_skipped_files_are_told_with_reasons(library: Library, workspace: Workspace) -> None:
    workspace.write({"空.txt": " "})
    synced(library)
    assert [s.document for s in library.skipped()] == ["空.txt"]
    assert library.skipped()[0].reason


def test_delete_moves_out_of_the_folder_and_undo_brings_back(library: Library) -> None:
    before = (library.docs / "甲.txt").read_bytes()
    synced(library)
    trashed = library.delete("甲.txt")
    assert not (library.docs / "甲.txt").exists()
    assert synced(library) == {"乙.txt", "丙.txt"}
    assert [p.read_bytes() for p in library.trash.place.rglob("file")] == [before]
    assert not library.trash.place.is_relative_to(library.docs)
    assert library.undo(trashed.token) == "甲.txt"
    assert (library.docs / "甲.txt").read_bytes() == before
    assert synced(library) == {"甲.txt", "乙.txt", "丙.txt"}


def test_deleting_most_or_all_documents_one_by_one_is_meant(library: Library) -> None:
    synced(library)
    for name in ("甲.txt", "乙.txt", "丙.txt"):
        library.delete(name)
    assert synced(library) == set()


def test_what_was_deleted_is_gone_until_there_is_a_file_of_that_name(library: Library) -> None:
    trashed = library.delete("甲.txt")
    assert library.gone() == {"甲.txt"}
    (library.docs / "甲.txt").write_text("又一份", "utf-8")
    assert not library.gone()
    (library.docs / "甲.txt").unlink()
    library.undo(trashed.token)
    assert not library.gone()


def test_files_that_went_away_by_other_means_are_not_taken_for_deleted(library: Library) -> None:
    synced(library)
    library.delete("甲.txt")
    (library.docs / "乙.txt").unlink()
    library.rescan()
    library.wait(30)
    assert library.work().state == "failed"
    assert "--allow-removals" in library.work().reason


def test_undo_does_not_overwrite(library: Library) -> None:
    trashed = library.delete("甲.txt")
    (library.docs / "甲.txt").write_text("另一份", "utf-8")
    with pytest.raises(LibraryError, match="undo_taken"):
        library.undo(trashed.token)
    assert (library.docs / "甲.txt").read_text("utf-8") == "另一份"


@pytest.mark.parametrize("token", ["", ".", "..", "../..", "no-such-token", "/etc"])
def test_an_unknown_token_restores_nothing(library: Library, token: str) -> None:
    with pytest.raises(LibraryError, match="not_there"):
        library.undo(token)


@pytest.mark.parametrize("name", ["", "..", "../outside.txt", "/etc/passwd", "no-such.txt", "a/../../outside.txt", "."])
def test_nothing_outside_of_the_folder_is_deleted(library: Library, name: str) -> None:
    outside = library.docs.parent / "outside.txt"
    outside.write_text("keep", "utf-8")
    with pytest.raises(LibraryError, match="not_there"):
        library.delete(name)
    assert outside.exists()


def test_a_link_out_of_the_folder_is_neither_deleted_nor_written_through(library: Library) -> None:
    outside = library.docs.parent / "elsewhere"
    outside.mkdir()
    (outside / "secret.txt").write_text("keep", "utf-8")
    (library.docs / "link").symlink_to(outside)
    (library.docs / "uploads").mkdir()
    (library.docs / "uploads" / "link").symlink_to(outside)
    with pytest.raises(LibraryError):
        library.delete("link/secret.txt")
    with pytest.raises(LibraryError):
        library.uploads.part_file("link/new.txt")
    assert [p.name for p in outside.iterdir()] == ["secret.txt"]


def test_a_name_in_another_unicode_form_is_found(library: Library) -> None:
    (library.docs / "Cafe\u0301.txt").write_text("咖啡。", "utf-8")
    library.delete("Caf\u00e9.txt")
    assert not (library.docs / "Cafe\u0301.txt").exists()


def test_cancel_stops_and_a_rescan_goes_on(workspace: Workspace) -> None:
    started, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        started.set()
        go_on.wait(20)

    workspace.write({f"{n}.txt": f"第{n}份文档的内容。" * 20 for n in range(40)})
    encoder = FakeEncoder(before_encoding=wait)
    library = Library(workspace.docs, Engine(workspace.index, Settings(passage_tokens=40), encoder))
    library.rescan()
    assert started.wait(20)
    library.cancel()
    go_on.set()
    library.wait(20)
    assert library.work().state == "cancelled"
    assert len(synced(library)) == 40


def test_a_rescan_asked_for_while_a_cancel_is_pending_follows_it(workspace: Workspace) -> None:
    started, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        started.set()
        go_on.wait(20)

    workspace.write({f"{n}.txt": f"第{n}份文档的内容。" * 20 for n in range(40)})
    library = Library(workspace.docs, Engine(workspace.index, Settings(passage_tokens=40), FakeEncoder(before_encoding=wait)))
    library.rescan()
    assert started.wait(20)
    library.cancel()
    library.rescan()
    go_on.set()
    library.wait(20)
    assert library.work().state == "done"
    assert len(library._known()) == 40


def test_a_rescan_during_a_sync_is_not_lost(workspace: Workspace) -> None:
    def drop_in() -> None:
        Path(workspace.docs / "后来.txt").write_text("后来的文件。", "utf-8")
        library.rescan()

    workspace.write({"先.txt": "先有的文件。"})
    encoder = FakeEncoder(before_encoding=drop_in)
    library = Library(workspace.docs, Engine(workspace.index, workspace.settings, encoder))
    library.rescan()
    library.wait(30)
    assert {info.id for info in library._engine.assistant().documents()} >= {"先.txt", "后来.txt"}


def test_a_failure_is_told_and_not_swallowed(library: Library) -> None:
    for path in library.docs.iterdir():
        path.unlink()
    library.docs.rmdir()
    library.rescan()
    library.wait(30)
    assert library.work().state == "failed"
    assert str(library.docs) in library.work().reason


def test_a_file_that_cannot_be_moved_stays_and_leaves_nothing_in_the_trash(workspace: Workspace) -> None:
    workspace.write({"a.txt": "内容。"})
    library = Library(workspace.docs, Engine(workspace.index, workspace.settings, workspace.encoder))
    locked = PermissionError(errno.EACCES, "Permission denied")
    with patch("ui.trash.shutil.move", side_effect=locked), pytest.raises(LibraryError, match="not_written"):
        library.delete("a.txt")
    assert not any(library.trash.place.iterdir())
    token = library.delete("a.txt").token
    with patch("ui.trash.shutil.move", side_effect=locked), pytest.raises(LibraryError, match="not_written"):
        library.undo(token)
    assert library.undo(token) == "a.txt"

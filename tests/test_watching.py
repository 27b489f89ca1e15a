"""A watched folder: what is added, edited, moved or deleted is followed, bursts are one sync, and nothing empties the index."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from fakes import FakeEncoder
from rich.console import Console
from workspaces import Workspace

from index import FolderError, IndexFolderError, Settings, SyncReport, watch, watching
from index.paths import IndexPaths
from ui import watching as ui_watching
from ui.engine import Engine
from ui.library import Library
from ui.terminal import WatchReport
from ui.watching import Watcher, follow

WAIT_S = 20.0


def until(happens: Callable[[], object]) -> None:
    """Wait for something that is on its way."""
    end = time.monotonic() + WAIT_S
    while not happens():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


class Told(WatchReport):
    """Remembers what a person would read."""

    def __init__(self) -> None:
        self.console = Console(record=True, width=300, file=None, quiet=True)
        super().__init__(self.console, self.console)
        self.reports: list[SyncReport] = []
        self.words: list[str] = []

    def synced(self, report: SyncReport) -> None:
        super().synced(report)
        self.reports.append(report)

    def _say(self, words: str, style: str) -> None:
        super()._say(words, style)
        self.words.append(words)


@contextmanager
def watched(workspace: Workspace, **settings: object) -> Iterator[Told]:
    """Watch a workspace's folder in a thread, and see that it ends when told to."""
    told = Told()
    chosen = workspace.settings.model_copy(update=settings)
    watcher = Watcher(workspace.docs, workspace.index, chosen, workspace.encoder, told)
    thread = threading.Thread(target=watcher.run, daemon=True)
    thread.start()
    try:
        until(lambda: told.reports)
        yield told
    finally:
        watcher.stop.set()
        thread.join(WAIT_S)
        assert not thread.is_alive()


def names(workspace: Workspace) -> set[str]:
    return {info.id for info in workspace.open().catalog.documents()}


def text(workspace: Workspace, name: str) -> str:
    document = workspace.open().catalog.document(name)
    return document.text if document else ""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin and notice a missing folder sooner than anybody needs."""
    monkeypatch.setattr(watching, "QUIET_LARGE_S", 0.2)
    monkeypatch.setattr(watching, "ABSENT_S", 0.1)


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    workspace.write({f"{name}.txt": f"{name}的内容。" for name in "甲乙丙丁戊"})
    return workspace


@pytest.mark.parametrize("poll_seconds", [0.0, 0.1], ids=["told by the system", "polling"])
def test_added_edited_moved_and_deleted_files_are_followed(filled: Workspace, poll_seconds: float) -> None:
    with watched(filled, watch_poll_seconds=poll_seconds):
        filled.write({"新/己.txt": "新的内容。"})
        until(lambda: "新/己.txt" in names(filled))
        filled.write({"甲.txt": "甲的另一种内容。"})
        until(lambda: text(filled, "甲.txt") == "甲的另一种内容。")
        (filled.docs / "新").rename(filled.docs / "旧")
        until(lambda: {"旧/己.txt"} == {name for name in names(filled) if "/" in name})
        (filled.docs / "乙.txt").unlink()
        until(lambda: "乙.txt" not in names(filled))
    assert names(filled) == {"甲.txt", "丙.txt", "丁.txt", "戊.txt", "旧/己.txt"}


def test_a_burst_is_few_syncs(filled: Workspace) -> None:
    with watched(filled) as told:
        filled.write({f"{n % 20}/{n}.txt": f"第{n}号。" for n in range(2000)})
        until(lambda: len(names(filled)) == 2005)
        assert len(told.reports) <= 4


def test_a_large_file_is_read_when_it_is_whole(filled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LARGE_BYTES", 1000)
    monkeypatch.setattr(watching, "QUIET_LARGE_S", 0.8)
    with watched(filled) as told:
        with (filled.docs / "大.txt").open("w", encoding="utf-8") as file:
            for number in range(6):
                file.write(f"第{number}段。" * 100)
                file.flush()
                time.sleep(0.3)  # longer than the pause that ends the waiting for a small file
        until(lambda: "大.txt" in names(filled))
        assert sum(report.changed for report in told.reports) == 0
    assert text(filled, "大.txt").endswith("第5段。")


def test_a_file_that_never_comes_to_rest_does_not_hold_up_the_others(filled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LONGEST_S", 0.5)
    done = threading.Event()

    def write() -> None:
        while not done.wait(0.02):
            with (filled.docs / "流水.log").open("a", encoding="utf-8") as file:
                file.write("又是一行。\n")

    with watched(filled):
        thread = threading.Thread(target=write)
        thread.start()
        try:
            filled.write({"新.txt": "新的内容。"})
            until(lambda: "新.txt" in names(filled))
        finally:
            done.set()
            thread.join()


def test_changes_during_a_sync_are_not_lost(workspace: Workspace) -> None:
    workspace.write({"先.txt": "先有的。"})
    workspace.encoder = FakeEncoder(before_encoding=lambda: workspace.write({"后.txt": "后来的。"}))
    with watched(workspace):
        until(lambda: names(workspace) == {"先.txt", "后.txt"})


def test_hidden_and_temporary_files_and_the_index_itself_are_passed_over(filled: Workspace) -> None:
    filled.index = filled.docs / "index"
    with watched(filled) as told:
        filled.write({".git/x": "x", "~$甲.docx": "x", "a.tmp": "x", ".~lock": "x"})
        time.sleep(0.7)
        filled.write({"新.txt": "新的内容。"})
        until(lambda: len(told.reports) > 1)
        assert [report.added for report in told.reports] == [5, 1]


@pytest.mark.parametrize("comes_back", ["moved", "made anew"])
def test_a_folder_that_disappears_leaves_the_index_and_is_followed_again(filled: Workspace, comes_back: str) -> None:
    away = filled.docs.with_name("away")
    with watched(filled) as told:
        filled.docs.rename(away)
        until(lambda: any("不见了" in words for words in told.words))
        assert len(names(filled)) == 5
        if comes_back == "moved":
            away.rename(filled.docs)
        else:
            shutil.copytree(away, filled.docs)
        filled.write({"新.txt": "新的内容。"})
        until(lambda: len(names(filled)) == 6)
        filled.write({"又.txt": "又是新的。"})
        until(lambda: len(names(filled)) == 7)


def test_an_empty_folder_in_its_place_empties_nothing(filled: Workspace) -> None:
    """A network drive that is not connected leaves the empty folder that it was connected to."""
    away = filled.docs.with_name("away")
    with watched(filled) as told:
        filled.docs.rename(away)
        filled.docs.mkdir()
        until(lambda: any("--allow-removals" in words for words in told.words))
        assert len(names(filled)) == 5
        filled.docs.rmdir()
        away.rename(filled.docs)
        filled.write({"新.txt": "新的内容。"})
        until(lambda: len(names(filled)) == 6)


def test_another_sync_is_waited_for(filled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ui_watching, "RETRY_S", 0.05)
    with watched(filled) as told:
        with IndexPaths(filled.index).writing():
            filled.write({"新.txt": "新的内容。"})
            until(lambda: any("another sync" in words for words in told.words))
            time.sleep(0.3)
        until(lambda: "新.txt" in names(filled))
        assert len([words for words in told.words if "another sync" in words]) == 1


def test_a_sync_that_fails_does_not_end_the_watch(filled: Workspace) -> None:
    def fail_once() -> None:
        if failures:
            raise failures.pop()

    failures: list[Exception] = []
    filled.encoder = FakeEncoder(before_encoding=fail_once)
    with watched(filled) as told:
        failures.append(IndexFolderError("no space left"))
        filled.write({"新.txt": "新的内容。"})
        until(lambda: any("no space left" in words for words in told.words))
        filled.write({"又.txt": "又是新的。"})
        until(lambda: {"新.txt", "又.txt"} <= names(filled))


def test_a_folder_that_was_never_there_is_an_error(workspace: Workspace) -> None:
    watcher = Watcher(workspace.docs / "none", workspace.index, workspace.settings, workspace.encoder, Told())
    with pytest.raises(FolderError, match="does not exist"):
        watcher.run()


def test_without_news_the_folder_is_looked_at_now_and_then(filled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "RECHECK_S", 0.0)
    stop = threading.Event()
    seen = watch(filled.docs, Settings(), stop)
    assert [next(seen) for _ in range(3)] == ["changed"] * 3
    stop.set()
    assert list(seen) == []


def test_beside_a_server_questions_find_what_was_saved(filled: Workspace) -> None:
    engine, stop = Engine(filled.index, filled.settings, filled.encoder), threading.Event()
    library = Library(filled.docs, engine)
    thread = threading.Thread(target=follow, args=(library, filled.index, filled.settings, stop), daemon=True)
    thread.start()
    try:
        until(lambda: library.work().state == "done")
        assistant = engine.assistant()
        filled.write({"新.txt": "白杨渡口的电话是三二一。"})
        until(lambda: assistant.search("白杨渡口的电话")[0].passage.document_id == "新.txt")
        library.wait()
        with IndexPaths(filled.index).writing():
            filled.write({"又.txt": "黑松渡口的电话是四五六。"})
            until(lambda: library.work().is_busy)
        until(lambda: assistant.search("黑松渡口的电话")[0].passage.document_id == "又.txt")
    finally:
        stop.set()
        thread.join(WAIT_S)
        assert not thread.is_alive()

"""Random edits, moves, deletions and kills: after each sync the index equals one built fresh.

``RANDOM_EDITS=1000 python -m pytest tests/test_random_edits.py -s`` is the long run, ``RANDOM_SEED`` another course of it.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import FakeEncoder
from numpy.typing import NDArray
from workspaces import Workspace

from index import Document, SyncReport, keywords, syncing
from index.catalog import Catalog
from index.errors import ReadError
from index.keywords import KeywordIndex
from index.paths import IndexPaths
from index.readers.formats import read_document

OPERATIONS = int(os.environ.get("RANDOM_EDITS", "60"))
SEED = int(os.environ.get("RANDOM_SEED", "7"))
MOST_FILES = 40
CHILD = Path(__file__).with_name("killed_sync_child.py")
NAMES = ("报告", "会议纪要", "カタログ", "보고서", "Résumé", "plan", "Plan B", "说明 (2)", "é", "ÄÖ")
FOLDERS = ("", "甲", "甲/内", "B", "b2", "Café", "年/2024")
WORDS = ("水库", "预算", "道路", "学校", "医院", "公园", "机场", "宁云", "deadline", "budget", "GPU", "第三季度")
QUESTIONS = ("水库的预算是多少", "deadline of the budget", "宁云在哪个医院")
ENDINGS = (".txt", ".md", ".html")


class Stop(BaseException):
    """Ends a sync in the middle, as a kill would."""


class PoolInThisProcess:
    """Reads files without a process of its own, whose start would take most of the time."""

    def __init__(self, settings: object) -> None:
        pass

    def __enter__(self) -> PoolInThisProcess:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def read_all(self, items: Iterable[tuple[str, Path]]) -> Iterator[tuple[str, Document | ReadError]]:
        for name, path in items:
            try:
                yield name, read_document(name, path.read_bytes(), 10**6)
            except ReadError as error:
                yield name, error


class World:
    """A folder that is edited at random."""

    def __init__(self, root: Path, seed: int) -> None:
        self.workspace = Workspace(root / "world", FakeEncoder())
        self.docs = self.workspace.docs
        self.chance = random.Random(seed)
        self.log: list[str] = []
        self._number = 0

    def files(self) -> list[Path]:
        return sorted(path for path in self.docs.rglob("*") if path.is_file())

    def any_file(self) -> Path:
        return self.chance.choice(self.files())

    def text(self) -> str:
        self._number += 1
        count = self.chance.randint(1, 6)
        sentences = [f"{''.join(self.chance.choices(WORDS, k=5))}，第{self._number}版第{k}句。" for k in range(count)]
        return self.chance.choice(["", "\n", "\n\n"]).join(sentences)

    def free_name(self, ending: str | None = None) -> Path:
        while True:
            name = f"{self.chance.choice(NAMES)}{self.chance.randint(0, 30)}{ending or self.chance.choice(ENDINGS)}"
            name = unicodedata.normalize(self.chance.choice(["NFC", "NFD"]), name)
            path = self.docs / self.chance.choice(FOLDERS) / name
            taken = {unicodedata.normalize("NFC", str(other)) for other in self.files()}
            if unicodedata.normalize("NFC", str(path)) not in taken:
                path.parent.mkdir(parents=True, exist_ok=True)
                return path

    # --- what people do to files --------------------------------------------------------------------------------------

    def add(self) -> None:
        self.free_name().write_text(self.text(), "utf-8")

    def copy(self) -> None:
        source = self.any_file()
        shutil.copy2(source, self.free_name(source.suffix))

    def edit(self) -> None:
        self.any_file().write_text(self.text(), "utf-8")

    def edit_of_the_same_size_and_time(self) -> None:
        path = self.any_file()
        before, content = path.stat(), path.read_bytes()
        for word, other in zip(WORDS[:7], WORDS[1:8], strict=True):
            if word.encode() in content:
                path.write_bytes(content.replace(word.encode(), other.encode(), 1))
                break
        assert path.stat().st_size == before.st_size
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    def touch(self) -> None:
        self.any_file().touch()

    def rename(self) -> None:
        path = self.any_file()
        path.rename(self.free_name(path.suffix))

    def rename_and_edit(self) -> None:
        path = self.any_file()
        moved = path.rename(self.free_name(path.suffix))
        moved.write_text(self.text(), "utf-8")

    def change_ending(self) -> None:
        path = self.any_file()
        path.rename(self.free_name())

    def change_case(self) -> None:
        path = self.any_file()
        other = path.with_name(path.stem.swapcase() + path.suffix)
        if not other.exists():
            path.rename(other)

    def change_form(self) -> None:
        """NFC to NFD or back: the same name to a person."""
        path = self.any_file()
        for form in ("NFC", "NFD"):
            if (other := path.with_name(unicodedata.normalize(form, path.name))) != path:
                path.rename(other)
                return

    def swap(self) -> None:
        one, other = self.any_file(), self.any_file()
        aside = one.with_name("aside")
        one.rename(aside)
        if other != one:
            other.rename(one)
        aside.rename(other)

    def move_folder(self) -> None:
        folders = sorted(path for path in self.docs.rglob("*") if path.is_dir())
        target = self.docs / f"搬{self.chance.randint(0, 99)}"
        if folders and not target.exists():
            self.chance.choice(folders).rename(target)

    def delete(self) -> None:
        self.any_file().unlink()

    def delete_folder(self) -> None:
        folders = sorted(path for path in self.docs.iterdir() if path.is_dir())
        if folders:
            shutil.rmtree(self.chance.choice(folders))

    def make_empty(self) -> None:
        self.any_file().write_bytes(b"")

    def make_unreadable(self) -> None:
        path = self.any_file()
        path.write_bytes(b"%PDF-1.7 no more of it")
        path.rename(self.free_name(self.chance.choice([".pdf", ".docx", ".bin"])))

    def edit_at_random(self) -> None:
        count = len(self.files())
        often = 1 if count < MOST_FILES else 4
        weights: list[tuple[Callable[[], None], int]] = [
            (self.add, 6 if count < MOST_FILES else 0),
            (self.copy, 3 if count < MOST_FILES else 0),
            (self.edit, 4),
            (self.edit_of_the_same_size_and_time, 3),
            (self.touch, 1),
            (self.rename, 3),
            (self.rename_and_edit, 1),
            (self.change_ending, 1),
            (self.change_case, 2),
            (self.change_form, 1),
            (self.swap, 1),
            (self.move_folder, 1),
            (self.delete, 2 * often),
            (self.delete_folder, 1 if count > 15 else 0),
            (self.make_empty, 1),
            (self.make_unreadable, 1),
        ]
        if count < 3:
            operation: Callable[[], None] = self.add
        else:
            (operation,) = self.chance.choices([one for one, _ in weights], [weight for _, weight in weights])
        operation()
        self.log.append(operation.__name__)


State = tuple[dict[str, tuple[object, ...]], dict[tuple[object, ...], NDArray[np.float32]]]


def state_of(workspace: Workspace) -> State:
    """Return every document with all that is known of it, and the row of every passage by its place."""
    catalog = Catalog.open(IndexPaths(workspace.index).catalog)
    documents = [catalog.document(info.id) for info in catalog.documents()]
    ids, rows = catalog.vectors_of(catalog.passage_ids().tolist())
    passages = catalog.passages(ids.tolist())
    places = [(p.document_id, p.start, p.end, p.page, p.text) for p in (passages[int(i)] for i in ids)]
    assert len(set(places)) == len(places) == catalog.counts()[1]
    known = {d.id: (d.title, d.text, d.pages, d.content_hash, d.encoding, d.date) for d in documents if d}
    return known, dict(zip(places, rows, strict=True))


def found(workspace: Workspace, question: str) -> dict[tuple[str, int], tuple[float, float]]:
    hits = workspace.open().search(question, workspace.encoder, top_k=1000).hits
    return {(hit.passage.document_id, hit.passage.start): (hit.dense, hit.keyword) for hit in hits}


def check_equal(world: World, report: SyncReport, root: Path, keyword_tolerance: float) -> None:
    """Build an index of the same folder from nothing, and compare everything."""
    fresh = Workspace(root / "fresh", FakeEncoder())
    fresh.docs = world.docs
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(syncing, "KEYWORDS_EVERY_S", 60.0)  # one commit, so that no older marker counts in the scores
        expected = fresh.sync()
    documents, rows = state_of(world.workspace)
    expected_documents, expected_rows = state_of(fresh)
    assert documents == expected_documents
    assert rows.keys() == expected_rows.keys()
    assert all(np.array_equal(row, expected_rows[place]) for place, row in rows.items())
    assert report.skipped == expected.skipped
    assert report.passages == expected.passages
    assert report.added + report.changed + report.renamed + report.unchanged == expected.added
    for question in QUESTIONS:
        one, other = found(world.workspace, question), found(fresh, question)
        assert one.keys() == other.keys()
        for place, (dense, keyword) in one.items():
            assert dense == pytest.approx(other[place][0], abs=1e-5)
            assert (keyword > 0) == (other[place][1] > 0)
            assert keyword == pytest.approx(other[place][1], rel=keyword_tolerance)
    shutil.rmtree(root / "fresh")


def stop_somewhere(chance: random.Random, patched: pytest.MonkeyPatch) -> None:
    """Let one of the next steps of a sync be its last: just before or just after it."""
    left = chance.randint(1, 12)
    steps = [
        *((Catalog, name) for name in ("set_meta", "forget_files", "rename", "record_files", "replace_document", "add_vectors")),
        *((Catalog, name) for name in ("drop_unused_vectors", "forget_removed_passages")),
        (KeywordIndex, "follow"),
        (syncing, "build_base"),
    ]

    def stopping(really: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **named: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0 and chance.random() < 0.5:
                raise Stop
            result = really(*arguments, **named)
            if left == 0:
                raise Stop
            return result

        return step

    for owner, name in steps:
        patched.setattr(owner, name, stopping(getattr(owner, name)))


def kill(world: World) -> bool:
    """Sync in a process of its own and kill it; return whether it was still at work."""
    command = [sys.executable, str(CHILD), str(world.docs), str(world.workspace.index), "0.05"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n", process.communicate()
        time.sleep(world.chance.uniform(0.0, 0.4))
        process.kill()
        process.communicate(timeout=60)
    return process.returncode == -signal.SIGKILL


@pytest.mark.timeout(0 if OPERATIONS > 60 else 300)
def test_after_random_edits_the_index_equals_one_built_fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncing, "ReaderPool", PoolInThisProcess)
    for name, value in (("WINDOW", 8), ("BATCH", 4), ("KEYWORDS_EVERY_S", 0.02)):  # many small steps
        monkeypatch.setattr(syncing, name, value)
    world, counted = World(tmp_path, SEED), Counter[str]()
    for _ in range(10):
        world.add()
    while len(world.log) < OPERATIONS:
        for _ in range(world.chance.randint(1, 4)):
            world.edit_at_random()
        draw = world.chance.random()
        if draw < 0.25:
            with monkeypatch.context() as patched:
                stop_somewhere(world.chance, patched)
                try:
                    world.workspace.sync(allow_removals=True)
                except Stop:
                    counted["stopped"] += 1
                    world.log.append("stopped")
            continue
        if hasattr(signal, "SIGKILL") and (draw < 0.29 or (counted["syncs"] == 5 and not counted["killed"])):
            counted["killed"] += kill(world)
            world.log.append("killed")
            continue
        # removed passages count in the scores until all is written anew, here every other time
        is_anew = world.chance.random() < 0.5
        with monkeypatch.context() as patched:
            if is_anew:
                world.add()  # so that the keywords have something to follow
                patched.setattr(keywords, "GHOST_SHARE", 0.0)
            report = world.workspace.sync(allow_removals=True)
        counted["syncs"] += 1
        try:
            check_equal(world, report, tmp_path, 1e-5 if is_anew else 0.5)
        except AssertionError as error:
            raise AssertionError(f"seed {SEED}, after {world.log[-12:]} (step {len(world.log)})") from error
    sys.stdout.write(f"{Counter(world.log)}\n{counted}\n")
    assert counted["syncs"] > OPERATIONS / 6
    assert counted["stopped"] > 2

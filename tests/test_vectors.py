"""Dense search agrees with a scan by numpy, whatever was added, removed, damaged or filtered."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index import Document
from index.catalog import Catalog
from index.passages import Slice
from index.vectors import POINTER, REBUILD_SHARE, SPARE, DenseIndex, build_base

DIMENSION = 24
Rows = NDArray[np.float32]


class Corpus:
    """A catalog of random vectors, one passage a document, and the folder of its base."""

    def __init__(self, root: Path) -> None:
        self.catalog = Catalog.open_for_writing(root / "catalog.sqlite")
        self.folder = root / "vectors"
        self._random = np.random.default_rng(7)
        self._added = 0

    def row(self, dimension: int = DIMENSION) -> Rows:
        row = self._random.standard_normal(dimension).astype(np.float32)
        return np.asarray(row / np.linalg.norm(row), np.float32)

    def add(self, count: int, dimension: int = DIMENSION) -> None:
        keys = [str(self._added + n).encode() for n in range(count)]
        self._added += count
        with self.catalog.transaction():
            self.catalog.add_vectors(keys, np.array([self.row(dimension) for _ in keys]))
            for key, vector in self.catalog.vector_ids(keys).items():
                self.catalog.replace_document(Document(key.decode(), "", "字"), [Slice(0, 1, None)], [vector])

    def remove(self, ids: list[int]) -> None:
        names = [passage.document_id for passage in self.catalog.passages(ids).values()]
        assert len(names) == len(ids)
        with self.catalog.transaction():
            self.catalog.forget_files(names)

    @property
    def ids(self) -> list[int]:
        return self.catalog.passage_ids().tolist()

    def open(self) -> DenseIndex:
        return DenseIndex.open(self.folder, self.catalog)

    def build(self) -> DenseIndex:
        build_base(self.folder, self.catalog)
        return self.open()

    def nearest(self, row: Rows, top_k: int, allowed: list[int] | None = None) -> list[int]:
        """Return what an exact scan finds."""
        ids, rows = self.catalog.vectors_of(self.ids if allowed is None else allowed)
        return ids[np.argsort(-(rows @ row))[:top_k]].tolist()

    def check(self, dense: DenseIndex, allowed: list[int] | None = None) -> None:
        """Make sure that the best of every one of some questions are proposed, and nothing that is gone or not allowed."""
        possible = set(self.ids if allowed is None else allowed) & set(self.ids)
        for top_k in (1, 5, 20, 1000):
            row = self.row()
            found = dense.search(row, top_k, None if allowed is None else np.array(allowed, np.int64))
            assert len(found) == len(set(found)) >= min(top_k, len(possible))
            assert len(found) <= top_k * SPARE
            assert set(found) <= possible
            assert set(self.nearest(row, top_k, allowed)) <= set(found)
        assert len(dense) == len(self.ids)


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return Corpus(tmp_path)


def test_without_a_base_the_catalog_serves_alone(corpus: Corpus) -> None:
    corpus.add(60)
    corpus.check(corpus.open())
    assert not corpus.folder.exists()


def test_a_base(corpus: Corpus) -> None:
    corpus.add(60)
    corpus.check(corpus.build())


def test_a_base_with_passages_above_and_removed_ones(corpus: Corpus) -> None:
    corpus.add(60)
    corpus.build()
    corpus.add(15)
    corpus.remove([*corpus.ids[:8], corpus.ids[30], corpus.ids[59], corpus.ids[70]])
    dense = corpus.open()
    corpus.check(dense)
    corpus.check(dense, allowed=corpus.ids[::3])


@pytest.mark.parametrize("which", [slice(0, 1), slice(70, 71), slice(0, 60, 7), slice(60, 75), slice(0, 75)])
def test_only_what_is_allowed_is_found(corpus: Corpus, which: slice) -> None:
    corpus.add(60)
    corpus.build()
    corpus.add(15)
    corpus.check(corpus.open(), allowed=corpus.ids[which])


def test_a_removed_passage_is_not_found_although_it_is_allowed(corpus: Corpus) -> None:
    corpus.add(10)
    dense = corpus.build()
    allowed, gone = corpus.ids, corpus.ids[3]
    corpus.remove([gone])
    dense = dense.refreshed(corpus.folder, corpus.catalog)
    assert sorted(dense.search(corpus.row(), 10, np.array(allowed, np.int64))) == sorted(set(allowed) - {gone})


@pytest.mark.parametrize("with_base", [False, True])
def test_an_empty_index(corpus: Corpus, with_base: bool) -> None:
    dense = corpus.build() if with_base else corpus.open()
    assert (len(dense), dense.search(corpus.row(), 5), dense.outdated_share()) == (0, [], 0.0)


def test_nothing_is_found_where_everything_is_gone(corpus: Corpus) -> None:
    corpus.add(5)
    corpus.build()
    corpus.remove(corpus.ids)
    assert corpus.open().search(corpus.row(), 5) == []  # FAISS pads with -1, which is no passage
    assert corpus.build().search(corpus.row(), 5) == []
    assert list(corpus.folder.iterdir()) == []


def test_nothing_is_found_where_nothing_is_allowed(corpus: Corpus) -> None:
    corpus.add(5)
    assert corpus.build().search(corpus.row(), 5, np.empty(0, np.int64)) == []


def test_the_best_comes_first(corpus: Corpus) -> None:
    corpus.add(60)
    corpus.build()
    corpus.add(5)
    dense = corpus.open()
    for wanted in (corpus.ids[10], corpus.ids[-1]):
        _, rows = corpus.catalog.vectors_of([wanted])
        assert dense.search(rows[0], 5)[0] == wanted


def test_a_view_follows_changes_step_by_step(corpus: Corpus) -> None:
    corpus.add(30)
    dense = corpus.build()
    for step in range(6):
        corpus.add(4)
        corpus.remove([corpus.ids[0], corpus.ids[-2]])
        if step == 3:
            build_base(corpus.folder, corpus.catalog)
        dense = dense.refreshed(corpus.folder, corpus.catalog)
        corpus.check(dense)


def test_an_older_view_stays_whole_while_the_base_is_switched(corpus: Corpus) -> None:
    corpus.add(30)
    older = corpus.build()
    row = corpus.row()
    before = older.search(row, 5)
    corpus.add(30)
    corpus.build()
    assert older.search(row, 5) == before


def test_another_dimension_after_the_base(corpus: Corpus) -> None:
    """A sync with another encoder was killed before it could write a new base."""
    corpus.add(20, dimension=16)
    older = corpus.build()
    with corpus.catalog.transaction():
        corpus.catalog.drop_all_vectors()
    corpus.add(20)
    corpus.check(corpus.open())
    corpus.check(older.refreshed(corpus.folder, corpus.catalog))


def _truncate(folder: Path, file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-40])


def _flip(folder: Path, file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def _remove(folder: Path, file: Path) -> None:
    file.unlink()


def _remove_pointer(folder: Path, file: Path) -> None:
    (folder / POINTER).unlink()


def _break_pointer(folder: Path, file: Path) -> None:
    (folder / POINTER).write_text('{"file": "base')


def _empty_pointer(folder: Path, file: Path) -> None:
    (folder / POINTER).write_text("[]")


def _point_elsewhere(folder: Path, file: Path) -> None:
    pointer = json.loads((folder / POINTER).read_text())
    (folder / POINTER).write_text(json.dumps({**pointer, "file": "base-none.faiss"}))


def _no_index(folder: Path, file: Path) -> None:
    content = b"IxMp" + b"\xff" * 100
    file.write_bytes(content)
    pointer = json.loads((folder / POINTER).read_text())
    (folder / POINTER).write_text(json.dumps({**pointer, "crc32": zlib.crc32(content)}))


@pytest.mark.parametrize(
    "damage", [_truncate, _flip, _remove, _remove_pointer, _break_pointer, _empty_pointer, _point_elsewhere, _no_index]
)
def test_a_damaged_base_is_not_missed(corpus: Corpus, damage: object) -> None:
    corpus.add(40)
    corpus.build()
    damage(corpus.folder, next(corpus.folder.glob("*.faiss")))  # type: ignore[operator]
    dense = corpus.open()
    corpus.check(dense)
    assert dense.outdated_share() == 1.0  # so the next sync writes a new one
    corpus.add(3)
    corpus.check(dense.refreshed(corpus.folder, corpus.catalog))
    mended = corpus.build()
    assert mended.outdated_share() == 0.0
    corpus.check(mended)


def test_a_base_is_worth_renewing_when_a_tenth_has_changed(corpus: Corpus) -> None:
    corpus.add(100)
    assert corpus.open().outdated_share() == 1.0
    assert corpus.build().outdated_share() == 0.0
    corpus.add(6)
    corpus.remove(corpus.ids[:4])
    assert corpus.open().outdated_share() == pytest.approx(0.10)
    assert corpus.open().outdated_share() <= REBUILD_SHARE
    corpus.remove(corpus.ids[:1])
    assert corpus.open().outdated_share() > REBUILD_SHARE


def test_only_the_current_base_is_kept(corpus: Corpus) -> None:
    for _ in range(3):
        corpus.add(10)
        corpus.build()
    pointer = json.loads((corpus.folder / POINTER).read_text())
    assert sorted(path.name for path in corpus.folder.iterdir()) == sorted([POINTER, pointer["file"]])

"""Dense search with FAISS over the catalog's vectors.

An immutable base file holds the passages up to some id; passages above it live in a small flat index in memory. So a small
change costs only itself. The base is rebuilt beside and switched by replacing one pointer file.
"""

from __future__ import annotations

import json
import os
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import faiss
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from index.catalog import Catalog
    from index.types import Rows

    Ids = NDArray[np.int64]

POINTER = "current.json"
REBUILD_SHARE = 0.10
"""Additions and deletions since the base, as a share of it, that make a new base worth its writing."""
SPARE = 1.5
"""8-bit rows are searched for this many times the candidates wanted; the exact cosines decide among them."""
_BLOCK = 20_000


@dataclass(frozen=True, slots=True)
class _Base:
    index: faiss.Index
    ids: Ids
    last_id: int
    """The highest passage id that the base was built over, held or not."""
    file: str


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """A view of all vectors at one state of the catalog; refreshing makes a new view and shares what did not change."""

    _base: _Base | None
    _gone: Ids
    """Ids of the base that the catalog no longer has."""
    _tail: faiss.Index | None
    _tail_ids: Ids
    _tail_rows: Rows

    @classmethod
    def open(cls, folder: Path, catalog: Catalog) -> DenseIndex:
        """Load the base where it is whole, and the rest from the catalog."""
        none = np.empty(0, np.int64)
        return cls(_read_base(folder), none, None, none, np.empty((0, 0), np.float32)).refreshed(folder, catalog)

    def refreshed(self, folder: Path, catalog: Catalog) -> DenseIndex:
        """Return a view of the catalog's present state."""
        base = self._base
        if _current_file(folder) != (base.file if base else None):
            base = _read_base(folder)
        live = catalog.passage_ids()
        last = base.last_id if base else 0
        gone = np.setdiff1d(base.ids, live, assume_unique=True) if base else np.empty(0, np.int64)
        wanted = live[live > last]
        ids, rows = self._tail_ids, self._tail_rows
        kept = np.isin(ids, wanted, assume_unique=True)
        ids, rows = ids[kept], rows[kept]
        # an older view of the base may lack ids below the newest it has, so look for each missing one
        missing = np.setdiff1d(wanted, ids, assume_unique=True)
        if missing.size:
            new_ids, new_rows = _read_vectors(catalog, int(missing[0]) - 1, missing)
            ids = np.concatenate([ids, new_ids])
            rows = np.concatenate([rows, new_rows]) if rows.size else new_rows
        return DenseIndex(base, gone, _flat(ids, rows), ids, rows)

    def __len__(self) -> int:
        return (len(self._base.ids) - len(self._gone) if self._base else 0) + len(self._tail_ids)

    def search(self, row: Rows, top_k: int, allowed: Ids | None = None) -> list[int]:
        """Return the ids of about ``top_k`` best passages, best first; their exact cosines are the catalog's to give.

        :param row: ``(dimension,)`` float32, unit length.
        :param allowed: only these ids may be found.
        """
        found: list[tuple[float, int]] = []
        if self._base and len(self._base.ids) > len(self._gone):  # one that is all gone may be of another encoder's dimension
            found += _search(self._base.index, row, int(top_k * SPARE), _selector(allowed, self._gone))
        if self._tail is not None:
            found += _search(self._tail, row, top_k, _selector(allowed, np.empty(0, np.int64)))
        return [passage_id for _, passage_id in sorted(found, reverse=True)[: int(top_k * SPARE)]]

    def outdated_share(self) -> float:
        """Return how much has changed since the base, as a share of it (1 where there is no base)."""
        changed = len(self._gone) + len(self._tail_ids)
        if not self._base or not len(self._base.ids):
            return 1.0 if changed else 0.0
        return changed / len(self._base.ids)


def _selector(allowed: Ids | None, gone: Ids) -> faiss.IDSelector | None:
    if allowed is not None:
        return faiss.IDSelectorBatch(np.setdiff1d(allowed, gone))
    return faiss.IDSelectorNot(faiss.IDSelectorBatch(gone)) if len(gone) else None


def _search(index: faiss.Index, row: Rows, top_k: int, selector: faiss.IDSelector | None) -> list[tuple[float, int]]:
    # the stubs of faiss do not know what its SWIG wrappers add
    parameters = faiss.SearchParameters(sel=selector) if selector is not None else None  # type: ignore[call-arg]
    scores, ids = index.search(row[None, :], min(top_k, index.ntotal), params=parameters)
    return [(float(s), int(i)) for s, i in zip(scores[0], ids[0], strict=True) if i >= 0]  # FAISS pads with -1


def _flat(ids: Ids, rows: Rows) -> faiss.Index | None:
    if not len(ids):
        return None
    index = faiss.IndexIDMap(faiss.IndexFlatIP(rows.shape[1]))
    index.add_with_ids(rows, ids)
    return index


def _read_vectors(catalog: Catalog, above: int, wanted: Ids) -> tuple[Ids, Rows]:
    parts_ids, parts_rows = [], []
    while True:
        ids, rows = catalog.vectors_above(above, _BLOCK)
        if not len(ids):
            break
        above = int(ids[-1])
        keep = np.isin(ids, wanted, assume_unique=True)
        parts_ids.append(ids[keep])
        parts_rows.append(rows[keep])
    if not parts_ids:
        return np.empty(0, np.int64), np.empty((0, 0), np.float32)
    return np.concatenate(parts_ids), np.concatenate(parts_rows)


# --- the base file ----------------------------------------------------------------------------------------------------


def build_base(folder: Path, catalog: Catalog) -> None:
    """Write a base over every passage of the catalog and switch to it."""
    folder.mkdir(exist_ok=True)
    live = catalog.passage_ids()
    if not len(live):
        (folder / POINTER).unlink(missing_ok=True)
        _remove_others(folder, None)
        return
    ids, rows = _read_vectors(catalog, 0, live)
    quantized = faiss.IndexScalarQuantizer(rows.shape[1], faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    index = faiss.IndexIDMap(quantized)
    index.train(rows)
    index.add_with_ids(rows, ids)
    # the generation makes the name new, so that a reader in the middle of opening never sees half of each
    name = f"base-{catalog.generation()}-{int(ids[-1])}.faiss"
    faiss.write_index(index, str(folder / name))
    content = (folder / name).read_bytes()
    pointer = {"file": name, "last_id": int(ids[-1]), "passages": len(ids), "crc32": zlib.crc32(content)}
    beside = folder / f"{POINTER}.new"
    beside.write_text(json.dumps(pointer), encoding="utf-8")
    os.replace(beside, folder / POINTER)
    _remove_others(folder, name)


def _remove_others(folder: Path, name: str | None) -> None:
    for old in folder.glob("base-*.faiss"):
        if old.name != name:
            try:
                old.unlink()
            except PermissionError:  # Windows: a reader still has it open; the next build removes it
                continue


def _current_file(folder: Path) -> str | None:
    pointer = _pointer(folder)
    return str(pointer["file"]) if pointer else None


def _pointer(folder: Path) -> dict[str, object] | None:
    try:
        pointer = json.loads((folder / POINTER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return pointer if isinstance(pointer, dict) and {"file", "last_id", "crc32"} <= pointer.keys() else None


def _read_base(folder: Path) -> _Base | None:
    """Return the base, or ``None`` where it is missing or damaged: the catalog then serves alone until the next sync."""
    pointer = _pointer(folder)
    if pointer is None:
        return None
    file = folder / str(pointer["file"])
    try:
        if zlib.crc32(file.read_bytes()) != pointer["crc32"]:
            return None
        index = faiss.read_index(str(file))
    except (OSError, RuntimeError):  # missing, or FAISS cannot parse it
        return None
    ids = faiss.vector_to_array(index.id_map).astype(np.int64)  # type: ignore[attr-defined]
    return _Base(index, ids, int(str(pointer["last_id"])), file.name)

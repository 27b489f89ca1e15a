"""One question to fused hits.

Both sides propose passages, :mod:`index.ranking` puts them into one order.
"""

from __future__ import annotations

import fnmatch
import threading
import time
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.catalog import Catalog
from index.errors import EncoderMismatchError, IndexBusyError, IndexFolderError, QuestionError
from index.keywords import KeywordIndex
from index.paths import IndexPaths
from index.ranking import FOCUSED, focused, fuse, held_by_best_sentence, words_tell
from index.terms import terms_of
from index.types import Hit
from index.vectors import DenseIndex
from index.weights import term_weights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from index.settings import Settings
    from index.types import Encoder, Rows
    from index.vectors import Ids

LONGEST_QUESTION = 4_000
"""Characters."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The hits of one question, with what finding them took."""

    hits: list[Hit]
    row: Rows
    """``(dimension,)`` float32 of unit length, the question as it was searched."""
    timings_ms: dict[str, float]


@dataclass(frozen=True, slots=True)
class _View:
    generation: int
    dense: DenseIndex
    keywords: KeywordIndex


class IndexReader:
    """An index opened for questions: never writes documents, safe to share between threads, follows every sync."""

    def __init__(self, paths: IndexPaths, catalog: Catalog, settings: Settings) -> None:
        self.paths = paths
        self.catalog = catalog
        self.settings = settings
        self._refreshing = threading.Lock()
        self._view = self._open_view()

    @classmethod
    def open(cls, index: str | Path, settings: Settings) -> IndexReader:
        """Open an index folder.

        :raises IndexNotFoundError: there is none.
        """
        paths = IndexPaths(Path(index))
        return cls(paths, Catalog.open(paths.catalog), settings)

    def search(self, question: str, encoder: Encoder, top_k: int = 10, documents: Sequence[str] | None = None) -> SearchResult:
        """Return the best passages for a question, best first.

        :param documents: globs of document ids; only these are searched, on both sides.
        :raises QuestionError: the question is empty or too long.
        :raises EncoderMismatchError: the index was embedded anew with another encoder since it was opened.
        """
        question = checked_question(question)
        made_with = self.catalog.encoder_identity()
        if made_with is not None and made_with != encoder.identity:
            raise EncoderMismatchError(
                f"{self.paths.root} was embedded anew with {made_with.name!r}, which {encoder.identity.name!r} cannot read. "
                "Open it again with that encoder."
            )
        started = time.perf_counter()
        row = encoder.encode_query([question])[0]
        encoded = time.perf_counter()
        hits = self.search_row(question, row, top_k, documents)
        done = time.perf_counter()
        return SearchResult(hits, row, {"encode": (encoded - started) * 1e3, "search": (done - encoded) * 1e3})

    def term_weights(self, asked: Sequence[str]) -> dict[str, float]:
        """Return how much each term of a question tells in this index, above 0."""
        view = self._current_view()
        frequencies = {term: view.keywords.document_frequency(term) for term in set(asked)}
        return term_weights(asked, frequencies, len(view.dense))

    def search_row(self, question: str, row: Rows, top_k: int, documents: Sequence[str] | None = None) -> list[Hit]:
        """Return the best passages for a question that is encoded already.

        :param row: ``(dimension,)`` float32, unit length.
        """
        view = self._current_view()
        asked = terms_of(question)
        keys = None if documents is None else self.document_keys(documents)
        if keys == []:
            return []
        allowed = None if keys is None else self.catalog.passage_ids(keys)
        limit = max(self.settings.candidates, top_k)
        keyword = view.keywords.search(asked, limit, keys)
        near, cosines = self._nearest(view, row, limit, allowed)
        dense = dict(zip(near, cosines, strict=True))
        dense.update(self._cosines(row, [i for i in keyword if i not in dense]))
        keyword.update(view.keywords.scores(asked, [i for i in dense if i not in keyword]))
        held = _Held(asked, self.term_weights(asked), self.catalog)
        weight = self.settings.keyword_weight
        scores = fuse(dense, keyword, weight)
        told = words_tell(keyword.values(), max((alone for alone, _ in held.by(_best(scores)[:FOCUSED]).values()), default=0.0))
        scores = fuse(dense, keyword, weight * told if weight < 1 else 1.0)
        best = _best(scores)
        passages = self.catalog.passages(best[: max(top_k, FOCUSED)])
        if len(passages) < min(len(best), max(top_k, FOCUSED)):  # a sync removed some since: fill up from the rest
            passages = self.catalog.passages(best)
        live = [i for i in best if i in passages][: max(top_k, FOCUSED)]
        final = focused(scores, live, held.by(live[:FOCUSED]))
        return [
            Hit(rank, final[i], dense[i], keyword.get(i, 0.0), passages[i])
            for rank, i in enumerate(sorted(live, key=lambda i: (-final[i], i))[:top_k], start=1)
        ]

    def _nearest(self, view: _View, row: Rows, limit: int, allowed: Ids | None) -> tuple[list[int], list[float]]:
        """Return the dense candidates in the order of their exact cosines."""
        found = self._cosines(row, view.dense.search(row, limit, allowed))
        ids = sorted(found, key=lambda i: (-found[i], i))[:limit]
        return ids, [found[i] for i in ids]

    def _cosines(self, row: Rows, ids: Sequence[int]) -> dict[int, float]:
        if not ids:
            return {}
        found, rows = self.catalog.vectors_of(ids)
        if not len(found):
            return {}
        return dict(zip(found.tolist(), (rows @ row).tolist(), strict=True))

    def document_keys(self, patterns: Sequence[str]) -> list[int]:
        """Return the keys of the documents whose id matches one of the globs."""
        wanted = [unicodedata.normalize("NFC", pattern) for pattern in patterns]
        return [
            key
            for key, name in self.catalog.document_keys()
            if any(name == pattern or fnmatch.fnmatchcase(name, pattern) for pattern in wanted)
        ]

    # --- following the writer -----------------------------------------------------------------------------------------

    def _current_view(self) -> _View:
        """Return a view of the newest state; while one thread makes it, the others go on with the last."""
        view = self._view
        generation = self.catalog.generation()
        if generation != view.generation and self._refreshing.acquire(blocking=False):
            try:
                dense = view.dense.refreshed(self.paths.vectors, self.catalog)
                self._view = view = _View(generation, dense, self._refreshed_keywords(view.keywords))
            finally:
                self._refreshing.release()
        return view

    def _open_view(self) -> _View:
        generation = self.catalog.generation()
        dense = DenseIndex.open(self.paths.vectors, self.catalog)
        keywords = KeywordIndex.open(self.paths.keywords)
        if keywords is None or not keywords.is_current(self.catalog):
            keywords = self._mended_keywords(keywords)
        return _View(generation, dense, keywords)

    def _refreshed_keywords(self, keywords: KeywordIndex) -> KeywordIndex:
        fresh = KeywordIndex.open(self.paths.keywords)
        return fresh or keywords

    def _mended_keywords(self, keywords: KeywordIndex | None) -> KeywordIndex:
        """Bring keywords into step that a killed sync left behind, unless a sync is running and will do it."""
        try:
            with self.paths.writing():
                writable = Catalog.open_for_writing(self.paths.catalog)
                try:
                    return KeywordIndex.mend(self.paths.keywords, writable)
                finally:
                    writable.close()
        except IndexBusyError:
            if keywords is not None:
                return keywords
        except (IndexFolderError, OSError, ValueError):  # a read-only or full medium, which tantivy calls ValueError
            pass
        in_memory = KeywordIndex.create(None)
        in_memory.follow(self.catalog)
        return in_memory


class _Held:
    """How much of a question passages hold, each looked at once."""

    def __init__(self, asked: Sequence[str], weights: Mapping[str, float], catalog: Catalog) -> None:
        self._asked, self._weights, self._catalog = asked, weights, catalog
        self._known: dict[int, tuple[float, float]] = {}

    def by(self, ids: Sequence[int]) -> dict[int, tuple[float, float]]:
        """Return what :func:`held_by_best_sentence` says of passages, by id; those that were removed are left out."""
        if new := [i for i in ids if i not in self._known]:
            openings = self._catalog.openings(new)
            for i, passage in self._catalog.passages(new).items():
                self._known[i] = held_by_best_sentence(self._asked, passage.text, openings.get(i, ""), self._weights)
        return {i: self._known[i] for i in ids if i in self._known}


def _best(scores: Mapping[int, float]) -> list[int]:
    return sorted(scores, key=lambda i: (-scores[i], i))


def checked_question(question: str) -> str:
    """Return the question without surrounding space.

    :raises QuestionError: it is empty or longer than ``LONGEST_QUESTION`` characters.
    """
    question = question.encode("utf-8", "ignore").decode().replace("\0", " ").strip()
    if not question:
        raise QuestionError("the question is empty. Type a question.")
    if len(question) > LONGEST_QUESTION:
        raise QuestionError(f"the question has {len(question)} characters; at most {LONGEST_QUESTION} can be asked at once.")
    return question

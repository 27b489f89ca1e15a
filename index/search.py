"""One question to fused hits.

The score is the mean of dense and keyword scores, each scaled to 0..1 over the union of both sides' best; the best of them are
ordered once more by how much of the question one sentence holds. Fusing scores found the right passage first more often than
fusing ranks in every set that was measured (``docs/quality.md``).
"""

from __future__ import annotations

import fnmatch
import threading
import time
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.catalog import Catalog
from index.errors import EncoderMismatchError, IndexBusyError, IndexFolderError, QuestionError
from index.keywords import KeywordIndex
from index.paths import IndexPaths
from index.sentences import sentences_of
from index.terms import terms_of
from index.types import Hit
from index.vectors import DenseIndex
from index.weights import coverage, term_weights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from index.settings import Settings
    from index.types import Encoder, Passage, Rows
    from index.vectors import Ids

LONGEST_QUESTION = 4_000
"""Characters."""
FOCUSED = 20
"""How many of the best are ordered once more; more cost time and change nothing."""
FOCUS_SHARE = 0.8 / 1.8
"""Weight of the best sentence in the score of those, fitted on cmrc2018_trial; half of it does nearly as well."""


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
        scores = fuse(dense, keyword, self.settings.keyword_weight)
        best = sorted(scores, key=lambda i: (-scores[i], i))
        passages = self.catalog.passages(best[: max(top_k, FOCUSED)])
        if len(passages) < min(len(best), max(top_k, FOCUSED)):  # a sync removed some since: fill up from the rest
            passages = self.catalog.passages(best)
        live = [i for i in best if i in passages][: max(top_k, FOCUSED)]
        focus = self._focus(asked, [passages[i] for i in live[:FOCUSED]])
        final = {i: (1 - FOCUS_SHARE) * scores[i] + FOCUS_SHARE * focus.get(i, 0.0) for i in live}
        return [
            Hit(rank, final[i], dense[i], keyword.get(i, 0.0), passages[i])
            for rank, i in enumerate(sorted(live, key=lambda i: (-final[i], i))[:top_k], start=1)
        ]

    def _focus(self, asked: Sequence[str], passages: Sequence[Passage]) -> dict[int, float]:
        """Return, by id, how much of the question's weight the best single sentence of each passage holds, 0..1.

        Taken once by itself and once together with the document's opening: what a document is about is often named there only.
        """
        weights = self.term_weights(asked)
        openings = self.catalog.openings([passage.id for passage in passages])
        focus = {}
        for passage in passages:
            opening = frozenset(terms_of(openings.get(passage.id, "")))
            sentences = _sentence_terms(passage.text)
            alone = max((coverage(asked, sentence, weights) for sentence in sentences), default=0.0)
            together = max((coverage(asked, sentence | opening, weights) for sentence in sentences), default=0.0)
            focus[passage.id] = (alone + together) / 2
        return focus

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


@lru_cache(maxsize=4096)
def _sentence_terms(text: str) -> tuple[frozenset[str], ...]:
    """Return the terms of every sentence; kept, because good passages are found again and again."""
    return tuple(frozenset(terms_of(text[start:end])) for start, end in sentences_of(text))


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


def fuse(dense: Mapping[int, float], keyword: Mapping[int, float], keyword_weight: float) -> dict[int, float]:
    """Return one score in 0..1 for every id of ``dense``; an id without a keyword score has 0 there."""
    ids = list(dense)
    near = _scaled(np.array([dense[i] for i in ids]))
    words = _scaled(np.array([keyword.get(i, 0.0) for i in ids]))
    fused = (1.0 - keyword_weight) * near + keyword_weight * words
    return dict(zip(ids, fused.tolist(), strict=True))


def _scaled(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    if not len(values):
        return values
    low, high = values.min(), values.max()
    if high - low < 1e-9:  # nothing to tell them apart by: all full, or all without any term
        return np.full_like(values, 1.0 if high > 0 else 0.0)
    return np.asarray((values - low) / (high - low))

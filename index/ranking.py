"""From the scores of both sides of the search to one order of passages.

The score is the mean of dense and keyword scores, each scaled to 0..1 over the union of both sides' best; where words tell
little, the dense score counts for more. The best are ordered once more by how much of the question one sentence holds. Fusing
scores found the right passage first more often than fusing ranks in every set that was measured (``docs/quality.md``).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from index.sentences import sentences_of
from index.terms import terms_of
from index.weights import coverage

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

FOCUSED = 20
"""How many of the best are ordered once more; more cost time and change nothing."""
FOCUS_SHARE = 0.35
"""Weight of the best sentence in the score of those; this and the next two were chosen by ``bench.fusion``."""
LITTLE, ENOUGH = 0.2, 0.5
"""Between these the weight of the keyword side grows from its least to its whole."""
LEAST_SHARE = 0.05
"""Of the keyword side's weight, where words tell nothing."""
STANDS_OUT_AGAINST = 10
"""The passage by keywords that the best one is compared with."""


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


def words_tell(keyword: Collection[float], held: float) -> float:
    """Return how much of its weight the keyword side deserves, ``LEAST_SHARE`` to 1.

    People ask in other words than a statute uses: then no sentence holds much of the question, and many passages hold as little
    as the best one does.

    :param keyword: the keyword scores of all candidates.
    :param held: how much of the question's weight the best sentence of the best passages holds, 0..1.
    """
    ordered = sorted(keyword, reverse=True)
    stands_out = 1 - ordered[min(STANDS_OUT_AGAINST, len(ordered)) - 1] / ordered[0] if ordered and ordered[0] > 0 else 0.0
    told = ((held + stands_out) / 2 - LITTLE) / (ENOUGH - LITTLE)
    return LEAST_SHARE + (1 - LEAST_SHARE) * min(1.0, max(0.0, told))


def focused(scores: Mapping[int, float], ids: Sequence[int], held: Mapping[int, tuple[float, float]]) -> dict[int, float]:
    """Return the final score of passages, 0..1; those that nothing is held of in ``held`` come after those of the same score."""
    return {i: (1 - FOCUS_SHARE) * scores[i] + FOCUS_SHARE * sum(held.get(i, (0.0, 0.0))) / 2 for i in ids}


def held_by_best_sentence(asked: Sequence[str], text: str, opening: str, weights: Mapping[str, float]) -> tuple[float, float]:
    """Return how much of the question's weight the best single sentence of a passage holds, 0..1.

    Once by itself and once together with the document's opening: what a document is about is often named there only.
    """
    opened = frozenset(terms_of(opening))
    sentences = _sentence_terms(text)
    alone = max((coverage(asked, sentence, weights) for sentence in sentences), default=0.0)
    return alone, max((coverage(asked, sentence | opened, weights) for sentence in sentences), default=0.0)


@lru_cache(maxsize=4096)
def _sentence_terms(text: str) -> tuple[frozenset[str], ...]:
    """Return the terms of every sentence; kept, because good passages are found again and again."""
    return tuple(frozenset(terms_of(text[start:end])) for start, end in sentences_of(text))

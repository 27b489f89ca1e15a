"""How much each term of a question tells: rare terms tell more, words that questions are made of tell little.

The index alone cannot say it: in one of ten passages every term is rare, and 什么 or "which" is rare in most documents but stands
in every other question. So its counts are mixed with those of a background collection of documents and of questions, which
``bench/background.py`` counts.
"""

from __future__ import annotations

import json
import math
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

BACKGROUND_SIZE = 500
"""Passages that the background counts for: it decides in a small index and fades in a large one."""
TELLING = 0.01
"""A term in fewer than this share of questions has its full weight; fitted on cmrc2018_trial."""
LEAST = 0.02
"""Weight of a term that says nothing, so that a question made of such terms alone still finds something."""


@cache
def _background() -> dict[str, dict[str, float]]:
    """``documents`` and ``questions``: term to the share of them that hold it; ``floor``: the share of all other terms."""
    content: dict[str, dict[str, float]] = json.loads(files("index").joinpath("background.json").read_text("utf-8"))
    return content


def question_weight(term: str) -> float:
    """Return how much a term tells in a question, 0..1: little if questions are full of it."""
    rate = _background()["questions"].get(term, 0.0)
    return max(LEAST, math.log(rate) / math.log(TELLING)) if rate > TELLING else 1.0


def term_weights(asked: Collection[str], frequencies: Mapping[str, int], passages: int) -> dict[str, float]:
    """Return the weight of each term of a question, above 0.

    :param frequencies: in how many passages of the index each term occurs.
    :param passages: how many passages the index has.
    """
    documents, floor = _background()["documents"], _background()["floor"]["documents"]
    weights = {}
    for term in set(asked):
        expected = BACKGROUND_SIZE * documents.get(term, floor)
        rate = min(1.0, (frequencies.get(term, 0) + expected) / (passages + BACKGROUND_SIZE))
        weights[term] = max(LEAST, -math.log(rate)) * question_weight(term)
    return weights


def coverage(asked: Sequence[str], present: Collection[str], weights: Mapping[str, float]) -> float:
    """Return the share of a question's weight, 0..1, whose terms are present."""
    total = sum(weights[term] for term in asked)
    return sum(weights[term] for term in asked if term in present) / total if total else 0.0

"""How much each term of a question tells: rare terms tell more, words that questions are made of tell little.

The index alone cannot say it: in one of ten passages every term is rare. So its counts are mixed with those of a background
collection, and words such as 什么 or "which", rare in documents but in every question, are known from a background of questions.
"""

from __future__ import annotations

import json
import math
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BACKGROUND_SIZE = 500
"""Passages that the background counts for: it decides in a small index and fades in a large one."""
FLOOR = 0.05
"""Weight of a term that says nothing, so that a question made of such terms alone still has a sum to divide by."""


@cache
def _background() -> dict[str, dict[str, float]]:
    """``documents`` and ``questions``: term to the share of them that hold it; ``documents_floor``, ``questions_floor``."""
    content: dict[str, dict[str, float]] = json.loads(files("qa").joinpath("background.json").read_text("utf-8"))
    return content


def term_weights(words: Sequence[str], frequencies: Mapping[str, int], passages: int) -> dict[str, float]:
    """Return the weight of each term, 0 and up.

    :param frequencies: in how many passages of the index each term occurs.
    :param passages: how many passages the index has.
    """
    background = _background()
    documents, questions, floor = background["documents"], background["questions"], background["floor"]
    weights = {}
    for word in set(words):
        expected = BACKGROUND_SIZE * documents.get(word, floor["documents"])
        rate = (frequencies.get(word, 0) + expected) / (passages + BACKGROUND_SIZE)
        in_questions = questions.get(word, floor["questions"])
        weights[word] = max(FLOOR, min(-math.log(min(rate, 1.0)), -math.log(in_questions)))
    return weights


def coverage(words: Sequence[str], present: set[str], weights: Mapping[str, float]) -> float:
    """Return the share of a question's weight, 0..1, whose terms are present."""
    total = sum(weights[word] for word in words)
    return sum(weights[word] for word in words if word in present) / total if total else 0.0

"""What every reader takes and gives."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index import Hit
    from index.types import Rows


@dataclass(frozen=True, slots=True)
class Finding:
    """Words of one hit that may answer the question: ``document.text[start:end]``, whole sentences."""

    hit: Hit
    start: int
    """Code points of the document's text."""
    end: int
    short_start: int
    """The shortest words that answer, within ``[start, end)``."""
    short_end: int
    score: float
    """0..1, comparable within one question only."""
    coverage: frozenset[str]
    """The question's words that stand in it."""

    @property
    def quote(self) -> str:
        """The words themselves."""
        return self.hit.passage.text[self.start - self.hit.passage.start : self.end - self.hit.passage.start]

    @property
    def short(self) -> str:
        """The shortest words that answer."""
        offset = self.hit.passage.start
        return self.hit.passage.text[self.short_start - offset : self.short_end - offset]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of the evidence."""

    findings: tuple[Finding, ...]
    """Best first; empty where the evidence holds no sentence at all."""
    confidence: float
    """The probability that the evidence answers the question, 0..1."""
    answered: bool
    """Whether that is enough to answer."""

    @property
    def logit(self) -> float:
        """The confidence on a scale without ends, on which two of them can be compared."""
        sure = min(max(self.confidence, 1e-9), 1 - 1e-9)
        return math.log(sure / (1 - sure))


class Reader(Protocol):
    """Finds the words that answer a question."""

    def read(self, question: str, question_row: Rows, hits: Sequence[Hit]) -> Reading:
        """Read the evidence.

        :param question_row: ``(dimension,)`` float32 of unit length, the question as it was searched.
        :param hits: best first.
        """

"""The words of an evaluation: a question with what is known about its answer, and what was measured of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from index import YoujuError

if TYPE_CHECKING:
    from qa.types import Status

Kind = Literal["answerable", "unanswerable", "chat"]
Verdict = Literal["right", "wrong", "refused", "stated", "not_chat", "unjudged"]
"""``stated``: answered although the documents do not answer it; ``unjudged``: answered, and nothing says what would be right."""
Value = bool | float | None
"""What one question gave for one measure; ``None`` where the measure says nothing about such a question."""


class EvaluationError(YoujuError):
    """A file of questions or of results that cannot be used."""


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question and what is known about its answer."""

    id: str
    text: str
    kind: Kind
    documents: tuple[str, ...] = ()
    """Ids of the documents that answer it; empty where any will do."""
    answers: tuple[str, ...] = ()
    """Ways to say it shortly; one is enough."""
    quotes: tuple[str, ...] = ()
    """Words of the documents that answer it; one is enough."""
    place: str = field(default="", compare=False)
    """File and line, for messages."""

    @property
    def spans(self) -> tuple[str, ...]:
        """What has to stand in a passage or a quote."""
        return self.quotes or self.answers

    @property
    def short(self) -> tuple[str, ...]:
        """What the short answer is held against."""
        return self.answers or self.quotes

    def to_dict(self) -> dict[str, object]:
        """Return the question as the first keys of its JSON row."""
        return {
            "id": self.id,
            "question": self.text,
            "kind": self.kind,
            "documents": list(self.documents),
            "answers": list(self.answers),
            "quotes": list(self.quotes),
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one question gave, in numbers: all that a summary or a comparison needs."""

    gold: GoldQuestion
    status: Status
    confidence: float
    citations: int
    values: dict[str, Value]
    """By the name of the measure; one that is not named says nothing about this question."""
    ask_ms: float
    search_ms: float | None = None

    @property
    def verdict(self) -> Verdict:
        """What a person would say of the answer at a glance."""
        if self.gold.kind == "chat":
            return "right" if self.status == "chat" else "not_chat"
        if self.gold.kind == "unanswerable":
            return "stated" if self.status == "answered" else "right"
        if self.status != "answered":
            return "refused"
        right = self.values.get("right")
        return "unjudged" if right is None else "right" if right else "wrong"


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure over all questions that it says something about."""

    value: float | None
    """``None`` where there is nothing to measure."""
    questions: int

    def to_dict(self) -> dict[str, object]:
        """Return the measure as a JSON object."""
        return {"value": None if self.value is None else round(self.value, 6), "questions": self.questions}

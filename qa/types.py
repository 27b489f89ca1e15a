"""The words of answering: evidence, citations, answers. Evidence is the numbered hits an answer may rest on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from index import Hit

Status = Literal["answered", "not_found", "chat"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier question with its answer."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact words a statement rests on: ``quote == document.text[start:end]``."""

    marker: int
    """1-based; stands as ``[1]`` in the answer's text."""
    document: str
    title: str
    page: int | None
    page_label: str | None
    start: int
    """Code points of the document's text."""
    end: int
    quote: str
    passage: str

    def to_dict(self) -> dict[str, object]:
        """Return the citation as a JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of the answer: ``text[start:end]`` without its markers."""

    start: int
    end: int
    markers: tuple[int, ...]
    supported: bool

    def to_dict(self) -> dict[str, object]:
        """Return the statement as a JSON object."""
        return {"start": self.start, "end": self.end, "markers": list(self.markers), "supported": self.supported}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question got."""

    question: str
    standalone_question: str
    """The question as it was searched: a follow-up with what it left out."""
    status: Status
    text: str
    short_answer: str
    confidence: float
    """The probability that the documents answer the question, 0..1."""
    citations: tuple[Citation, ...] = ()
    """Empty unless answered; the first supports ``short_answer``."""
    evidence: tuple[Hit, ...] = ()
    """The best hits, whatever the status."""
    statements: tuple[Statement, ...] = ()
    engine: str = "reader"
    notes: tuple[str, ...] = ()
    disagreement: bool = False
    timings_ms: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        """Return the answer as the JSON object that every door shows."""
        return {
            "question": self.question,
            "standalone_question": self.standalone_question,
            "status": self.status,
            "text": self.text,
            "short_answer": self.short_answer,
            "confidence": round(self.confidence, 4),
            "citations": [citation.to_dict() for citation in self.citations],
            "evidence": [hit.to_dict() for hit in self.evidence],
            "statements": [statement.to_dict() for statement in self.statements],
            "engine": self.engine,
            "notes": list(self.notes),
            "disagreement": self.disagreement,
            "timings_ms": {name: round(value, 2) for name, value in self.timings_ms.items()},
        }


@dataclass(frozen=True, slots=True)
class Stage:
    """The work has come to this step: ``search``, ``read`` or ``write``."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of the answer's text."""

    delta: str


@dataclass(frozen=True, slots=True)
class Done:
    """The whole answer; always the last event."""

    answer: Answer


Event = Stage | Text | Done

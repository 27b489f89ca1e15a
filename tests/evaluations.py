"""Answers, documents and a scripted assistant, for tests of what measures them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from index import Document, Hit, Passage, QuestionError
from qa import Answer, Citation
from qa.evaluation import GoldQuestion, Outcome

TEXT = "县委副书记、县长宁云主持会议。会议在县行政中心召开，320人参加。"


def hit(rank: int, document: str, text: str) -> Hit:
    return Hit(rank, 1.0 / rank, 0.5, 1.0, Passage(rank, document, 0, len(text), text, document))


def cite(document: str, quote: str, start: int = 0, marker: int = 1) -> Citation:
    return Citation(marker, document, document, None, None, start, start + len(quote), quote, "1")


def answered(
    short: str = "", citations: Sequence[Citation] = (), evidence: Sequence[Hit] = (), confidence: float = 0.9, text: str = ""
) -> Answer:
    timings = {"encode": 1.0, "search": 2.0, "total": 9.0}
    return Answer("?", "?", "answered", text or short, short, confidence, tuple(citations), tuple(evidence), timings_ms=timings)


def refused(evidence: Sequence[Hit] = (), confidence: float = 0.1) -> Answer:
    return Answer(
        "?", "?", "not_found", "没有找到", "", confidence, (), tuple(evidence), timings_ms={"encode": 1.0, "search": 2.0}
    )


def gold(text: str = "会议由谁主持？", **known: Any) -> GoldQuestion:
    kind = known.pop("kind", "answerable")
    return GoldQuestion(known.pop("id", text), text, kind, **{name: tuple(value) for name, value in known.items()})


def outcome(
    number: int, *, kind: Any = "answerable", status: Any = "answered", confidence: float = 0.5, **values: Any
) -> Outcome:
    """Return an outcome of question ``number``; ``citations`` may be given beside the measures."""
    citations = values.pop("citations", 1)
    named = {name.replace("_at_", "@"): value for name, value in values.items()}
    return Outcome(gold(f"q{number}", kind=kind), status, confidence, citations, named, 10.0 * number, None)


class ScriptedAssistant:
    """Gives the answers it was told to give."""

    def __init__(self, answers: dict[str, Answer], texts: dict[str, str]) -> None:
        self.answers, self.texts = answers, texts
        self.asked: list[str] = []

    def ask(self, question: str) -> Answer:
        if len(question) > 200:
            raise QuestionError("the question is too long")
        self.asked.append(question)
        return self.answers[question]

    def document(self, document_id: str) -> Document | None:
        text = self.texts.get(document_id)
        return None if text is None else Document(document_id, document_id, text)

    def info(self) -> dict[str, object]:
        return {"index": "somewhere", "documents": len(self.texts), "passages": 3, "encoder": "fake"}

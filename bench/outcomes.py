"""Questions asked of an assistant, or of a reader over chosen documents, as outcomes that can be summed up."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

from bench.data import DATA
from index import IndexReader, load_settings
from qa import Assistant
from qa.evaluation.judging import judge
from qa.evaluation.types import GoldQuestion, Outcome
from qa.reader.training.sources import asked, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from index import Encoder
    from qa.reader.training.sources import Part


class Table(NamedTuple):
    """What one set of questions gave."""

    title: str
    outcomes: list[Outcome]


def held_out(sources: Sequence[str], part: Part, count: int, *, unanswerable: bool = True) -> list[GoldQuestion]:
    """Return questions of articles that the span reader was not trained on."""
    documents = texts(DATA)
    found = [
        GoldQuestion(
            id=f"{q.source}-{number}",
            text=q.question,
            kind="answerable" if q.answer else "unanswerable",
            documents=(f"{q.document}.txt",),
            answers=tuple(dict.fromkeys((q.answer, *q.others))) if q.answer else (),
        )
        for number, q in enumerate(asked(DATA))
        if q.source in sources and documents[q.document].part == part and (q.answer or unanswerable)
    ]
    return random.Random(0).sample(found, min(count, len(found))) if count else found


def opened(index: Path, encoder: Encoder) -> Assistant:
    """Open an index so that it answers every question, for its threshold is part of what is measured."""
    settings = load_settings(index, refuse_below=0.0)
    return Assistant(IndexReader.open(index, settings), encoder, settings)


def ask_all(assistant: Assistant, questions: Iterable[GoldQuestion], *, given: bool = False) -> list[Outcome]:
    """Ask every question; of its own document alone where that is ``given``."""

    def text_of(name: str) -> str | None:
        document = assistant.document(name)
        return document.text if document else None

    outcomes = []
    for question in questions:
        answer = assistant.ask(question.text, documents=list(question.documents) if given else None)
        values = judge(question, answer, text_of)
        outcomes.append(
            Outcome(question, answer.status, answer.confidence, len(answer.citations), values, answer.timings_ms["total"])
        )
    return outcomes

"""The run: every question asked once, each answer judged, all of them summed up."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from index import QuestionError
from qa.evaluation.judging import holds_gold, is_of_gold_document, is_verbatim, judge, rank_of_gold
from qa.evaluation.measures import judged_answers, reliability, risk_coverage, summarise
from qa.evaluation.types import EvaluationError, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from index import Hit
    from qa.assistant import Assistant
    from qa.evaluation.measures import Bin, CurvePoint
    from qa.evaluation.types import GoldQuestion, Measured
    from qa.types import Answer

FORMAT = "youju-evaluation-1"
DOCUMENTS_KEPT = 64
"""Texts kept at hand to check quotes against; questions of one document mostly follow each other."""


@dataclass(frozen=True, slots=True)
class Row:
    """One question with its answer and what was measured of it."""

    outcome: Outcome
    answer: Answer
    rank: int | None
    """1-based, of the first passage that holds what was expected."""
    verbatim: tuple[bool, ...]
    """By citation."""

    def is_gold(self, hit: Hit) -> bool:
        """Tell whether a passage holds what was expected."""
        gold = self.outcome.gold
        if gold.kind != "answerable" or not is_of_gold_document(gold, hit.passage.document_id):
            return False
        return holds_gold(gold, hit.passage.text) if gold.spans else bool(gold.documents)

    def to_dict(self) -> dict[str, object]:
        """Return the row as a JSON object; passages by their place only, for their words stand in the documents."""
        outcome, answer = self.outcome, self.answer
        citations = [{**c.to_dict(), "verbatim": v} for c, v in zip(answer.citations, self.verbatim, strict=True)]
        passages = [
            {name: hit.to_dict()[name] for name in ("rank", "document", "page", "start", "end")} for hit in answer.evidence
        ]
        return {
            **outcome.gold.to_dict(),
            "verdict": outcome.verdict,
            "status": outcome.status,
            "confidence": outcome.confidence,
            "text": answer.text,
            "short_answer": answer.short_answer,
            "rank": self.rank,
            "measures": outcome.values,
            "citations": citations,
            "passages": passages,
            "ask_ms": round(outcome.ask_ms, 2),
            "search_ms": None if outcome.search_ms is None else round(outcome.search_ms, 2),
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A finished run."""

    finished: str
    """ISO date and time with the offset of the place."""
    about: dict[str, object]
    """What the index holds and was made with, as ``youju info`` says it."""
    rows: tuple[Row, ...]
    measures: dict[str, Measured]
    absent: dict[str, tuple[str, ...]]
    """Id of a question to the documents it names and the index does not hold."""
    unfindable: tuple[str, ...]
    """Ids of questions whose answer does not stand in the documents they name, so that no search can find it."""

    @property
    def outcomes(self) -> list[Outcome]:
        """What was measured of each question."""
        return [row.outcome for row in self.rows]

    @property
    def risk_coverage(self) -> list[CurvePoint]:
        """How many of the answers are wrong when only the surest are given."""
        return risk_coverage(self.outcomes)

    @property
    def reliability(self) -> list[Bin]:
        """How many of the answers are right, by confidence."""
        return reliability(judged_answers(self.outcomes))

    @property
    def counts(self) -> dict[str, int]:
        """How many questions of each kind were asked."""
        kinds = [outcome.gold.kind for outcome in self.outcomes]
        return {"asked": len(kinds), **{kind: kinds.count(kind) for kind in ("answerable", "unanswerable", "chat")}}

    def to_dict(self) -> dict[str, object]:
        """Return summary and rows as one JSON object."""
        return {
            "format": FORMAT,
            "summary": {
                "finished": self.finished,
                "about": self.about,
                "questions": self.counts,
                "measures": {name: measured.to_dict() for name, measured in self.measures.items()},
                "risk_coverage": [point._asdict() for point in self.risk_coverage],
                "reliability": [some._asdict() for some in self.reliability],
                "documents_not_in_index": {name: list(documents) for name, documents in self.absent.items()},
                "answers_not_in_documents": list(self.unfindable),
            },
            "rows": [row.to_dict() for row in self.rows],
        }


def evaluate(
    assistant: Assistant, questions: Sequence[GoldQuestion], on_progress: Callable[[int, int], None] | None = None
) -> Evaluation:
    """Ask every question once, one after the other.

    :param on_progress: told how many are done, of how many.
    :raises EvaluationError: a question cannot be asked.
    """

    @lru_cache(maxsize=DOCUMENTS_KEPT)
    def text_of(name: str) -> str | None:
        document = assistant.document(name)
        return document.text if document else None

    # The first question pays for loading the model and is not timed. The longest, so that one that is too long ends the run
    # before it has begun.
    _ask(assistant, max(questions, key=lambda question: len(question.text)))
    rows = []
    for done, question in enumerate(questions, start=1):
        rows.append(_row(assistant, question, text_of))
        if on_progress:
            on_progress(done, len(questions))
    absent = {q.id: missing for q in questions if (missing := tuple(d for d in q.documents if text_of(d) is None))}
    unfindable = tuple(q.id for q in questions if q.id not in absent and _is_unfindable(q, text_of))
    finished = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
    return Evaluation(finished, assistant.info(), tuple(rows), summarise([row.outcome for row in rows]), absent, unfindable)


def _row(assistant: Assistant, question: GoldQuestion, text_of: Callable[[str], str | None]) -> Row:
    started = time.perf_counter()
    answer = _ask(assistant, question)
    took = (time.perf_counter() - started) * 1e3
    steps = [answer.timings_ms.get(step) for step in ("encode", "search")]
    search = None if None in steps else sum(step for step in steps if step is not None)
    values = judge(question, answer, text_of)
    outcome = Outcome(question, answer.status, answer.confidence, len(answer.citations), values, took, search)
    can_be_found = question.kind == "answerable" and (question.spans or question.documents)
    rank = rank_of_gold(question, answer.evidence) if can_be_found else None
    return Row(outcome, answer, rank, tuple(is_verbatim(c, text_of(c.document)) for c in answer.citations))


def _ask(assistant: Assistant, question: GoldQuestion) -> Answer:
    try:
        return assistant.ask(question.text)
    except QuestionError as error:
        raise EvaluationError(f"{question.place}: {error}") from error


def _is_unfindable(question: GoldQuestion, text_of: Callable[[str], str | None]) -> bool:
    if not question.spans or not question.documents:
        return False
    return not any(holds_gold(question, text_of(name) or "") for name in question.documents)

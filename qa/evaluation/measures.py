"""What many answers come to: pure functions over outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qa.evaluation.types import Measured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qa.evaluation.types import Outcome

BINS = 10
"""Of equal width over the confidence, as calibration error is usually stated."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure: how it is to be read."""

    name: str
    higher_is_better: bool = True
    yes_no: bool = False
    """Each question gives yes or no; the value is the share of yes."""
    of_citations: bool = False
    """The share is one of citations, not of questions."""
    of_all: bool = False
    """Not a mean: taken over all questions at once."""
    unit: str = ""


MEASURES = (
    Measure("hit@1", yes_no=True),
    Measure("hit@5", yes_no=True),
    Measure("hit@10", yes_no=True),
    Measure("mrr@10"),
    Measure("exact", yes_no=True),
    Measure("f1"),
    Measure("sentence_hit", yes_no=True),
    Measure("right", yes_no=True),
    Measure("right_when_answered", yes_no=True),
    Measure("citations_verbatim", of_citations=True),
    Measure("citations_right", of_citations=True),
    Measure("auroc", of_all=True),
    Measure("refused_unanswerable", yes_no=True),
    Measure("refused_answerable", higher_is_better=False, yes_no=True),
    Measure("calibration_error", higher_is_better=False, of_all=True),
    Measure("chat", yes_no=True),
    Measure("ask_p50", higher_is_better=False, of_all=True, unit="ms"),
    Measure("ask_p95", higher_is_better=False, of_all=True, unit="ms"),
    Measure("search_p50", higher_is_better=False, of_all=True, unit="ms"),
    Measure("search_p95", higher_is_better=False, of_all=True, unit="ms"),
)


class Bin(NamedTuple):
    """The answers whose confidence lies in ``[low, high)``; the last bin holds 1 as well."""

    low: float
    high: float
    answers: int
    confidence: float
    """Mean."""
    right: float
    """Share."""


class CurvePoint(NamedTuple):
    """Answering the surest questions only: how many that are, and how many of the answers are wrong."""

    coverage: float
    risk: float


def summarise(outcomes: Sequence[Outcome]) -> dict[str, Measured]:
    """Return every measure by its name, in the order of :data:`MEASURES`."""
    whole = _over_all(outcomes)
    return {m.name: whole[m.name] if m.of_all else _mean(m, outcomes) for m in MEASURES}


def weight(measure: Measure, outcome: Outcome) -> int:
    """Return how much one question counts in the mean of a measure."""
    return outcome.citations if measure.of_citations else 1


def _mean(measure: Measure, outcomes: Sequence[Outcome]) -> Measured:
    held = [(value, weight(measure, o)) for o in outcomes if (value := o.values.get(measure.name)) is not None]
    total = sum(share for _, share in held)
    return Measured(sum(value * share for value, share in held) / total if total else None, len(held))


def _over_all(outcomes: Sequence[Outcome]) -> dict[str, Measured]:
    asked = [o for o in outcomes if o.gold.kind != "chat"]
    answered = judged_answers(asked)
    bins = reliability(answered)
    ask = [o.ask_ms for o in asked]
    search = [o.search_ms for o in asked if o.search_ms is not None]
    sure, labels = confidences(asked)
    return {
        "auroc": Measured(auroc(sure, labels), len(asked)),
        "calibration_error": Measured(calibration_error(bins), len(answered)),
        **{
            f"{name}_p{part}": _percentile(times, part) for name, times in (("ask", ask), ("search", search)) for part in (50, 95)
        },
    }


def _percentile(times: Sequence[float], part: int) -> Measured:
    return Measured(float(np.percentile(times, part)) if times else None, len(times))


def confidences(outcomes: Sequence[Outcome]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the confidence of each and whether the documents answer it, ``(n_outcomes,)`` both."""
    sure = np.array([o.confidence for o in outcomes], np.float64)
    return sure, np.array([o.gold.kind == "answerable" for o in outcomes], np.bool_)


def auroc(scores: NDArray[np.float64], labels: NDArray[np.bool_]) -> float | None:
    """Return the chance that a true one scores above a false one, ties counting half; by rank sums (Mann and Whitney)."""
    positive = int(labels.sum())
    negative = len(labels) - positive
    if not positive or not negative:
        return None
    _, where, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[where]
    return float((ranks[labels].sum() - positive * (positive + 1) / 2) / (positive * negative))


def judged_answers(outcomes: Sequence[Outcome]) -> list[tuple[float, bool]]:
    """Return confidence and rightness of every answer that can be judged; a refusal has no answer to judge."""
    found = []
    for outcome in outcomes:
        right = outcome.values.get("right_when_answered")
        if right is not None:
            found.append((outcome.confidence, bool(right)))
    return found


def reliability(answers: Sequence[tuple[float, bool]]) -> list[Bin]:
    """Sort answers into :data:`BINS` bins of their confidence; empty bins are left out."""
    held: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in answers:
        held.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, right))
    return [
        Bin(i / BINS, (i + 1) / BINS, len(some), sum(c for c, _ in some) / len(some), sum(r for _, r in some) / len(some))
        for i, some in sorted(held.items())
    ]


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Return the mean distance of confidence and share of right answers, weighted by answers (expected calibration error)."""
    total = sum(b.answers for b in bins)
    return sum(b.answers * abs(b.confidence - b.right) for b in bins) / total if total else None


def risk_coverage(outcomes: Sequence[Outcome]) -> list[CurvePoint]:
    """Return the curve from the surest answer on; it ends at the share of questions that were answered at all.

    Answers of the same confidence are one step: no threshold tells them apart.
    """
    answers = sorted(judged_answers(outcomes), reverse=True)
    asked = sum("right" in o.values or o.gold.kind == "unanswerable" for o in outcomes)
    curve = []
    wrong = 0
    for count, (confidence, right) in enumerate(answers, start=1):
        wrong += not right
        if count == len(answers) or answers[count][0] != confidence:
            curve.append(CurvePoint(count / asked, wrong / count))
    return curve

"""Two runs over the same questions: which difference is more than chance."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from qa.evaluation.measures import MEASURES, confidences, weight
from qa.evaluation.questions import read_text
from qa.evaluation.running import FORMAT
from qa.evaluation.types import EvaluationError, GoldQuestion, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from qa.evaluation.measures import Measure

    Draws = NDArray[np.float64]
    Statistic = Callable[[Draws], Draws]
    """How often each question was drawn, ``(n_draws, n_questions)``, to one value a draw, ``(n_draws,)``."""

DRAWS = 10_000
SEED = 20_241
CHUNK = 500
"""Draws held in memory at a time."""
LEVEL = 0.05
FEWEST = 6
"""Fewer questions that differ, or of one kind, cannot be told from chance: five of five by the sign test is p = .0625."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of this run against the other, over the questions of both that it says something about."""

    questions: int
    this: float
    other: float
    low: float
    """Of the 95 % interval of ``this - other``, by paired bootstrap."""
    high: float
    p: float
    """By McNemar's exact test for measures of yes and no, else by the bootstrap; two-sided."""
    only_this: int | None
    """Questions that say yes here and no there; ``None`` where the measure is not one of yes and no."""
    only_other: int | None
    is_chance: bool
    """The difference is within chance."""

    def to_dict(self) -> dict[str, object]:
        """Return the difference as a JSON object."""
        values = {name: getattr(self, name) for name in self.__slots__}
        rounded = {name: round(value, 6) if isinstance(value, float) else value for name, value in values.items()}
        return {**rounded, "difference": round(self.this - self.other, 6)}


@dataclass(frozen=True, slots=True)
class Comparison:
    """This run against another."""

    other: str
    """The file of the other run."""
    common: int
    """Questions in both with the same words and the same expected answer."""
    only_this: int
    only_other: int
    differences: dict[str, Difference]
    """By measure; one that both have nothing for is left out."""

    def to_dict(self) -> dict[str, object]:
        """Return the comparison as a JSON object."""
        return {
            "other": self.other,
            "questions": {"common": self.common, "only_this": self.only_this, "only_other": self.only_other},
            "differences": {name: difference.to_dict() for name, difference in self.differences.items()},
        }


class _Pairs(NamedTuple):
    """One measure of both runs; arrays of ``(n_questions,)``."""

    this: NDArray[np.float64]
    other: NDArray[np.float64]
    this_weight: NDArray[np.float64]
    other_weight: NDArray[np.float64]


def read_outcomes(path: Path) -> list[Outcome]:
    """Read what ``youju eval --json`` printed.

    :raises EvaluationError: it is something else.
    """
    try:
        content = json.loads(read_text(path))
        if content["format"] != FORMAT:
            raise ValueError(f'its "format" is {content["format"]!r}, not {FORMAT!r}')
        return [_outcome(row) for row in content["rows"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise EvaluationError(
            f"{path} is not a result of youju eval ({reason}). Make one: youju eval QUESTIONS.jsonl --json > {path.name}"
        ) from error


def _outcome(row: dict[str, Any]) -> Outcome:
    gold = GoldQuestion(
        row["id"], row["question"], row["kind"], tuple(row["documents"]), tuple(row["answers"]), tuple(row["quotes"])
    )
    values = dict(row["measures"])
    if not all(value is None or isinstance(value, int | float) for value in values.values()):
        raise ValueError(f"the measures of {gold.id!r} are not numbers")
    search_ms = None if row["search_ms"] is None else float(row["search_ms"])
    confidence, ask_ms = float(row["confidence"]), float(row["ask_ms"])
    return Outcome(gold, row["status"], confidence, len(row["citations"]), values, ask_ms, search_ms)


def in_common(questions: Iterable[GoldQuestion], other: Sequence[Outcome], name: str) -> set[GoldQuestion]:
    """Return the questions that another run asked as well, with the same words and the same expected answer.

    :param name: the file of the other run.
    :raises EvaluationError: there is none.
    """
    common = set(questions) & {outcome.gold for outcome in other}
    if not common:
        raise EvaluationError(
            f"{name} has no question in common with this run (same id, words and expected answer). Run youju eval there "
            "again with these questions."
        )
    return common


def compare(this: Sequence[Outcome], other: Sequence[Outcome], name: str) -> Comparison:
    """Hold a run against another over the questions of both.

    :param name: the file of the other run.
    :raises EvaluationError: they have no question in common.
    """
    common = in_common([outcome.gold for outcome in this], other, name)
    there = {outcome.gold: outcome for outcome in other}
    pairs = [(outcome, there[outcome.gold]) for outcome in this if outcome.gold in common]
    differences = {}
    for measure in MEASURES:
        found = _ranked_apart(pairs) if measure.name == "auroc" else None if measure.of_all else _mean_apart(measure, pairs)
        if found:
            differences[measure.name] = found
    return Comparison(name, len(common), len(this) - len(common), len(other) - len(common), differences)


def mcnemar(only_this: int, only_other: int) -> float:
    """Return the two-sided p of McNemar's exact test: a fair coin for each question on which the two disagree."""
    differing = only_this + only_other
    tail = sum(comb(differing, i) for i in range(min(only_this, only_other) + 1))
    return min(1.0, 2 * tail / (1 << differing))


def _mean_apart(measure: Measure, pairs: Sequence[tuple[Outcome, Outcome]]) -> Difference | None:
    held = [
        (float(a), float(b), weight(measure, one), weight(measure, two))
        for one, two in pairs
        if (a := one.values.get(measure.name)) is not None and (b := two.values.get(measure.name)) is not None
    ]
    held = [pair for pair in held if pair[2] and pair[3]]
    if not held:
        return None
    table = _Pairs(*np.array(held, np.float64).T)
    only_this, only_other = int((table.this > table.other).sum()), int((table.this < table.other).sum())

    def mean(values: NDArray[np.float64], weights: NDArray[np.float64]) -> Statistic:
        return lambda draws: (draws @ (values * weights)) / (draws @ weights)

    this, other = mean(table.this, table.this_weight), mean(table.other, table.other_weight)
    values, low, high, p = _bootstrap(this, other, len(held))
    if measure.yes_no:
        p = mcnemar(only_this, only_other)
        return Difference(len(held), *values, low, high, p, only_this, only_other, p >= LEVEL)
    few = only_this + only_other < FEWEST
    return Difference(len(held), *values, low, high, p, None, None, few or low <= 0 <= high)


def _ranked_apart(pairs: Sequence[tuple[Outcome, Outcome]]) -> Difference | None:
    """Compare the areas under the curve of the two confidences."""
    asked = [(one, two) for one, two in pairs if one.gold.kind != "chat"]
    sure, labels = confidences([one for one, _ in asked])
    sure_there, _ = confidences([two for _, two in asked])
    if labels.all() or not labels.any():
        return None

    def area(scores: NDArray[np.float64]) -> Statistic:
        positive, negative = scores[labels][:, None], scores[~labels][None, :]
        wins = (positive > negative) + 0.5 * (positive == negative)

        def of_draws(draws: Draws) -> Draws:
            true, false = draws[:, labels], draws[:, ~labels]
            return np.asarray((true @ wins * false).sum(1) / (true.sum(1) * false.sum(1)), np.float64)

        return of_draws

    values, low, high, p = _bootstrap(area(sure), area(sure_there), len(asked))
    few = min(int(labels.sum()), int((~labels).sum())) < FEWEST
    return Difference(len(asked), *values, low, high, p, None, None, few or low <= 0 <= high)


def _bootstrap(this: Statistic, other: Statistic, questions: int) -> tuple[tuple[float, float], float, float, float]:
    """Draw the questions again and again, the same for both; return both values, the 95 % interval of this - other, and p."""
    once = np.ones((1, questions))
    chance = np.random.default_rng(SEED)
    shares = np.full(questions, 1 / questions)
    apart = []
    with np.errstate(invalid="ignore", divide="ignore"):  # a draw may hold nothing that the measure is about
        for _ in range(0, DRAWS, CHUNK):
            draws = chance.multinomial(questions, shares, size=CHUNK).astype(np.float64)
            apart.append(this(draws) - other(draws))
    found = np.concatenate(apart)
    found = found[np.isfinite(found)].round(12)  # sums of the same numbers in another order differ in the last bits
    low, high = np.quantile(found, [LEVEL / 2, 1 - LEVEL / 2])
    beyond = min(int((found <= 0).sum()), int((found >= 0).sum()))
    p = min(1.0, 2 * (beyond + 1) / (len(found) + 1))
    return (float(this(once)[0]), float(other(once)[0])), float(low), float(high), p

"""Measured quality: a person's own questions put to an index, and two such runs held against each other."""

from __future__ import annotations

from qa.evaluation.comparing import Comparison, Difference, compare, in_common, read_outcomes
from qa.evaluation.measures import MEASURES, Measure
from qa.evaluation.questions import read_questions
from qa.evaluation.running import Evaluation, Row, evaluate
from qa.evaluation.types import EvaluationError, GoldQuestion, Measured, Outcome, Verdict

__all__ = [
    "MEASURES",
    "Comparison",
    "Difference",
    "Evaluation",
    "EvaluationError",
    "GoldQuestion",
    "Measure",
    "Measured",
    "Outcome",
    "Row",
    "Verdict",
    "compare",
    "evaluate",
    "in_common",
    "read_outcomes",
    "read_questions",
]

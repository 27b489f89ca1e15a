"""From what a reader saw to the probability that the documents answer the question.

The weights are fitted by ``bench/refusal.py`` on questions whose article was taken out of the index, for each encoder, since
cosines of two encoders mean different things. Questions in another script than the evidence share no terms with it; for those
only how far the nearest sentence leads the others can be used.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Features:
    """What the sentence reader saw. Cosines are -1..1, shares of the question's term weight 0..1."""

    same_script: bool
    nearest: float
    """Cosine of the nearest sentence."""
    lead: float
    """How far that is above the mean of all sentences read, in standard deviations."""
    chosen: float
    """Cosine of the sentence that was chosen."""
    passage: float
    """Cosine of the nearest passage."""
    held_by_sentence: float
    held_by_passage: float
    held_anywhere: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic regression over :class:`Features`, once with terms and once without."""

    with_terms: dict[str, float]
    without_terms: dict[str, float]
    threshold: float
    """Fitted so that 5 % of the answerable questions are refused."""

    def confidence(self, features: Features) -> float:
        """Return the probability, 0..1."""
        weights = self.with_terms if features.same_script else self.without_terms
        values = {**asdict(features), "bias": 1.0}
        return 1.0 / (1.0 + math.exp(-sum(weight * values[name] for name, weight in weights.items())))


@cache
def load_calibration(encoder: str) -> Calibration:
    """Return the calibration of an encoder; for an unknown one, that of the terms alone."""
    known = json.loads(files("qa").joinpath("calibration.json").read_text("utf-8"))
    return Calibration(**(known.get(encoder) or known["terms only"]))

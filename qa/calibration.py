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

TERMS_ONLY = "terms only"
"""The calibration for encoders that none was fitted for: it uses no cosine."""


@dataclass(frozen=True, slots=True)
class Features:
    """What the sentence reader saw; ``held`` is a share, 0..1, of the question's term weight."""

    same_script: bool
    lead: float
    """How far the nearest sentence is above the mean of all sentences read, in standard deviations of their cosines."""
    held_by_sentence: float
    """By the words that were chosen."""
    held_by_passage: float
    held_anywhere: float


@dataclass(frozen=True, slots=True)
class Logistic:
    """Logistic regression over :class:`Features`."""

    weights: dict[str, float]
    """By name of the feature; ``bias`` stands alone."""
    threshold: float
    """Fitted so that 5 % of the answerable questions fall below."""

    def confidence(self, features: Features) -> float:
        """Return the probability, 0..1."""
        values = {**asdict(features), "bias": 1.0}
        return 1.0 / (1.0 + math.exp(-sum(weight * values[name] for name, weight in self.weights.items())))


@dataclass(frozen=True, slots=True)
class Calibration:
    """How one encoder's questions are judged."""

    same_script: Logistic
    other_script: Logistic

    def judge(self, features: Features) -> tuple[float, float]:
        """Return the confidence and the threshold that it has to reach."""
        logistic = self.same_script if features.same_script else self.other_script
        return logistic.confidence(features), logistic.threshold


@cache
def _stored() -> dict[str, Calibration]:
    content = json.loads(files("qa").joinpath("calibration.json").read_text("utf-8"))
    return {
        encoder: Calibration(Logistic(**parts["same_script"]), Logistic(**parts["other_script"]))
        for encoder, parts in content.items()
    }


def is_calibrated(encoder: str) -> bool:
    """Tell whether the confidence was fitted for this encoder."""
    return encoder in _stored()


def load_calibration(encoder: str) -> Calibration:
    """Return the calibration of an encoder; for an unknown one, that of the terms alone."""
    return _stored().get(encoder) or _stored()[TERMS_ONLY]

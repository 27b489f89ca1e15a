"""From what a reader saw to the probability that the documents answer the question.

The weights are fitted by ``bench/refusal.py`` on questions whose article was taken out of the index and on questions that
look as if their document answered them. Two numbers of different encoders do not mean the same, so what comes from the search
or the encoder is used for the encoders that it was fitted for alone; and questions in another script than the evidence share
no terms with it.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

READER_ALONE = "reader alone"
"""The calibration for encoders that none was fitted for, and across scripts."""
ENOUGH = 0.3
"""Share of a question's term weight; chosen on tuning questions."""


@dataclass(frozen=True, slots=True)
class SeenBySentences:
    """What the sentence reader saw; ``held`` is a share, 0..1, of the question's term weight."""

    same_script: bool
    lead: float
    """How far the nearest sentence is above the mean of all sentences read, in standard deviations of their cosines."""
    held_by_sentence: float
    """By the words that were chosen."""
    held_by_passage: float
    held_anywhere: float


@dataclass(frozen=True, slots=True)
class SeenBySpans:
    """What the span reader saw of one span; ``held`` as above."""

    same_script: bool
    answerable: float
    """Logit of the passage answering the question."""
    span: float
    """Logit of the span against that of no answer."""
    runner_up: float
    """1 for a span that is not the best of its passage."""
    found: float
    """The score of the search."""
    lead: float
    """By how much the passage is ahead of the best other one, -1..1."""
    expected: float
    """1 where the span has the form that the question asks for, or it asks for none."""
    held_by_sentence: float
    held_by_passage: float
    held_anywhere: float

    @property
    def held_enough(self) -> float:
        """What the passage holds, up to ``ENOUGH``: less speaks against it, more does not for it: look-alikes hold it all."""
        return min(self.held_by_passage, ENOUGH)


Seen = SeenBySentences | SeenBySpans


@dataclass(frozen=True, slots=True)
class Logistic:
    """Logistic regression over the numbers that a reader saw."""

    weights: dict[str, float]
    """By name of the number; ``bias`` stands alone."""
    threshold: float = 0.5
    """The least probability that is answered."""

    def logit(self, seen: Seen) -> float:
        """Return the weighted sum."""
        return sum(weight * (1.0 if name == "bias" else getattr(seen, name)) for name, weight in self.weights.items())

    def probability(self, seen: Seen) -> float:
        """Return the probability, 0..1."""
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, self.logit(seen)))))


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the questions of one reader over one encoder are judged."""

    same_script: Logistic
    other_script: Logistic
    order: Logistic | None = None
    """Puts the spans of the span reader in order."""

    def judge(self, seen: Seen) -> tuple[float, float]:
        """Return the probability that the documents answer, and the threshold that it has to reach."""
        logistic = self.same_script if seen.same_script else self.other_script
        return logistic.probability(seen), logistic.threshold


@cache
def stored() -> dict[str, dict[str, Calibration]]:
    """Return the calibrations by reader, then by encoder."""
    content = json.loads(files("qa").joinpath("calibration.json").read_text("utf-8"))
    return {
        reader: {
            encoder: Calibration(**{name: Logistic(**logistic) for name, logistic in parts.items()})
            for encoder, parts in encoders.items()
        }
        for reader, encoders in content.items()
    }


def is_calibrated(encoder: str, reader: str = "span") -> bool:
    """Tell whether the confidence was fitted for this encoder."""
    return encoder in stored()[reader]


def load_calibration(encoder: str, reader: str = "span") -> Calibration:
    """Return the calibration of a reader over an encoder; for an unknown encoder, that of the reader alone."""
    return stored()[reader].get(encoder) or stored()[reader][READER_ALONE]

"""The reader without a model of its own: the sentence nearest in meaning that holds the question's telling words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index import coverage, sentences_of, words_of
from qa.calibration import Features, load_calibration
from qa.reader.types import Finding, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from index import Encoder, Hit
    from index.types import Rows

PASSAGES_READ = 5
"""Reading more finds the answer no more often (``docs/quality.md``) and takes longer."""
PASSAGE_SHARE = 0.3
"""Weight of the passage's own score beside that of the sentence, fitted on cmrc2018_trial."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    hit: Hit
    start: int
    end: int
    text: str
    words: frozenset[str]


class SentenceReader:
    """Scores every sentence of the best passages, half by meaning and half by the question's terms that it holds."""

    def __init__(
        self,
        encoder: Encoder,
        term_weights: Callable[[Sequence[str]], Mapping[str, float]],
        refuse_below: float | None = None,
    ) -> None:
        """Take the encoder and what the index knows of terms: how much each tells in a question."""
        self._encoder = encoder
        self._term_weights = term_weights
        self._calibration = load_calibration(encoder.identity.name)
        self._refuse_below = refuse_below

    def read(self, question: str, question_row: Rows, hits: Sequence[Hit]) -> Reading:
        """Read the evidence: the sentences of the best passages, best first."""
        findings, features = self.examine(question, question_row, hits)
        if features is None:
            return Reading((), 0.0, answered=False)
        confidence, threshold = self._calibration.judge(features)
        if self._refuse_below is not None:
            threshold = self._refuse_below
        return Reading(tuple(findings), confidence, answered=confidence >= threshold)

    def examine(self, question: str, question_row: Rows, hits: Sequence[Hit]) -> tuple[list[Finding], Features | None]:
        """Return the sentences, best first, and what there is to judge by; no features where there is no sentence."""
        asked = words_of(question)
        weights = self._term_weights(asked)
        candidates = [candidate for hit in hits[:PASSAGES_READ] for candidate in _candidates(hit)]
        if not candidates:
            return [], None
        near = self._encoder.encode_document([c.text for c in candidates]) @ question_row
        held = np.array([coverage(asked, c.words, weights) for c in candidates])
        passage = np.array([c.hit.score for c in candidates])
        spread = max(float(near.max() - near.min()), 1e-6)
        own = 0.5 * (near - near.min()) / spread + 0.5 * held
        scores = ((1 - PASSAGE_SHARE) * own + PASSAGE_SHARE * passage).tolist()
        order = sorted(range(len(candidates)), key=lambda i: -scores[i])
        features = _features(question, asked, weights, candidates, near, held, order[0], hits)
        return [_finding(candidates[i], scores[i], asked) for i in order], features


def _candidates(hit: Hit) -> list[_Candidate]:
    passage = hit.passage
    found = []
    for start, end in sentences_of(passage.text):
        text = passage.text[start:end]
        found.append(_Candidate(hit, passage.start + start, passage.start + end, text, frozenset(words_of(text))))
    return found


def _finding(candidate: _Candidate, score: float, asked: Sequence[str]) -> Finding:
    start, end = candidate.start, candidate.end
    return Finding(candidate.hit, start, end, start, end, score, frozenset(asked) & candidate.words)


def _features(
    question: str,
    asked: Sequence[str],
    weights: Mapping[str, float],
    candidates: Sequence[_Candidate],
    near: Rows,
    held: np.ndarray[tuple[int], np.dtype[np.float64]],
    best: int,
    hits: Sequence[Hit],
) -> Features:
    around = {word for c in candidates if c.hit is candidates[best].hit for word in c.words}
    anywhere = {word for c in candidates for word in c.words}
    return Features(
        same_script=_script(question) == _script(candidates[best].text),
        nearest=float(near.max()),
        lead=float((near.max() - near.mean()) / max(float(near.std()), 1e-6)),
        chosen=float(near[best]),
        passage=float(max(hit.dense for hit in hits)),
        held_by_sentence=float(held[best]),
        held_by_passage=coverage(asked, around, weights),
        held_anywhere=coverage(asked, anywhere, weights),
    )


def _script(text: str) -> str:
    """Return the script that most letters of a text are of; terms of another script cannot be compared."""
    east_asian = sum("\u2e80" <= char <= "\U000323af" for char in text)
    return "east asian" if 3 * east_asian > sum(char.isalpha() for char in text) - east_asian else "alphabetic"

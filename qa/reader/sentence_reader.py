"""The reader without a model of its own: the sentence nearest in meaning that holds the question's telling words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index import coverage, sentences_of, words_of
from qa.calibration import SeenBySentences, load_calibration
from qa.expectation import expected
from qa.reader.scripts import same_script
from qa.reader.types import Finding, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from index import Encoder, Hit
    from index.types import Rows

PASSAGES_READ = 5
"""Reading more finds the answer no more often (``docs/quality.md``) and takes longer."""
PASSAGE_SHARE = 0.2
"""Weight of the passage's own score beside that of its words, fitted on cmrc2018_trial, as are the next three."""
EXPECTED_SHARE = 0.2
"""What words of the kind that the question asks for add to a score."""
PAIR_COST = 0.02
"""What two sentences must be better by than one."""
LONGEST_PAIR = 160
"""Characters."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    hit: Hit
    start: int
    end: int
    text: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One sentence, or two that follow each other: the second often says what the first announces."""

    sentences: tuple[int, ...]
    """Positions among all sentences read."""
    held: float
    """Share of the question's term weight."""
    score: float


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
        self._calibration = load_calibration(encoder.identity.name, "sentence")
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

    def examine(self, question: str, question_row: Rows, hits: Sequence[Hit]) -> tuple[list[Finding], SeenBySentences | None]:
        """Return what may answer, best first, and what there is to judge by; no features where there is no sentence."""
        asked = words_of(question)
        weights = self._term_weights(asked)
        read = [sentence for hit in hits[:PASSAGES_READ] for sentence in _sentences(hit)]
        if not read:
            return [], None
        near = self._encoder.encode_document([sentence.text for sentence in read]) @ question_row
        spread = max(float(near.max() - near.min()), 1e-6)
        kind = expected(question)

        def scored(*positions: int) -> _Candidate:
            nearest = max(float(near[i]) for i in positions)
            held = coverage(asked, frozenset().union(*(read[i].words for i in positions)), weights)
            own = 0.5 * (nearest - float(near.min())) / spread + 0.5 * held
            bonus = EXPECTED_SHARE if kind and any(kind.search(read[i].text) for i in positions) else 0.0
            score = (1 - PASSAGE_SHARE) * own + PASSAGE_SHARE * read[positions[0]].hit.score + bonus
            return _Candidate(positions, held, score - PAIR_COST * (len(positions) - 1))

        found = [scored(i) for i in range(len(read))]
        found += [scored(i, i + 1) for i in range(len(read) - 1) if _belong_together(read[i], read[i + 1])]
        found.sort(key=lambda candidate: -candidate.score)
        features = _features(question, asked, weights, read, near, found[0])
        return [_finding(candidate, read, asked) for candidate in found], features


def _sentences(hit: Hit) -> list[_Sentence]:
    """Return the sentences of a passage, without the document's title: it names what is asked for, but never answers."""
    passage = hit.passage
    found = []
    for start, end in sentences_of(passage.text):
        text = passage.text[start:end]
        if text != passage.title:
            found.append(_Sentence(hit, passage.start + start, passage.start + end, text, frozenset(words_of(text))))
    return found


def _belong_together(one: _Sentence, other: _Sentence) -> bool:
    return one.hit is other.hit and other.end - one.start <= LONGEST_PAIR


def _finding(candidate: _Candidate, read: Sequence[_Sentence], asked: Sequence[str]) -> Finding:
    first, last = read[candidate.sentences[0]], read[candidate.sentences[-1]]
    held = frozenset(asked) & (first.words | last.words)
    return Finding(first.hit, first.start, last.end, first.start, last.end, candidate.score, held)


def _features(
    question: str,
    asked: Sequence[str],
    weights: Mapping[str, float],
    read: Sequence[_Sentence],
    near: Rows,
    best: _Candidate,
) -> SeenBySentences:
    chosen = [read[i] for i in best.sentences]
    around = {word for sentence in read if sentence.hit is chosen[0].hit for word in sentence.words}
    anywhere = {word for sentence in read for word in sentence.words}
    return SeenBySentences(
        same_script=same_script(question, chosen[0].text),
        lead=float((near.max() - near.mean()) / max(float(near.std()), 1e-6)),
        held_by_sentence=best.held,
        held_by_passage=coverage(asked, around, weights),
        held_anywhere=coverage(asked, anywhere, weights),
    )

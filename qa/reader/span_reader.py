"""The reader with a trained network: the span that answers, in the sentences it stands in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index import coverage, sentences_of, words_of
from qa.calibration import SeenBySpans, load_calibration
from qa.expectation import expected
from qa.reader.pairs import title_before
from qa.reader.quoting import quote_around
from qa.reader.scripts import same_script
from qa.reader.types import Finding, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from index import Hit
    from index.types import Rows
    from qa.reader.span_model import PassageReader, PassageReading, Span

PASSAGES_READ = 3
"""Reading more finds the answer no more often (``docs/quality.md``) and takes longer."""

_LOOSE = " \t\n\u3000：:，,；;、。"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One span of one passage, with what is known of it."""

    hit: Hit
    start: int
    """Code points of the document's text."""
    end: int
    seen: SeenBySpans


class SpanReader:
    """Reads the best passages with the network and judges what it says together with the search and the question's terms."""

    def __init__(
        self,
        model: PassageReader,
        encoder: str,
        term_weights: Callable[[Sequence[str]], Mapping[str, float]],
        refuse_below: float | None = None,
    ) -> None:
        """Take the network, the name of the index's encoder and what the index knows of terms."""
        self._model = model
        self._term_weights = term_weights
        self._calibration = load_calibration(encoder)
        assert self._calibration.order is not None, "every calibration of the span reader has one"
        self._order = self._calibration.order
        self._refuse_below = refuse_below

    def read(self, question: str, question_row: Rows, hits: Sequence[Hit]) -> Reading:
        """Read the evidence: the spans of the best passages, best first."""
        candidates = self.examine(question, hits)
        if not candidates:
            return Reading((), 0.0, answered=False)
        order = self._order
        candidates.sort(key=lambda candidate: -order.logit(candidate.seen))
        best = candidates[0]
        confidence, threshold = self._calibration.judge(best.seen)
        if self._refuse_below is not None:
            threshold = self._refuse_below
        findings = tuple(self.finding(question, candidate) for candidate in candidates)
        return Reading(findings, confidence, answered=confidence >= threshold)

    def finding(self, question: str, candidate: Candidate) -> Finding:
        """Return a candidate as the words to quote."""
        passage = candidate.hit.passage
        start, end = quote_around(question, passage.text, candidate.start - passage.start, candidate.end - passage.start)
        held = frozenset(words_of(question)) & frozenset(words_of(passage.text[start:end]))
        score = self._order.probability(candidate.seen)
        return Finding(candidate.hit, passage.start + start, passage.start + end, candidate.start, candidate.end, score, held)

    def examine(self, question: str, hits: Sequence[Hit]) -> list[Candidate]:
        """Return every span that may answer, with what there is to judge it by."""
        firsts: dict[str, Hit] = {}
        for hit in hits:
            if len(firsts) < PASSAGES_READ:
                firsts.setdefault(hit.passage.text, hit)
        read = [hit for hit in hits if hit.passage.text in firsts]  # the same text elsewhere is another place, not more to read
        once = self._model.read(question, [(_title(hit), text) for text, hit in firsts.items()])
        by_text = dict(zip(firsts, once, strict=True))
        readings = [by_text[hit.passage.text] for hit in read]
        asked = words_of(question)
        weights = self._term_weights(asked)
        kind = expected(question)
        everywhere = {word for hit in read for word in words_of(hit.passage.text)}
        anywhere = coverage(asked, everywhere, weights)
        found = []
        for hit, reading in zip(read, readings, strict=True):
            text = hit.passage.text
            around = coverage(asked, frozenset(words_of(f"{hit.passage.title} {text}")), weights)
            for place, span in enumerate(reading.spans):
                start, end = _stripped(text, span)
                if start >= end:
                    continue
                sentence = " ".join(text[left:right] for left, right in sentences_of(text) if left < end and right > start)
                seen = SeenBySpans(
                    same_script=same_script(question, text),
                    answerable=reading.answerable,
                    span=span.logit,
                    runner_up=float(place > 0),
                    found=hit.score,
                    lead=_lead(once, reading),
                    expected=1.0 if kind is None else float(bool(kind.search(text[start:end]))),
                    held_by_sentence=coverage(asked, frozenset(words_of(sentence)), weights),
                    held_by_passage=around,
                    held_anywhere=anywhere,
                )
                found.append(Candidate(hit, hit.passage.start + start, hit.passage.start + end, seen))
        return found


def _title(hit: Hit) -> str:
    return title_before(hit.passage.title, hit.passage.text, opens_document=hit.passage.start == 0)


def _stripped(text: str, span: Span) -> tuple[int, int]:
    """Return a span without the marks between it and its neighbours: a header's colon is no part of the cell."""
    piece = text[span.start : span.end]
    return span.start + len(piece) - len(piece.lstrip(_LOOSE)), span.end - len(piece) + len(piece.rstrip(_LOOSE))


def _lead(readings: Sequence[PassageReading], one: PassageReading) -> float:
    """Return by how much one passage is ahead of the best of the others, squeezed to -1..1."""
    others = [reading.answerable for reading in readings if reading is not one]
    return math.tanh((one.answerable - max(others)) / 4) if others else 0.0

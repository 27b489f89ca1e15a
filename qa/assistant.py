"""The one door for every question."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

from index import EncoderMismatchError, IndexReader, encoder_for, load_settings
from qa.calibration import is_calibrated
from qa.chat import chat_kind
from qa.extract import compose
from qa.followup import Attempt, understood
from qa.language import language_of, message
from qa.memory import Memory
from qa.reader import reader_for
from qa.reader.scripts import same_script
from qa.reader.span_reader import PASSAGES_READ
from qa.types import Answer, Done, Stage, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index import Document, DocumentInfo, Encoder, Hit, SearchResult, Settings
    from qa.extract import Composed
    from qa.language import Language
    from qa.reader import Reader, Reading
    from qa.types import Event, Turn

EVIDENCE = 10
"""Hits an answer shows, whatever became of it."""
SEARCHED = 40
"""Hits looked at for passages in another script, which share no word with the question and so come late."""
ABROAD = 3
"""Passages in another script that are read where those found first do not answer."""
SURE_ABROAD = 0.5
"""Across scripts only what is more likely than not is answered."""
DOUBT, FARTHER = 2.2, 20.0
"""Across scripts: logits taken off, and more for each unit of cosine by which the passage is farther than the nearest in the
question's script; chosen on the questions of ``bench.languages``."""


class Assistant:
    """Answers questions over one index. Never changes it, safe to share between threads, follows every sync."""

    def __init__(self, reader: IndexReader, encoder: Encoder, settings: Settings, span_reader: Reader | None = None) -> None:
        """Take finished parts; :meth:`open` makes them."""
        self.encoder = encoder
        self.settings = settings
        self._index = reader
        self._reader = span_reader or reader_for(encoder, settings, reader.term_weights)
        self._memory = Memory(self.ask)

    @classmethod
    def open(
        cls,
        index: str | Path = "data/index",
        *,
        settings: Settings | None = None,
        encoder: Encoder | None = None,
    ) -> Self:
        """Open an index folder for questions.

        :raises IndexNotFoundError: nothing has been synced there.
        :raises EncoderMismatchError: the index was made with another encoder than the settings name.
        """
        settings = settings or load_settings(Path(index))
        reader = IndexReader.open(index, settings)
        encoder = encoder or encoder_for(index, settings)
        made_with = reader.catalog.encoder_identity()
        if made_with is not None and made_with != encoder.identity:
            raise EncoderMismatchError(
                f"the index {index} was made with the encoder {made_with.name!r}, but the settings name "
                f"{encoder.identity.name!r}. "
                "Set YOUJU_ENCODER to the first, or sync again with --re-embed."
            )
        return cls(reader, encoder, settings)

    def ask(self, question: str, history: Sequence[Turn] = (), documents: Sequence[str] | None = None) -> Answer:
        """Answer a question from the documents, or say that they do not.

        :param history: earlier turns, oldest first.
        :param documents: globs of document ids; only these are searched.
        :raises QuestionError: the question is empty or too long.
        """
        for event in self.stream(question, history, documents):
            if isinstance(event, Done):
                return event.answer
        raise RuntimeError("the stream ended without an answer")

    def stream(self, question: str, history: Sequence[Turn] = (), documents: Sequence[str] | None = None) -> Iterator[Event]:
        """Yield the steps, the text as it comes, and last the whole answer.

        :raises QuestionError: the question is empty or too long.
        """
        started = time.perf_counter()
        yield Stage("search")
        found = self._index.search(question, self.encoder, SEARCHED, documents)
        kind = chat_kind(question)
        if kind:
            answer = self._said(question, message(kind, language_of(question)), found)
        else:
            yield Stage("read")
            alone = self._read(question, found)
            told = self._memory.told(question, history, documents)
            attempt = understood(question, alone, told, self._attempt, self._index.term_weights)
            if attempt is not alone:
                stated = self._index.search(attempt.question, self.encoder, EVIDENCE, documents).hits
                attempt = replace(attempt, evidence=_filled(attempt.evidence, stated))
            answer = self._answered(question, attempt, documents)
            self._memory.keep(question, history, documents, answer)
        total = (time.perf_counter() - started) * 1e3
        answer.timings_ms["total"] = total
        yield Stage("write")
        yield Text(answer.text)
        yield Done(answer)

    def search(self, question: str, top_k: int = 10, documents: Sequence[str] | None = None) -> list[Hit]:
        """Return the best passages for a question, best first.

        :raises QuestionError: the question is empty or too long.
        """
        return self._index.search(question, self.encoder, top_k, documents).hits

    def documents(self) -> list[DocumentInfo]:
        """Return all documents without their texts, by id."""
        return self._index.catalog.documents()

    def document(self, document_id: str) -> Document | None:
        """Return a document with its text and pages."""
        return self._index.catalog.document(document_id)

    def info(self) -> dict[str, object]:
        """Return what the index holds and what it was made with."""
        documents, passages = self._index.catalog.counts()
        identity = self.encoder.identity
        return {
            "index": str(self._index.paths.root),
            "folder": self._index.catalog.meta("folder"),
            "documents": documents,
            "passages": passages,
            "encoder": identity.name,
            "dimension": identity.dimension,
            "calibrated": is_calibrated(identity.name),
        }

    def _said(self, question: str, text: str, found: SearchResult) -> Answer:
        return Answer(
            question, question, "chat", text, "", 0.0, evidence=tuple(found.hits[:EVIDENCE]), timings_ms=found.timings_ms
        )

    def _attempt(self, question: str, documents: Sequence[str] | None) -> Attempt:
        return self._read(question, self._index.search(question, self.encoder, SEARCHED, documents))

    def _read(self, question: str, found: SearchResult) -> Attempt:
        """Read the best hits and, where they do not answer, the nearest in another script."""
        started = time.perf_counter()
        evidence = found.hits[:EVIDENCE]
        reading = self._doubted(question, self._reader.read(question, found.row, evidence), found.hits)
        abroad = sorted((hit for hit in found.hits if not same_script(question, hit.passage.text)), key=lambda hit: -hit.dense)
        if not reading.answered and abroad:
            other = self._doubted(question, self._reader.read(question, found.row, abroad[:ABROAD]), found.hits)
            if other.answered:
                reading, evidence = other, _with(evidence, abroad[:ABROAD])
        return Attempt(question, evidence, found.timings_ms, reading, (time.perf_counter() - started) * 1e3)

    def _doubted(self, question: str, reading: Reading, hits: Sequence[Hit]) -> Reading:
        """Return a reading with the doubt that an answer in another script deserves: the words of both cannot be compared."""
        best = next(iter(reading.findings), None)
        if best is None or same_script(question, best.hit.passage.text):
            return reading
        nearest = max((hit.dense for hit in hits if same_script(question, hit.passage.text)), default=best.hit.dense)
        logit = reading.logit - DOUBT + FARTHER * (best.hit.dense - nearest)
        confidence = 1 / (1 + math.exp(-logit))
        least = SURE_ABROAD if self.settings.refuse_below is None else self.settings.refuse_below
        return replace(reading, confidence=confidence, answered=reading.answered and confidence >= least)

    def _answered(self, question: str, attempt: Attempt, documents: Sequence[str] | None) -> Answer:
        reading, evidence = attempt.reading, tuple(attempt.evidence)
        timings = {**attempt.timings_ms, "read": attempt.read_ms}
        if not reading.answered:
            is_chosen_away = documents is not None and self._index.catalog.counts()[0] > 0
            nothing = "none_chosen" if is_chosen_away else "empty"
            text = message("not_found" if evidence else nothing, language_of(question))
            return Answer(
                question, attempt.question, "not_found", text, "", reading.confidence, evidence=evidence, timings_ms=timings
            )
        composed = compose(reading)
        return Answer(
            question=question,
            standalone_question=attempt.question,
            status="answered",
            text=composed.text,
            short_answer=composed.short_answer,
            confidence=reading.confidence,
            citations=composed.citations,
            evidence=evidence,
            statements=composed.statements,
            notes=_notes(composed, evidence, language_of(question)),
            disagreement=composed.disagreement,
            timings_ms=timings,
        )


def _notes(composed: Composed, evidence: Sequence[Hit], language: Language) -> tuple[str, ...]:
    """Return what is to be known of an answer beside its words."""
    older = composed.older
    if older is None:
        return ()
    date = next((hit.passage.date for hit in evidence if str(hit.passage.id) == older.passage), None)
    return (message("older", language, title=older.title, date=date or ""),)


def _filled(evidence: Sequence[Hit], others: Sequence[Hit]) -> list[Hit]:
    """Return the evidence that was read, then the others, then the rest of it; no score is above the one before."""
    ranked: dict[int, Hit] = {}
    lowest = 1.0
    for hit in [*evidence[:PASSAGES_READ], *others, *evidence[PASSAGES_READ:]]:
        if hit.passage.id not in ranked and len(ranked) < EVIDENCE:
            lowest = min(lowest, hit.score)
            ranked[hit.passage.id] = replace(hit, rank=len(ranked) + 1, score=lowest)
    return list(ranked.values())


def _with(evidence: Sequence[Hit], abroad: Sequence[Hit]) -> list[Hit]:
    """Return the evidence with the hits that answered among it, in the place of the last ones where it is full."""
    kept = [hit for hit in evidence if hit not in abroad][: EVIDENCE - len(abroad)]
    best_first = sorted([*kept, *abroad], key=lambda hit: -hit.score)
    return [replace(hit, rank=rank) for rank, hit in enumerate(best_first, start=1)]


@lru_cache(maxsize=4)
def _opened(index: Path) -> Assistant:
    return Assistant.open(index)


def ask(question: str, index: str | Path = "data/index") -> Answer:
    """Answer one question; the index stays open for the next.

    :raises IndexNotFoundError: nothing has been synced there.
    """
    return _opened(Path(index).resolve()).ask(question)

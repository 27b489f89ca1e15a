"""The one door for every question."""

from __future__ import annotations

import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

from index import EncoderMismatchError, IndexReader, ModelEncoder, load_settings
from qa.calibration import is_calibrated
from qa.chat import chat_kind
from qa.extract import compose
from qa.language import language_of, message
from qa.reader.sentence_reader import SentenceReader
from qa.types import Answer, Done, Stage, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index import Document, DocumentInfo, Encoder, Hit, SearchResult, Settings
    from qa.reader import Reader
    from qa.types import Event, Turn

EVIDENCE = 10
"""Hits an answer shows, whatever became of it."""


class Assistant:
    """Answers questions over one index. Never changes it, safe to share between threads, follows every sync."""

    def __init__(self, reader: IndexReader, encoder: Encoder, settings: Settings, span_reader: Reader | None = None) -> None:
        """Take finished parts; :meth:`open` makes them."""
        self.encoder = encoder
        self.settings = settings
        self._index = reader
        self._reader = span_reader or SentenceReader(encoder, reader.term_weights, settings.refuse_below)

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
        encoder = encoder or ModelEncoder(settings)
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
        found = self._index.search(question, self.encoder, EVIDENCE, documents)
        kind = chat_kind(question)
        if kind:
            answer = self._said(question, message(kind, language_of(question)), found)
        else:
            yield Stage("read")
            answer = self._answered(question, found)
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
        return Answer(question, question, "chat", text, "", 0.0, evidence=tuple(found.hits), timings_ms=found.timings_ms)

    def _answered(self, question: str, found: SearchResult) -> Answer:
        started = time.perf_counter()
        reading = self._reader.read(question, found.row, found.hits)
        timings = {**found.timings_ms, "read": (time.perf_counter() - started) * 1e3}
        evidence = tuple(found.hits)
        if not reading.answered:
            text = message("not_found" if found.hits else "empty", language_of(question))
            return Answer(question, question, "not_found", text, "", reading.confidence, evidence=evidence, timings_ms=timings)
        composed = compose(reading)
        return Answer(
            question=question,
            standalone_question=question,
            status="answered",
            text=composed.text,
            short_answer=composed.short_answer,
            confidence=reading.confidence,
            citations=composed.citations,
            evidence=evidence,
            statements=composed.statements,
            timings_ms=timings,
        )


@lru_cache(maxsize=4)
def _opened(index: Path) -> Assistant:
    return Assistant.open(index)


def ask(question: str, index: str | Path = "data/index") -> Answer:
    """Answer one question; the index stays open for the next.

    :raises IndexNotFoundError: nothing has been synced there.
    """
    return _opened(Path(index).resolve()).ask(question)

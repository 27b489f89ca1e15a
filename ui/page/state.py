"""What every visit is shown alike: how many documents there are, and questions to begin with."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from index import YoujuError
from ui.page.samples import SHOWN, Sample, sample_questions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qa import Assistant
    from ui.engine import Engine
    from ui.page.words import Language

LOG = logging.getLogger(__name__)
PATIENCE_S = 30.0
"""The longest that samples wait for the visitors' questions to be answered before they go on beside them."""


class PageState:
    """Keeps samples as long as the documents they are about stay as they are; makes new ones in the background, one at a time."""

    def __init__(self, engine: Engine, *, can_change: bool, has_password: bool) -> None:
        """Make nothing yet."""
        self.can_change = can_change
        self.has_password = has_password
        self._engine = engine
        self._lock = threading.Lock()
        self._made_for: dict[Language, tuple[object, object]] = {}
        self._making: Language | None = None
        self._samples: dict[Language, tuple[Sample, ...]] = {}
        self._asking = 0

    def count(self) -> int:
        """Return the number of documents, 0 where there is no index yet."""
        try:
            return int(str(self._engine.assistant().info()["documents"]))
        except YoujuError:
            return 0

    def title(self, document: str) -> str:
        """Return the title of a document, its id where it is not in the index."""
        try:
            found = self._engine.assistant().document(document)
        except YoujuError:
            return document
        return document if found is None else found.title

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Let samples wait: a visitor's question is being answered."""
        with self._lock:
            self._asking += 1
        try:
            yield
        finally:
            with self._lock:
                self._asking -= 1

    def samples(self, language: Language) -> tuple[list[str], bool]:
        """Return the questions there are, and whether they are all; begin to make more where the index has changed."""
        try:
            assistant = self._engine.assistant()
            info = assistant.info()
        except YoujuError:
            return [], False
        state = (info["documents"], info["passages"])
        with self._lock:
            kept = tuple(sample for sample in self._samples.get(language, ()) if _still_holds(sample, assistant))
            are_all = len(kept) >= SHOWN or state == self._made_for.get(language)
            if not are_all and self._making is None:
                self._making = language
                self._made_for[language] = state
                threading.Thread(target=self._make, args=(assistant, kept, language), name="youju-samples", daemon=True).start()
            return [sample.question for sample in kept], are_all and self._making != language

    def _make(self, assistant: Assistant, kept: tuple[Sample, ...], language: Language) -> None:
        try:
            for sample in sample_questions(assistant, kept, self._wait, language):
                kept = (*kept, sample)
                self._samples[language] = kept
        except YoujuError as error:  # the index went away in between: no more samples then
            LOG.warning("no sample questions: %s", error)
        finally:
            with self._lock:
                self._making = None

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE_S
        while self._asking and time.monotonic() < until:
            time.sleep(0.05)


def _still_holds(sample: Sample, assistant: Assistant) -> bool:
    document = assistant.document(sample.document)
    return document is not None and document.content_hash == sample.content_hash

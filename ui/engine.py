"""The assistant of a running server: opened when there is an index, and kept."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from index import YoujuError, encoder_for, load_settings
from qa import Assistant

if TYPE_CHECKING:
    from pathlib import Path

    from index import Encoder, Settings

LOG = logging.getLogger(__name__)


class Engine:
    """Opens the assistant on first use, so that a server can start before the first sync has made an index."""

    def __init__(self, index: Path, settings: Settings | None = None, encoder: Encoder | None = None) -> None:
        """Take the index folder; the encoder is shared by questions and syncs, for it is the large part."""
        self.index = index
        self.settings = settings or load_settings(index)
        self.encoder = encoder or encoder_for(index, self.settings)
        self._lock = threading.Lock()
        self._assistant: Assistant | None = None

    def assistant(self) -> Assistant:
        """Return the assistant.

        :raises YoujuError: there is no index yet, or it cannot be used.
        """
        with self._lock:
            if self._assistant is None:
                self._assistant = Assistant.open(self.index, settings=self.settings, encoder=self.encoder)
            return self._assistant

    def warm(self) -> None:
        """Load the model before the first question does."""
        try:
            self.encoder.encode_query(["有据"])
            self.encoder.tokenizer.get_vocab_size()  # the first sync that reads a file needs it
            self.assistant()
        except YoujuError as error:  # the first question says it to the visitor
            LOG.info("not ready yet: %s", error)

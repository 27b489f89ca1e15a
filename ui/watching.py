"""Syncs that follow a folder: for ``youju watch``, and beside a running server."""

from __future__ import annotations

import logging
from threading import Event
from typing import TYPE_CHECKING

from index import IndexBusyError, YoujuError, sync, watch

if TYPE_CHECKING:
    from pathlib import Path

    from index import Encoder, Settings
    from ui.library import Library
    from ui.terminal import WatchReport

LOG = logging.getLogger(__name__)
RETRY_S = 1.0
"""How often to ask for the writer's lock while another sync holds it."""


class Watcher:
    """Keeps one index in step with its folder until it is stopped; the encoder stays loaded."""

    def __init__(self, docs: Path, index: Path, settings: Settings, encoder: Encoder, report: WatchReport) -> None:
        """Take the folder, the index and where to tell what happens."""
        self.stop = Event()
        self._docs = docs.resolve()
        self._index = index
        self._settings = settings
        self._encoder = encoder
        self._report = report
        self._is_begun = False

    def run(self) -> None:
        """Sync now and at every change, until Ctrl-C or until ``stop`` is set.

        :raises YoujuError: the first sync fails, or the folder cannot be watched; later failures are told and outlived.
        """
        self._report.begun(self._docs)
        try:
            for seen in watch(self._docs, self._settings, self.stop, leave_out=self._index):
                if seen == "gone" and self._is_begun:
                    self._report.gone(self._docs)
                else:
                    self._follow()
        except KeyboardInterrupt:
            self._report.ended()

    def _follow(self) -> None:
        try:
            self._sync()
            if not self._is_begun:  # the first new file must not wait for the model
                self._encoder.encode_query([str(self._encoder.tokenizer.get_vocab_size())])
        except YoujuError as error:
            if not self._is_begun:
                raise
            self._report.failed(str(error))
        except Exception as error:
            if not self._is_begun:
                raise
            LOG.exception("a sync failed")
            self._report.failed(f"{type(error).__name__}: {error}")
        self._is_begun = True

    def _sync(self) -> None:
        is_told = False
        while not self.stop.is_set():
            try:
                with self._report.progress() as on_progress:
                    report = sync(
                        self._docs, self._index, settings=self._settings, encoder=self._encoder, on_progress=on_progress
                    )
            except IndexBusyError as error:
                if not is_told:
                    self._report.busy(str(error))
                    is_told = True
                self.stop.wait(RETRY_S)
            else:
                self._report.synced(report)
                return


def follow(library: Library, index: Path, settings: Settings, stop: Event) -> None:
    """Let a server's library rescan its folder at every change; for a thread of its own.

    When the folder is gone too: the page then says why, and the index stays.
    """
    try:
        for _ in watch(library.docs, settings, stop, leave_out=index):
            library.rescan()
            library.wait()
            while library.work().is_busy and not stop.wait(RETRY_S):
                library.rescan()
                library.wait()
    except YoujuError as error:
        LOG.error("%s The folder is no longer watched.", error)

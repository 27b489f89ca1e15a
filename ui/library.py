"""The folder of documents as the page keeps it: uploads, a trash with undo, and syncs in the background."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from index import IndexBusyError, Skipped, YoujuError, sync
from ui.file_names import file_of
from ui.trash import Trash
from ui.uploads import Uploads, UploadState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from index import Progress, SyncReport
    from ui.engine import Engine
    from ui.trash import Trashed

LOG = logging.getLogger(__name__)
TRASH = "trash"


class _CancelledError(Exception):
    """Stops a sync from within its progress report; what was done until then is kept."""


@dataclass(frozen=True, slots=True)
class Work:
    """The sync that is running, or how the last one ended."""

    state: Literal["none", "running", "done", "cancelled", "failed"] = "none"
    stage: str = "scan"
    done: int = 0
    total: int = 0
    rate: float = 0.0
    """Passages a second."""
    left_s: float | None = None
    """Seconds that the rest will take at the pace so far."""
    reason: str = ""
    is_busy: bool = False
    """Whether it failed because another process is writing the index."""
    report: SyncReport | None = None


class Library:
    """One folder with its index. Safe to call from any thread; one sync runs at a time."""

    def __init__(self, docs: Path, engine: Engine) -> None:
        """Take the folder; nothing is read or written until asked."""
        self.docs = docs
        self.uploads = Uploads(docs, engine.settings.max_file_mb)
        self.trash = Trash(docs, engine.index / TRASH)
        self._engine = engine
        self._lock = threading.Lock()
        self._begun = 0
        self._again = False
        self._cancel = threading.Event()
        self._work = Work()
        self._thread: threading.Thread | None = None
        self._skipped: tuple[Skipped, ...] = ()

    # --- files --------------------------------------------------------------------------------------------------------

    def keep(self, part: Path, target: Path) -> str:
        """Put a whole upload in its place, and return its document's id.

        :raises LibraryError: a folder has that name.
        """
        document = self.uploads.keep(part, target, self._next_sync, self._is_known)
        self.trash.is_back(document)
        return document

    def upload_states(self, documents: Iterable[str]) -> dict[str, UploadState]:
        """Return what has become of uploaded files, by document."""
        work = self._work
        stopped = None
        if work.state in ("cancelled", "failed"):
            stopped = UploadState("stopped" if work.state == "cancelled" else "failed", work.reason)
        skipped = {one.document: one.reason for one in self._skipped}
        return self.uploads.states(documents, self._known(), skipped, self._begun, stopped)

    def delete(self, document: str) -> Trashed:
        """Move a document's file to the trash beside the index.

        :raises LibraryError: there is no such file below the folder.
        """
        return self.trash.delete(document)

    def undo(self, token: str) -> str:
        """Bring a deleted file back, and return its document's id.

        :raises LibraryError: the token is unknown, or another file has taken its place.
        """
        return self.trash.undo(token)

    def gone(self) -> set[str]:
        """Return the documents deleted here that have no file; the index holds them until the sync that follows has ended."""
        return {document for document in self.trash.deleted if file_of(self.docs, document) is None}

    def _next_sync(self) -> int:
        return self._begun + 1

    def _known(self) -> set[str]:
        try:
            return {info.id for info in self._engine.assistant().documents()}
        except YoujuError:  # no index yet
            return set()

    def _is_known(self, document: str) -> bool:
        try:
            return self._engine.assistant().document(document) is not None
        except YoujuError:
            return False

    # --- syncs --------------------------------------------------------------------------------------------------------

    def work(self) -> Work:
        """Return how far the sync is."""
        return self._work

    def skipped(self) -> tuple[Skipped, ...]:
        """Return the files that the last sync could not make documents of."""
        return self._skipped

    def rescan(self) -> None:
        """Bring the index into step, in the background; while a sync runs, another follows it."""
        with self._lock:
            if self._thread is not None:
                self._again = True
                return
            self._cancel.clear()
            self._begin()
            self._thread = threading.Thread(target=self._run, name="youju-sync", daemon=True)
            self._thread.start()

    def cancel(self) -> None:
        """Stop the running sync at its next step, and forget what was to follow it; what is asked for from now on is not."""
        with self._lock:
            self._again = False
            self._cancel.set()

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait until no sync is running."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout_s)

    def _begin(self) -> None:
        self._begun += 1
        self._work = Work("running")

    def _run(self) -> None:
        while True:
            self._work = self._synced()
            with self._lock:
                if not self._again:
                    self._thread = None
                    return
                self._again = False
                self._cancel.clear()
                self._begin()

    def _synced(self) -> Work:
        started = time.monotonic()

        def on_progress(step: Progress) -> None:
            if self._cancel.is_set():
                raise _CancelledError
            elapsed = time.monotonic() - started
            left = elapsed / step.done * (step.total - step.done) if step.done and step.stage == "embed" else None
            rate = step.passages / elapsed if elapsed > 0 else 0.0
            self._work = Work("running", step.stage, step.done, step.total, rate, left)

        engine = self._engine
        try:
            report = sync(
                self.docs,
                engine.index,
                settings=engine.settings,
                encoder=engine.encoder,
                allow_removals=self._all_gone_was_meant(),
                on_progress=on_progress,
            )
        except _CancelledError:
            return Work("cancelled")
        except YoujuError as error:
            return Work("failed", reason=str(error), is_busy=isinstance(error, IndexBusyError))
        except Exception as error:  # noqa: BLE001 - a background thread has nobody else to tell; the page shows it
            LOG.exception("a sync failed")
            return Work("failed", reason=f"{type(error).__name__}: {error}")
        self._skipped = report.skipped
        self.uploads.forget_before(self._begun)
        return Work("done", report=report)

    def _all_gone_was_meant(self) -> bool:
        deleted = self.trash.deleted
        return bool(deleted) and {name for name in self._known() if file_of(self.docs, name) is None} <= deleted

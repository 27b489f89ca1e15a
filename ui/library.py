"""The folder of documents as the page keeps it: uploads, a trash with undo, and syncs in the background."""

from __future__ import annotations

import json
import logging
import os
import secrets
import shutil
import threading
import time
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Literal

from index import Skipped, YoujuError, sync

if TYPE_CHECKING:
    from index import Progress, SyncReport
    from ui.engine import Engine

LOG = logging.getLogger(__name__)
UPLOADS, TRASH = "uploads", "trash"
LONGEST_NAME_BYTES = 200
"""File systems allow 255; the rest is for the ending of a file that is still being written."""
DEEPEST = 12
"""Folders within folders of one upload."""
_FORBIDDEN = frozenset('<>:"/\\|?*')
"""What some file system cannot hold, each replaced by its full-width twin, so that the name stays readable."""
_TWINS = {ord(c): chr(ord(c) + 0xFEE0) for c in _FORBIDDEN}


class LibraryError(YoujuError):
    """What was asked of the folder cannot be done; ``name`` is the message's name among the page's words."""

    def __init__(self, name: str, /, **values: object) -> None:
        """Keep the message's name and values: the page says it in the visitor's language."""
        super().__init__(name)
        self.name = name
        self.values = values


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
    report: SyncReport | None = None


@dataclass(frozen=True, slots=True)
class Trashed:
    """A deleted file; ``token`` brings it back."""

    token: str
    document: str


class Library:
    """One folder with its index. Safe to call from any thread; one sync runs at a time."""

    def __init__(self, docs: Path, engine: Engine) -> None:
        """Take the folder; nothing is read or written until asked."""
        self.docs = docs
        self._engine = engine
        self._trash = engine.index / TRASH
        self._lock = threading.Lock()
        self._again = False
        self._cancel = threading.Event()
        self._work = Work()
        self._thread: threading.Thread | None = None
        self._skipped: tuple[Skipped, ...] = ()
        self._deleted: set[str] = set()

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
            self._work = Work("running")
            self._thread = threading.Thread(target=self._run, name="youju-sync", daemon=True)
            self._thread.start()

    def cancel(self) -> None:
        """Stop the running sync at its next step."""
        self._again = False
        self._cancel.set()

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait until no sync is running."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            self._work = self._synced()
            with self._lock:
                if not self._again or self._cancel.is_set():
                    self._thread, self._again = None, False
                    return
                self._again = False
                self._work = Work("running")

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
            return Work("failed", reason=str(error))
        except Exception as error:  # noqa: BLE001 - a background thread has nobody else to tell; the page shows it
            LOG.exception("a sync failed")
            return Work("failed", reason=f"{type(error).__name__}: {error}")
        self._skipped = report.skipped
        return Work("done", report=report)

    def _all_gone_was_meant(self) -> bool:
        """Tell whether every document that is gone was deleted through this page, after asking."""
        if not self._deleted:
            return False
        try:
            known = self._engine.assistant().documents()
        except YoujuError:
            return False
        gone = {info.id for info in known if self._path_of(info.id) is None}
        return gone <= self._deleted

    # --- uploads ------------------------------------------------------------------------------------------------------

    def check_size(self, size: int) -> None:
        """Refuse a file before it is sent.

        :raises LibraryError: it is larger than the setting ``max_file_mb`` allows.
        """
        limit = self._engine.settings.max_file_mb
        if size > limit * 1e6:
            raise LibraryError("too_large", limit=f"{limit:g}")

    def part_file(self, name: str) -> tuple[Path, Path]:
        """Return where an upload is written, hidden from syncs, and where it stands once it is whole.

        :param name: the file's name, or its path below an uploaded folder.
        :raises LibraryError: the name cannot be used.
        """
        target = self.docs.joinpath(UPLOADS, *clean_name(name))
        if not target.resolve().is_relative_to((self.docs / UPLOADS).resolve()):  # a link within the folder
            raise LibraryError("bad_name")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError("bad_name") from error
        return target.parent / f".{secrets.token_hex(8)}.part", target

    def keep(self, part: Path, target: Path) -> None:
        """Put a whole upload in its place; a file of the same name becomes its older version and goes."""
        try:
            os.replace(part, target)
        except OSError as error:  # a folder of that name
            part.unlink(missing_ok=True)
            raise LibraryError("bad_name") from error
        self._deleted.discard(target.relative_to(self.docs).as_posix())

    # --- trash --------------------------------------------------------------------------------------------------------

    def delete(self, document: str) -> Trashed:
        """Move a document's file to the trash beside the index.

        :raises LibraryError: there is no such file below the folder.
        """
        path = self._path_of(document)
        if path is None:
            raise LibraryError("not_there")
        token = secrets.token_urlsafe(12)
        place = self._trash / token
        place.mkdir(parents=True)
        name = path.relative_to(self.docs).as_posix()
        (place / "from.json").write_text(json.dumps({"document": document, "name": name}), "utf-8")
        shutil.move(path, place / "file")
        self._deleted.add(document)
        return Trashed(token, document)

    def undo(self, token: str) -> str:
        """Bring a deleted file back, and return its document's id.

        :raises LibraryError: the token is unknown, or another file has taken its place.
        """
        place = self._trash / token
        if not token or place.parent != self._trash or token in (".", "..") or not (place / "from.json").is_file():
            raise LibraryError("not_there")
        origin = json.loads((place / "from.json").read_text("utf-8"))
        target = self.docs / origin["name"]
        if target.exists():
            raise LibraryError("undo_taken")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(place / "file", target)
        shutil.rmtree(place)
        self._deleted.discard(origin["document"])
        return str(origin["document"])

    def _path_of(self, document: str) -> Path | None:
        """Return the file of a document id, however its name is spelled on disk; ``None`` outside of the folder."""
        parts = PurePosixPath(document).parts
        if not parts or PurePosixPath(document).is_absolute() or ".." in parts:
            return None
        path = self.docs
        for part in parts:
            straight = path / part
            found = straight if straight.exists() else _in_other_form(path, part)
            if found is None:
                return None
            path = found
        return path if path.is_file() and path.resolve().is_relative_to(self.docs.resolve()) else None


def _in_other_form(folder: Path, name: str) -> Path | None:
    """Return the entry whose NFC form is ``name``: ids are NFC, names on disk need not be."""
    if not folder.is_dir():
        return None
    return next((entry for entry in folder.iterdir() if unicodedata.normalize("NFC", entry.name) == name), None)


def clean_name(name: str) -> tuple[str, ...]:
    """Return the parts of an uploaded name, safe for every file system, and as readable as they were.

    :raises LibraryError: nothing usable is left, or a part is hidden or too long.
    """
    parts = [part for part in unicodedata.normalize("NFC", name).split("/") if part not in ("", ".")]
    if not parts or len(parts) > DEEPEST or ".." in parts:
        raise LibraryError("bad_name")
    return tuple(_clean_part(part) for part in parts)


def _clean_part(part: str) -> str:
    kept = "".join(c for c in part.translate(_TWINS) if unicodedata.category(c) not in ("Cc", "Cs")).strip(" .")
    if not kept or part.startswith(".") or len(kept.encode()) > LONGEST_NAME_BYTES:
        raise LibraryError("bad_name")
    return kept


def write_limited(file: BinaryIO, chunk: bytes, written: int, limit_mb: float) -> int:
    """Write the next piece of an upload, and return how many bytes there are now.

    :raises LibraryError: that would be more than allowed, whatever its header said.
    """
    written += len(chunk)
    if written > limit_mb * 1e6:
        raise LibraryError("too_large", limit=f"{limit_mb:g}")
    file.write(chunk)
    return written

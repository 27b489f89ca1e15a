"""Files on their way into the folder, and what becomes of each of them."""

from __future__ import annotations

import os
import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal

from ui.file_names import LibraryError, clean_name, not_written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

UPLOADS = "uploads"
"""The folder below that of the documents which uploads go into."""

StateName = Literal["queued", "indexing", "searchable", "skipped", "stopped", "failed", "gone"]


@dataclass(frozen=True, slots=True)
class UploadState:
    """What has become of an uploaded file."""

    name: StateName
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Kept:
    """An upload that no finished sync has seen yet."""

    sync: int
    """The number of the first sync that is sure to find it."""
    was_known: bool
    """Whether an older version of it was a document already, so that its being one says nothing."""


class Uploads:
    """Writes uploads so that a sync sees whole files only, and remembers which of them still wait for one."""

    def __init__(self, docs: Path, limit_mb: float) -> None:
        """Take the folder of documents and the largest size of a file."""
        self._docs = docs
        self._limit_mb = limit_mb
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}

    def check_size(self, size: int) -> None:
        """Refuse a file before it is sent.

        :raises LibraryError: it is larger than the setting ``max_file_mb`` allows.
        """
        if size > self._limit_mb * 1e6:
            raise LibraryError("too_large", limit=f"{self._limit_mb:g}")

    def part_file(self, name: str) -> tuple[Path, Path]:
        """Return the empty file that an upload is written to, hidden from syncs, and where it stands once it is whole.

        :param name: the file's name, or its path below an uploaded folder.
        :raises LibraryError: the name cannot be used, or the folder cannot be written.
        """
        top = self._docs / UPLOADS
        target = top.joinpath(*clean_name(name))
        if not target.resolve().is_relative_to(top.resolve()):  # a link within the folder
            raise LibraryError("bad_name")
        part = target.parent / f".{secrets.token_hex(8)}.part"
        with self._lock:  # else the folder could go between the two lines, with a cancelled upload
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                part.touch()
            except (FileExistsError, NotADirectoryError) as error:  # a file stands where a folder is wanted
                raise LibraryError("bad_name") from error
            except OSError as error:
                raise not_written(error) from error
        return part, target

    def write(self, file: BinaryIO, chunk: bytes, written: int) -> int:
        """Write the next piece of an upload, and return how many bytes there are now.

        :raises LibraryError: that would be more than allowed, whatever its header said.
        """
        self.check_size(written + len(chunk))
        file.write(chunk)
        return written + len(chunk)

    def discard(self, part: Path) -> None:
        """Remove what is left of an upload that did not become whole, with the folders that were made for it."""
        with self._lock:
            part.unlink(missing_ok=True)
            folder = part.parent
            while folder != self._docs and folder.is_relative_to(self._docs) and not any(folder.iterdir()):
                folder.rmdir()
                folder = folder.parent

    def keep(self, part: Path, target: Path, next_sync: Callable[[], int], is_known: Callable[[str], bool]) -> str:
        """Put a whole upload in its place, and return its document's id; a file of the same name goes.

        :param next_sync: called when the file is there, for the number of the first sync that is sure to find it.
        :raises LibraryError: a folder has that name, or the folder cannot be written.
        """
        document = target.relative_to(self._docs).as_posix()
        was_known = is_known(document)
        try:
            os.replace(part, target)
        except IsADirectoryError as error:
            raise LibraryError("bad_name") from error
        except OSError as error:
            raise not_written(error) from error
        self._kept[document] = _Kept(next_sync(), was_known)
        return document

    def forget_before(self, sync: int) -> None:
        """Note that a sync went through: what it was sure to find waits no longer."""
        self._kept = {document: kept for document, kept in self._kept.items() if kept.sync > sync}

    def states(
        self, documents: Iterable[str], known: set[str], skipped: dict[str, str], begun: int, stopped: UploadState | None
    ) -> dict[str, UploadState]:
        """Return what has become of uploads.

        :param known: ids of the documents that can be searched.
        :param skipped: ids of the files that cannot, with the reason.
        :param begun: the number of the sync that is running, or of the last one.
        :param stopped: how that sync ended when it did not go through.
        """
        return {document: self._state(document, known, skipped, begun, stopped) for document in documents}

    def _state(
        self, document: str, known: set[str], skipped: dict[str, str], begun: int, stopped: UploadState | None
    ) -> UploadState:
        kept = self._kept.get(document)
        if document in known and (kept is None or not kept.was_known):
            return UploadState("searchable")
        if kept is None:
            return UploadState("skipped", skipped[document]) if document in skipped else UploadState("gone")
        if kept.sync > begun:
            return UploadState("queued")
        return stopped or UploadState("indexing")

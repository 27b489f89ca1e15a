"""The folder of documents, as it is now: which files there are, and which of them were touched."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import unicodedata
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from index.errors import FolderError
from index.types import Skipped

if TYPE_CHECKING:
    from pathlib import Path

IGNORED = ("~$*", "*.tmp", "Thumbs.db", "desktop.ini")
"""Hidden names are ignored as well; these are left by editors and by Windows."""
SMALL = 1_000_000
"""Bytes; hashing more takes longer than it may save."""


class File(NamedTuple):
    """One file of the folder."""

    name: str
    """Posix path below the folder, NFC."""
    path: str
    """As the operating system spells it."""
    size: int
    """Bytes."""
    signature: str
    """Size and times; a file with another signature was touched."""
    touched_ns: int
    """The later of its modification and its change, in nanoseconds since 1970."""


@dataclass(slots=True)
class Scan:
    """What a folder holds."""

    files: dict[str, File] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    unseen: set[str] = field(default_factory=set)
    """Names of files and folders that could not be looked at: a drive that is away, a folder that is closed."""

    def may_hold(self, name: str) -> bool:
        """Tell whether a file may still be there although it was not found."""
        return any(str(place) in self.unseen for place in (name, *PurePosixPath(name).parents))


def scan(folder: Path, leave_out: Path | None = None) -> Scan:
    """Walk a folder. Links that stay inside are followed as files; those that leave it are reported.

    :param leave_out: a folder below that holds no documents: the index, where somebody keeps it there.
    :raises FolderError: the folder is missing or cannot be listed.
    """
    if not folder.is_dir():
        raise FolderError(f"the folder of documents {folder} does not exist or is not a folder. Nothing was changed.")
    found = Scan()
    root = os.path.realpath(folder)
    unwanted = os.path.realpath(leave_out) if leave_out else None
    pending = [""]
    while pending:
        below = pending.pop()
        try:
            entries = sorted(os.scandir(os.path.join(root, below)), key=lambda entry: entry.name)
        except OSError as error:
            if not below:
                raise FolderError(f"the folder of documents {folder} cannot be listed: {error.strerror}.") from error
            found.unseen.add(unicodedata.normalize("NFC", below.replace(os.sep, "/")))
            found.skipped.append(Skipped(_shown(below), f"the folder cannot be listed: {error.strerror}"))
            continue
        for entry in entries:
            if not is_ignored(entry.name) and entry.path != unwanted:
                _visit(entry, os.path.join(below, entry.name), root, found, pending)
    return found


def _visit(entry: os.DirEntry[str], relative: str, root: str, found: Scan, pending: list[str]) -> None:
    name = unicodedata.normalize("NFC", relative.replace(os.sep, "/"))
    if not _is_unicode(name):
        found.skipped.append(Skipped(_shown(relative), "its name is not valid UTF-8: rename the file"))
        return
    try:
        if entry.is_symlink() and not os.path.realpath(entry.path).startswith(root + os.sep):
            found.skipped.append(Skipped(name, "it is a link to a place outside the folder"))
        elif entry.is_dir(follow_symlinks=False):
            pending.append(relative)
        elif entry.is_file():
            status = entry.stat()
            signature = _signature(status)
            touched = max(status.st_mtime_ns, status.st_ctime_ns)
            file = File(name, entry.path, status.st_size, signature, touched)
            if found.files.setdefault(name, file) is not file:
                found.skipped.append(Skipped(name, "another file has the same name in another Unicode form: rename one"))
        elif not entry.is_dir():  # a device, a pipe, or a link that leads nowhere; a linked folder is walked in its own place
            found.skipped.append(Skipped(name, "it is not a regular file"))
    except OSError as error:
        found.unseen.add(name)
        found.skipped.append(Skipped(name, f"it cannot be looked at: {error.strerror}"))


def _signature(status: os.stat_result) -> str:
    return f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}"


def is_ignored(name: str) -> bool:
    """Tell whether files and folders of this name are passed over: hidden ones, and what editors leave behind."""
    return name.startswith(".") or any(fnmatch.fnmatchcase(name, pattern) for pattern in IGNORED)


def _is_unicode(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:  # Python spells bytes that are not UTF-8 as lone surrogates
        return False
    return True


def _shown(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace(os.sep, "/")


def hash_file(path: str) -> str:
    """Return the SHA-256 of a file's bytes, in hex.

    :raises OSError: it cannot be read.
    """
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_if_unchanged(file: File) -> str:
    """Return the hash of a file that still is as the scan saw it; empty for any other, and for one that is not small."""
    try:
        content = hash_file(file.path) if file.size < SMALL else ""
        return content if _signature(os.stat(file.path)) == file.signature else ""
    except OSError:
        return ""

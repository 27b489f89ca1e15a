"""Names between the page and the folder: uploaded ones made safe, ids of documents found again on disk."""

from __future__ import annotations

import unicodedata
from pathlib import Path, PurePosixPath

from index import YoujuError, is_ignored

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


def not_written(error: OSError) -> LibraryError:
    """Return what to say where the system would not write or move a file."""
    return LibraryError("not_written", reason=error.strerror or type(error).__name__)


def clean_name(name: str) -> tuple[str, ...]:
    """Return the parts of an uploaded name, safe for every file system, and as readable as they were.

    :raises LibraryError: nothing usable is left, or a part is hidden, too long, or one that syncs pass over.
    """
    parts = [part for part in unicodedata.normalize("NFC", name).split("/") if part not in ("", ".")]
    if not parts or len(parts) > DEEPEST or ".." in parts:
        raise LibraryError("bad_name")
    return tuple(_clean_part(part) for part in parts)


def _clean_part(part: str) -> str:
    kept = "".join(c for c in part.translate(_TWINS) if unicodedata.category(c) not in ("Cc", "Cs")).strip(" .")
    if not kept or part.startswith(".") or len(kept.encode()) > LONGEST_NAME_BYTES:
        raise LibraryError("bad_name")
    if is_ignored(kept):
        raise LibraryError("ignored_name")
    return kept


def file_of(folder: Path, document: str) -> Path | None:
    """Return the file of a document id, however its name is spelled on disk; ``None`` outside of the folder."""
    parts = PurePosixPath(document).parts
    if not parts or PurePosixPath(document).is_absolute() or ".." in parts:
        return None
    path = folder
    for part in parts:
        straight = path / part
        found = straight if straight.exists() else _in_other_form(path, part)
        if found is None:
            return None
        path = found
    return path if path.is_file() and path.resolve().is_relative_to(folder.resolve()) else None


def _in_other_form(folder: Path, name: str) -> Path | None:
    """Return the entry whose NFC form is ``name``: ids are NFC, names on disk need not be."""
    if not folder.is_dir():
        return None
    return next((entry for entry in folder.iterdir() if unicodedata.normalize("NFC", entry.name) == name), None)

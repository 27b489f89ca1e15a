"""Deleted files, kept beside the index until somebody wants them back."""

from __future__ import annotations

import json
import secrets
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ui.file_names import LibraryError, file_of, not_written

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Trashed:
    """A deleted file; ``token`` brings it back."""

    token: str
    document: str


class Trash:
    """Moves files of one folder away and back. Nothing is ever removed from it."""

    def __init__(self, docs: Path, place: Path) -> None:
        """Take the folder of documents and that of the trash, which is made with the first deletion."""
        self._docs = docs
        self.place = place
        self._deleted: set[str] = set()

    def delete(self, document: str) -> Trashed:
        """Move a document's file here.

        :raises LibraryError: there is no such file below the folder, or it cannot be moved.
        """
        path = file_of(self._docs, document)
        if path is None:
            raise LibraryError("not_there")
        token = secrets.token_urlsafe(12)
        place = self.place / token
        name = path.relative_to(self._docs).as_posix()
        try:
            place.mkdir(parents=True)
            (place / "from.json").write_text(json.dumps({"document": document, "name": name}), "utf-8")
            shutil.move(path, place / "file")
        except OSError as error:
            if path.exists():  # else what is in the trash is all that is left of it
                shutil.rmtree(place, ignore_errors=True)
            raise not_written(error) from error
        self._deleted.add(document)
        return Trashed(token, document)

    def undo(self, token: str) -> str:
        """Bring a deleted file back, and return its document's id.

        :raises LibraryError: the token is unknown, another file has taken its place, or it cannot be moved.
        """
        place = self.place / token
        if not token or place.parent != self.place or token in (".", "..") or not (place / "from.json").is_file():
            raise LibraryError("not_there")
        origin = json.loads((place / "from.json").read_text("utf-8"))
        target = self._docs / origin["name"]
        if target.exists():
            raise LibraryError("undo_taken")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(place / "file", target)
        except OSError as error:
            raise not_written(error) from error
        shutil.rmtree(place, ignore_errors=True)
        self.is_back(origin["document"])
        return str(origin["document"])

    @property
    def deleted(self) -> frozenset[str]:
        """The documents that were deleted here, one by one and after asking, and are not back."""
        return frozenset(self._deleted)

    def is_back(self, document: str) -> None:
        """Note that there is a file of that name again."""
        self._deleted.discard(document)

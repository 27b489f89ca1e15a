"""What an index knows of files and documents, without their texts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import NamedTuple


class FileRecord(NamedTuple):
    """What is known of a file from the last time it was looked at."""

    name: str
    signature: str
    """Size and times; equal means "not touched since", if old enough when it was checked."""
    checked_ns: int
    content_hash: str
    fingerprint: str
    reason: str | None
    """Why it was skipped; ``None`` for a document."""


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A document without its text."""

    id: str
    title: str
    pages: int
    passages: int
    date: str | None
    encoding: str | None
    recognised_pages: int = 0
    """Of its pages, those that were pictures whose text was recognised."""
    recognition_confidence: float | None = None
    """The mean over the recognised characters, 0..1; ``None`` where nothing was recognised."""

    def to_dict(self) -> dict[str, object]:
        """Return the fields as a JSON object, the id under its public name."""
        fields = asdict(self)
        return {"document": fields.pop("id"), **fields}

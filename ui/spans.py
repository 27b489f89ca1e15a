"""Parts of a document's text, for doors that show where a quote stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index import Document

LONGEST_SPAN = 100_000
"""Code points sent at once; a document can have millions."""


def span_of(document: Document, start: int = 0, end: int | None = None) -> dict[str, object]:
    """Return ``document.text[start:end]`` with where it stands; both ends are moved into the text and the limit.

    :param start: 0 or more.
    """
    length = len(document.text)
    start = min(start, length)
    end = min(length if end is None else end, length, start + LONGEST_SPAN)
    end = max(start, end)
    touched = [page for page in document.pages if page.start < end and page.end > start]
    return {
        "document": document.id,
        "title": document.title,
        "date": document.date,
        "length": length,
        "start": start,
        "end": end,
        "text": document.text[start:end],
        "pages": [{"number": page.number, "label": page.label, "start": page.start, "end": page.end} for page in touched],
    }

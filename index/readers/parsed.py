"""What a parser makes of one file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.types import Page

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was recognised in a document."""

    pages: int
    confidence: float
    """The mean over all characters, 0..1."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """Readable text with its pages."""

    text: str
    title: str | None = None
    """What the format itself calls the document."""
    pages: tuple[Page, ...] = ()
    encoding: str | None = None
    date: str | None = None
    recognition: Recognition | None = None
    opens_with_title: bool = True
    """Whether the first line may be taken for a title; that of a table is a row."""


def join_pages(parts: Iterable[tuple[str, str | None]]) -> tuple[str, tuple[Page, ...]]:
    """Put the texts of pages one after the other.

    :param parts: text and label of every page in order; one without text keeps its number and gets no place.
    """
    text, pages = "", []
    for number, (part, label) in enumerate(parts, start=1):
        part = part.strip()
        if not part:
            continue
        if text:
            text += "\n\n"
        pages.append(Page(number, len(text), len(text) + len(part), label))
        text += part
    return text, tuple(pages)

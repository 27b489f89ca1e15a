"""The domain's words as types. This module imports nothing of ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Page:
    """A page, slide or sheet: the code points ``[start, end)`` of the document's text."""

    number: int
    """1-based."""
    start: int
    end: int
    label: str | None = None
    """What a person calls it when that is not its number: a sheet's name."""


@dataclass(frozen=True, slots=True)
class Document:
    """One source file as text."""

    id: str
    """The posix path below the corpus folder, in NFC."""
    title: str
    text: str
    pages: tuple[Page, ...] = ()
    """In order, not overlapping; empty where the format has no pages."""
    content_hash: str = ""
    """SHA-256 (hex) of the bytes that were read."""
    encoding: str | None = None
    """The character encoding a text file was read with."""
    date: str | None = None
    """ISO date that the text, the name or the format's own metadata states."""
    recognised_pages: int = 0
    """How many of its pages were pictures whose text was recognised."""
    recognition_confidence: float = 1.0
    """The mean over the recognised characters, 0..1."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A slice of one document: ``passage.text == document.text[passage.start:passage.end]``."""

    id: int
    """Never reused, so an id that is gone stays gone."""
    document_id: str
    start: int
    """Code points, as Python slices count them."""
    end: int
    text: str
    title: str
    """The document's title."""
    page: int | None = None
    """1-based page, slide or sheet."""
    page_label: str | None = None
    date: str | None = None
    recognised: float | None = None
    """How sure the recognition of the document's pictures of pages is, 0..1; ``None`` where it has text of its own."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, with the parts of its score; higher is better everywhere."""

    rank: int
    """1-based."""
    score: float
    """The fusion, 0..1, comparable within one question only."""
    dense: float
    """Cosine of question and passage, -1..1."""
    keyword: float
    """Raw BM25, 0 and up."""
    passage: Passage

    def to_dict(self) -> dict[str, object]:
        """Return the hit as the JSON object that every door shows."""
        passage = self.passage
        return {
            "rank": self.rank,
            "document": passage.document_id,
            "title": passage.title,
            "page": passage.page,
            "page_label": passage.page_label,
            "start": passage.start,
            "end": passage.end,
            "text": passage.text,
            "score": round(self.score, 6),
            "dense": round(self.dense, 6),
            "keyword": round(self.keyword, 6),
            "passage": str(passage.id),
        }


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in PDF points (1/72 inch); the origin is at the bottom left of the page as the file states it, unrotated."""

    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True, slots=True)
class PageBoxes:
    """Where a piece of text stands on one page: a box a line."""

    page: int
    """1-based."""
    area: Box
    """The part of the page that is shown; a picture of the page has its corners at those of this box."""
    rotation: int
    """Degrees clockwise that a viewer turns the page by: 0, 90, 180 or 270."""
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class EncoderIdentity:
    """What an index remembers of its encoder: vectors of two identities cannot be compared."""

    name: str
    dimension: int
    query_prompt: str
    document_prompt: str


class Encoder(Protocol):
    """Texts to unit-length rows. Prompts are the encoder's business, never the caller's."""

    @property
    def identity(self) -> EncoderIdentity:
        """Name, dimension and prompts."""

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer that the length of a passage is counted with (no truncation)."""

    def encode_query(self, texts: Sequence[str]) -> Rows:
        """Return ``(n_texts, dimension)`` float32 rows of unit length."""

    def encode_document(self, texts: Sequence[str]) -> Rows:
        """Return ``(n_texts, dimension)`` float32 rows of unit length."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long piece of work has come."""

    stage: str
    """``model``, ``scan``, ``read``, ``embed`` or ``write``."""
    done: int
    total: int
    """Files, or steps of one piece of work."""
    passages: int = 0
    """Passages embedded so far."""


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that did not become a document, and why, in words a person understands."""

    document: str
    reason: str


DOUBTFUL_BELOW = 0.85
"""Clear print reaches 0.95."""


def is_doubtful(confidence: float) -> bool:
    """Tell whether a person should look at a recognised document, by how sure its recognition was, 0..1."""
    return confidence < DOUBTFUL_BELOW


@dataclass(frozen=True, slots=True)
class Recognised:
    """A document with pages whose text was recognised from pictures, and how sure that is."""

    document: str
    pages: int
    confidence: float
    """The mean over the recognised characters, 0..1."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What one sync did. The first five count documents."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    renamed: int = 0
    unchanged: int = 0
    passages: int = 0
    """Passages in the index after the sync."""
    embedded: int = 0
    """Passages that had to be embedded; the rest were known."""
    skipped: tuple[Skipped, ...] = field(default=())
    recognised: tuple[Recognised, ...] = field(default=())
    """Of the documents added and changed now."""

    def to_dict(self) -> dict[str, object]:
        """Return the report as a JSON object."""
        return {
            "added": self.added,
            "changed": self.changed,
            "removed": self.removed,
            "renamed": self.renamed,
            "unchanged": self.unchanged,
            "passages": self.passages,
            "embedded": self.embedded,
            "skipped": [{"document": s.document, "reason": s.reason} for s in self.skipped],
            "recognised": [
                {"document": r.document, "pages": r.pages, "confidence": round(r.confidence, 3)} for r in self.recognised
            ],
        }

"""Small pieces of escaped HTML. What comes from a document or a file name passes through here and nowhere else."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from index import is_doubtful
from ui.page.words import words

if TYPE_CHECKING:
    from ui.page.words import Language

_TABLES = (".csv", ".tsv", ".xls", ".xlsx", ".ods")
_INVISIBLE = {code: "\ufffd" for code in (*range(9), 11, 12, *range(14, 32), 127)}
"""Control characters have no picture in HTML, and some of them no legal form."""


def safe(text: str) -> str:
    """Return text as HTML that shows it as it is, for content and for quoted attributes."""
    # a lone surrogate cannot be sent as UTF-8
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return escape(whole.translate(_INVISIBLE), quote=True)


def foreign(text: str) -> str:
    """Return text of a document or a file name; a right-to-left override in it ends where it ends."""
    return f'<bdi dir="auto">{safe(text)}</bdi>'


def marked(text: str, start: int, end: int, mark_id: str = "") -> str:
    """Return text with ``[start, end)`` marked; offsets count code points, and what lies outside the text is cut off."""
    start = min(max(start, 0), len(text))
    end = min(max(end, start), len(text))
    if start == end:
        return safe(text)
    name = f' id="{safe(mark_id)}"' if mark_id else ""
    return f"{safe(text[:start])}<mark{name}>{safe(text[start:end])}</mark>{safe(text[end:])}"


def is_table(document: str) -> bool:
    """Tell by its id whether a document is a table, each line of its text a row."""
    return document.lower().endswith(_TABLES)


def original_link(document: str, start: int, end: int, language: Language, *, is_framed: bool = False) -> str:
    """Return the address of a document's text, at the marked words, below the page's own address."""
    asked = {"document": document, "start": start, "end": end, "language": language} | ({"framed": "true"} if is_framed else {})
    query = urlencode(asked, errors="replace")
    return f"youju/original?{query}#quote"


def place_of(
    document: str, page: int | None, label: str | None, date: str | None, recognised: float | None, language: Language
) -> str:
    """Return the line that says where a passage stands: file, page, date, and how sure its words are if they were recognised."""
    parts = [f'<span class="file">{foreign(document)}</span>']
    if label:
        parts.append(f"<span>{foreign(label)}</span>")
    elif page is not None:
        parts.append(f"<span>{safe(words('page', language, page=page))}</span>")
    if date:
        parts.append(f"<time>{safe(date)}</time>")
    if recognised is not None:
        parts.append(recognition_mark(recognised, language))
    return f'<p class="place">{"".join(parts)}</p>'


def recognition_mark(confidence: float, language: Language) -> str:
    """Return the mark of a document whose text was recognised from pictures, with how sure that is (0..1)."""
    doubtful = is_doubtful(confidence)
    said = words("recognised_doubtful" if doubtful else "recognised", language, confidence=f"{confidence:.0%}")
    kind = "recognised doubtful" if doubtful else "recognised"
    return f'<span class="{kind}" title="{safe(words("recognised_about", language))}">{safe(said)}</span>'

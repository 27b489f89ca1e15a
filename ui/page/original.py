"""A whole document as text, scrolled to the marked words: plain HTML without a script, from a route of our own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ui.page.markup import foreign, is_table, marked, original_link, safe
from ui.page.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index import Document
    from ui.page.words import Language

WHOLE = 1_200_000
"""Code points up to which a document is shown whole: a browser lays out about 500 pages of text in a fraction of a second."""
WINDOW = 400_000
"""Code points shown of a longer one, around the marked words."""
BLOCK = 4_000
"""Code points of a block that the browser may leave out of its layout until it comes near the screen."""
LINE_CHARACTERS, LINE_PX = 38, 30
"""For the height that a block is taken to have until it is laid out."""
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; "
    "form-action 'none'",
    "cache-control": "no-store",
}


def original(document: Document, start: int, end: int, language: Language, *, is_framed: bool = False) -> str:
    """Return the page. Offsets that lie outside of the text mark what is left of them inside.

    :param is_framed: the title stands above the frame already.
    """
    size = len(document.text)
    start = min(max(start, 0), size)
    end = min(max(end, start), size)
    first, last = _window(size, start)
    body = "".join(_pages(document, first, last, start, min(end, last), language))
    earlier = _step("earlier_part", document, max(first - WINDOW // 2, 0), language, is_framed=is_framed) if first > 0 else ""
    later = _step("later_part", document, min(last + WINDOW // 2, size), language, is_framed=is_framed) if last < size else ""
    jump = f'<a href="#quote">{safe(words("jump_to_quote", language))}</a>' if end > start else ""
    title = "" if is_framed else f"<h1>{foreign(document.title)}</h1>"
    head = (
        f'<header>{title}<p class="place">{foreign(document.id)}'
        f"{f'<time>{safe(document.date)}</time>' if document.date else ''}{jump}</p></header>"
    )
    rows = ' class="rows"' if is_table(document.id) else ""
    return _page(document.title, head + f"<main{rows}>{earlier}{body}{later}</main>", language)


def missing(language: Language) -> str:
    """Return the page for a document that is not there any more."""
    return _page("", f'<main><p class="gone">{safe(words("gone", language))}</p></main>', language)


def _page(title: str, body: str, language: Language) -> str:
    return (
        f'<!doctype html><html lang="{"zh-CN" if language == "zh" else "en"}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{safe(title) or "Youju"}</title>'
        f'<link rel="stylesheet" href="assets/original.css"></head><body>{body}</body></html>'
    )


def _window(size: int, start: int) -> tuple[int, int]:
    if size <= WHOLE:
        return 0, size
    first = min(max(start - WINDOW // 2, 0), size - WINDOW)
    return first, first + WINDOW


def _step(name: str, document: Document, at: int, language: Language, *, is_framed: bool) -> str:
    address = original_link(document.id, at, at, language, is_framed=is_framed).removeprefix("youju/")
    return f'<p class="step"><a href="{safe(address)}">{safe(words(name, language))}</a></p>'


def _pages(document: Document, first: int, last: int, start: int, end: int, language: Language) -> Iterator[str]:
    """Yield the text between two offsets, page by page, whatever lies between the pages included."""
    at = first
    for page in document.pages:
        if page.end <= first or page.start >= last:
            continue
        yield from _blocks(document.text, at, max(page.start, first), start, end)
        label = foreign(page.label) if page.label else safe(words("page", language, page=page.number))
        yield f'<h2 id="page-{page.number}">{label}</h2>'
        at = min(page.end, last)
        yield from _blocks(document.text, max(page.start, first), at, start, end)
    yield from _blocks(document.text, at, last, start, end)


def _blocks(text: str, first: int, last: int, start: int, end: int) -> Iterator[str]:
    """Yield blocks cut at line ends; a cut elsewhere would show a line end that the document does not have."""
    at = first
    while at < last:
        cut = last
        if last - at > BLOCK:
            line_end = text.find("\n", at + BLOCK, last)
            cut = line_end + 1 if line_end >= 0 else last
        shown = text[at:cut]
        inner = "".join(_lines(shown, start - at, end - at))
        anchor = '<a id="quote"></a>' if start == end and at <= start < cut else ""
        yield f'<div class="block" dir="auto" style="contain-intrinsic-size:auto {_height(shown)}px">{anchor}{inner}</div>'
        at = cut


def _lines(text: str, start: int, end: int) -> Iterator[str]:
    """Yield each line as an element of its own, so that a long one can be told from the next."""
    at = 0
    for line in _LINE.findall(text):
        name = "quote" if at <= start < at + len(line) else ""
        yield f'<span class="line">{marked(line, start - at, end - at, name)}</span>'
        at += len(line)


def _height(text: str) -> int:
    lines = sum(1 + len(line) // LINE_CHARACTERS for line in text.splitlines())
    return max(lines, 1) * LINE_PX

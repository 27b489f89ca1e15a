"""The text of PDF pages, and for every character of it the character of the page that it is."""

from __future__ import annotations

import re
import unicodedata
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from index.errors import ReadError
from index.readers.pdf_characters import NOWHERE, between, parted
from index.readers.pdf_rows import by_table, rows_of
from index.readers.pdf_tables import RuledTable, TableFinder
from index.readers.running_heads import Line, running_heads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.readers.tables import Table

_SENTENCE_END = re.compile(r"[。！？!?.:：;；”」』）)]\s*$")
_LIST_ITEM = re.compile(r"^\s*([-•·●▪◆]|[(（]?[\d一二三四五六七八九十]{1,3}[.、．)）]|第[\d一二三四五六七八九十百零]+[条章节])")
FULL_LINE = 0.75
"""Share of the page's longest lines; a line that reaches it without a sentence end goes on in the next."""
NARROWEST = 40
"""Latin characters; on a page of shorter lines only, headings or a list, none of them goes on in the next."""


class PageText(NamedTuple):
    """The text of one page; ``at[i]`` is the index of ``text[i]`` among the page's characters, or ``NOWHERE``."""

    text: str
    at: Sequence[int]


def open_pdf(content: bytes) -> pypdfium2.PdfDocument:
    """Open a document.

    :raises ReadError: encrypted or broken.
    """
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise ReadError("it is encrypted: save a copy without a password") from error
        raise ReadError("it is not a valid PDF, or it is damaged: open it and save it again") from error


def page_texts(document: pypdfium2.PdfDocument, content: bytes) -> list[PageText]:
    """Return the text of every page without running heads and page numbers; rows of ruled tables with their headers.

    :param content: the file that the document was opened from.
    :raises ReadError: a page is damaged.
    """
    try:
        with TableFinder(content) as finder:
            reader = _PageReader(finder)
            pages = [reader.lines(document, number) for number in range(len(document))]
    except pypdfium2.PdfiumError as error:
        raise ReadError("one of its pages is damaged: open it and save it again") from error
    left_out = running_heads(pages)
    return [_joined([line for line in lines if id(line) not in left_out]) for lines in pages]


class _PageReader:
    """Reads page after page, and remembers the table that one ends with."""

    def __init__(self, finder: TableFinder) -> None:
        self._finder = finder
        self._before: tuple[RuledTable, Table | None] | None = None
        """The last table of the page before, and its header."""

    def lines(self, document: pypdfium2.PdfDocument, number: int) -> list[Line]:
        with closing(document[number]) as page, closing(page.get_textpage()) as words:
            _, floor, _, ceiling = page.get_bbox()
            size = max(1.0, ceiling - floor)
            before, self._before = self._before, None
            found: list[Line] = []
            for part in by_table(words, self._finder.on(page, words, number)):
                if isinstance(part, list):
                    found += [Line(text, at, _height(words, at, floor, size), number) for text, at in parted(part)]
                    continue
                ruled, cells = part
                goes_on = before and ruled.continues(before[0])
                rows, header = rows_of(ruled, cells, before[1] if before and goes_on else None)
                found += [Line(text, at, 0.5, number, is_row=True) for text, at in rows]
                before, self._before = None, (ruled, header)
            return found


def _height(words: pypdfium2.PdfTextPage, at: Sequence[int], floor: float, height: float) -> float:
    if not at:
        return 0.5
    _, bottom, _, top = words.get_charbox(at[0])
    return float(((bottom + top) / 2 - floor) / height)


def _width(line: str) -> int:
    """Return about how wide a line is set: an East Asian character takes the room of two others."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


def _joined(lines: Sequence[Line]) -> PageText:
    """Join the lines of one paragraph: East Asian text without a space, other text with one."""
    widths = sorted(_width(line.text) for line in lines if not line.is_row)
    longest = max(NARROWEST, widths[-max(1, len(widths) // 10)]) if widths else NARROWEST
    text, at, before = "", list[int](), ""
    for line in lines:
        if line.text and text:
            mark = "\n"
            goes_on = before and not line.is_row and _width(before) >= FULL_LINE * longest and not _SENTENCE_END.search(before)
            if goes_on and not _LIST_ITEM.match(line.text):
                mark = between(before, line.text)
            text += mark
            at += [NOWHERE] * len(mark)
        text += line.text
        at += line.at
        before = "" if line.is_row else line.text
    return PageText(text, at)

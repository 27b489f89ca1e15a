"""The text of PDF pages, and for every character of it the character of the page that it is."""

from __future__ import annotations

import re
import unicodedata
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from index.errors import ReadError
from index.readers.running_heads import Line, running_heads

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_EAST_ASIAN = r"\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\u3000-\u303f"
_SENTENCE_END = re.compile(r"[。！？!?.:：;；”」』）)]\s*$")
_LIST_ITEM = re.compile(r"^\s*([-•·●▪◆]|[(（]?[\d一二三四五六七八九十]{1,3}[.、．)）]|第[\d一二三四五六七八九十百零]+[条章节])")
_RADICALS = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
"""Many fonts name a character by the radical that looks the same, and then no search finds it."""
_BROKEN_WORD = "\x02\ufffe"
"""What pdfium puts in the place of a hyphen that only breaks a word over lines."""
_UNSHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]")
FULL_LINE = 0.75
"""Share of the page's longest lines; a line that reaches it without a sentence end goes on in the next."""
NARROWEST = 40
"""Latin characters; on a page of shorter lines only, headings or a list, none of them goes on in the next."""
NOWHERE = -1
"""In the place of a character's index: the text has this one, the page has not."""


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


def page_texts(document: pypdfium2.PdfDocument) -> list[PageText]:
    """Return the text of every page without running heads and page numbers.

    :raises ReadError: a page is damaged.
    """
    try:
        pages = [_lines(document, number) for number in range(len(document))]
    except pypdfium2.PdfiumError as error:
        raise ReadError("one of its pages is damaged: open it and save it again") from error
    left_out = running_heads(pages)
    return [_joined([line for line in lines if id(line) not in left_out]) for lines in pages]


def _lines(document: pypdfium2.PdfDocument, number: int) -> list[Line]:
    with closing(document[number]) as page, closing(page.get_textpage()) as words:
        _, floor, _, ceiling = page.get_bbox()
        return [
            Line(text, at, _height(words, at, floor, max(1.0, ceiling - floor)), number)
            for text, at in _parted(_characters(words))
        ]


def _characters(words: pypdfium2.PdfTextPage) -> Iterator[tuple[str, int]]:
    """Yield the page's characters with their indices, those outside of the BMP as one."""
    high = 0
    for index in range(words.count_chars()):
        code = pdfium.FPDFText_GetUnicode(words, index)
        if 0xD800 <= code < 0xDC00:
            high = code
        elif 0xDC00 <= code < 0xE000 and high:
            yield chr(0x10000 + ((high - 0xD800) << 10) + code - 0xDC00), index - 1
            high = 0
        else:
            yield chr(code), index


def _parted(characters: Iterator[tuple[str, int]]) -> Iterator[tuple[str, list[int]]]:
    """Yield the lines; a word that a hyphen breaks over two is whole in the first."""
    text: list[str] = []
    at: list[int] = []
    is_broken, before = False, ""
    for char, index in characters:
        if is_broken and char.isspace():
            continue
        is_broken = char in _BROKEN_WORD
        if char in "\r\n":
            if char == "\r" or before != "\r":
                yield _stripped("".join(text), at)
                text, at = [], []
        elif not is_broken and not _UNSHOWN.match(char):
            text.append(_RADICALS.get(ord(char), char))
            at.append(index)
        before = char
    yield _stripped("".join(text), at)


def _stripped(text: str, at: list[int]) -> tuple[str, list[int]]:
    start = len(text) - len(text.lstrip())
    stop = len(text.rstrip())
    return text[start:stop], at[start:stop]


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
    widths = sorted(_width(line.text) for line in lines)
    longest = max(NARROWEST, widths[-max(1, len(widths) // 10)]) if widths else NARROWEST
    text, at, before = "", list[int](), ""
    for line in lines:
        if line.text and text:
            mark = "\n"
            goes_on = before and _width(before) >= FULL_LINE * longest and not _SENTENCE_END.search(before)
            if goes_on and not _LIST_ITEM.match(line.text):
                touches = re.search(rf"[{_EAST_ASIAN}]$", before) or re.match(rf"[{_EAST_ASIAN}]", line.text)
                mark = "" if touches else " "
            text += mark
            at += [NOWHERE] * len(mark)
        text += line.text
        at += line.at
        before = line.text
    return PageText(text, at)

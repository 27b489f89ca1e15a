"""PDF text, page by page."""

from __future__ import annotations

import re
import unicodedata
from contextlib import closing

import pypdfium2
import pypdfium2.raw

from index.errors import ReadError
from index.readers.parsed import Parsed, join_pages

_EAST_ASIAN = r"\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\u3000-\u303f"
_SENTENCE_END = re.compile(r"[。！？!?.:：;；”」』）)]\s*$")
_LIST_ITEM = re.compile(r"^\s*([-•·●▪◆]|[(（]?[\d一二三四五六七八九十]{1,3}[.、．)）]|第[\d一二三四五六七八九十百零]+[条章节])")
_RADICALS = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
"""Many fonts name a character by the radical that looks the same, and then no search finds it."""
FULL_LINE = 0.75
"""Share of the page's longest lines; a line that reaches it without a sentence end goes on in the next."""

NARROWEST = 40
"""Latin characters; on a page of shorter lines only, headings or a list, none of them goes on in the next."""


def read_pdf(content: bytes) -> Parsed:
    """Return the text layer with its pages.

    :raises ReadError: encrypted, broken, or pictures of pages only.
    """
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise ReadError("it is encrypted: save a copy without a password") from error
        raise ReadError("it is not a valid PDF, or it is damaged: open it and save it again") from error
    with closing(document):
        try:
            parts = [(_page_text(document, number), None) for number in range(len(document))]
        except pypdfium2.PdfiumError as error:
            raise ReadError("one of its pages is damaged: open it and save it again") from error
        text, pages = join_pages(parts)
        if not text:
            raise ReadError("its pages are pictures without text (a scan): run text recognition (OCR) on it first")
        return Parsed(text, document.get_metadata_dict().get("Title") or None, pages)


def _page_text(document: pypdfium2.PdfDocument, number: int) -> str:
    with closing(document[number]) as page, closing(page.get_textpage()) as words:
        raw = words.get_text_range()  # get_text_bounded() runs lines together in some files
    # pdfium marks a hyphen that only breaks a word over lines with U+0002 (or U+FFFE)
    joined = re.sub(r"[\x02\ufffe]\s*", "", raw.replace("\r\n", "\n").replace("\r", "\n"))
    return _paragraphs(re.sub(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]", "", joined.translate(_RADICALS)))


def _width(line: str) -> int:
    """Return about how wide a line is set: an East Asian character takes the room of two others."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


def _paragraphs(text: str) -> str:
    """Join the lines of one paragraph: East Asian text without a space, other text with one."""
    lines = [line.strip() for line in text.split("\n")]
    widths = sorted(_width(line) for line in lines)
    longest = max(NARROWEST, widths[-max(1, len(widths) // 10)])
    result = ""
    for number, line in enumerate(lines):
        if not line:
            continue
        before = lines[number - 1] if number else ""
        if not result:
            result = line
        elif not before or _width(before) < FULL_LINE * longest or _SENTENCE_END.search(before) or _LIST_ITEM.match(line):
            result += "\n" + line
        elif re.search(rf"[{_EAST_ASIAN}]$", before) or re.match(rf"[{_EAST_ASIAN}]", line):
            result += line
        else:
            result += " " + line
    return result

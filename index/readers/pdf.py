"""PDF text, page by page."""

from __future__ import annotations

import re
from contextlib import closing

import pypdfium2
import pypdfium2.raw

from index.errors import ReadError
from index.readers.parsed import Parsed, join_pages

_EAST_ASIAN = r"\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\u3000-\u303f"
_SENTENCE_END = re.compile(r"[。！？!?.:：;；”」』）)]\s*$")
_LIST_ITEM = re.compile(r"^\s*([-•·●▪◆]|[(（]?[\d一二三四五六七八九十]{1,3}[.、．)）]|第[\d一二三四五六七八九十百零]+[条章节])")
FULL_LINE = 0.75
"""Share of the page's longest lines; a line that reaches it without a sentence end goes on in the next."""


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
        parts = [(_page_text(document, number), None) for number in range(len(document))]
        text, pages = join_pages(parts)
        if not text:
            raise ReadError("its pages are pictures without text (a scan): run text recognition (OCR) on it first")
        return Parsed(text, _title(document), pages)


def _page_text(document: pypdfium2.PdfDocument, number: int) -> str:
    with closing(document[number]) as page, closing(page.get_textpage()) as words:
        raw = words.get_text_bounded()
    # pdfium marks a hyphen that only breaks a word over lines with U+0002 (or U+FFFE)
    joined = re.sub(r"[\x02\ufffe]\s*", "", raw.replace("\r\n", "\n").replace("\r", "\n"))
    return _paragraphs(re.sub(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]", "", joined))


def _paragraphs(text: str) -> str:
    """Join the lines of one paragraph: East Asian text without a space, other text with one."""
    lines = [line.strip() for line in text.split("\n")]
    longest = sorted(len(line) for line in lines)[-max(1, len(lines) // 10) :][0] if lines else 0
    result = ""
    for number, line in enumerate(lines):
        if not line:
            continue
        before = lines[number - 1] if number else ""
        if not result:
            result = line
        elif not before or len(before) < FULL_LINE * longest or _SENTENCE_END.search(before) or _LIST_ITEM.match(line):
            result += "\n" + line
        elif re.search(rf"[{_EAST_ASIAN}]$", before) or re.match(rf"[{_EAST_ASIAN}]", line):
            result += line
        else:
            result += " " + line
    return result


def _title(document: pypdfium2.PdfDocument) -> str | None:
    title = str(document.get_metadata_dict().get("Title") or "").strip()
    # what word processors put there when nobody gave a title is a file name
    return None if re.search(r"\.(docx?|txt|pptx?|xlsx?|wps|pdf|indd|tex)$", title, re.IGNORECASE) else title or None

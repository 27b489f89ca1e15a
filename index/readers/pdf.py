"""PDF text, page by page, and where a piece of it stands on the pages."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2

from index.errors import ReadError
from index.readers.parsed import Parsed, join_pages
from index.readers.pdf_characters import NOWHERE
from index.readers.pdf_pages import open_pdf, page_texts
from index.readers.scans import ADVICE, is_scan, recognise_pages, recogniser
from index.types import Box, PageBoxes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_one_at_a_time = threading.Lock()
"""pdfium must not be used by two threads."""


def read_pdf(content: bytes) -> Parsed:
    """Return the text layer with its pages.

    :raises ReadError: encrypted, broken, or pictures of pages only.
    """
    with closing(open_pdf(content)) as document:
        labels = [document.get_page_label(number) for number in range(len(document))]
        try:
            texts, recognition = recognise_pages(document, [page.text for page in page_texts(document, content)])
        except pypdfium2.PdfiumError as error:
            raise ReadError("one of its pages is damaged: open it and save it again") from error
        text, pages = join_pages(
            (text, label if label and label != str(number) else None)
            for number, (text, label) in enumerate(zip(texts, labels, strict=True), start=1)
        )
        if not text:
            raise ReadError(
                "its pages are pictures (a scan) without any text that could be recognised"
                if recogniser()
                else f"its pages are pictures (a scan): {ADVICE}"
            )
        return Parsed(text, document.get_metadata_dict().get("Title") or None, pages, recognition=recognition)


def boxes_of(path: str | Path, start: int, end: int) -> list[PageBoxes]:
    """Find a piece of a PDF document's text again on its pages, for a viewer that marks it.

    It parses the file in this process; a server calls it for files that a sync has read, which does that in a process apart.

    :param start: code points of the document's text, as those of citations and passages.
    :returns: in the order of the pages; a page on which the piece has no visible character is left out.
    :raises ReadError: the file cannot be read, or its text is shorter: it has changed since it was indexed; or it has scanned
        pages while text recognition is installed, whose text has no boxes.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise ReadError(f"it cannot be opened: {error.strerror or error}: {path}") from error
    with _one_at_a_time, closing(open_pdf(content)) as document:
        texts = page_texts(document, content)
        if recogniser() and any(_is_scan(document, number, page.text) for number, page in enumerate(texts)):
            raise ReadError(f"some of its pages were recognised, where no places are known: {path}")
        text, pages = join_pages((page.text, None) for page in texts)
        if not 0 <= start <= end <= len(text):
            raise ReadError(f"it has changed since it was indexed: sync again: {path} has {len(text)} characters, not {end}")
        found = []
        for page in pages:
            at = texts[page.number - 1].at[max(0, start - page.start) : max(0, end - page.start)]
            with closing(document[page.number - 1]) as shown, closing(shown.get_textpage()) as words:
                boxes = tuple(_lines([Box(*words.get_charbox(index)) for index in at if index != NOWHERE]))
                if boxes:
                    found.append(PageBoxes(page.number, Box(*shown.get_bbox()), shown.get_rotation(), boxes))
        return found


def _is_scan(document: pypdfium2.PdfDocument, number: int, text: str) -> bool:
    with closing(document[number]) as page:
        return is_scan(page, text)


def _lines(boxes: Sequence[Box]) -> Iterator[Box]:
    """Join the boxes of characters that stand beside each other."""
    line: Box | None = None
    for box in boxes:
        if box.right <= box.left or box.top <= box.bottom:  # a space
            continue
        if line is not None and _is_beside(line, box):
            line = Box(min(line.left, box.left), min(line.bottom, box.bottom), max(line.right, box.right), max(line.top, box.top))
        else:
            if line is not None:
                yield line
            line = box
    if line is not None:
        yield line


def _is_beside(line: Box, box: Box) -> bool:
    """Tell whether a character goes on in a line, across or (turned pages, vertical writing) up and down."""
    across = min(line.right, box.right) - max(line.left, box.left)
    along = min(line.top, box.top) - max(line.bottom, box.bottom)
    width, height = box.right - box.left, box.top - box.bottom
    if along > 0.3 * min(height, line.top - line.bottom):
        return -across < 3 * max(height, line.top - line.bottom)
    is_column = line.right - line.left < max(2 * width, 2 * height, line.top - line.bottom)
    return is_column and across > 0.3 * min(width, line.right - line.left) and -along < 3 * max(width, line.right - line.left)

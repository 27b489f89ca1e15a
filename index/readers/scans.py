"""Pages that are pictures: which those are, whether their text can be recognised, and how sure it is.

Light on purpose: what recognises is in ``recognising.py`` and is loaded for the first such page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from index.readers.parsed import Recognition
from index.readers.reading_order import Line, in_reading_order

if TYPE_CHECKING:
    import pypdfium2
    from PIL.Image import Image

ADVICE = 'install the text recognition: pip install "youju[ocr]"'
FEW_CHARACTERS = 20
"""A page with less text, a number or a stamp, may still be a picture."""
PICTURE_SHARE = 0.5
"""Of the page's area that its pictures have to cover."""
LONG_SIDE = 2000
"""Pixels that a page is drawn with; the recognition would shrink a larger one."""

after_page: list[Callable[[], None]] = []
"""Called after each page: a scan of a hundred pages may take its time, a single one may not."""


def recogniser() -> str:
    """Return what recognises text here, with its version; empty where nothing does."""
    try:
        return f"rapidocr {version('rapidocr')}, onnxruntime {version('onnxruntime')}"
    except PackageNotFoundError:
        return ""


def recognise_pages(document: pypdfium2.PdfDocument, texts: Sequence[str]) -> tuple[list[str], Recognition | None]:
    """Return the texts of a PDF's pages with those of its pictures recognised, and how sure that is."""
    if not recogniser():
        return list(texts), None
    result, lines, pages = [], list[Line](), 0
    for number, own in enumerate(texts):
        text = own
        with closing(document[number]) as page:
            if is_scan(page, own):
                scale = LONG_SIDE / max(page.get_size())
                found = _lines_of(page.render(scale=scale).to_pil())
                text = in_reading_order(found) or own
                lines += found
                pages += bool(found)
        result.append(text)
    return result, recognition_of(lines, pages)


def recognition_of(lines: Sequence[Line], pages: int) -> Recognition | None:
    """Return how sure the recognition of some pages is, each character counting the same."""
    characters = sum(len(line.text) for line in lines)
    if not characters:
        return None
    return Recognition(pages, sum(line.confidence * len(line.text) for line in lines) / characters)


def is_scan(page: pypdfium2.PdfPage, text: str) -> bool:
    """Tell whether a page is a picture with next to no text of its own."""
    if len(text.strip()) >= FEW_CHARACTERS:
        return False
    image = import_module("pypdfium2.raw").FPDF_PAGEOBJ_IMAGE
    covered = 0.0
    for picture in page.get_objects(filter=[image]):
        left, bottom, right, top = picture.get_bounds()
        covered += abs(right - left) * abs(top - bottom)
    width, height = page.get_size()
    return bool(covered >= PICTURE_SHARE * width * height)


def _lines_of(image: Image) -> list[Line]:
    lines: list[Line] = import_module("index.readers.recognising").lines_of(image)
    for call in after_page:
        call()
    return lines


def read_images(images: Sequence[Image]) -> tuple[list[str], Recognition | None]:
    """Return the text of each picture, and how sure that is."""
    found = [_lines_of(image) for image in images]
    recognition = recognition_of([line for lines in found for line in lines], sum(map(bool, found)))
    return [in_reading_order(lines) for lines in found], recognition

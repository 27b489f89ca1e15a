"""PowerPoint slides, one page a slide."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pptx
from pptx.exc import PackageNotFoundError

from index.errors import ReadError
from index.readers.parsed import Parsed, join_pages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pptx.shapes.base import BaseShape
    from pptx.slide import Slide

_OLE = b"\xd0\xcf\x11\xe0"


def read_pptx(content: bytes) -> Parsed:
    """Return the text of every slide with its tables and notes.

    :raises ReadError: encrypted or broken.
    """
    if content.startswith(_OLE):
        raise ReadError("it is encrypted: save a copy without a password")
    try:
        show = pptx.Presentation(io.BytesIO(content))
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise ReadError("it is not a valid PowerPoint file, or it is damaged: open it and save it again") from error
    text, pages = join_pages(("\n".join(_slide_lines(slide)), None) for slide in show.slides)
    return Parsed(text, show.core_properties.title or None, pages)


def _slide_lines(slide: Slide) -> Iterator[str]:
    yield from _shape_lines(slide.shapes)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame:
        yield slide.notes_slide.notes_text_frame.text.strip()


def _shape_lines(shapes: Iterable[BaseShape]) -> Iterator[str]:
    for shape in shapes:
        if hasattr(shape, "shapes"):  # a group
            yield from _shape_lines(shape.shapes)
        elif getattr(shape, "has_table", False):
            for row in shape.table.rows:
                if line := " | ".join(text for cell in row.cells if (text := " ".join(cell.text.split()))):
                    yield line
        elif shape.has_text_frame and (text := shape.text_frame.text.replace("\v", "\n").strip()):
            yield text

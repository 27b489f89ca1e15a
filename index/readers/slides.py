"""PowerPoint slides, one page a slide."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pptx
from pptx.exc import PackageNotFoundError

from index.errors import ReadError
from index.readers.parsed import Parsed, join_pages
from index.readers.tables import Merge, Table, table_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pptx.shapes.base import BaseShape
    from pptx.slide import Slide
    from pptx.table import Table as PptxTable

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
            yield from table_lines(_table(shape.table))
        elif shape.has_text_frame and (text := shape.text_frame.text.replace("\v", "\n").strip()):
            yield text


def _table(table: PptxTable) -> Table:
    rows = [list(row.cells) for row in table.rows]
    texts = [["" if cell.is_spanned else cell.text for cell in row] for row in rows]
    merges = [
        Merge(top, left, top + cell.span_height - 1, left + cell.span_width - 1)
        for top, row in enumerate(rows)
        for left, cell in enumerate(row)
        if cell.is_merge_origin
    ]
    return Table(texts, merges)

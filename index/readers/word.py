"""Word documents: paragraphs, lists and tables in their order."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table

from index.errors import ReadError
from index.readers.parsed import Parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docx.document import Document as WordDocument

_OLE = b"\xd0\xcf\x11\xe0"


def read_docx(content: bytes) -> Parsed:
    """Return the body's text; headers and footers are left out.

    :raises ReadError: encrypted or broken.
    """
    if content.startswith(_OLE):
        raise ReadError("it is encrypted: save a copy without a password")
    try:
        document = docx.Document(io.BytesIO(content))
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise ReadError("it is not a valid Word document, or it is damaged: open it and save it again") from error
    properties = document.core_properties
    date = properties.modified or properties.created
    return Parsed("\n".join(_lines(document)), properties.title or None, date=date.date().isoformat() if date else None)


def _lines(document: WordDocument) -> Iterator[str]:
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            yield from _rows(block)
        elif text := block.text.strip():
            yield text


def _rows(table: Table) -> Iterator[str]:
    """Yield one line a row; a merged cell is written once."""
    for row in table.rows:
        cells = []
        for cell in dict.fromkeys(cell._tc for cell in row.cells):
            cells.append(" ".join("".join(part.itertext()) for part in cell.iterfind(".//{*}p")).strip())
        line = " | ".join(text for text in cells if text)
        if line:
            yield line

"""Word documents: paragraphs, lists and tables in their order."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

import docx
from docx.opc.exceptions import PackageNotFoundError
from lxml import etree

from index.errors import ReadError
from index.readers.parsed import Parsed
from index.readers.table_headers import HeaderRows
from index.readers.tables import Merge, Table, table_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

_OLE = b"\xd0\xcf\x11\xe0"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_UNSHOWN = {f"{_WORD}{name}" for name in ("del", "moveFrom", "pPr", "rPr", "sdtPr", "instrText")} | {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # says again what stands beside it
}
MOST_COLUMNS = 63
"""Word itself allows no more; a file that claims to must not make the table grow."""
_SPACES = re.compile(r"[ \u00a0\t]{2,}|\t")


def read_docx(content: bytes) -> Parsed:
    """Return the body's text; headers and footers are left out, tracked changes read as accepted.

    :raises ReadError: encrypted or broken.
    """
    if content.startswith(_OLE):
        raise ReadError("it is encrypted, or an old .doc by another name: save it as .docx without a password")
    try:
        document = docx.Document(io.BytesIO(content))
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError, etree.XMLSyntaxError) as error:
        raise ReadError("it is not a valid Word document, or it is damaged: open it and save it again") from error
    # python-docx's own element classes answer .text with the text of everything below, so the tree is read anew
    body = etree.fromstring(etree.tostring(document.element.body), etree.XMLParser(huge_tree=True, resolve_entities=False))
    properties = document.core_properties
    date = properties.modified or properties.created
    return Parsed("\n".join(_lines(body)), properties.title or None, date=date.date().isoformat() if date else None)


def _lines(element: etree._Element) -> Iterator[str]:
    """Yield one line a paragraph and one a table row, through content controls and whatever else wraps them."""
    for block in element:
        if block.tag == f"{_WORD}p":
            yield from _paragraph(block)
        elif block.tag == f"{_WORD}tbl":
            yield from table_lines(_table(block))
        elif block.tag not in _UNSHOWN:
            yield from _lines(block)


def _paragraph(paragraph: etree._Element) -> Iterator[str]:
    pieces: list[str] = []
    boxes: list[etree._Element] = []
    _collect(paragraph, pieces, boxes)
    for line in "".join(pieces).split("\n"):
        if shown := _SPACES.sub(" ", line).strip():
            yield shown
    for box in boxes:
        yield from _lines(box)


def _collect(element: etree._Element, pieces: list[str], boxes: list[etree._Element]) -> None:
    for child in element:
        name = etree.QName(child).localname if isinstance(child.tag, str) else ""
        if child.tag in _UNSHOWN or not name:
            continue
        if child.tag == f"{_WORD}txbxContent":
            boxes.append(child)
        elif child.tag == f"{_WORD}t":
            pieces.append(child.text or "")
        elif name in ("br", "cr", "tab", "noBreakHyphen") and child.tag.startswith(_WORD):
            pieces.append({"tab": "\t", "noBreakHyphen": "-"}.get(name, "\n"))
        elif child.tag.endswith("/math}t"):
            pieces.append(child.text or "")
        else:
            _collect(child, pieces, boxes)


def _table(table: etree._Element) -> Table:
    """Return the cells of a table; rows that a tracked change deletes are left out."""
    rows = [
        row
        for row in table.iter(f"{_WORD}tr")
        if next(row.iterancestors(f"{_WORD}tbl")) is table and row.find(f"{_WORD}trPr/{_WORD}del") is None
    ]
    cells: list[dict[int, str]] = []
    merges: list[Merge] = []
    open_merges: dict[int, Merge] = {}
    for number, row in enumerate(rows):
        cells.append({})
        column = _number(row, "trPr", "gridBefore", 0)
        for cell in (cell for cell in row.iter(f"{_WORD}tc") if next(cell.iterancestors(f"{_WORD}tr")) is row):
            last = column + _number(cell, "tcPr", "gridSpan", 1) - 1
            down = cell.find(f"{_WORD}tcPr/{_WORD}vMerge")
            if down is not None and down.get(f"{_WORD}val") != "restart" and column in open_merges:
                open_merges[column] = open_merges[column]._replace(bottom=number)
            else:
                merges += [open_merges.pop(column)] if column in open_merges else []
                cells[-1][column] = " ".join(_lines(cell))
                open_merges[column] = Merge(number, column, number, last)
            column = last + 1
    merges = [merge for merge in [*merges, *open_merges.values()] if merge.top < merge.bottom or merge.left < merge.right]
    width = 1 + max((max(row, default=-1) for row in cells), default=-1)
    headers = next((n for n, row in enumerate(rows) if row.find(f"{_WORD}trPr/{_WORD}tblHeader") is None), len(rows))
    return Table(
        [[row.get(column, "") for column in range(width)] for row in cells],
        merges,
        HeaderRows(0, headers) if 0 < headers < len(rows) else None,
    )


def _number(element: etree._Element, properties: str, name: str, otherwise: int) -> int:
    found = element.find(f"{_WORD}{properties}/{_WORD}{name}")
    value = found.get(f"{_WORD}val", "") if found is not None else ""
    return min(int(value), MOST_COLUMNS) if value.isdigit() else otherwise

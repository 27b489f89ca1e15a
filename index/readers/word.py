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

if TYPE_CHECKING:
    from collections.abc import Iterator

_OLE = b"\xd0\xcf\x11\xe0"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_UNSHOWN = {f"{_WORD}{name}" for name in ("del", "moveFrom", "pPr", "rPr", "sdtPr", "instrText")} | {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # says again what stands beside it
}
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
            for row in block.iter(f"{_WORD}tr"):
                if next(row.iterancestors(f"{_WORD}tbl")) is block and (line := _row(row)):
                    yield line
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


def _row(row: etree._Element) -> str:
    """Return the cells of one row; those that a merge from above or the left covers hold nothing and are left out."""
    if row.find(f"{_WORD}trPr/{_WORD}del") is not None:
        return ""
    cells = (cell for cell in row.iter(f"{_WORD}tc") if next(cell.iterancestors(f"{_WORD}tr")) is row)
    texts = (" ".join(_lines(cell)) for cell in cells)
    return " | ".join(text for text in texts if text)

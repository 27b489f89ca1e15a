"""Tables of HTML to paragraphs, one a row; tables that only lay out a page stay as they are."""

from __future__ import annotations

import re
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

import lxml.etree
import lxml.html

from index.readers.table_headers import HeaderRows
from index.readers.tables import Table, grid_of, table_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

SPELLED = "section"
"""The element that stands in the place of a table."""
LONGEST_CELL = 600
"""Characters; a table with a longer cell lays out a page."""
MOST_SPAN = 1000
"""What HTML lets a cell span at most."""
LINKED = 0.7
"""Share of a table's characters that are links from which on it is a menu, and is left for what takes menus out."""
_PARTING = {"br", "p", "div", "li", "ul", "ol", "dd", "dt", "img"}
_MENU_CLASS = re.compile(r"\b(nav|navbox|navigation|menu|sidebar|toc|[at]?mbox|breadcrumbs?)\b", re.IGNORECASE)
_BLOCKS = {"h1", "h2", "h3", "h4", "h5", "h6", "form", "article", "section", "nav", "ul", "ol", "dl", "blockquote", "pre", "hr"}


def spell_tables(tree: lxml.html.HtmlElement) -> None:
    """Put in the place of every table of data one paragraph a row, in which every cell carries its header."""
    for node in reversed(list(tree.iter("table"))):  # a table within a table first
        rows = [row for row in node.iter("tr") if next(row.iterancestors("table")) is node]
        if node.getparent() is None or _is_menu(node):
            continue
        spelled = lxml.html.Element(SPELLED)
        for line in _captions(node):
            _add(spelled, "p").text = line
        is_plain = node.get("role") in ("presentation", "none") or max((len(_cells(row)) for row in rows), default=0) < 2
        has_headers = next(node.iterdescendants("th"), None) is not None
        for holds_data, run in groupby(rows, partial(_holds_data, has_headers=has_headers)):
            if holds_data and not is_plain:
                for line in table_lines(_table(list(run))):
                    _add(spelled, "p").text = line
            else:
                for cell in [cell for row in run for cell in _cells(row)]:
                    _take_over(_add(spelled, "div"), cell)
        spelled.tail = node.tail
        node.getparent().replace(node, spelled)


def _add(parent: lxml.html.HtmlElement, tag: str) -> lxml.html.HtmlElement:
    child = lxml.html.Element(tag)
    parent.append(child)
    return child


def _take_over(target: lxml.html.HtmlElement, cell: lxml.html.HtmlElement) -> None:
    target.text = cell.text
    for child in list(cell):
        target.append(child)


def _cells(row: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
    return [cell for cell in row if cell.tag in ("td", "th")]


def _holds_data(row: lxml.html.HtmlElement, has_headers: bool) -> bool:
    """Tell a row of data from one that puts parts of a page beside each other."""
    for cell in _cells(row):
        if next(cell.iterdescendants("table", SPELLED), None) is not None:
            return False
        if not has_headers and (len(cell.text_content()) > LONGEST_CELL or any(part.tag in _BLOCKS for part in cell.iter())):
            return False
    return True


def _is_menu(node: lxml.html.HtmlElement) -> bool:
    if _MENU_CLASS.search(f"{node.get('class', '')} {node.get('id', '')} {node.get('role', '')}"):
        return True
    links = sum(len("".join(link.text_content().split())) for link in node.iter("a"))
    return links > LINKED * len("".join(node.text_content().split()))


def _captions(node: lxml.html.HtmlElement) -> list[str]:
    return [text for caption in node.iter("caption") if (text := " ".join(caption.text_content().split()))]


def _table(rows: Sequence[lxml.html.HtmlElement]) -> Table:
    cells = [_cells(row) for row in rows]
    grid, merges = grid_of([[(_text(cell), _span(cell, "rowspan"), _span(cell, "colspan")) for cell in row] for row in cells])
    is_head = [
        len(line) > 1 and (row.getparent().tag == "thead" or all(cell.tag == "th" for cell in line))
        for row, line in zip(rows, cells, strict=True)
    ]
    start = next((n for n, line in enumerate(cells) if len(line) > 1), 0)  # captions stand in single cells
    stop = next((n for n in range(start, len(rows)) if not is_head[n]), start)
    labelled = start == stop and all(line[0].tag == "th" for line in cells if len(line) > 1)
    return Table(grid, merges, HeaderRows(start, stop) if start < stop else None, row_labels=labelled)


def _text(cell: lxml.html.HtmlElement) -> str:
    """Return a cell's words; what stands on lines of their own is parted by spaces, what stands in one word is not."""
    pieces = []
    for step, node in lxml.etree.iterwalk(cell, events=("start", "end")):
        if step == "start":
            pieces.append(" " if node.tag in _PARTING else "")
            pieces.append((node.text or "") if isinstance(node.tag, str) and node.tag not in ("script", "style") else "")
        else:
            pieces.append(" " if node.tag in _PARTING else "")
            pieces.append(node.tail or "" if node is not cell else "")
    return " ".join("".join(pieces).split())


def _span(cell: lxml.html.HtmlElement, name: str) -> int:
    value = cell.get(name, "1").strip()
    return min(int(value), MOST_SPAN) if value.isdigit() else 1

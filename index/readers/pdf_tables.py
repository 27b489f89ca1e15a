"""Where the ruled tables of PDF pages are, and which cell a place on the page belongs to.

The lines that are drawn on a page are put together by pdfplumber; tables without lines are text to us.
"""

from __future__ import annotations

import io
import itertools
import logging
import math
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Self

import pdfplumber
import pypdfium2
import pypdfium2.raw as pdfium
from pdfminer.pdfexceptions import PDFException
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import PdfminerException

from index.readers.tables import Merge
from index.types import Box

if TYPE_CHECKING:
    from types import TracebackType

logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns of every font without a box, which matters to no line

FEWEST_PATHS = 4
"""Drawn things on a page below which it is not looked at: two rows and two columns take more."""
MOST_PATHS = 6000
"""Above these a page is a drawing or a map."""
MOST_PAGES = 150
"""Pages of one document that are looked at; each takes about a tenth of a second."""
SAME_EDGE = 3.0
"""Points; edges that are closer are one."""
SAMPLE = 300
"""Characters that tell which way the text of a page goes."""
DEPTH = 3
"""How far into drawings within drawings things are counted."""


class Frame(NamedTuple):
    """The directions of a page's text, which may be drawn sideways, whatever way the page is shown."""

    turns: int
    """Quarter turns of the text, counterclockwise."""

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return how far along the lines and how far down a point of the page is, in points from anywhere."""
        return ((x, -y), (y, x), (-x, y), (-y, -x))[self.turns]

    def area(self, box: Box) -> Box:
        """Return a box of the page in these directions: its ``top`` is above its ``bottom``, and so less."""
        (a, b), (c, d) = self.place(box.left, box.bottom), self.place(box.right, box.top)
        return Box(min(a, c), max(b, d), max(a, c), min(b, d))


@dataclass(frozen=True, slots=True)
class RuledTable:
    """A table on one page, in the directions of its text."""

    cells: tuple[tuple[Merge, Box], ...]
    """Each with the rows and columns it takes; in a box, ``top`` is less than ``bottom``."""
    area: Box
    heights: tuple[float, float]
    """Of its upper and lower edge, as shares of the page from above."""

    @property
    def rows(self) -> int:
        """How many it has."""
        return 1 + max(place.bottom for place, _ in self.cells)

    @property
    def columns(self) -> tuple[float, ...]:
        """Left edges of the columns."""
        return tuple(_edges([box.left for _, box in self.cells]))

    def cell_at(self, across: float, down: float) -> int | None:
        """Return the number of the cell at a place; ``None`` outside."""
        if not _holds(self.area, across, down):
            return None
        return next((n for n, (_, box) in enumerate(self.cells) if _holds(box, across, down)), None)

    def continues(self, before: RuledTable) -> bool:
        """Tell whether this is the rest of a table that the page before ends with."""
        edges, others = (*self.columns, self.area.right), (*before.columns, before.area.right)
        same = len(edges) == len(others) and all(abs(a - b) <= SAME_EDGE for a, b in zip(edges, others, strict=True))
        return same and self.heights[0] < 0.25 and before.heights[1] > 0.7


class PageTables(NamedTuple):
    """The tables of one page, from above."""

    tables: tuple[RuledTable, ...] = ()
    frame: Frame = Frame(0)


class TableFinder:
    """Finds the ruled tables of one document; pages without lines cost nothing."""

    def __init__(self, content: bytes) -> None:
        """Take the file."""
        self._content = content
        self._opened: pdfplumber.PDF | None = None
        self._looked_at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._opened is not None:
            self._opened.close()

    def on(self, page: pypdfium2.PdfPage, words: pypdfium2.PdfTextPage, number: int) -> PageTables:
        """Return the tables of a page; none where the lines of the page cannot be understood.

        :param number: 0-based.
        """
        paths = page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=DEPTH)
        count = sum(1 for _ in itertools.islice(paths, MOST_PATHS + 1))
        if not FEWEST_PATHS <= count <= MOST_PATHS or self._looked_at >= MOST_PAGES:
            return PageTables()
        self._looked_at += 1
        # what pdfium reads and pdfminer does not keeps its text; only the cells stay unknown
        with suppress(PdfminerException, PDFException, PSException):
            self._opened = self._opened or pdfplumber.open(io.BytesIO(self._content))
            drawn = self._opened.pages[number]
            try:
                frame = Frame(_turns(words))
                media, tables = _drawn_cells(drawn)
                found = (_table([frame.area(box) for box in cells], frame.area(media)) for cells in tables)
                return PageTables(tuple(table for table in found if table), frame)
            finally:
                drawn.close()
        return PageTables()


def _turns(words: pypdfium2.PdfTextPage) -> int:
    """Return the quarter turns, counterclockwise, of most of a page's text."""
    count = words.count_chars()
    angles = [pdfium.FPDFText_GetCharAngle(words, index) for index in range(0, count, 1 + count // SAMPLE)]
    turns = Counter(round(-angle / (math.pi / 2)) % 4 for angle in angles if angle >= 0)  # pdfium counts clockwise; -1: unknown
    return turns.most_common(1)[0][0] if turns else 0


def _drawn_cells(drawn: pdfplumber.page.Page) -> tuple[Box, list[list[Box]]]:
    """Return a page's whole area and the cells of its tables, in points of the page as the file states it.

    pdfplumber gives places on the page as it is shown, from its left and upper edge.
    """
    x0, y0, x1, y1 = drawn.page_obj.mediabox
    media = Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    left, top = drawn.mediabox[:2]

    def stated(across: float, down: float) -> tuple[float, float]:
        turned = {
            0: (media.left + across, media.top - down),
            90: (media.left + down, media.bottom + across),
            180: (media.right - across, media.bottom + down),
            270: (media.right - down, media.top - across),
        }
        return turned[drawn.rotation]

    def box(cell: tuple[float, float, float, float]) -> Box:
        (a, b), (c, d) = stated(cell[0] - left, cell[1] - top), stated(cell[2] - left, cell[3] - top)
        return Box(min(a, c), min(b, d), max(a, c), max(b, d))

    return media, [[box(cell) for cell in table.cells] for table in drawn.find_tables()]


def _table(cells: list[Box], page: Box) -> RuledTable | None:
    """Number the rows and columns of cells; ``None`` where there is but one row or column: a frame, not a table."""
    lefts, tops = _edges([cell.left for cell in cells]), _edges([cell.top for cell in cells])
    if len(lefts) < 2 or len(tops) < 2:
        return None
    placed = []
    for cell in cells:
        rows = [n for n, edge in enumerate(tops) if cell.top - SAME_EDGE <= edge < cell.bottom - SAME_EDGE]
        columns = [n for n, edge in enumerate(lefts) if cell.left - SAME_EDGE <= edge < cell.right - SAME_EDGE]
        if rows and columns:  # not thinner than a line
            placed.append((Merge(rows[0], columns[0], rows[-1], columns[-1]), cell))
    if len(placed) < 4:
        return None
    area = Box(min(c.left for c in cells), max(c.bottom for c in cells), max(c.right for c in cells), min(c.top for c in cells))
    height = page.bottom - page.top
    placed.sort(key=lambda one: one[0])
    return RuledTable(tuple(placed), area, ((area.top - page.top) / height, (area.bottom - page.top) / height))


def _edges(values: list[float]) -> list[float]:
    """Return the values in order, of those that are one edge the first."""
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > SAME_EDGE:
            kept.append(value)
    return kept


def _holds(box: Box, across: float, down: float) -> bool:
    return box.left <= across < box.right and box.top <= down < box.bottom

"""A table to lines of text: one line a row, in which every cell carries its header, so that a row can be read alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from index.readers.row_text import broken_row, form_row, joined_header
from index.readers.table_headers import MOST_ROWS, SAMPLE, SEARCHED, HeaderRows, find_header, is_form

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BANNER = 0.75
"""A merge over this share of the columns is a heading across the table, not a value of every column."""
LONGEST_SECTION = 30
_ORDINAL = re.compile(r"[（(]?[一二三四五六七八九十\d]{1,3}[)）、.．]\s?\S|第[一二三四五六七八九十\d]+[章节部类組组]")
_TOTAL = re.compile(r"(合计|合計|总计|總計|总和|Total|Grand total)\b", re.IGNORECASE)
"""Of the whole table, so it stands outside of the section before it."""
_NOTE = re.compile(
    r"\s*[*※]?(注|备注|備註|说明|說明|附注|Note|Source|资料来源|数据来源)s?\s*\d?[：:. ]|.*[。；！？]$", re.IGNORECASE
)


class Merge(NamedTuple):
    """Cells that are one; the text stands in the first. 0-based, the last row and column belong to it."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text, row by row; a cell that a merge covers is empty."""

    rows: Sequence[Sequence[str]]
    merges: Sequence[Merge] = ()
    header: HeaderRows | None = None
    """The rows that the format itself calls the header; ``None`` where it says nothing."""
    row_labels: bool = False
    """Whether the format calls the first cell of every row a header."""
    is_sheet: bool = False
    """Whether it comes from a sheet, where the first row nearly always is the header."""


def grid_of(rows: Sequence[Sequence[tuple[str, int, int]]]) -> tuple[list[list[str]], list[Merge]]:
    """Lay out rows of ``(text, rows spanned, columns spanned)`` as HTML does.

    :returns: cells, all rows of one length, and the merges.
    """
    taken: dict[tuple[int, int], str] = {}
    merges = []
    for top, row in enumerate(rows):
        column = 0
        for text, down, across in row:
            while (top, column) in taken:
                column += 1
            bottom, right = min(top + max(down, 1), len(rows)) - 1, column + max(across, 1) - 1
            taken.update(((r, c), "") for r in range(top, bottom + 1) for c in range(column, right + 1))
            taken[top, column] = text
            if (bottom, right) != (top, column):
                merges.append(Merge(top, column, bottom, right))
            column = right + 1
    width = 1 + max((column for _, column in taken), default=-1)
    return [[taken.get((row, column), "") for column in range(width)] for row in range(len(rows))], merges


def table_lines(table: Table) -> list[str]:
    """Return the lines of a table: what stands above the header, then each row as ``header：value；header：value``.

    A cell merged over rows is said in each of them, one merged over columns once. Empty cells and rows are left out.
    """
    return [line for _, line in _Renderer(table).lines()]


def numbered_lines(table: Table) -> list[tuple[int, str]]:
    """Return the same lines, each with the number of the row that it says."""
    return list(_Renderer(table).lines())


def header_of(table: Table) -> Table | None:
    """Return the rows that name the columns, as a table without any others; ``None`` where none does."""
    header = _Renderer(table).header
    if header.start == header.stop:
        return None
    merges = [m for m in table.merges if header.start <= m.top and m.bottom < header.stop]
    moved = [Merge(m.top - header.start, m.left, m.bottom - header.start, m.right) for m in merges]
    return Table(table.rows[header.start : header.stop], moved, HeaderRows(0, header.stop - header.start))


class _Renderer:
    def __init__(self, table: Table) -> None:
        cells = [[" ".join(cell.split()) for cell in row] for row in table.rows]
        width = max(map(len, cells), default=0)
        kept = [n for n in range(width) if any(len(row) > n and row[n] for row in cells)]
        self.rows = [[row[n] if n < len(row) else "" for n in kept] for row in cells]
        self._own = [any(row) for row in self.rows]
        """Rows that hold more than what a merge from above says."""
        self._wide: dict[tuple[int, int], int] = {}
        """Cells merged over columns, and the last of these."""
        place = {column: n for n, column in enumerate(kept)}
        for merge in table.merges:
            under = [place[n] for n in range(merge.left, merge.right + 1) if n in place]
            if merge.left in place and merge.top < len(self.rows):
                self._spread(merge.top, merge.bottom, under)
        self._labels = table.row_labels
        header = table.header
        if header is None and not table.row_labels:
            header = find_header(self._shown_rows(), [n for n, own in enumerate(self._own) if own], self._wide, table.is_sheet)
        self.header = header or HeaderRows(0, 0)
        self._names = self._column_names()
        self._form = not self._names and (table.row_labels or is_form([self._cells(n) for n in self._body()]))

    def lines(self) -> Iterator[tuple[int, str]]:
        for number in range(self.header.start):
            if self._own[number]:
                yield number, " | ".join(dict.fromkeys(filter(None, self.rows[number])))
        if not any(self._own[number] for number in self._body()):
            for number in range(self.header.start, self.header.stop):
                if self._own[number]:
                    yield number, " | ".join(dict.fromkeys(self._cells(number)))
        section = ""
        for number in self._body():
            if not self._own[number]:
                continue
            if alone := self._alone(number):
                section = alone if _is_section(alone) else section
                yield number, alone
            else:
                section = "" if _TOTAL.match(self._cells(number)[0]) else section
                for line in self._row(number, section):
                    yield number, line

    def _spread(self, top: int, bottom: int, columns: Sequence[int]) -> None:
        for number in range(top, min(bottom, len(self.rows) - 1) + 1):
            self.rows[number][columns[0]] = self.rows[top][columns[0]]
            if len(columns) > 1:
                self._wide[number, columns[0]] = columns[-1]

    def _shown_rows(self) -> list[list[str]]:
        """Return the first rows with merges over columns spelled out, banners excepted."""
        return [self._filled(n) for n in range(min(len(self.rows), SAMPLE + MOST_ROWS + SEARCHED))]

    def _filled(self, number: int) -> list[str]:
        row = list(self.rows[number])
        for column, cell in enumerate(self.rows[number]):
            last = self._wide.get((number, column), column)
            if last > column and not self._is_banner(number, column):
                row[column : last + 1] = [cell] * (last - column + 1)
        return row

    def _is_banner(self, number: int, left: int) -> bool:
        return self._wide.get((number, left), -1) - left + 1 >= BANNER * len(self.rows[number])

    def _body(self) -> range:
        return range(self.header.stop, len(self.rows))

    def _cells(self, number: int) -> list[str]:
        return [cell for cell in self.rows[number] if cell]

    def _column_names(self) -> list[str]:
        """Return the header of every column, empty where it has none; no list where no column has."""
        parts: list[list[str]] = [[] for _ in self.rows[0]] if self.rows else []
        for number in range(self.header.start, self.header.stop):
            above = ""
            for column, cell in enumerate(self._filled(number)):
                # without merges an upper header stands over the empty cells to its right
                above = cell or (above if number + 1 < self.header.stop else "")
                if above and above not in parts[column]:
                    parts[column].append(above)
        names = [joined_header(part) for part in parts]
        return names if any(names) else []

    def _alone(self, number: int) -> str | None:
        """Return the text of a row that is a heading within the table or a note, not a record."""
        filled = [n for n, cell in enumerate(self.rows[number]) if cell]
        if len(filled) != 1 or len(self.rows[number]) == 1:
            return None
        text = self.rows[number][filled[0]]
        if self._is_banner(number, filled[0]):
            return text
        is_remark = _NOTE.match(text) or (_ORDINAL.match(text) and len(text) <= LONGEST_SECTION)
        return text if filled[0] == 0 and len(self.rows[number]) > 2 and is_remark else None

    def _row(self, number: int, section: str) -> Iterator[str]:
        row = self.rows[number]
        filled = [n for n, cell in enumerate(row) if cell]
        if self._form:
            yield form_row([row[n] for n in filled], one_label=self._labels)
            return
        if not self._names:
            yield " | ".join(row[n] for n in filled)
            return
        pairs = [(self._name_of(number, n), row[n]) for n in filled]
        yield from broken_row(section, pairs)

    def _name_of(self, number: int, column: int) -> str:
        """Return the header of a cell; one that lies under several headers has none, unless they are the same."""
        last = self._wide.get((number, column), column)
        names = set(self._names[column : last + 1])
        return names.pop() if len(names) == 1 else ""


def _is_section(text: str) -> bool:
    return len(text) <= LONGEST_SECTION and not _NOTE.match(text)

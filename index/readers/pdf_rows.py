"""The ruled tables of a PDF page as lines: which characters a table holds, and its rows with their headers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from index.readers.pdf_characters import NOWHERE, between, characters_of, parted
from index.readers.tables import Merge, Table, header_of, numbered_lines
from index.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pypdfium2

    from index.readers.pdf_tables import PageTables, RuledTable

    Characters = list[tuple[str, int]]
    """With their indices on the page."""
    Cells = dict[int, Characters]


def by_table(words: pypdfium2.PdfTextPage, found: PageTables) -> Iterator[Characters | tuple[RuledTable, Cells]]:
    """Yield the characters of a page: those outside of tables piece by piece, those of a table once, where its first stands."""
    tables = found.tables
    held: list[Cells] = [{} for _ in tables]
    outside: Characters = []
    order: list[tuple[Characters, int]] = []
    """Characters outside, and the table after them."""
    at: tuple[int, int] | None = None
    for char, index in characters_of(words):
        box = Box(*words.get_charbox(index)) if tables else None
        if box and box.right > box.left:  # else a space or a line end that pdfium made up: it stays with what is before it
            at = _cell_at(tables, *found.frame.place((box.left + box.right) / 2, (box.bottom + box.top) / 2), at)
        if at is None:
            outside.append((char, index))
            continue
        if not held[at[0]]:
            order.append((outside, at[0]))
            outside = []
        held[at[0]].setdefault(at[1], []).append((char, index))
    for before, table in order:
        yield before
        yield tables[table], held[table]
    yield outside


def _cell_at(tables: Sequence[RuledTable], across: float, down: float, before: tuple[int, int] | None) -> tuple[int, int] | None:
    """Return table and cell of a place, that of ``before`` first: most characters stand where the one before them does."""
    order = range(len(tables)) if before is None else [before[0], *range(len(tables))]
    for number in order:
        cell = tables[number].cell_at(across, down)
        if cell is not None:
            return number, cell
    return None


def rows_of(ruled: RuledTable, cells: Cells, header: Table | None) -> tuple[list[tuple[str, list[int]]], Table | None]:
    """Return the lines of a table and its header.

    :param cells: the characters of each cell by its number.
    :param header: of the same table on the page before; taken where this part does not repeat it.
    :returns: each line with the index of each of its characters on the page; what is a header has none.
    """
    texts = {number: _cell_text(characters) for number, characters in cells.items()}
    grid = [[""] * len(ruled.columns) for _ in range(ruled.rows)]
    at: dict[tuple[int, int], tuple[str, list[int]]] = {}
    """Text and indices of the cell that takes a place; merged cells are said in each of their rows."""
    merges = []
    for number, (place, _) in enumerate(ruled.cells):
        text, indices = texts.get(number, ("", []))
        grid[place.top][place.left] = text
        at.update({(row, place.left): (text, indices) for row in range(place.top, place.bottom + 1)})
        if (place.top, place.left) != (place.bottom, place.right):
            merges.append(place)
    table = Table(grid, merges)
    above = 0
    if header is not None and grid[: len(header.rows)] != header.rows:
        above = len(header.rows)
        moved = [Merge(m.top + above, m.left, m.bottom + above, m.right) for m in merges]
        table = replace(header, rows=[*header.rows, *grid], merges=[*header.merges, *moved])
    lines = []
    for row, line in numbered_lines(table):
        values = [at[row - above, column] for column in range(len(ruled.columns)) if (row - above, column) in at]
        lines.append((line, _indices(line, values)))
    return lines, header if above else header_of(table)


def _cell_text(characters: Characters) -> tuple[str, list[int]]:
    """Return the words of a cell in one line."""
    text, at = "", list[int]()
    for line, indices in parted(characters):
        if line and text:
            mark = between(text, line)
            text, at = text + mark, at + [NOWHERE] * len(mark)
        for char, index in zip(line, indices, strict=True):
            if not (char.isspace() and text[-1:].isspace()):
                text += " " if char.isspace() else char
                at.append(index)
    return text, at


def _indices(line: str, values: Sequence[tuple[str, list[int]]]) -> list[int]:
    """Return the index of every character of a row's line: its values in their order, after their headers."""
    found = [NOWHERE] * len(line)
    place = 0
    for value, indices in values:
        after_header = max((start + 1 for colon in "：:" if (start := line.find(f"{colon}{value}", place)) >= 0), default=-1)
        start = after_header if after_header >= 0 else line.find(value, place)
        if value and start >= 0:
            found[start : start + len(value)] = indices
            place = start + len(value)
    return found

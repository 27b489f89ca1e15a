"""Tables: workbooks (one page a sheet) and delimited text. Every row carries its header, so that it can be read alone."""

from __future__ import annotations

import csv
import datetime
import io
import itertools
import re
import statistics
from typing import TYPE_CHECKING

import python_calamine

from index.errors import ReadError
from index.readers.decoding import decode
from index.readers.parsed import Parsed, join_pages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_HAN = re.compile(r"[\u4e00-\u9fff]")
SNIFFED = 20_000
"""Characters that the delimiter is judged by."""
BANNER = 0.75
"""A merge over this share of the columns is a heading across the table, not a value of every column."""
HEADER_ROWS = 5
"""The header is looked for among the first rows: a title often stands above it."""


def read_workbook(content: bytes) -> Parsed:
    """Return the rows of every sheet.

    :raises ReadError: encrypted or broken.
    """
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [(name, _rows(book.get_sheet_by_name(name))) for name in book.sheet_names]
    except python_calamine.PasswordError as error:
        raise ReadError("it is encrypted: save a copy without a password") from error
    except (python_calamine.CalamineError, OSError) as error:
        raise ReadError("it is not a valid workbook, or it is damaged: open it and save it again") from error
    text, pages = join_pages(("\n".join(_lines(rows)), name) for name, rows in sheets)
    return Parsed(text, _caption(sheets), pages, opens_with_title=False)


def read_delimited(content: bytes) -> Parsed:
    """Return the rows of a CSV or TSV file."""
    text, encoding = decode(content)
    csv.field_size_limit(10_000_000)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error:
        rows = [[line] for line in text.splitlines()]
    return Parsed("\n".join(_lines(rows)), encoding=encoding, opens_with_title=False)


def _delimiter(text: str) -> str:
    """Return what parts most of the first lines into equally many fields.

    The sniffer of the standard library also guesses quotes, and takes an apostrophe in the text for one.
    """

    def steadiness(delimiter: str) -> tuple[int, int]:
        first = csv.reader(io.StringIO(text[:SNIFFED], newline=""), delimiter=delimiter)
        widths = [len(row) for row in itertools.islice(first, 50) if len(row) > 1]
        usual = statistics.mode(widths) if widths else 0
        return widths.count(usual), usual

    return max(",;\t|", key=steadiness)


def _caption(sheets: Sequence[tuple[str, Sequence[Sequence[object]]]]) -> str | None:
    """Return what stands alone in the first row of a workbook of one table, above its header."""
    table = [[_spelled(cell) for cell in row] for row in sheets[0][1]] if len(sheets) == 1 else []
    table = [row for row in table if any(row)]
    alone = [cell for cell in table[0] if cell] if table and _header_position(table) else []
    return alone[0] if len(alone) == 1 else None


def _rows(sheet: python_calamine.CalamineSheet) -> list[list[object]]:
    """Return the sheet's cells; a merged cell's value stands in each row and column that it covers."""
    rows: list[list[object]] = [list(row) for row in sheet.to_python()]
    first_row, first_column = sheet.start or (0, 0)
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        top, bottom = top - first_row, min(bottom - first_row, len(rows) - 1)
        left, right = left - first_column, right - first_column
        if (
            not 0 <= top < len(rows)
            or not 0 <= left < len(rows[top])
            or left < right
            and right - left + 1 >= BANNER * len(rows[top])
        ):
            continue
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [rows[top][left]] * (min(right, len(row) - 1) - left + 1)
    return rows


def _lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield the rows above the header as they are, then each row as ``header: value`` pairs."""
    table = [[_spelled(value) for value in row] for row in rows]
    table = [row for row in table if any(row)]
    at = _header_position(table)
    for row in table[:at]:
        yield " | ".join(dict.fromkeys(cell for cell in row if cell))
    if at >= len(table):
        return
    header = table[at]
    if at == len(table) - 1:
        yield " | ".join(cell for cell in header if cell)
    for row in table[at + 1 :]:
        pairs = [(header[n] if n < len(header) else "", cell) for n, cell in enumerate(row) if cell]
        chinese = any(_HAN.search(part) for pair in pairs for part in pair)
        colon, comma = ("：", "；") if chinese else (": ", "; ")
        yield comma.join(f"{name}{colon}{cell}" if name else cell for name, cell in pairs)


def _header_position(table: Sequence[Sequence[str]]) -> int:
    """Return the first of the top rows that fills about as many columns as most rows do."""
    filled = [sum(map(bool, row)) for row in table[:50]]
    usual = statistics.median(filled) if filled else 0
    return next((n for n, count in enumerate(filled[:HEADER_ROWS]) if count >= 0.75 * usual), 0)


def _spelled(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.10g}"
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.datetime):
        return value.isoformat(" ") if isinstance(value, datetime.datetime) else value.isoformat()
    return " ".join(str(value).split())

"""Tables: workbooks (one page a sheet) and delimited text. Every row carries its header, so that it can be read alone."""

from __future__ import annotations

import csv
import datetime
import io
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
HEADER_ROWS = 5
"""The header is looked for among the first rows: a title often stands above it."""


def read_workbook(content: bytes) -> Parsed:
    """Return the rows of every sheet.

    :raises ReadError: encrypted or broken.
    """
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [(name, book.get_sheet_by_name(name).to_python()) for name in book.sheet_names]
    except python_calamine.PasswordError as error:
        raise ReadError("it is encrypted: save a copy without a password") from error
    except (python_calamine.CalamineError, OSError) as error:
        raise ReadError("it is not a valid workbook, or it is damaged: open it and save it again") from error
    text, pages = join_pages(("\n".join(_lines(rows)), name) for name, rows in sheets)
    return Parsed(text, None, pages)


def read_delimited(content: bytes) -> Parsed:
    """Return the rows of a CSV or TSV file."""
    text, encoding = decode(content)
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(text[:20_000], delimiters=",;\t|")
    except csv.Error:  # one column, or too irregular to tell
        dialect = csv.excel
    csv.field_size_limit(10_000_000)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), dialect))
    except csv.Error:
        rows = [[line] for line in text.splitlines()]
    return Parsed("\n".join(_lines(rows)), encoding=encoding)


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

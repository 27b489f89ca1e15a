"""Tables: workbooks (one page a sheet) and delimited text. Every row carries its header, so that it can be read alone."""

from __future__ import annotations

import csv
import datetime
import io
import itertools
import statistics
import zipfile
from typing import TYPE_CHECKING

import python_calamine
from lxml import etree

from index.errors import ReadError
from index.readers.decoding import decode
from index.readers.number_formats import shown_numbers
from index.readers.parsed import Parsed, join_pages
from index.readers.table_headers import SAMPLE, is_header_evident
from index.readers.tables import Merge, Table, table_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.readers.number_formats import Shown

SNIFFED = 20_000
"""Characters that the delimiter is judged by."""


def read_workbook(content: bytes) -> Parsed:
    """Return the rows of every sheet.

    :raises ReadError: encrypted or broken.
    """
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        shown = shown_numbers(content) if content.startswith(b"PK") else {}
        sheets = [(name, _sheet(book.get_sheet_by_name(name), shown.get(name, {}))) for name in book.sheet_names]
    except python_calamine.PasswordError as error:
        raise ReadError("it is encrypted: save a copy without a password") from error
    except (python_calamine.CalamineError, OSError, ValueError, zipfile.BadZipFile, etree.XMLSyntaxError) as error:
        raise ReadError("it is not a valid workbook, or it is damaged: open it and save it again") from error
    lines = [(table_lines_of(sheet), name) for name, sheet in sheets]
    text, pages = join_pages(("\n".join(part), name) for part, name in lines)
    return Parsed(text, _caption(sheets[0][1], lines[0][0]) if len(sheets) == 1 else None, pages, opens_with_title=False)


def read_delimited(content: bytes) -> Parsed:
    """Return the rows of a CSV or TSV file."""
    text, encoding = decode(content)
    csv.field_size_limit(10_000_000)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error:
        rows = [[line] for line in text.splitlines()]
    return Parsed("\n".join(table_lines_of(Table(rows, is_sheet=True))), encoding=encoding, opens_with_title=False)


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


def table_lines_of(sheet: Table) -> list[str]:
    """Return the lines of every table on a sheet: a row that names columns anew after an empty one begins another."""
    starts = [0]
    blank = False
    for number, row in enumerate(sheet.rows):
        if not any(row):
            blank = True
        elif blank:
            blank = False
            head = number + (sum(map(bool, row)) == 1)  # a caption may stand above the header
            if not _is_covered(sheet, number) and is_header_evident(sheet.rows[head : head + SAMPLE]):
                starts.append(number)
    lines = []
    for start, stop in itertools.pairwise([*starts, len(sheet.rows)]):
        inside = [Merge(m.top - start, m.left, m.bottom - start, m.right) for m in sheet.merges if start <= m.top < stop]
        lines += table_lines(Table(sheet.rows[start:stop], inside, is_sheet=True))
    return lines


def _is_covered(sheet: Table, number: int) -> bool:
    return any(merge.top < number <= merge.bottom for merge in sheet.merges)


def _caption(sheet: Table, lines: Sequence[str]) -> str | None:
    """Return what stands alone in the first row of a workbook of one table, above its header."""
    alone = [cell for cell in next(filter(any, sheet.rows), ()) if cell]
    return alone[0] if len(alone) == 1 and len(lines) > 1 and lines[0] == " ".join(alone[0].split()) else None


def _sheet(sheet: python_calamine.CalamineSheet, shown: Shown) -> Table:
    first_row, first_column = sheet.start or (0, 0)
    rows = [
        [shown.get((first_row + n, first_column + m)) or _spelled(value) for m, value in enumerate(row)]
        if shown
        else [_spelled(value) for value in row]
        for n, row in enumerate(sheet.to_python())
    ]
    merges = [
        Merge(top - first_row, left - first_column, bottom - first_row, right - first_column)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        if top >= first_row and left >= first_column
    ]
    return Table(rows, merges, is_sheet=True)


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

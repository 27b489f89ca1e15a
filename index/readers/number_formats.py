"""Numbers of an XLSX file as the sheet shows them: 15 %, ¥1,200.00, 00123. The values alone say 0.15, 1200 and 123."""

from __future__ import annotations

import io
import re
import zipfile
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    37: "#,##0",
    38: "#,##0",
    39: "#,##0.00",
    40: "#,##0.00",
}
"""ECMA-376 part 1, 18.8.30: formats that a file need not spell out; the others are dates, fractions and exponents."""
_LITERAL = re.compile(r"\"([^\"]*)\"|\\(.)|\[\$([^-\]]*)[^\]]*\]|\[[^\]]*\]|_.|\*.|([¥￥$€£元])")
_DIGITS = re.compile(r"[#0?,]*[#0?]+[#0?,]*(?:\.([0#?]+))?(%?)")

SHEET_DIGITS = 15
"""Significant ones that a sheet keeps of a number. It rounds them half up; Python rounds the binary number half to even."""
EXACT = Context(prec=400)
"""Enough for the largest number of 64 bits with all its decimals."""

Shown = dict[tuple[int, int], str]
"""Text by 0-based row and column of the sheet."""


class NumberFormat(NamedTuple):
    """What stands around a number, and how its digits are set."""

    before: str
    after: str
    decimals: int
    """Shown always."""
    more_decimals: int
    """Shown where they are not zero."""
    grouped: bool
    percent: bool
    width: int
    """Least digits before the point, filled with zeros."""

    def spell(self, value: float) -> str:
        """Return the number as the sheet shows it."""
        number = Decimal(f"{abs(value):.{SHEET_DIGITS}g}") * (100 if self.percent else 1)
        rounded = number.quantize(Decimal(1).scaleb(-self.decimals - self.more_decimals), ROUND_HALF_UP, EXACT)
        digits = f"{rounded:{',' if self.grouped else ''}f}"
        whole, _, fraction = digits.partition(".")
        fraction = fraction[: self.decimals] + fraction[self.decimals :].rstrip("0")
        sign = "-" if value < 0 and any(char in "123456789" for char in digits) else ""
        point, percent = "." if fraction else "", "%" if self.percent else ""
        return f"{sign}{self.before}{whole.zfill(self.width)}{point}{fraction}{percent}{self.after}"


def parse_format(code: str) -> NumberFormat | None:
    """Return what a format code says of numbers above zero; ``None`` for dates, text and whatever else is not a plain number."""
    positive = next((part for part in re.split(r";(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", code)), "")
    literals: list[str] = []

    def keep(match: re.Match[str]) -> str:
        literals.append(next((group for group in match.groups() if group), ""))
        return "\0"

    bare = _LITERAL.sub(keep, positive)
    digits = _DIGITS.search(bare)
    if digits is None or re.search(r"[^\0\s()+-]", bare[: digits.start()] + bare[digits.end() :]):
        return None
    count = bare[: digits.start()].count("\0")
    whole = digits.group().split(".")[0].rstrip("%")
    if whole.endswith(","):  # shown in thousands
        return None
    fraction = digits.group(1) or ""
    before, after = "".join(literals[:count]).strip(), "".join(literals[count:]).strip()
    return NumberFormat(
        before,
        after,
        fraction.count("0"),
        len(fraction) - fraction.count("0"),
        "," in whole,
        bool(digits.group(2)),
        whole.count("0"),
    )


def shown_numbers(content: bytes) -> Mapping[str, Shown]:
    """Return, by sheet name, the texts of numbers that the sheet does not show as they are stored.

    :param content: an XLSX file that has been read already.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        if not {"xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return {}
        formats = _cell_formats(archive)
        if not formats:
            return {}
        sheets = _sheet_parts(archive)
        return {name: dict(_cells(archive, part, formats)) for name, part in sheets.items() if part in names}


def _cell_formats(archive: zipfile.ZipFile) -> dict[str, NumberFormat]:
    """Return the formats by the number that cells name them by."""
    root = _parse(archive.read("xl/styles.xml"))
    codes = {node.get("numFmtId"): node.get("formatCode", "") for node in root.iter(f"{_MAIN}numFmt")}
    found = {}
    for number, style in enumerate(root.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")):
        identity = style.get("numFmtId", "0")
        code = codes.get(identity) or _BUILT_IN.get(int(identity), "")
        if code and (parsed := parse_format(code)):
            found[str(number)] = parsed
    return found


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    targets = {node.get("Id"): node.get("Target", "") for node in _parse(archive.read("xl/_rels/workbook.xml.rels"))}
    sheets = _parse(archive.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
    parts = {sheet.get("name"): targets.get(sheet.get(_RELATION), "") for sheet in sheets}
    return {name: part.lstrip("/") if part.startswith("/") else f"xl/{part}" for name, part in parts.items()}


def _cells(archive: zipfile.ZipFile, part: str, formats: Mapping[str, NumberFormat]) -> Iterator[tuple[tuple[int, int], str]]:
    with archive.open(part) as stream:
        for _, row in etree.iterparse(stream, tag=f"{_MAIN}row", resolve_entities=False, huge_tree=True):
            for cell in row.iterchildren(f"{_MAIN}c"):
                shown = formats.get(cell.get("s", ""))
                value = cell.findtext(f"{_MAIN}v")
                if shown and value and cell.get("t", "n") == "n" and (place := _place(cell.get("r", ""))):
                    yield place, shown.spell(float(value))
            row.clear()
            while row.getprevious() is not None:
                del row.getparent()[0]


def _place(reference: str) -> tuple[int, int] | None:
    match = re.fullmatch(r"([A-Z]{1,3})(\d+)", reference)
    if match is None:
        return None
    column = 0
    for letter in match.group(1):
        column = column * 26 + ord(letter) - 64
    return int(match.group(2)) - 1, column - 1


def _parse(content: bytes) -> etree._Element:
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False))

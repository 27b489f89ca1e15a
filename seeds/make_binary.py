"""Write the Word, Excel and PDF samples; the same input gives the same bytes.

Run ``python seeds/make_binary.py`` after an edit of ``binary_texts.py``. It needs python-docx, XlsxWriter and fpdf2, and for the
Chinese report Debian's ``fonts-noto-cjk`` (another OpenType font with Chinese glyphs can be named by ``--font``).
"""

from __future__ import annotations

import argparse
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import xlsxwriter
from binary_texts import HANDBOOK, MINUTES, PRICES, STOCK, SURVEY, WATER_REPORT
from docx import Document as WordDocument
from fpdf import FPDF
from fpdf.enums import XPos, YPos

if TYPE_CHECKING:
    from collections.abc import Sequence

DOCUMENTS = Path(__file__).parent / "documents"
NOTO = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
MADE_ON = datetime(2025, 7, 1, tzinfo=UTC)  # a fixed date, or every run would give other bytes
ZIP_DATE = (2025, 7, 1, 0, 0, 0)

Block = str | list[list[str]]
"""A heading when it begins with ``# ``, else a paragraph; a list of rows is a table whose first row is its head."""


@dataclass(frozen=True, slots=True)
class Face:
    """A font file and the face in it (a collection holds several)."""

    path: Path
    number: int = 2  # Simplified Chinese, in Noto's collections


def write_word(target: Path, title: str, blocks: Sequence[Block]) -> None:
    """Write headings, paragraphs and tables as a Word file."""
    word = WordDocument()
    properties = word.core_properties
    properties.title, properties.author, properties.comments = title, "Youju seeds", ""
    properties.created = properties.modified = MADE_ON.replace(tzinfo=None)
    word.add_heading(title, level=0)
    for block in blocks:
        if isinstance(block, list):
            table = word.add_table(rows=0, cols=len(block[0]), style="Table Grid")
            for row in block:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        elif block.startswith("# "):
            word.add_heading(block[2:], level=1)
        else:
            word.add_paragraph(block)
    buffer = io.BytesIO()
    word.save(buffer)
    target.write_bytes(with_fixed_dates(buffer.getvalue()))


def with_fixed_dates(archive: bytes) -> bytes:
    """Pack a ZIP again with one date for every member."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            member = zipfile.ZipInfo(name, ZIP_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, old.read(name))
    return packed.getvalue()


def write_workbook(target: Path, sheets: dict[str, list[list[str | float]]]) -> None:
    """Write each sheet with its first row in bold."""
    with xlsxwriter.Workbook(str(target)) as book:
        book.set_properties({"title": target.stem, "author": "Youju seeds", "created": MADE_ON})
        bold = book.add_format({"bold": True})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.set_column(0, len(rows[0]) - 1, 16)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row, bold if number == 0 else None)


def write_pdf(target: Path, title: str, blocks: Sequence[Block], face: Face | None) -> None:
    """Write an A4 report; without a face in one of the standard fonts, which hold Latin letters only."""
    pdf = FPDF()
    pdf.set_creation_date(MADE_ON)
    pdf.set_title(title)
    pdf.set_margins(25, 25)
    pdf.set_auto_page_break(True, 25)
    family = "Helvetica"
    if face:
        family = "Report"
        pdf.add_font(family, fname=str(face.path), collection_font_number=face.number)
    pdf.add_page()
    pdf.set_font(family, size=18)
    pdf.multi_cell(0, 10, title, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    for block in blocks:
        write_pdf_block(pdf, family, block)
    pdf.output(str(target))


def write_pdf_block(pdf: FPDF, family: str, block: Block) -> None:
    """Write one heading, paragraph or table."""
    if isinstance(block, list):
        pdf.set_font(family, size=10.5)
        pdf.ln(2)
        with pdf.table(first_row_as_headings=False, line_height=7) as table:
            for row in block:
                table.row(row)
        return
    heading = block.startswith("# ")
    pdf.ln(4 if heading else 2)
    pdf.set_font(family, size=14 if heading else 11)
    text = block.removeprefix("# ")
    lines = text if text.isascii() else "\n".join(chinese_lines(pdf, text))
    pdf.multi_cell(0, 8 if heading else 7, lines, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def chinese_lines(pdf: FPDF, text: str) -> list[str]:
    """Break a Chinese paragraph so that no line begins with a closing mark and no number is torn; fpdf2 does both."""
    lines = [""]
    for piece in re.findall(r"(?:[!-~]+|.)[，。；：、）]*", text):
        if pdf.get_string_width(lines[-1] + piece) > pdf.epw - 2 * pdf.c_margin:
            lines.append("")
        lines[-1] += piece
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--font", type=Path, default=NOTO, help="a font file with Chinese glyphs")
    parser.add_argument("--face", type=int, default=2, help="the number of the face in a font collection")
    given = parser.parse_args()
    write_word(DOCUMENTS / "公司制度/员工手册.docx", "竹韵家居员工手册", HANDBOOK)
    write_word(DOCUMENTS / "english/meeting-minutes-2025-04.docx", "Minutes of the export planning meeting", MINUTES)
    write_workbook(DOCUMENTS / "公司制度/产品价格与库存.xlsx", {"价格表": PRICES, "库存": STOCK})
    write_pdf(DOCUMENTS / "政府报告/2024年水资源公报.pdf", "云岭县2024年水资源公报", WATER_REPORT, Face(given.font, given.face))
    write_pdf(DOCUMENTS / "english/visitor-survey-2024.pdf", "Yunling Visitor Survey 2024", SURVEY, None)


if __name__ == "__main__":
    main()

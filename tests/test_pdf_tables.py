"""Tables that are drawn on PDF pages: rows with their headers, over pages, turned, and found again on the page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import fpdf
import pypdfium2
import pytest

from index import boxes_of
from index.readers.formats import read_document
from index.readers.pdf_rows import rows_of
from index.readers.pdf_tables import RuledTable
from index.readers.tables import Merge
from index.types import Box

PRICES = [
    ["Item", "Unit price", "Stock"],
    ["Printer paper", "25.00", "140 boxes"],
    ["Toner cartridge", "185.00", "12 pieces"],
    ["Wireless mouse", "59.00", "33 pieces"],
]


def new_page() -> fpdf.FPDF:
    made = fpdf.FPDF()
    made.set_font("Helvetica", size=11)
    made.add_page()
    return made


def draw(made: fpdf.FPDF, rows: Sequence[Sequence[str]]) -> None:
    with made.table(first_row_as_headings=False) as table:
        for row in rows:
            drawn = table.row()
            for cell in row:
                drawn.cell(cell)


def text_of(content: bytes) -> str:
    return read_document("a.pdf", content, 1_000_000).text


def test_a_row_carries_its_headers_between_the_paragraphs_around_the_table() -> None:
    made = new_page()
    made.multi_cell(0, 6, "Prices of the autumn, all with tax.", new_x="LMARGIN", new_y="NEXT")
    draw(made, PRICES)
    made.multi_cell(0, 6, "Orders go to the front office.")
    assert text_of(bytes(made.output())).splitlines() == [
        "Prices of the autumn, all with tax.",
        "Item: Printer paper; Unit price: 25.00; Stock: 140 boxes",
        "Item: Toner cartridge; Unit price: 185.00; Stock: 12 pieces",
        "Item: Wireless mouse; Unit price: 59.00; Stock: 33 pieces",
        "Orders go to the front office.",
    ]


def test_the_words_of_a_row_are_found_again_on_the_page(tmp_path: Path) -> None:
    made = new_page()
    draw(made, PRICES)
    path = tmp_path / "prices.pdf"
    path.write_bytes(bytes(made.output()))
    text = text_of(path.read_bytes())
    start = text.index("Item: Toner")
    (found,) = boxes_of(path, start, text.index("\n", start))
    assert len(found.boxes) >= 2  # the values, not the header above them
    middles = [(box.bottom + box.top) / 2 for box in found.boxes]
    assert max(middles) - min(middles) < 2
    (mouse,) = boxes_of(path, text.index("Wireless"), text.index("Wireless") + 8)
    assert mouse.boxes[0].top < min(middles)


def test_a_table_that_goes_on_over_the_page_keeps_its_header() -> None:
    made = new_page()
    draw(made, [PRICES[0], *([f"Thing {n}", f"{n}.00", f"{n} pieces"] for n in range(1, 61))])
    lines = text_of(bytes(made.output())).split()
    assert made.page == 2
    text = text_of(bytes(made.output()))
    assert [line for line in text.splitlines() if line] == [
        f"Item: Thing {n}; Unit price: {n}.00; Stock: {n} pieces" for n in range(1, 61)
    ]
    assert lines.count("Item:") == 60


def test_a_header_repeated_on_every_page_is_said_once_a_row() -> None:
    made = new_page()
    with made.table() as table:  # fpdf repeats the headings
        for row in [PRICES[0], *([f"Thing {n}", f"{n}.00", f"{n} pieces"] for n in range(1, 61))]:
            drawn = table.row()
            for cell in row:
                drawn.cell(cell)
    lines = [line for line in text_of(bytes(made.output())).splitlines() if line]
    assert len(lines) == 60
    assert lines[-1] == "Item: Thing 60; Unit price: 60.00; Stock: 60 pieces"


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_pages_may_be_turned_and_begin_anywhere(turned: int) -> None:
    made = new_page()
    draw(made, PRICES)
    document = pypdfium2.PdfDocument(bytes(made.output()))
    page = document[0]
    page.set_rotation(turned)
    left, bottom, right, top = page.get_mediabox()
    page.set_mediabox(left - 40, bottom - 25, right + 10, top + 60)
    saved = io.BytesIO()
    document.save(saved)
    assert "Item: Toner cartridge; Unit price: 185.00; Stock: 12 pieces" in text_of(saved.getvalue())


@pytest.mark.parametrize(("drawn", "turned"), [(90, 0), (90, 90), (270, 270), (180, 0)])
def test_text_may_be_drawn_sideways(drawn: int, turned: int) -> None:
    made = new_page()
    made.set_xy(60, 100)
    with made.rotation(drawn, 105, 148):
        draw(made, PRICES)
    document = pypdfium2.PdfDocument(bytes(made.output()))
    document[0].set_rotation(turned)
    saved = io.BytesIO()
    document.save(saved)
    assert text_of(saved.getvalue()).splitlines() == [
        "Item: Printer paper; Unit price: 25.00; Stock: 140 boxes",
        "Item: Toner cartridge; Unit price: 185.00; Stock: 12 pieces",
        "Item: Wireless mouse; Unit price: 59.00; Stock: 33 pieces",
    ]


def test_frames_and_single_columns_are_not_tables() -> None:
    made = new_page()
    made.set_xy(20, 20)
    made.multi_cell(100, 6, "A notice in a frame.\nIt has two lines.", border=1)
    for n in range(3):
        made.set_xy(20, 60 + 10 * n)
        made.cell(100, 10, f"Step {n}", border=1)
    assert text_of(bytes(made.output())).splitlines() == [
        "A notice in a frame.",
        "It has two lines.",
        "Step 0",
        "Step 1",
        "Step 2",
    ]


def characters(text: str, first: int) -> list[tuple[str, int]]:
    return [(char, first + n) for n, char in enumerate(text)]


def test_merged_cells_are_said_in_every_row_and_chinese_lines_join_without_a_space() -> None:
    def box(row: int, column: int, rows: int = 1) -> Box:
        return Box(100.0 * column + 0.4 * row, 20.0 * (row + rows), 100.0 * column + 100, 20.0 * row)  # drawn a little askew

    places = [Merge(r, c, r, c) for r in range(3) for c in range(2) if (r, c) not in {(1, 0), (2, 0)}]
    cells = sorted([*((place, box(place.top, place.left)) for place in places), (Merge(1, 0, 2, 0), box(1, 0, 2))])
    ruled = RuledTable(tuple(cells), Box(0, 60, 200, 0), (0.1, 0.2))
    words = ["部门", "电话", "综合办\n公室", "8201", "8202"]
    held = {n: characters(word, 100 * n) for n, word in enumerate(words)}
    rows, header = rows_of(ruled, held, None)
    assert len(ruled.columns) == 2
    assert [text for text, _ in rows] == ["部门：综合办公室；电话：8201", "部门：综合办公室；电话：8202"]
    assert header is not None
    assert rows[1][1][3:5] == [200, 201]
    assert rows[1][1][-4:] == [400, 401, 402, 403]
    assert rows[0][1][:3] == [-1, -1, -1]

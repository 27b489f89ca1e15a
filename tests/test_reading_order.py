"""Recognised lines come in the order that a person reads them."""

from __future__ import annotations

from index.readers.parsed import Recognition
from index.readers.reading_order import Line, in_reading_order
from index.readers.scans import recognition_of


def line(left: float, top: float, text: str, confidence: float = 1.0) -> Line:
    """Return a line of 20 pixels' height, whose characters are 20 pixels wide."""
    return Line(left, top, left + 20 * len(text), top + 20, text, confidence)


def test_lines_of_a_paragraph_are_joined_without_spaces_in_chinese() -> None:
    lines = [
        line(40, 0, "水库建成于一九七八年，承担着"),
        line(0, 25, "县城和附近三个乡镇的供水和灌溉，"),
        line(0, 50, "也用来发电。"),
        line(40, 75, "第二段从这里开始。"),
    ]
    expected = "水库建成于一九七八年，承担着县城和附近三个乡镇的供水和灌溉，也用来发电。\n第二段从这里开始。"
    assert in_reading_order(lines[::-1]) == expected


def test_lines_in_latin_letters_are_joined_with_a_space() -> None:
    lines = [line(0, 0, "The reservoir was built in"), line(0, 25, "the year 1978 and sup-"), line(0, 50, "plies the town.")]
    lines[1] = lines[1]._replace(right=520)
    assert in_reading_order(lines) == "The reservoir was built in the year 1978 and supplies the town."


def test_pieces_of_one_line_are_put_side_by_side() -> None:
    lines = [line(400, 3, "万元"), line(0, 0, "预算"), line(200, 2, "三百")]
    assert in_reading_order(lines) == "预算 三百 万元"


def test_columns_are_read_one_after_the_other_below_what_spans_them() -> None:
    left = [line(0, 100 + 25 * n, f"左栏第{n}行的文字有十二个") for n in range(4)]
    right = [line(258, 102 + 25 * n, f"右栏第{n}行的文字有十二个") for n in range(4)]
    title = line(100, 0, "横跨两栏的大标题文字在此处共二十来个字")
    text = in_reading_order([title, *(one for pair in zip(left, right, strict=True) for one in pair)])
    assert text.startswith("横跨两栏")
    assert [text.index(one.text) for one in (*left, *right)] == sorted(text.index(one.text) for one in (*left, *right))


def test_cells_of_a_table_stay_in_their_rows() -> None:
    rows = [[line(0, 25 * n, f"项目{n}"), line(300, 25 * n, f"{n}万元"), line(600, 25 * n, "已付")] for n in range(4)]
    assert in_reading_order([cell for row in rows for cell in row]) == "\n".join(f"项目{n} {n}万元 已付" for n in range(4))


def test_a_page_without_lines() -> None:
    assert in_reading_order([]) == ""
    assert recognition_of([], 0) is None


def test_each_character_counts_the_same_in_the_confidence() -> None:
    assert recognition_of([line(0, 0, "三个字", 1.0), line(0, 30, "字", 0.6)], 1) == Recognition(1, 0.9)

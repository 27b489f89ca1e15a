"""A row of a table is one line that can be read alone: every cell carries its header."""

from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pptx
import pytest
from docx.oxml import OxmlElement
from fakes import character_tokenizer
from pptx.util import Inches

from index.passages import Splitter
from index.readers.formats import read_document
from index.readers.number_formats import parse_format
from index.readers.table_headers import HeaderRows
from index.readers.tables import Merge, Table, grid_of, table_lines
from index.sentences import sentences_of
from index.types import Document

PHONES = ["姓名|电话|科室", "王芳|0571-88001234|财务科", "李强|0571-88001235|人事科"]


def lines(*rows: str, **about: Any) -> list[str]:
    return table_lines(Table([row.split("|") for row in rows], **about))


def read(name: str, thing: Any) -> Document:
    buffer = io.BytesIO()
    thing.save(buffer)
    return read_document(name, buffer.getvalue(), 1_000_000)


@pytest.mark.parametrize(
    ("rows", "about", "expected"),
    [
        (PHONES, {}, ["姓名：王芳；电话：0571-88001234；科室：财务科", "姓名：李强；电话：0571-88001235；科室：人事科"]),
        (PHONES[1:], {"is_sheet": True}, ["王芳 | 0571-88001234 | 财务科", "李强 | 0571-88001235 | 人事科"]),
        (["Item|Price", "Desk|1,200.00", "|", "Chair|"], {}, ["Item: Desk; Price: 1,200.00", "Item: Chair"]),
        (["项目|2023年|2024年", "收入|100|200"], {"is_sheet": True}, ["项目：收入；2023年：100；2024年：200"]),
        (["|周一|周二", "第一节|语文|数学"], {}, ["第一节；周一：语文；周二：数学"]),
        (["姓名|王芳|性别|女", "电话|138|职务|科长"], {}, ["姓名：王芳；性别：女", "电话：138；职务：科长"]),
        (["姓名|王芳", "年龄|35", "电话|13812345678"], {}, ["姓名：王芳", "年龄：35", "电话：13812345678"]),
        (["问题|答案", "怎么报销？|先填单。"], {"is_sheet": True}, ["问题：怎么报销？；答案：先填单。"]),
        (
            ["1. 先登记；|再领取|三日内", "2. 先付款；|再发货|五日内"],
            {},
            ["1. 先登记； | 再领取 | 三日内", "2. 先付款； | 再发货 | 五日内"],
        ),
        (["甲|乙|丙"], {}, ["甲 | 乙 | 丙"]),
        (["一栏", "值"], {}, ["一栏", "值"]),
        ([], {}, []),
    ],
    ids=[
        "phones",
        "no header",
        "english",
        "years",
        "corner",
        "form",
        "labels",
        "questions",
        "items",
        "one row",
        "one column",
        "empty",
    ],
)
def test_rows_of_many_tables(rows: list[str], about: dict[str, Any], expected: list[str]) -> None:
    assert lines(*rows, **about) == expected


HEADER_ROWS = ["专业|文史||理工|", "|最高|最低|最高|最低", "工商|632|631|640|600", "金融|||5|6"]


@pytest.mark.parametrize("merges", [[Merge(0, 0, 1, 0), Merge(0, 1, 0, 2), Merge(0, 3, 0, 4)], []], ids=["merged", "blank"])
def test_a_header_of_two_rows_is_one(merges: list[Merge]) -> None:
    assert lines(*HEADER_ROWS, merges=merges) == [
        "专业：工商；文史最高：632；文史最低：631；理工最高：640；理工最低：600",
        "专业：金融；理工最高：5；理工最低：6",
    ]


def test_a_merged_header_cell_over_names_is_not_two_rows() -> None:
    rows = ["姓名|联系方式|", "王芳|财务科|甲楼", "李强|人事科|乙楼"]
    assert lines(*rows, merges=[Merge(0, 1, 0, 2)])[0] == "姓名：王芳；联系方式：财务科；联系方式：甲楼"


def test_title_sections_totals_and_notes_of_a_price_list() -> None:
    rows = [
        "报价单|||",
        "品名|规格|单价|备注",
        "一、纸张|||",
        "复印纸|A4|28.00|",
        "二、耗材|||",
        "硒鼓|12A|120|原装",
        "合计||148|",
        "注：价格含税|||",
    ]
    assert lines(*rows, merges=[Merge(0, 0, 0, 3), Merge(6, 0, 6, 1)], is_sheet=True) == [
        "报价单",
        "一、纸张",
        "一、纸张；品名：复印纸；规格：A4；单价：28.00",
        "二、耗材",
        "二、耗材；品名：硒鼓；规格：12A；单价：120；备注：原装",
        "合计；单价：148",
        "注：价格含税",
    ]


def test_a_cell_merged_over_rows_is_said_in_each() -> None:
    rows = ["部门|姓名|工资", "财务部|张三|8000", "||", "|李四|15"]
    assert lines(*rows, merges=[Merge(1, 0, 3, 0)]) == [
        "部门：财务部；姓名：张三；工资：8000",
        "部门：财务部；姓名：李四；工资：15",
    ]


def test_what_the_format_calls_a_header_is_one() -> None:
    assert lines("1|2", "3|4", header=HeaderRows(0, 1)) == ["1: 3; 2: 4"]
    assert lines("甲|乙", "丙|丁", row_labels=True) == ["甲：乙", "丙：丁"]


def test_a_row_too_long_for_a_passage_says_again_what_it_is_about() -> None:
    wide = lines("序号|姓名|" + "|".join(f"指标{n}" for n in range(40)), "1|王芳|" + "|".join(f"说明文字{n}" for n in range(40)))
    assert len(wide) == 2
    assert all(line.startswith("姓名：王芳；") and len(line) < 400 for line in wide)
    assert "指标39：说明文字39" in wide[-1]
    answer = "先填单，再找领导签字，然后交给财务科。" * 40
    deep = lines("问题|答案", f"怎么报销？|{answer}", is_sheet=True)
    assert len(deep) > 2
    assert all(line.startswith("问题：怎么报销？；答案：先填单") for line in deep)
    assert "".join(line.removeprefix("问题：怎么报销？；答案：") for line in deep) == answer


def test_no_passage_cuts_a_row_that_fits_and_a_sentence_is_a_row() -> None:
    rows = [
        f"品名：商品{n}；规格：加长型{n}号；单价：{n}.50元；备注：需要提前三天预订并经过库房管理员确认；产地：杭州"
        for n in range(60)
    ]
    document = Document("a.csv", "a", "\n".join(rows))
    for start, end, _ in Splitter(character_tokenizer(), 200).split(document):
        for line in document.text[start:end].strip().split("\n"):
            assert line in rows
    assert [document.text[left:right] for left, right in sentences_of(document.text)] == rows


def test_spans_lie_as_in_html() -> None:
    cells, merges = grid_of([[("a", 2, 1), ("b", 1, 2)], [("c", 9, 1), ("d", 1, 1)]])
    assert cells == [["a", "b", ""], ["", "c", "d"]]
    assert merges == [Merge(0, 0, 1, 0), Merge(0, 1, 0, 2)]


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("0%", 0.15, "15%"),
        ('"¥"#,##0.00', 1200, "¥1,200.00"),
        ("[$¥-804]#,##0.00;[Red]-0", 3.5, "¥3.50"),
        ('#,##0.00"元"', 0.5, "0.50元"),
        ("00000", 123, "00123"),
        ("0.0##", 2, "2.0"),
        ("0", -0.2, "0"),
        ("#,##0", -1234.4, "-1,234"),
        ("#,##0", 1200.5, "1,201"),
        ("0", 2.5, "3"),
        ("0%", 0.285, "29%"),
        ("0.00", 1.005, "1.01"),
        ("0.0%", 0.0125, "1.3%"),
        ("0.00", 1e22, "10000000000000000000000.00"),
    ],
)
def test_numbers_as_the_sheet_shows_them(code: str, value: float, shown: str) -> None:
    parsed = parse_format(code)
    assert parsed is not None
    assert parsed.spell(value) == shown


@pytest.mark.parametrize("code", ["General", "@", "yyyy-mm-dd", "# ?/?", "0.00E+00", "0,", "[h]:mm"])
def test_formats_of_other_things_are_left_to_the_value(code: str) -> None:
    assert parse_format(code) is None


def test_a_workbook_as_people_see_it() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "报价"
    for row in [
        [None] * 3,
        ["商品", "单价", "折扣", "日期"],
        ["硒鼓", 1288, 0.15, datetime.datetime(2024, 3, 5)],
        [],
        ["内部电话"],
    ]:
        sheet.append(row)
    for row in [["姓名", "分机"], ["王芳", 8012], ["李强", 8013]]:
        sheet.append(row)
    sheet["B3"].number_format, sheet["C3"].number_format = '"¥"#,##0.00', "0%"
    document = read("a.xlsx", book)
    assert document.text == (
        "商品：硒鼓；单价：¥1,288.00；折扣：15%；日期：2024-03-05\n内部电话\n姓名：王芳；分机：8012\n姓名：李强；分机：8013"
    )


def test_tables_that_empty_rows_part_have_headers_of_their_own() -> None:
    book = openpyxl.Workbook()
    for row in [["商品", "单价"], ["硒鼓", 1288], [], ["纸", 28], [], ["姓名", "分机"], ["王芳", 8012]]:
        book.active.append(row)
    assert read("a.xlsx", book).text == "商品：硒鼓；单价：1288\n商品：纸；单价：28\n姓名：王芳；分机：8012"


def test_word_merges_and_repeated_headers() -> None:
    made = docx.Document()
    table = made.add_table(4, 3)
    words = ["科室 姓名 电话", "财务科 王芳 8012", "- 李强 8013", "地址：乙楼 - -"]
    for row, line in zip(table.rows, words, strict=True):
        for cell, word in zip(row.cells, line.split(), strict=True):
            cell.text = word.replace("-", "")
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(3, 0).merge(table.cell(3, 2))
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    assert read("a.docx", made).text == ("科室：财务科；姓名：王芳；电话：8012\n科室：财务科；姓名：李强；电话：8013\n地址：乙楼")


def test_slide_merges() -> None:
    show = pptx.Presentation()
    table = show.slides.add_slide(show.slide_layouts[6]).shapes.add_table(3, 3, 0, 0, Inches(4), Inches(1)).table
    for cell, word in zip(
        table.iter_cells(), ["地区", "一季度", "二季度", "华东", "120", "130", "华东", "140", "150"], strict=True
    ):
        cell.text = word
    table.cell(2, 0).text = ""
    table.cell(1, 0).merge(table.cell(2, 0))
    assert read("a.pptx", show).text == "地区：华东；一季度：120；二季度：130\n地区：华东；一季度：140；二季度：150"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            "<table><tr><th>名称<th>价<b>格</b><tr><td>硒鼓<td>120<br>元<tr><td>纸<td>28</table>",
            "名称：硒鼓；价格：120 元\n名称：纸；价格：28",
        ),
        ("<table><caption>费用</caption><tr><th>租金<td>800<tr><th>押金<td>一个月</table>", "费用\n租金：800\n押金：一个月"),
        ("<table><tr><td><ul><li>甲</ul><td><h2>乙</h2><tr><td>丙<td><p>丁</p></table>", "甲\n乙\n丙：丁"),
        ("<table><tr><td>左<td><table><tr><td>科室<td>电话<tr><td>财务<td>8012</table></table>", "左\n科室：财务；电话：8012"),
    ],
    ids=["header", "labels", "layout", "nested"],
)
def test_html_tables(source: str, text: str) -> None:
    assert read_document("a.html", source.encode(), 1000).text == text


def test_a_csv_keeps_its_words(tmp_path: Path) -> None:
    document = read_document("a.csv", '商品,单价,单位\n打印机硒鼓,"1,288.00",支\nA4复印纸,28.00,包\n'.encode(), 1000)
    assert document.text == "商品：打印机硒鼓；单价：1,288.00；单位：支\n商品：A4复印纸；单价：28.00；单位：包"

"""Each format becomes text that a person can read, with a title and pages."""

from __future__ import annotations

import datetime
import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx
import fpdf
import openpyxl
import pptx
import pytest
from docx.oxml import parse_xml
from pptx.util import Inches

from index.errors import ReadError
from index.readers import READER_VERSION, ReaderPool, is_supported
from index.settings import Settings

if TYPE_CHECKING:
    from index.types import Document

Read = Callable[[str, bytes], "Document"]
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@pytest.fixture(scope="module")
def pool() -> Iterator[ReaderPool]:
    with ReaderPool(Settings()) as pool:
        yield pool


@pytest.fixture
def read(pool: ReaderPool, tmp_path: Path) -> Read:
    def read_bytes(name: str, content: bytes) -> Document:
        path = tmp_path / "file"
        path.write_bytes(content)
        document = pool.read(name, path)
        check(document, content)
        return document

    return read_bytes


def check(document: Document, content: bytes) -> None:
    """Hold every document to what all of them promise."""
    assert document.content_hash == hashlib.sha256(content).hexdigest()
    assert document.text.strip()
    assert "\0" not in document.text
    document.text.encode("utf-8")
    assert 0 < len(document.title) <= 120
    assert "\n" not in document.title
    before = 0
    for page in document.pages:
        assert before <= page.start < page.end <= len(document.text)
        assert document.text[page.start : page.end] == document.text[page.start : page.end].strip()
        before = page.end
    numbers = [page.number for page in document.pages]
    assert numbers == sorted(set(numbers))


def saved(thing: Any) -> bytes:
    buffer = io.BytesIO()
    thing.save(buffer)
    return buffer.getvalue()


def test_the_names_that_are_read() -> None:
    assert READER_VERSION >= 1
    for name in ("a.txt", "文件/报告.DOCX", "b.pdf", "c.xls", "d.eml", "e.epub", "f.odt"):
        assert is_supported(name)
    for name in ("a.zip", "photo.heic", "Makefile", "b.exe", ".pdf/x"):
        assert not is_supported(name)


def test_plain_text_stays_as_it_is(read: Read) -> None:
    document = read("通知.txt", "\ufeff放假通知\r\n\r\n  五月一日放假。\t\r\n".encode())
    assert document.text == "放假通知\r\n\r\n  五月一日放假。\t\r\n"
    assert (document.title, document.encoding, document.pages) == ("放假通知", "utf-8", ())
    assert read("a.log", "各部门请注意，明天停电。".encode("gb18030")).encoding == "gb18030"


@pytest.mark.parametrize(
    ("first", "title"),
    [("第一章 总则", "第一章 总则"), ("这是一个完整的句子。", "file name"), ("很长" * 40, "file name"), ("----", "file name")],
)
def test_a_first_line_is_a_title_only_when_it_looks_like_one(first: str, title: str, read: Read) -> None:
    assert read("folder/file name.txt", f"\n{first}\n正文".encode()).title == title


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.pdf", "a.docx", "a.xlsx", "a.csv", "a.pptx", "a.eml", "a.odt"])
@pytest.mark.parametrize("content", [b"", b" \r\n\t "], ids=["nothing", "blanks"])
def test_an_empty_file_says_so(name: str, content: bytes, read: Read) -> None:
    with pytest.raises(ReadError, match="it is empty"):
        read(name, content)


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.xlsx", "a.xls", "a.ods", "a.pptx", "a.doc", "a.odt", "a.epub", "a.msg"])
def test_a_broken_file_says_so(name: str, read: Read) -> None:
    with pytest.raises(ReadError, match="damaged"):
        read(name, b"PK\x03\x04 this is none of these formats " * 20)


@pytest.mark.parametrize("name", ["a.docx", "a.pptx"])
def test_an_encrypted_office_file_says_so(name: str, read: Read) -> None:
    with pytest.raises(ReadError, match="encrypted"):
        read(name, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


@pytest.mark.parametrize("first", ["", "# 公告\n", "会议安排：\n", "各科室：请按时参加会议\n"])
def test_what_stands_between_two_rules_is_text(read: Read, first: str) -> None:
    document = read("a.md", f"---\n{first}\n会议定于三月五日。\n\n---\n\n联系人：张三".encode())
    assert "三月五日" in document.text
    assert "张三" in document.text


@pytest.mark.parametrize(
    "more", ["", "tags:\n- a\n- b\n", "about: |\n  two\n\n  lines\n", "# note\nlist: [a,\n]\n", "中文: 是\n"]
)
def test_fields_before_the_text_are_no_text(read: Read, more: str) -> None:
    document = read("a.md", f"---\ntitle: 公告\n{more}---\n\n联系人：张三".encode())
    assert (document.title, document.text) == ("公告", "联系人：张三")


def test_the_foot_of_a_page_stays_and_a_foot_of_links_goes(read: Read) -> None:
    foot = "<footer><p>联系电话：8012</p></footer>"
    assert "8012" in read("a.html", f"<main><p>通知正文如下，请查看。</p></main>{foot}".encode()).text
    links = "".join(f"<a href=/{n}>链接{n}</a>" for n in range(5))
    assert "链接" not in read("b.html", f"<main><p>通知正文如下，请查看。</p></main><footer>{links}</footer>".encode()).text


def test_markdown_loses_its_marks(read: Read) -> None:
    source = """---
title: "采购制度"
date: 2024-03-05
---
# 总则 *一*

见[附件](http://example.com/x)与 `code`，~~旧~~ 1 \\* 2 &amp; <b>重点</b>。

- 甲
  - 乙
- 丙

3. 三

| 项目 | 金额 |
|------|------|
| 桌<br>子 | 300 |

<script>alert(1)</script>
<!-- 注释 -->

```py
x = [1]
```
"""
    document = read("a.md", source.encode())
    assert (document.title, document.date) == ("采购制度", "2024-03-05")
    assert document.text == (
        "总则 一\n\n见附件与 code，旧 1 * 2 & 重点。\n\n- 甲\n- 乙\n- 丙\n\n3. 三\n\n项目：桌 子；金额：300\n\nx = [1]"
    )
    assert read("b.md", "正文\n\n## 标题\n".encode()).title == "标题"


def test_a_small_page_keeps_all_its_words(read: Read) -> None:
    source = (
        "<html><head><title>停水通知</title><style>p{color:red}</style></head><body><nav><a href=/>首页</a></nav>"
        "<p>明日<b>停水</b>。</p><p>请储水。<br>谢谢</p><script>bad()</script>"
        "<table><tr><th>楼栋<th>时间<tr><td>一号楼<td>9点</table></body></html>"
    )
    document = read("a.html", source.encode())
    assert document.title == "停水通知"
    assert document.text == "明日停水。\n请储水。\n谢谢\n楼栋：一号楼；时间：9点"


def test_a_long_page_loses_its_menu_and_keeps_its_table(read: Read) -> None:
    menu = "".join(f"<li><a href='/{n}'>栏目{n}</a></li>" for n in range(30))
    story = "".join(f"<p>第{n}段讲的是本市供水管网改造工程的进展情况，以及下一阶段的安排，请各单位配合。</p>" for n in range(120))
    table = "<table>" + "".join(f"<tr><td>站点{n}</td><td>{n}吨</td></tr>" for n in range(5)) + "</table>"
    document = read("a.html", f"<body><ul>{menu}</ul><article><h1>改造</h1>{story}{table}</article></body>".encode())
    assert "第119段" in document.text
    assert "站点3：3吨" in document.text
    assert "栏目7" not in document.text


def test_the_encoding_that_a_page_declares(read: Read) -> None:
    page = "<meta charset='gbk'><h1>朱镕基</h1><p>内容</p>"
    document = read("a.html", page.encode("gb18030"))
    assert (document.title, document.encoding) == ("朱镕基", "gb18030")


def test_escaped_markup_in_a_feed_is_not_shown(read: Read) -> None:
    feed = "<rss><item><title>新闻</title><d><![CDATA[<p>甲</p>]]></d><e>&lt;p&gt;乙&lt;/p&gt; 1 &lt; 2</e></item></rss>"
    assert read("a.xml", feed.encode()).text == "新闻\n甲\n乙\n1 < 2"


def pdf(*pages: str, **metadata: str) -> fpdf.FPDF:
    made = fpdf.FPDF()
    made.set_font("Helvetica", size=12)
    for text in pages:
        made.add_page()
        made.multi_cell(0, 6, text)
    if "title" in metadata:
        made.set_title(metadata["title"])
    return made


def test_pdf_pages_and_paragraphs(read: Read) -> None:
    long = "A paragraph that is long enough to run over several lines of the page. " * 5
    document = read("a.pdf", bytes(pdf(f"Report\n{long}\nNext.", "", "Third page", title="The Report").output()))
    assert document.title == "The Report"
    assert [page.number for page in document.pages] == [1, 3]
    first = document.text[document.pages[0].start : document.pages[0].end]
    assert first == f"Report\n{long.strip()}\nNext."
    assert document.text[document.pages[1].start :] == "Third page"


@pytest.mark.parametrize("stated", ["Microsoft Word - 草稿.docx", "untitled", "无标题", "Öйú¹«Ë¾"])
def test_a_pdf_title_that_says_nothing_is_not_taken(stated: str, read: Read) -> None:
    assert read("a.pdf", bytes(pdf("First line\nmore", title=stated).output())).title == "First line"


def test_a_pdf_without_text_is_called_a_scan(read: Read) -> None:
    with pytest.raises(ReadError, match="scan"):
        read("a.pdf", bytes(pdf("").output()))


def test_an_encrypted_pdf_says_so(read: Read) -> None:
    made = pdf("secret")
    made.set_encryption("owner", "user")
    with pytest.raises(ReadError, match="encrypted: save a copy without a password"):
        read("a.pdf", bytes(made.output()))


def test_word_documents_in_their_order(read: Read) -> None:
    made = docx.Document()
    made.core_properties.title = "员工手册"
    made.sections[0].header.paragraphs[0].text = "页眉"
    made.add_heading("第一章", 1)
    made.add_paragraph("员工应当遵守制度。")
    made.add_paragraph("条目", style="List Bullet")
    table = made.add_table(3, 3)
    for row, words in zip(table.rows, ("部门 姓名 电话", "财务 张三 101", "合计 x y"), strict=True):
        for cell, word in zip(row.cells, words.split(), strict=True):
            cell.text = word
    table.cell(2, 0).merge(table.cell(2, 2)).text = "合计一人"
    made.add_paragraph("结尾")
    document = read("a.docx", saved(made))
    assert document.title == "员工手册"
    assert document.text == "第一章\n员工应当遵守制度。\n条目\n部门：财务；姓名：张三；电话：101\n合计一人\n结尾"


def test_word_changes_boxes_and_controls(read: Read) -> None:
    made = docx.Document()
    body = made.element.body
    body.insert(0, parse_xml(
        f"<w:p {WORD}><w:r><w:t>租期</w:t></w:r><w:del><w:r><w:delText>一</w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t>旧处</w:t></w:r></w:moveFrom><w:ins><w:r><w:t>两</w:t></w:r></w:ins><w:r><w:t>年</w:t><w:br/><w:t>另行</w:t><w:tab/><w:t>约定</w:t></w:r></w:p>"
    ))  # fmt: skip
    body.insert(1, parse_xml(f"<w:sdt {WORD}><w:sdtContent><w:p><w:r><w:t>控件内</w:t></w:r></w:p></w:sdtContent></w:sdt>"))
    body.insert(2, parse_xml(
        f'<w:p {WORD} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:r><mc:AlternateContent>'
        "<mc:Choice><w:txbxContent><w:p><w:r><w:t>文本框</w:t></w:r></w:p></w:txbxContent></mc:Choice>"
        "<mc:Fallback><w:txbxContent><w:p><w:r><w:t>文本框</w:t></w:r></w:p></w:txbxContent></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    ))  # fmt: skip
    assert read("a.docx", saved(made)).text == "租期两年\n另行 约定\n控件内\n文本框"


def test_slides_with_tables_groups_and_notes(read: Read) -> None:
    show = pptx.Presentation()
    first = show.slides.add_slide(show.slide_layouts[5])
    first.shapes.title.text = "季度总结"
    table = first.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for cell, word in zip(table.iter_cells(), ("地区", "销量", "华东", "120"), strict=True):
        cell.text = word
    group = first.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = "组内"
    first.notes_slide.notes_text_frame.text = "讲稿"
    show.slides.add_slide(show.slide_layouts[6])
    show.slides.add_slide(show.slide_layouts[5]).shapes.title.text = "谢谢"
    document = read("a.pptx", saved(show))
    assert document.text == "季度总结\n地区：华东；销量：120\n组内\n讲稿\n\n谢谢"
    assert [page.number for page in document.pages] == [1, 3]


def test_every_row_of_a_workbook_carries_its_header(read: Read) -> None:
    book = openpyxl.Workbook()
    staff = book.active
    staff.title = "人员"
    for row in (
        ["部门", "姓名", "入职", "工资"],
        ["财务部", "张三", datetime.date(2024, 3, 5), 8000],
        [],
        [None, "李四", None, 1.5],
    ):
        staff.append(row)
    staff.merge_cells("A2:A4")
    english = book.create_sheet("Stock")
    for row in (["Item", "Count"], ["Desk", 3]):
        english.append(row)
    document = read("台账.xlsx", saved(book))
    assert [(page.number, page.label) for page in document.pages] == [(1, "人员"), (2, "Stock")]
    assert document.text == (
        "部门：财务部；姓名：张三；入职：2024-03-05；工资：8000\n部门：财务部；姓名：李四；工资：1.5\n\nItem: Desk; Count: 3"
    )
    assert document.title == "台账"


def test_a_caption_above_the_header_is_the_title(read: Read) -> None:
    book = openpyxl.Workbook()
    for row in (["二〇二四年库存表", None, None], ["名称", "数量", "单位"], ["桌子", 3, "张"], ["椅子", 5, "把"]):
        book.active.append(row)
    book.active.merge_cells("A1:C1")
    document = read("a.xlsx", saved(book))
    assert document.title == "二〇二四年库存表"
    assert document.text == "二〇二四年库存表\n名称：桌子；数量：3；单位：张\n名称：椅子；数量：5；单位：把"


@pytest.mark.parametrize(("name", "delimiter"), [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t")])
def test_delimited_rows_carry_their_header(name: str, delimiter: str, read: Read) -> None:
    rows = [["姓名", "说明"], ["张三", "it's 'fine'"], ["李四", f'"两{delimiter}行\n""引号"""'], ["", ""]]
    document = read(name, "\r\n".join(delimiter.join(row) for row in rows).encode("gb18030"))
    assert document.text == f"姓名：张三；说明：it's 'fine'\n姓名：李四；说明：{f'两{delimiter}行'.replace(chr(9), ' ')} \"引号\""
    assert (document.title, document.encoding) == ("a", "gb18030")


def test_mail_and_rich_text(read: Read) -> None:
    mail = "Subject: Meeting\r\nFrom: a@example.com\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n周五开会。\r\n"
    document = read("a.eml", mail.encode())
    assert document.title == "Meeting"
    assert "周五开会。" in document.text
    assert "你好 hello 中" in read("a.rtf", rb"{\rtf1\ansi\ansicpg936 \u20320?\u22909? hello \'d6\'d0\par two}").text


def test_characters_that_cannot_be_stored_are_replaced_one_for_one(read: Read) -> None:
    assert read("a.txt", ("字" * 300 + "\0" + "尾").encode()).text == "字" * 300 + "\ufffd尾"

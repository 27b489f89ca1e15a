"""Files that hold others, and files that are made to swell."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import docx
import openpyxl
import pytest

from index.errors import ReadError
from index.readers import ReaderPool
from index.readers.formats import read_document
from index.settings import Settings

CONTAINER = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
PACKAGE = """<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>山居笔记</dc:title></metadata><manifest>
<item id="n" href="toc.ncx" media-type="application/x-dtbncx+xml"/>
<item id="b" href="text/b.xhtml"/><item id="a" href="text/a%20.xhtml"/>
<item id="c" href="c.xhtml"/></manifest><spine><itemref idref="c"/><itemref idref="a"/><itemref idref="b"/></spine></package>"""
CONTENTS = """<ncx><navMap><navPoint><navLabel><text>第一章 溪</text></navLabel><content src="text/a%20.xhtml#top"/>
<navPoint><navLabel><text>一节</text></navLabel><content src="text/a%20.xhtml#s1"/></navPoint></navPoint></navMap></ncx>"""


def packed(**parts: str | bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name.replace("__", "/"), part)
    return buffer.getvalue()


def book() -> bytes:
    return packed(**{
        "META-INF/container.xml": CONTAINER, "OPS/book.opf": PACKAGE, "OPS/toc.ncx": CONTENTS,
        "OPS/c.xhtml": "<html><body/></html>",
        "OPS/text/a .xhtml": "<html><head><title>x</title></head><body><h1>溪</h1><p>水清。</p></body></html>",
        "OPS/text/b.xhtml": "<html><body><p>后记。&nbsp;完</p></body></html>",
    })  # fmt: skip


def test_chapters_of_a_book_are_pages() -> None:
    document = read_document("a.epub", book(), 1000)
    assert (document.title, document.text) == ("山居笔记", "溪\n水清。\n\n后记。 完")
    assert [(page.number, page.label) for page in document.pages] == [(2, "第一章 溪"), (3, None)]


@pytest.mark.parametrize(("name", "content"), [("e.xhtml", b""), ("e.xhtml", b"  \n"), ("p.jpg", b"\xff\xd8\xff\xe0")])
def test_an_empty_chapter_or_a_picture_does_not_cost_the_book(name: str, content: bytes) -> None:
    package = f"""<package><manifest><item id="a" href="a.xhtml"/><item id="e" href="{name}"/></manifest>
        <spine><itemref idref="e"/><itemref idref="a"/></spine></package>"""
    chapter = "<html><body><p>正文</p></body></html>"
    parts = {"META-INF/container.xml": CONTAINER, "OPS/book.opf": package, "OPS/a.xhtml": chapter, f"OPS/{name}": content}
    assert read_document("a.epub", packed(**parts), 1000).text == "正文"


def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "王芳 <a@example.com>", "b@example.com", "报价单"
    message["Date"] = "Tue, 05 Mar 2024 08:00:00 +0800"
    message.set_content("请看附件。\r\n谢谢。")
    return message


def test_attachments_of_a_mail_are_pages_with_their_names() -> None:
    message, inner = mail(), mail()
    table = openpyxl.Workbook()
    for row in (["商品", "单价"], ["硒鼓", 288]):
        table.active.append(row)
    buffer = io.BytesIO()
    table.save(buffer)
    inner.replace_header("Subject", "询价")
    message.add_attachment(buffer.getvalue(), maintype="application", subtype="octet-stream", filename="价格.xlsx")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="图.png")
    message.add_attachment(inner)
    document = read_document("a.eml", message.as_bytes(), 10_000)
    assert (document.title, document.date) == ("报价单", "2024-03-05")
    assert [page.label for page in document.pages] == [None, "价格.xlsx", "图.png", "message.eml"]
    texts = [document.text[page.start : page.end] for page in document.pages]
    assert texts[0].startswith("From: 王芳 <a@example.com>\nTo: b@example.com\nDate: ")
    assert texts[0].endswith("Subject: 报价单\n\n请看附件。\n谢谢。")
    assert texts[1] == "价格.xlsx\n商品：硒鼓；单价：288"
    assert texts[2].startswith("图.png\n(Not read: it is ")
    assert "Subject: 询价" in texts[3]


def part(content: str, kind: str = "plain", name: str | None = None) -> MIMEText:
    made = MIMEText(content, kind, "utf-8")
    if name:
        made.add_header("Content-Disposition", "attachment", filename=name)
    return made


def many(kind: str, *parts: MIMEBase) -> MIMEMultipart:
    made = MIMEMultipart(kind)
    for one in parts:
        made.attach(one)
    return made


TERMS = part("付款期限为三十天。", name="terms.txt")
SIGNATURE = MIMEBase("application", "pkcs7-signature", name="smime.p7s")


@pytest.mark.parametrize(
    ("body", "more"),
    [
        (many("alternative", part("请看附件。"), many("mixed", part("<p>请看附件。</p>", "html"), TERMS)), ""),
        (many("signed", many("mixed", part("请看附件。"), TERMS), SIGNATURE), "smime.p7s"),
        (many("mixed", part("请看附件。"), TERMS, part("第二段：电话8012。")), "电话8012"),
    ],
    ids=["alternative", "signed", "text after the attachment"],
)
def test_nothing_of_a_mail_is_lost_however_it_is_nested(body: MIMEMultipart, more: str) -> None:
    body["Subject"] = "报价单"
    document = read_document("a.eml", body.as_bytes(), 10_000)
    assert document.text.count("请看附件。") == 1
    assert document.text.count("付款期限为三十天。") == 1
    assert more in document.text


def test_a_mail_in_html_and_what_is_no_mail() -> None:
    message = mail()
    message.set_content("<p>周五<b>开会</b></p>", subtype="html")
    assert read_document("a.eml", message.as_bytes(), 1000).text.endswith("周五开会")
    for name in ("a.eml", "a.epub"):
        with pytest.raises(ReadError, match="damaged"):
            read_document(name, b"nothing of the kind", 1000)


def office(kind: str) -> bytes:
    buffer = io.BytesIO()
    if kind == "docx":
        made = docx.Document()
        made.add_paragraph("零" * 3_000_000)
        made.save(buffer)
    elif kind == "xlsx":
        sheet = openpyxl.Workbook()
        sheet.active.append(["零" * 30_000 for _ in range(100)])
        sheet.save(buffer)
    else:
        return packed(**{"META-INF/container.xml": CONTAINER, "OPS/book.opf": PACKAGE, "OPS/c.xhtml": b"0" * 9_000_000})
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["docx", "xlsx", "epub"])
def test_a_packed_file_that_swells_is_refused_before_it_is_unpacked(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(office(kind))
    assert path.stat().st_size < 200_000
    with (
        ReaderPool(Settings(max_unpacked_mb=5)) as pool,
        pytest.raises(ReadError, match="unpacked it has .* MB.*max_unpacked_mb"),
    ):
        pool.read(f"a.{kind}", path)


def many_pages(number: int) -> bytes:
    """Return a small file whose one page is shown so many times."""
    kids = b"3 0 R " * number
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (number, kids),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
    ]
    body = b"".join(b"%d 0 obj%sendobj\n" % (n, one) for n, one in enumerate(objects, start=1))
    return b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R/Size 4>>"


def test_a_pdf_of_100_000_pages_ends_in_time(tmp_path: Path) -> None:
    path = tmp_path / "pages"
    path.write_bytes(many_pages(100_000))
    with ReaderPool(Settings(parse_seconds=2)) as pool, pytest.raises(ReadError, match="parse_seconds|a scan"):
        pool.read("a.pdf", path)


def test_one_endless_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "line"
    path.write_bytes(b"a" * 3_000_000)
    with ReaderPool(Settings(max_text_mb=2)) as pool, pytest.raises(ReadError, match="max_text_mb"):
        pool.read("a.txt", path)

"""Text in pictures: photos, scanned pages, pages on their side, and what is said where nothing recognises it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from workspaces import Workspace

from index import Document, Settings, made_with
from index.errors import ReadError
from index.readers import ReaderPool, formats, pdf, recogniser, scans
from index.readers.formats import check_supported, read_document

LINES = ("Meeting room 305 is closed", "until Monday 14 October for", "repairs of the ceiling lamps.")
needs_recognition = pytest.mark.skipif(not recogniser(), reason="the text recognition is not installed (youju[ocr])")


def picture(*lines: str, turn: int = 0) -> Image.Image:
    """Draw lines of text, and turn the page counter-clockwise by some degrees."""
    image = Image.new("RGB", (900, 70 + 60 * len(lines)), "white")
    font = ImageFont.load_default(40)
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((40, 30 + 60 * number), line, "black", font)
    return image.rotate(turn, expand=True)


def encoded(image: Image.Image, form: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form)
    return buffer.getvalue()


def pdf_of(*pages: str | Image.Image) -> bytes:
    """Return a PDF with a page for each text, printed, and each picture, scanned."""
    from fpdf import FPDF

    made = FPDF()
    made.set_font("helvetica", size=14)
    for page in pages:
        made.add_page()
        if isinstance(page, str):
            made.multi_cell(0, 10, page)
        else:
            made.image(page, 0, 0, 210, 297, keep_aspect_ratio=False)
    return bytes(made.output())


def words(document: Document) -> list[str]:
    return document.text.split()


EXPECTED = " ".join(LINES).split()


@needs_recognition
@pytest.mark.parametrize(
    ("name", "form", "turn"),
    [("a.png", "PNG", 0), ("b.jpg", "JPEG", 90), ("c.webp", "WEBP", 180), ("d.tiff", "TIFF", 270)],
)
def test_a_photo_is_read_however_it_lies(name: str, form: str, turn: int) -> None:
    document = read_document(name, encoded(picture(*LINES, turn=turn), form), 10**6)
    assert words(document) == EXPECTED
    assert document.recognised_pages == 1
    assert document.recognition_confidence > 0.9


@needs_recognition
def test_in_a_mixed_pdf_only_the_pictures_are_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = picture(*LINES, *[""] * 18)
    printed = "This page was printed by a program and holds its own text."
    seen = []
    monkeypatch.setattr(scans, "after_page", [lambda: seen.append(1)])
    document = read_document("a.pdf", pdf_of(printed, whole, printed), 10**6)
    assert [page.number for page in document.pages] == [1, 2, 3]
    first, second, third = (document.text[page.start : page.end] for page in document.pages)
    assert (first, third) == (printed, printed)
    assert second.split() == EXPECTED
    assert document.recognised_pages == len(seen) == 1


@needs_recognition
def test_words_of_a_pdf_with_recognised_pages_have_no_boxes(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf_of("The first page has a text of its own.", picture("Second page")))
    with pytest.raises(ReadError, match="recognised"):
        pdf.boxes_of(path, 0, 5)


@needs_recognition
def test_a_picture_without_text_and_one_that_is_damaged() -> None:
    with pytest.raises(ReadError, match="no text is recognised"):
        read_document("a.png", encoded(Image.new("RGB", (200, 200), "white"), "PNG"), 10**6)
    with pytest.raises(ReadError, match="not a valid picture"):
        read_document("a.png", b"\x89PNG no more", 10**6)


@needs_recognition
def test_a_sync_says_what_was_recognised_and_needs_no_network(workspace: Workspace) -> None:
    workspace.write({"照片.png": encoded(picture(*LINES), "PNG"), "文.txt": "一句话。"})
    report = workspace.sync()
    (recognised,) = report.recognised
    assert (recognised.document, recognised.pages) == ("照片.png", 1)
    assert recognised.confidence > 0.9
    assert workspace.found("ceiling lamps")[0] == "照片.png"
    assert workspace.sync().recognised == ()


def test_without_the_recognition_the_reason_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (formats, pdf, scans):
        monkeypatch.setattr(module, "recogniser", lambda: "")
    with pytest.raises(ReadError, match=r"youju\[ocr\]"):
        check_supported("a.png")
    with pytest.raises(ReadError, match=r"a scan.*youju\[ocr\]"):
        read_document("a.pdf", pdf_of(picture(*LINES)), 10**6)
    with pytest.raises(ReadError, match="save it as png"):
        check_supported("a.heic")


def test_scans_are_read_once_the_recognition_is_there(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = []
    for mark in ("", "rapidocr 1", "rapidocr 2"):
        monkeypatch.setattr(made_with, "recogniser", lambda mark=mark: mark)
        marks.append(made_with.fingerprint(workspace.settings, workspace.encoder))
    assert len(set(marks)) == 3


PAGES = """
from index.readers import worker, scans
from index.readers.formats import read_document

def read(document_id, content, longest_text):
    for _ in range(int(content)):
        for call in scans.after_page:
            call()
    return read_document(document_id, content, longest_text)

if __name__ == "__main__":
    worker.main(read)
"""


def test_news_of_each_page_is_not_taken_for_a_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The news gives the next page its own time."""
    (tmp_path / "pages.py").write_text(PAGES, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    counts = ("3", "0", "100", "1")
    for count in counts:
        (tmp_path / f"{count}.txt").write_text(count, "utf-8")
    with ReaderPool(Settings(), "pages") as pool:
        read = list(pool.read_all((f"{count}.txt", tmp_path / f"{count}.txt") for count in counts))
    assert [document.text for _, document in read if isinstance(document, Document)] == list(counts)

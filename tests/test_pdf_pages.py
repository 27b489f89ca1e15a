"""What is taken from PDF pages, and where it is found on them again."""

from __future__ import annotations

from pathlib import Path

import fpdf
import pytest

from index import Box, ReadError, boxes_of
from index.readers.formats import read_document
from index.readers.running_heads import Line, running_heads

FORMATS = Path(__file__).parents[2] / "shared" / "formats"


def pages(*texts: str, head: str = "", foot: str = "") -> bytes:
    made = fpdf.FPDF()
    made.set_auto_page_break(auto=False)
    made.set_font("Helvetica", size=12)
    for number, text in enumerate(texts, start=1):
        made.add_page()
        for y, line in ((8, head), (288, foot)):
            made.set_xy(20, y)
            made.cell(0, 4, line.format(n=number, total=len(texts)))
        made.set_xy(20, 40)
        made.multi_cell(0, 6, text)
    return bytes(made.output())


def text_of(content: bytes) -> str:
    return read_document("a.pdf", content, 100_000).text


def test_running_heads_and_page_numbers_are_left_out() -> None:
    content = pages("First.", "Second.", "Third.", head="Staff handbook", foot="Page {n} of {total}")
    document = read_document("a.pdf", content, 1000)
    assert document.text == "Staff handbook\nFirst.\n\nSecond.\n\nThird."
    assert [page.number for page in document.pages] == [1, 2, 3]


def test_two_pages_keep_every_line() -> None:
    assert text_of(pages("First.", "Second.", head="Head", foot="{n}")) == "Head\n1\nFirst.\n\nHead\n2\nSecond."


def test_lines_that_only_look_alike_stay() -> None:
    texts = [f"Total {n * n * 7}" for n in range(1, 6)]
    assert all(text in text_of(pages(*texts, head="Total {n}00 boxes", foot="Lot 5")) for text in texts)
    lines = [Line(f"{number} boxes", (), 0.97, page) for page, number in enumerate([17, 3, 250, 8])]
    assert running_heads([[line] for line in lines]) == set()


def test_a_head_that_comes_back_far_apart_is_content() -> None:
    heads = {0: "Notes", 20: "Notes", 40: "Notes"}
    assert running_heads([[Line(heads.get(n, f"Line {n * n + 3}"), (), 0.95, n)] for n in range(50)]) == set()


def test_words_broken_over_lines_are_joined_and_found_again(tmp_path: Path) -> None:
    made = fpdf.FPDF()
    made.set_font("Helvetica", size=12)
    made.add_page()
    made.text(20, 40, "A long enough line of text about the organisation of the distri-")
    made.text(20, 46, "bution of goods, which ends here.")
    path = tmp_path / "a.pdf"
    path.write_bytes(bytes(made.output()))
    text = text_of(path.read_bytes())
    assert text == "A long enough line of text about the organisation of the distribution of goods, which ends here."
    start = text.index("distribution")
    (found,) = boxes_of(path, start, start + len("distribution"))
    first, second = found.boxes
    assert (found.page, found.rotation) == (1, 0)
    assert found.area.top == pytest.approx(841.89, abs=1)
    assert 841.89 - first.bottom == pytest.approx(40 * 72 / 25.4, abs=6)  # 40 mm below the top
    assert first.bottom - second.bottom == pytest.approx(6 * 72 / 25.4, abs=1)
    assert first.left > second.right


def test_pieces_over_pages_and_pieces_that_are_not_there(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pages("First.", "", "Third.", head="Head", foot="{n}"))
    text = text_of(path.read_bytes())
    assert [found.page for found in boxes_of(path, 0, len(text))] == [1, 3]
    assert boxes_of(path, 3, 3) == []
    with pytest.raises(ReadError, match="it has changed"):
        boxes_of(path, 0, len(text) + 1)
    with pytest.raises(ReadError, match="cannot be opened"):
        boxes_of(tmp_path / "b.pdf", 0, 1)


@pytest.mark.skipif(not FORMATS.is_dir(), reason=f"the collection of real files {FORMATS.name!r} is not here")
@pytest.mark.parametrize(
    ("name", "words", "lines"),
    [
        ("mineru__introduction.pdf", "是用化学式来描述各种物质之间的不同化学反应的式子", 2),
        ("mineru__introduction.pdf", "“△𝐻=𝑄”，其中𝑄代表", 2),
        ("rapidocrpdf__direct_extract.pdf", "the offensive technology—the bomber"[4:], 1),
        ("pdfminer.six__zen_of_python_corrupted.pdf", "Simple is better than complex.", 1),
    ],
)
def test_boxes_hold_the_words_of_real_files(name: str, words: str, lines: int) -> None:
    text = text_of((FORMATS / name).read_bytes())
    start = text.index(words)
    (found,) = boxes_of(FORMATS / name, start, start + len(words))
    assert len(found.boxes) == lines
    for box in found.boxes:
        assert isinstance(box, Box)
        assert found.area.left <= box.left < box.right <= found.area.right
        assert found.area.bottom <= box.bottom < box.top <= found.area.top

"""Large documents and large indexes in the browser; the encoder is a stand-in, for the page is what is measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser_tools import SERVE_FAKE, Server, Visitor, is_synced, serving, wait_until

Visit = Callable[..., Visitor]

PAGES = 500
LINE = 1_000_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, real_cache_dir: Path) -> Iterator[Server]:
    from fpdf import FPDF

    folder = tmp_path_factory.mktemp("large")
    docs = folder / "docs"
    docs.mkdir()
    pdf = FPDF()
    pdf.set_font("Helvetica", size=10)
    for number in range(1, PAGES + 1):
        pdf.add_page()
        pdf.multi_cell(0, 5, f"Page number {number} tells about matter {number * 7919}. " + "Plain words fill the page. " * 70)
    pdf.output(str(docs / "long.pdf"))
    (docs / "line.txt").write_text("一行很长的字，" * (LINE // 21) + "末尾有灯塔。", "utf-8")
    with serving(SERVE_FAKE.format(delay_s=0), docs, folder / "index", folder / "log", real_cache_dir) as server:
        wait_until(lambda: is_synced(server), f"the sync did not end:\n{server.log.read_text()}", 240)
        yield server


def opened(visitor: Visitor, document: str, start: int, end: int) -> float:
    """Open an original as a card does, and return the seconds until its marked words are on the screen."""
    visitor.page.evaluate(
        """([d, s, e]) => {
            const link = document.createElement('a');
            link.className = 'original';
            link.dataset.title = d;
            link.href = 'youju/original?' + new URLSearchParams({document: d, start: s, end: e}) + '#quote';
            document.querySelector('#panel').append(link);
        }""",
        [document, start, end],
    )
    started = time.perf_counter()
    visitor.page.evaluate("document.querySelector('#panel a.original:last-child').click()")
    mark = visitor.original().locator("mark").first
    mark.wait_for()
    box = mark.bounding_box()
    while box is None or not 0 < box["y"] < 800:
        assert time.perf_counter() - started < 10, "the quote was not scrolled to"
        box = mark.bounding_box()
    took = time.perf_counter() - started
    visitor.page.keyboard.press("Escape")
    return took


def test_five_hundred_pages_open_in_under_a_second(large: Server, visit: Visit) -> None:
    visitor = visit(large, locale="en-US").arrive()
    times = [opened(visitor, "long.pdf", start, start + 60) for start in (1_000, 500_000, 900_000)]
    assert min(times) < 1.0, times


def test_a_megabyte_on_one_line_is_shown_and_marked(large: Server, visit: Visit) -> None:
    visitor = visit(large).arrive()
    end = len("一行很长的字，" * (LINE // 21) + "末尾有灯塔")
    assert opened(visitor, "line.txt", end - 2, end) < 5.0

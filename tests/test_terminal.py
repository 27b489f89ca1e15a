from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from index import Hit, Passage, ReadError
from qa import Answer, Citation
from ui.terminal import show_answer, show_error, show_hit

ACTS = "\x1b]52;c;cm0=\x1b\\\\ \x1b[8m隐藏\x9b2J\r"


def terminal() -> tuple[Console, StringIO]:
    written = StringIO()
    return Console(file=written, force_terminal=True, color_system=None, width=200), written


def answer(quote: str) -> Answer:
    citation = Citation(1, f"a{quote}.md", f"A{quote}", None, None, 0, len(quote), quote, "1")
    return Answer("谁来了？", "谁来了？", "answered", f"{quote} [1]", quote, 0.9, (citation,))


@pytest.mark.parametrize("show", ["answer", "hit", "error"])
def test_nothing_from_a_document_or_a_file_name_steers_the_terminal(show: str) -> None:
    console, written = terminal()
    if show == "answer":
        show_answer(console, answer(ACTS))
    elif show == "hit":
        show_hit(console, Hit(1, 1.0, 0.9, 5.0, Passage(1, f"{ACTS}.txt", 0, len(ACTS), ACTS, ACTS)))
    else:
        show_error(console, ReadError(f"{ACTS}.txt"))
    assert "隐藏" in written.getvalue()
    assert not {"\x1b", "\x9b", "\r"} & set(written.getvalue())


def test_that_documents_disagree_is_said() -> None:
    console, written = terminal()
    show_answer(console, replace(answer("一"), disagreement=True, notes=("“旧”较旧。",)))
    assert "各份文档的说法不一致" in written.getvalue()
    assert "“旧”较旧。" in written.getvalue()

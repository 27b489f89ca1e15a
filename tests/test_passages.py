"""Passages are slices of their document: exact, within a page, short enough, and nothing but space is lost."""

from __future__ import annotations

import time

import pytest
from fakes import character_tokenizer
from hypothesis import given, settings
from hypothesis import strategies as st

from index import Document, ModelEncoder, Page
from index.passages import LONGEST_RUN, Slice, Splitter

SPLITTERS = {tokens: Splitter(character_tokenizer(), tokens) for tokens in (16, 40)}
TEXTS = {
    "chinese": "北京是中国的首都。它有三千年的历史！你去过吗？" * 20,
    "no punctuation": "一二三四五六七八九十" * 50,
    "english": "The quick brown fox jumps over the lazy dog. " * 20,
    "crlf": "第一行\r\n\r\n第二行\r\n" * 30,
    "astral": "𠀀𠀁𠀂😀👨‍👩‍👧‍👦。" * 30,
    "only space at the ends": "\n\n  甲乙丙丁。 \u3000\n",
    "combining": "e\u0301" * 200,
    "one long word": "a" * 500,
    "one character": "字",
}


def check(document: Document, slices: list[Slice], tokens: int) -> None:
    """Every text must pass this, whatever it is; ``tokens`` are code points here."""
    before = 0
    for start, end, page in slices:
        assert before <= start < end
        assert document.text[before:start].strip() == ""
        assert document.text[start:end].strip()
        assert end - start <= tokens
        if page:
            assert page.start <= start < end <= page.end
        before = end
    assert document.text[before:].strip() == ""


@pytest.mark.parametrize("tokens", SPLITTERS)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_passages_of_many_texts(text: str, tokens: int) -> None:
    document = Document("a.txt", "a", text)
    slices = SPLITTERS[tokens].split(document)
    assert slices
    check(document, slices, tokens)


@given(
    st.text(
        alphabet=st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("中文。，！\n\r \u3000aB.")), max_size=300
    )
)
@settings(max_examples=150, deadline=None)
def test_passages_of_any_text(text: str) -> None:
    document = Document("a.txt", "a", text)
    check(document, SPLITTERS[16].split(document), 16)


@given(st.lists(st.text(alphabet="中文。，\n a", min_size=1, max_size=60), min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_no_passage_crosses_a_page(parts: list[str]) -> None:
    pages, start = [], 0
    for number, part in enumerate(parts, start=1):
        pages.append(Page(number, start, start + len(part)))
        start += len(part)
    document = Document("a.pdf", "a", "".join(parts), tuple(pages))
    slices = SPLITTERS[16].split(document)
    check(document, slices, 16)
    assert all(page is not None for _, _, page in slices)


def test_short_pages_stay_apart() -> None:
    document = Document("a.pdf", "a", "甲。\n乙。", (Page(1, 0, 2), Page(2, 3, 5, "附表")))
    assert SPLITTERS[40].split(document) == [Slice(0, 2, document.pages[0]), Slice(3, 5, document.pages[1])]


@pytest.mark.parametrize("text", ["", " \n\u3000\n", "\x1c\x1d\n\x85"], ids=repr)
def test_a_document_without_text_has_no_passages(text: str) -> None:
    assert SPLITTERS[16].split(Document("a.txt", "a", text)) == []


def test_passages_end_where_sentences_end() -> None:
    text = "北京是中国的首都。" * 10
    slices = SPLITTERS[40].split(Document("a.txt", "a", text))
    assert [text[end - 1] for _, end, _ in slices] == ["。"] * len(slices)
    assert len(slices) == 3  # four sentences of nine characters go into 40


def test_a_text_of_a_million_characters_without_punctuation() -> None:
    text = "一二三四五六七八九十" * 100_000
    document = Document("a.txt", "a", text)
    started = time.perf_counter()
    slices = Splitter(character_tokenizer(), 256).split(document)
    assert time.perf_counter() - started < 30  # without a limit on runs it is hours
    check(document, slices, 256)
    assert len(text) / 256 <= len(slices) <= 1.1 * len(text) / 256


def test_a_long_run_is_cut_at_a_weak_boundary() -> None:
    text = "字" * (LONGEST_RUN - 100) + "，" + "字" * LONGEST_RUN
    slices = Splitter(character_tokenizer(), 2 * LONGEST_RUN).split(Document("a.txt", "a", text))
    assert slices[0].end == LONGEST_RUN - 99


def test_passages_fit_the_real_tokenizer(bundled_encoder: ModelEncoder) -> None:
    text = TEXTS["chinese"] + TEXTS["english"] + TEXTS["astral"] + TEXTS["no punctuation"]
    document = Document("a.txt", "a", text)
    for tokens in (32, 256):
        slices = Splitter(bundled_encoder.tokenizer, tokens).split(document)
        lengths = [len(bundled_encoder.tokenizer.encode(text[start:end]).ids) for start, end, _ in slices]
        assert max(lengths) <= tokens + 2  # the encoder's own two are not the passage's
        check(document, slices, len(text))
        assert len(slices) < 2 * sum(lengths) / tokens  # no passage is short for nothing

"""Sentences have exact offsets and end where a reader would end them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import sentences_of


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences_of(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("今天下雨。明天晴！后天呢？", ["今天下雨。", "明天晴！", "后天呢？"], id="chinese ends"),
        pytest.param("他说：“走吧。”她没有走。", ["他说：“走吧。”", "她没有走。"], id="the end of a quotation"),
        pytest.param("他问“你来吗？我等你。”然后走了。", ["他问“你来吗？我等你。”", "然后走了。"], id="ends inside a quotation"),
        pytest.param(
            "本条例（以下称条例。下同）自公布之日起施行。完。",
            ["本条例（以下称条例。下同）自公布之日起施行。", "完。"],
            id="bracket",
        ),
        pytest.param(
            "他说（见下文。然后就走了。结束。", ["他说（见下文。", "然后就走了。", "结束。"], id="a bracket never closed"
        ),
        pytest.param("It rained. We stayed in.", ["It rained.", "We stayed in."], id="western ends"),
        pytest.param(
            "Dr. Smith met J. Doe in the U.S. Senate.", ["Dr. Smith met J. Doe in the U.S. Senate."], id="abbreviations"
        ),
        pytest.param("Pi is 3.14 or so. Yes.", ["Pi is 3.14 or so.", "Yes."], id="decimal point"),
        pytest.param("标题\n第一段。\n\n第二段", ["标题", "第一段。", "第二段"], id="lines"),
        pytest.param("1. 申请人提交材料。", ["1. 申请人提交材料。"], id="an item's number"),
        pytest.param("姓名；年龄；籍贯。", ["姓名；年龄；籍贯。"], id="short clauses stay together"),
        pytest.param("。。。\n----\n！", [], id="nothing said"),
        pytest.param("没有标点", ["没有标点"], id="no end"),
        pytest.param("", [], id="empty"),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_long_clauses_are_parted_at_the_semicolon() -> None:
    clause = "甲方应当按照本合同的约定及时足额支付全部价款" * 4
    assert sentences(f"{clause}；{clause}。") == [f"{clause}；", f"{clause}。"]


@given(st.text(alphabet="中文a A1.。！？；;\n\r\t “”（）()\"'", max_size=80))
def test_sentences_are_in_order_and_lose_nothing_that_says_something(text: str) -> None:
    before = 0
    for start, end in sentences_of(text):
        assert not any(char.isalnum() for char in text[before:start])
        assert before <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        before = end
    assert not any(char.isalnum() for char in text[before:])

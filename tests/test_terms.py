"""Terms are the same on both sides, in every script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import normalize, terms_of, words_of


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        pytest.param("臺灣的電腦網路", "台湾的电脑网路", id="traditional and simplified"),
        pytest.param("ＡＢＣ１２３", "abc123", id="full and half width"),
        pytest.param("ﾃﾞｰﾀ", "データ", id="half-width katakana"),
        pytest.param("GB/T 7714", "gb/t 7714", id="case"),
        pytest.param("cafe\u0301", "café", id="composed and decomposed"),
        pytest.param("①号", "1号", id="circled digits"),
        pytest.param("令\uf9a8", "令令", id="compatibility ideographs"),
    ],
)
def test_what_should_find_each_other_has_the_same_terms(written: str, asked: str) -> None:
    assert terms_of(written) == terms_of(asked) != []


def test_words_and_bigrams_of_chinese() -> None:
    assert sorted(terms_of("北京大学")) == sorted(["北京", "大学", "北京大学", "北京", "京大", "大学"])


def test_a_run_of_one_character_is_a_term() -> None:
    assert terms_of("猫") == ["猫"]
    assert terms_of("の") == ["の"]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        pytest.param("iPhone15 Pro_Max", ["iphone15", "pro", "max"], id="latin and digits are whole"),
        pytest.param("2024年", ["2024", "年"], id="a digit does not swallow Han"),
        pytest.param("東京タワー", ["东京", "东京", "タワ", "ワー"], id="kana by bigrams beside Han by words"),
        pytest.param("서울시", ["서울", "울시"], id="Hangul by bigrams"),
        pytest.param("приве́т", ["приве", "т"], id="a combining accent parts a word, on both sides alike"),
        pytest.param("，。！ _ \t\n", [], id="nothing to search for"),
        pytest.param("", [], id="empty"),
    ],
)
def test_terms_by_script(text: str, terms: list[str]) -> None:
    assert sorted(terms_of(text)) == sorted(terms)


def test_rare_ideographs_are_searched_by_bigrams() -> None:
    assert "\U00020000\U00020001" in terms_of("\U00020000\U00020001")


def test_words_leave_out_the_bigrams_of_han_only() -> None:
    text = "北京大学的GPU服务器"
    words = words_of(text)
    assert "京大" not in words
    assert {"北京", "大学", "gpu", "服务", "服务器"} <= set(words)
    assert set(words) < set(terms_of(text))
    assert words_of("서울시") == terms_of("서울시")


@given(st.text(max_size=60))
def test_terms_have_no_space_and_are_normal(text: str) -> None:
    for term in terms_of(text):
        assert term
        assert not any(char.isspace() for char in term)  # the keyword index parts terms at spaces
    assert set(words_of(text)) <= set(terms_of(text))


@given(st.text(alphabet="学校電腦abcＡＢ１２ 。", max_size=40))
def test_normalizing_twice_changes_nothing(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)

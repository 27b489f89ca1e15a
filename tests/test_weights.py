"""Rare terms tell more, words that questions are made of tell little."""

from __future__ import annotations

import math

import pytest

from index import coverage, terms_of
from index.weights import BACKGROUND_SIZE, LEAST, question_weight, term_weights


def test_words_of_questions_tell_little() -> None:
    assert question_weight("什么") < 0.5 < question_weight("土星")
    assert question_weight("which") < question_weight("saturn") == 1.0
    assert all(LEAST <= question_weight(term) <= 1.0 for term in terms_of("请问这是什么时候的哪一个地方？What is the"))


def test_a_rare_term_tells_more_than_a_common_one() -> None:
    weights = term_weights(["甲词", "乙词"], {"甲词": 1, "乙词": 900}, 1000)
    assert weights["甲词"] > weights["乙词"] > 0


def test_in_a_small_index_the_background_decides() -> None:
    weights = term_weights(["中国", "鸭嘴兽"], {"中国": 1, "鸭嘴兽": 1}, 2)
    assert weights["中国"] < weights["鸭嘴兽"]


def test_a_term_of_every_passage_still_has_a_weight() -> None:
    weights = term_weights(["甲词"], {"甲词": 10**9}, 10**9)
    assert weights == {"甲词": pytest.approx(LEAST)}


def test_the_weight_of_an_unknown_term_is_that_of_its_rate() -> None:
    one = term_weights(["鸭嘴兽"], {"鸭嘴兽": 0}, 0)["鸭嘴兽"]
    other = term_weights(["鸭嘴兽"], {"鸭嘴兽": BACKGROUND_SIZE}, BACKGROUND_SIZE)["鸭嘴兽"]
    assert one > other
    assert other == pytest.approx(-math.log(0.5 + math.exp(-one) / 2))


def test_coverage_is_the_share_of_the_weight_that_is_present() -> None:
    weights = {"甲": 3.0, "乙": 1.0}
    assert coverage(["甲", "乙"], {"甲"}, weights) == 0.75
    assert coverage(["甲", "乙", "乙"], {"乙"}, weights) == pytest.approx(0.4)  # asked twice, counted twice
    assert coverage(["甲", "乙"], {"甲", "乙", "丙"}, weights) == 1.0
    assert coverage(["甲"], {"丙"}, weights) == 0.0
    assert coverage([], {"甲"}, weights) == 0.0

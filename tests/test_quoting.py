from __future__ import annotations

import pytest

from qa.reader.quoting import quote_around


def quoted(question: str, text: str, answer: str) -> str:
    at = text.index(answer)
    start, end = quote_around(question, text, at, at + len(answer))
    return text[start:end]


NEWS = "大会昨日召开。县长王明（兼任书记）出席。他宣布了三项决定。散会后合影。"


def test_the_quote_is_the_whole_sentence() -> None:
    assert quoted("谁出席？", NEWS, "王明") == "县长王明（兼任书记）出席。"


def test_a_sentence_that_refers_back_comes_with_the_one_before() -> None:
    assert quoted("宣布了几项决定？", NEWS, "三项决定") == "县长王明（兼任书记）出席。他宣布了三项决定。"


def test_but_not_across_paragraphs_nor_with_a_long_one() -> None:
    assert quoted("宣布了什么？", "县长出席。\n他宣布了决定。", "决定") == "他宣布了决定。"
    assert quoted("宣布了什么？", "长" * 200 + "。他宣布了决定。", "决定") == "他宣布了决定。"


def test_an_answer_over_two_sentences_is_quoted_with_both() -> None:
    assert quoted("为什么？", "雨很大。因为路滑。所以停课。完。", "因为路滑。所以停课") == "因为路滑。所以停课。"


LIST = "本年重点工作如下：\n一是修路，全长三公里；\n二是建校，新增学位二百个；\n三是治水，清淤两条河。\n各单位要落实。"


@pytest.mark.parametrize("answer", ["修路", "建校", "治水"])
def test_a_list_is_quoted_whole_with_what_announces_it(answer: str) -> None:
    got = quoted("今年的三大重点分别是什么？", LIST, answer)
    assert got.startswith("本年重点工作如下：")
    assert got.endswith("三是治水，清淤两条河。")


def test_one_item_is_enough_where_nobody_asks_for_a_list() -> None:
    assert quoted("路有多长？", LIST, "三公里") == "一是修路，全长三公里；"


def test_a_very_long_list_is_quoted_as_far_as_the_answer_goes() -> None:
    text = "名单如下：\n" + "\n".join(f"{i}. {'很长的一项' * 10}" for i in range(1, 40))
    assert len(quoted("有哪些人？", text, "2. 很长的一项")) < 100

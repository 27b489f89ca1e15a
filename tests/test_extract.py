from __future__ import annotations

from dataclasses import replace

import pytest

from index import Hit, Passage
from qa.extract import Composed, compose
from qa.reader import Finding, Reading


def finding(document: str, text: str, start: int, end: int, score: float, held: set[str], passage_start: int = 100) -> Finding:
    passage = Passage(
        id=len(document) * 100 + start,
        document_id=document,
        start=passage_start,
        end=passage_start + len(text),
        text=text,
        title=f"《{document}》",
        page=3,
    )
    hit = Hit(rank=1, score=1.0, dense=0.9, keyword=5.0, passage=passage)
    at, to = passage_start + start, passage_start + end
    return Finding(hit, at, to, at, to, score, frozenset(held))


TEXT = "会议由宁云主持。柏建华宣读表彰文件。无关的一句。"


def test_the_answer_is_the_best_sentence_with_its_marker_and_offsets() -> None:
    composed = compose(Reading((finding("a.txt", TEXT, 0, 8, 0.9, {"会议", "主持"}),), 0.9, answered=True))
    assert composed.text == "会议由宁云主持。 [1]"
    assert composed.short_answer == "会议由宁云主持。"
    (citation,) = composed.citations
    assert (citation.marker, citation.document, citation.start, citation.end) == (1, "a.txt", 100, 108)
    assert citation.quote == "会议由宁云主持。"
    assert citation.page == 3
    (statement,) = composed.statements
    assert composed.text[statement.start : statement.end] == citation.quote
    assert statement.markers == (1,)


def test_a_second_sentence_is_added_only_for_words_that_are_still_open() -> None:
    best = finding("a.txt", TEXT, 0, 8, 0.9, {"会议", "主持"})
    adds = finding("b.txt", TEXT, 8, 18, 0.85, {"表彰"})
    adds_nothing = finding("b.txt", TEXT, 18, 24, 0.88, {"会议"})
    far_behind = finding("b.txt", TEXT, 8, 18, 0.3, {"表彰"})
    assert compose(Reading((best, adds_nothing, adds), 0.9, answered=True)).text.endswith("柏建华宣读表彰文件。 [2]")
    assert len(compose(Reading((best, far_behind), 0.9, answered=True)).citations) == 1


def test_two_documents_that_say_the_same_are_one_statement_with_two_markers() -> None:
    one, other = finding("a.txt", TEXT, 0, 8, 0.9, {"主持"}), finding("b.txt", TEXT, 0, 8, 0.7, {"主持"})
    composed = compose(Reading((one, other), 0.9, answered=True))
    assert composed.text == "会议由宁云主持。 [1][2]"
    assert [citation.document for citation in composed.citations] == ["a.txt", "b.txt"]
    assert composed.statements[0].markers == (1, 2)


def test_a_sentence_is_not_repeated_by_a_pair_that_holds_it() -> None:
    best = finding("a.txt", TEXT, 0, 8, 0.9, {"会议", "主持"})
    pair = finding("a.txt", TEXT, 0, 18, 0.89, {"会议", "主持", "表彰"})
    elsewhere = finding("b.txt", TEXT, 0, 18, 0.89, {"会议", "主持", "表彰"})
    assert compose(Reading((best, pair, elsewhere), 0.9, answered=True)).text == "会议由宁云主持。 [1]"


RULE = "差旅费报销办法：市内交通每人每天补助{}，凭出差审批单领取，住宿费凭发票报销。"
OLD, NEW = RULE.format("八十元"), RULE.format("一百元")


def said(document: str, text: str, words: str, score: float, date: str | None) -> Finding:
    whole = finding(document, text, 0, len(text), score, {"交通", "补助"})
    at = 100 + text.index(words)
    passage = replace(whole.hit.passage, date=date)
    return replace(whole, hit=replace(whole.hit, passage=passage), short_start=at, short_end=at + len(words))


def test_of_two_versions_that_disagree_the_newer_comes_first_and_the_older_is_named() -> None:
    old, new = said("旧.txt", OLD, "八十元", 0.9, "2022-03-01"), said("新.txt", NEW, "一百元", 0.8, "2024-03-01")
    for findings in ((old, new), (new, old)):
        composed = compose(Reading(findings, 0.9, answered=True))
        assert composed.disagreement
        assert composed.short_answer == "一百元"
        assert [c.document for c in composed.citations] == ["新.txt", "旧.txt"]
        assert composed.older is not None
        assert composed.older.document == "旧.txt"


def test_without_dates_or_likeness_the_surer_comes_first() -> None:
    other = "县财政局通知：公务出行市内交通补助标准为每人每天一百元，自下月起执行。"
    for old, new in (
        (said("旧.txt", OLD, "八十元", 0.9, None), said("新.txt", NEW, "一百元", 0.8, "2024-03-01")),
        (said("旧.txt", OLD, "八十元", 0.9, "2022-03-01"), said("新.txt", other, "一百元", 0.8, "2024-03-01")),
    ):
        composed = compose(Reading((old, new), 0.9, answered=True))
        assert (composed.disagreement, composed.short_answer, composed.older) == (True, "八十元", None)


def both(one: str, words: str, other: str, other_words: str) -> Composed:
    return compose(
        Reading((said("a.txt", one, words, 0.9, None), said("b.txt", other, other_words, 0.8, None)), 0.9, answered=True)
    )


@pytest.mark.parametrize(
    ("one", "other"), [("3.5%", "35%"), ("1.5万元", "15万元"), ("5℃", "-5℃"), ("八点", "八点半"), ("百分之五", "百分之五十")]
)
def test_no_marker_stands_for_another_number_than_its_quote_gives(one: str, other: str) -> None:
    composed = both(f"交通补助为{one}。", one, f"交通补助为{other}。", other)
    assert composed.disagreement
    assert [statement.markers for statement in composed.statements] == [(1,), (2,)]


@pytest.mark.parametrize(
    ("one", "other"),
    [("三个月", "3个月"), ("1,000元", "1000元"), ("八十元", "80元"), ("5.0%", "百分之五"), ("1.5万元", "15000元")],
)
def test_the_same_number_written_in_two_ways_is_the_same(one: str, other: str) -> None:
    composed = both(f"交通补助为{one}。", one, f"经研究，市内交通补助定为{other}，自下月起执行。", other)
    assert not composed.disagreement
    assert [statement.markers for statement in composed.statements] == [(1, 2)]

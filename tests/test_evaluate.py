from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from evaluations import TEXT, ScriptedAssistant, answered, cite, gold, hit, outcome, refused
from sklearn.metrics import roc_auc_score

from qa import Answer, Assistant
from qa.evaluation import (
    MEASURES,
    EvaluationError,
    GoldQuestion,
    Outcome,
    compare,
    evaluate,
    read_outcomes,
    read_questions,
)
from qa.evaluation.comparing import mcnemar
from qa.evaluation.judging import bare, character_f1, exact_match, flat, judge, rank_of_gold, stands_in
from qa.evaluation.measures import auroc, calibration_error, reliability, risk_coverage, summarise

ROOT = Path(__file__).resolve().parents[1]
SEEDS = ROOT / "seeds" / "questions.jsonl"


def read(tmp_path: Path, *lines: object) -> list[GoldQuestion]:
    path = tmp_path / "q.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")
    return read_questions(path)


# --- the file of questions


def test_every_form_of_question_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        {"question": "一？", "answer": "甲", "unknown": {"key": 1}},
        "",
        {"question": "二？", "answers": ["乙", "丙"], "document": ["b.txt", "c.txt"], "id": 7, "quote": None},
        {"question": "三？", "quote": "丁是丁", "document": "d.txt"},
        {"question": "四？", "answerable": False},
        {"question": "你好", "chat": True},
        {"question": "五？", "document": "e.txt"},
        {"question": "一？", "answer": "另一个"},
    )
    assert [q.kind for q in found] == ["answerable"] * 3 + ["unanswerable", "chat"] + ["answerable"] * 2
    assert [q.id for q in found] == ["一？", "7", "三？", "四？", "你好", "五？", "一？ #2"]
    assert (found[1].answers, found[1].documents) == (("乙", "丙"), ("b.txt", "c.txt"))
    assert (found[2].spans, found[2].short) == (("丁是丁",), ("丁是丁",))
    assert found[1].place.endswith("q.jsonl, line 3")


def test_the_samples_are_questions_as_they_are() -> None:
    kinds = [question.kind for question in read_questions(SEEDS)]
    assert (kinds.count("answerable"), kinds.count("unanswerable"), kinds.count("chat")) == (117, 26, 3)


def test_what_the_documentation_shows_is_so(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "evaluation.md").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.startswith("{")]
    assert [q.kind for q in read(tmp_path, *lines)] == ["answerable", "answerable", "unanswerable", "answerable", "chat"]
    table = text[text.index("## The measures") : text.index("## The pictures")]
    named = [name for row in table.splitlines() if row.startswith("|") for name in re.findall(r"`([\w@]+)`", row.split("|")[2])]
    assert named == [measure.name for measure in MEASURES]


def test_a_byte_order_mark_and_line_ends_of_windows_are_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes('\ufeff{"question": "一\u2028？", "answer": "甲"}\r\n'.encode())
    assert [q.text for q in read_questions(path)] == ["一\u2028？"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"question": "一？", "answer": }', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('["一？"]', "not a JSON object"),
        ({"answer": "甲"}, '"question" is missing'),
        ({"question": "  ", "answer": "甲"}, '"question" is missing'),
        ({"question": "一？"}, "nothing says what the answer is"),
        ({"question": "一？", "answers": []}, "nothing says what the answer is"),
        ({"question": "一？", "answer": 920}, '"answer" is 920'),
        ({"question": "一？", "answers": ["甲", 3]}, '"answers" is'),
        ({"question": "一？", "answer": "。"}, "without a letter or digit"),
        ({"question": "一？", "document": [""]}, '"document" is'),
        ({"question": "一？", "answer": "甲", "answerable": False}, "said to have none"),
        ({"question": "一？", "answerable": "no"}, "\"answerable\" is 'no'"),
        ({"question": "一？", "answerable": 0}, '"answerable" is 0'),
        ({"question": "一？", "answer": "甲", "id": ["x"]}, '"id" is'),
        ('{"question": "\\ud800", "answer": "甲"}', "half of a character"),
    ],
)
def test_a_bad_line_is_an_error_with_file_line_and_next_step(tmp_path: Path, line: object, words: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        read(tmp_path, {"question": "好？", "answer": "甲"}, line)
    message = str(raised.value)
    assert "q.jsonl, line 2: " in message
    assert words in message
    assert message.endswith(".")
    assert message.count(". ") >= 1 or "). " in message


def test_an_id_stands_once(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"line 2: \"id\" 'a' has been used before \(.*line 1\)"):
        read(tmp_path, {"id": "a", "question": "一？", "answer": "甲"}, {"id": "a", "question": "二？", "answer": "甲"})


@pytest.mark.parametrize(
    ("content", "words"), [(b"\n \n", "holds no question"), ("{}\n会议由谁主持".encode("gb18030"), "line 2: not UTF-8")]
)
def test_a_file_that_holds_no_questions(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "q.jsonl").write_bytes(content)
    with pytest.raises(EvaluationError, match=words):
        read_questions(tmp_path / "q.jsonl")
    with pytest.raises(EvaluationError, match="does not exist"):
        read_questions(tmp_path / "absent.jsonl")


# --- one answer


def test_texts_are_compared_without_width_punctuation_and_spaces() -> None:
    assert bare("“２０２４年”， 6 月。\n") == "2024年6月"
    assert exact_match("320 人。", ["三百", "３２０人"])
    assert not exact_match("约320人", ["320人"])
    assert character_f1("约320人", ["320人"]) == pytest.approx(2 * 4 / (5 + 4))
    assert character_f1("甲甲乙", ["甲丙"]) == pytest.approx(2 * 1 / 5)  # a character counts as often as both hold it
    assert character_f1("宁云主持", ["柏建华", "宁云"]) == pytest.approx(2 * 2 / 6)  # the best of the golds
    assert character_f1("", ["甲"]) == 0.0


@pytest.mark.parametrize(
    ("span", "text", "stands"),
    [
        ("总投资12.8亿元", "项目总投\n资 12.8 亿元，", True),
        ("gold award", "the gold\n  award of", True),
        ("gold award", "the goldaward of", False),
        ("320人", "共1320人", False),
        ("第3", "第35条", False),
        ("12日", "3月12日，6月2日", True),
        ("2日", "3月12日，6月2日", True),  # found behind a place that does not count
        ("２０２４年", "2024年", True),
        ("甲", "", False),
    ],
)
def test_where_an_answer_stands(span: str, text: str, stands: bool) -> None:
    assert stands_in(flat(span), flat(text)) is stands


def test_the_rank_is_that_of_the_first_passage_with_the_answer_of_the_named_document() -> None:
    hits = [hit(1, "x.txt", TEXT), hit(2, "a.txt", "别的话"), hit(3, "a.txt", TEXT)]
    assert rank_of_gold(gold(answers=["宁云"]), hits) == 1
    assert rank_of_gold(gold(answers=["宁云"], documents=["a.txt"]), hits) == 3
    assert rank_of_gold(gold(documents=["a.txt"]), hits) == 2
    assert rank_of_gold(gold(answers=["柏建华"]), hits) is None
    assert rank_of_gold(gold(answers=["宁云"], documents=["a.txt"]), [hit(i, "x", "") for i in range(1, 11)] + hits) is None


def test_an_answer_is_judged_for_every_measure() -> None:
    answer = answered(
        "县长宁云",
        [cite("a.txt", "县长宁云主持会议。", 6), cite("b.txt", "不在此处")],
        [hit(1, "b", TEXT), hit(2, "a.txt", TEXT)],
        text="县长宁云主持会议。 [1]",
    )
    assert judge(gold(answers=["宁云"], documents=["a.txt"]), answer, {"a.txt": TEXT}.get) == {
        "citations_verbatim": 0.5,
        "refused_answerable": False,
        "hit@1": False,
        "hit@5": True,
        "hit@10": True,
        "mrr@10": 0.5,
        "exact": False,
        "f1": pytest.approx(2 * 2 / 6),
        "sentence_hit": True,
        "right": True,
        "right_when_answered": True,
        "citations_right": 0.5,
    }


def test_the_right_words_of_another_document_are_not_right_where_one_is_named() -> None:
    answer = answered("宁云", [cite("b.txt", "县长宁云主持会议。")])
    values = judge(gold(answers=["宁云"], documents=["a.txt"]), answer, {}.get)
    assert (values["sentence_hit"], values["right"], values["exact"], values["citations_verbatim"]) == (True, False, True, 0.0)
    assert judge(gold(answers=["宁云"]), answer, {}.get)["right"] is True
    only_document = judge(gold(documents=["b.txt"]), answer, {}.get)
    assert only_document["right"] is True
    assert "exact" not in only_document


def test_a_refusal_is_no_answer() -> None:
    values = judge(gold(answers=["宁云"]), refused([hit(1, "a", TEXT)]), {}.get)
    assert values["refused_answerable"] is True
    assert (values["hit@1"], values["exact"], values["f1"], values["sentence_hit"], values["right"]) == (
        True,
        False,
        0.0,
        False,
        False,
    )
    assert not {"right_when_answered", "citations_verbatim", "citations_right"} & values.keys()


def test_questions_without_an_answer_and_small_talk() -> None:
    stated = judge(gold(kind="unanswerable"), answered("甲", [cite("a", TEXT[:3])]), {"a": TEXT}.get)
    assert stated == {"citations_verbatim": 1.0, "refused_unanswerable": False, "right_when_answered": False}
    assert judge(gold(kind="unanswerable"), refused(), {}.get) == {"refused_unanswerable": True}
    assert judge(gold(kind="chat"), refused(), {}.get) == {"chat": False}


# --- many answers


def test_auroc_is_that_of_scikit_learn() -> None:
    chance = np.random.default_rng(0)
    for _ in range(20):
        scores = chance.integers(0, 6, 40) / 5  # with ties
        labels = chance.random(40) < 0.6
        assert auroc(scores, labels) == pytest.approx(roc_auc_score(labels, scores))
    assert auroc(np.array([0.1, 0.2]), np.array([True, True])) is None


def test_calibration_error_by_hand() -> None:
    bins = reliability([(0.95, True), (1.0, False), (0.35, False), (0.31, True), (0.3, True)])
    assert [(b.low, b.answers) for b in bins] == [(0.3, 3), (0.9, 2)]
    assert bins[0].right == pytest.approx(2 / 3)
    assert calibration_error(bins) == pytest.approx((3 * abs(0.32 - 2 / 3) + 2 * abs(0.975 - 0.5)) / 5)
    assert calibration_error([]) is None


def test_the_risk_curve_goes_from_the_surest_answer_to_the_last_that_was_given() -> None:
    outcomes = [
        outcome(1, confidence=0.9, right=True, right_when_answered=True),
        outcome(2, confidence=0.8, right=False, right_when_answered=False),
        outcome(3, confidence=0.8, kind="unanswerable", right_when_answered=False),
        outcome(4, confidence=0.2, status="not_found", right=False),
        outcome(5, confidence=0.1, status="not_found", kind="unanswerable", refused_unanswerable=True),
        outcome(6, kind="chat", status="chat", chat=True),
        outcome(7, confidence=0.99),  # nothing says what would be right
    ]
    assert risk_coverage(outcomes) == [(pytest.approx(1 / 5), 0.0), (pytest.approx(3 / 5), pytest.approx(2 / 3))]
    assert risk_coverage([]) == []


def test_a_summary_says_over_how_many_and_null_where_there_is_nothing() -> None:
    measures = summarise(
        [
            outcome(1, citations=3, citations_verbatim=1.0, hit_at_1=True, f1=0.5, confidence=0.9),
            outcome(2, citations=1, citations_verbatim=0.0, hit_at_1=False, f1=1.0, confidence=0.4),
            outcome(3, citations=0, kind="unanswerable", status="not_found", refused_unanswerable=True, confidence=0.5),
            outcome(900, kind="chat", status="chat", chat=True),
        ]
    )
    assert list(measures) == [measure.name for measure in MEASURES]
    assert (measures["hit@1"].value, measures["hit@1"].questions) == (0.5, 2)
    assert (measures["f1"].value, measures["f1"].questions) == (0.75, 2)
    assert (measures["citations_verbatim"].value, measures["citations_verbatim"].questions) == (0.75, 2)
    assert (measures["auroc"].value, measures["auroc"].questions) == (0.5, 3)
    assert (measures["ask_p50"].value, measures["ask_p95"].value) == (20.0, pytest.approx(29.0))
    for name in ("exact", "citations_right", "calibration_error", "search_p50"):
        assert measures[name].to_dict() == {"value": None, "questions": 0}


# --- two runs


def pair(name: str, yes_here: int, yes_there: int, both: int, neither: int = 0) -> tuple[list[Outcome], list[Outcome]]:
    """Return two runs in which so many questions say yes here only, there only, in both, in neither."""
    pairs = [(True, False)] * yes_here + [(False, True)] * yes_there + [(True, True)] * both + [(False, False)] * neither
    return (
        [outcome(i, **{name: a}) for i, (a, _) in enumerate(pairs)],
        [outcome(i, **{name: b}) for i, (_, b) in enumerate(pairs)],
    )


def test_mcnemar_is_the_exact_sign_test() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(5, 0) == pytest.approx(2 / 32)
    assert mcnemar(0, 6) == pytest.approx(2 / 64)
    assert mcnemar(8, 2) == mcnemar(2, 8) == pytest.approx(2 * (1 + 10 + 45) / 1024)
    assert mcnemar(3, 3) == 1.0
    assert 0 < mcnemar(900, 1100) < 1e-4  # no overflow


def test_a_clear_difference_and_one_within_chance() -> None:
    clear = compare(*pair("sentence_hit", 15, 1, 20, 4), "other.json").differences["sentence_hit"]
    assert (clear.questions, clear.only_this, clear.only_other) == (40, 15, 1)
    assert (clear.this, clear.other) == (35 / 40, 21 / 40)
    assert clear.p == pytest.approx(mcnemar(15, 1))
    assert not clear.is_chance
    assert 0.1 < clear.low < 0.35 < clear.high < 0.6
    slight = compare(*pair("sentence_hit", 4, 2, 30), "other.json").differences["sentence_hit"]
    assert slight.is_chance
    assert slight.low < 0 < slight.high


def test_the_interval_is_that_of_the_normal_law_where_there_are_many() -> None:
    found = compare(*pair("f1", 120, 60, 220), "other.json").differences["f1"]
    mean = 60 / 400
    error = np.sqrt((180 / 400 - mean**2) / 400)
    assert found.low == pytest.approx(mean - 1.96 * error, abs=0.006)
    assert found.high == pytest.approx(mean + 1.96 * error, abs=0.006)
    assert found.only_this is None
    assert not found.is_chance
    assert found.p < 0.001
    assert found == compare(*pair("f1", 120, 60, 220), "other.json").differences["f1"]  # seeded


def test_a_handful_of_questions_is_never_more_than_chance() -> None:
    """The interval of five equal differences is a point away from 0."""
    this, other = [outcome(i, f1=0.9) for i in range(5)], [outcome(i, f1=0.4) for i in range(5)]
    found = compare(this, other, "o").differences["f1"]
    assert found.low == found.high == pytest.approx(0.5)
    assert found.is_chance


def test_equal_runs_do_not_differ() -> None:
    this, _ = pair("exact", 7, 0, 5)
    found = compare(this, this, "o").differences["exact"]
    assert (found.low, found.high, found.p, found.is_chance) == (0.0, 0.0, 1.0, True)


def test_citations_count_as_citations() -> None:
    this = [outcome(1, citations=3, citations_right=1.0), outcome(2, citations=1, citations_right=0.0)]
    other = [outcome(1, citations=1, citations_right=1.0), outcome(2, citations=1, citations_right=0.0)]
    found = compare(this, other, "o").differences["citations_right"]
    assert (found.this, found.other) == (0.75, 0.5)


def confident(sure: float, seed: int = 1) -> list[Outcome]:
    """Return 30 questions of each kind; the confidence of the answerable is higher by ``sure``, within noise of 0..1."""
    noise = (np.random.default_rng(seed).random(60) / 2).round(1)  # with ties
    kinds = ["answerable", "unanswerable"] * 30
    return [
        outcome(i, kind=kind, confidence=float(n + (sure if kind == "answerable" else 0)))
        for i, (kind, n) in enumerate(zip(kinds, noise, strict=True))
    ]


def test_the_area_under_the_curve_is_compared_as_well() -> None:
    good, bad = confident(0.4), confident(0.0)
    found = compare(good, bad, "o").differences["auroc"]
    assert found.this == pytest.approx(summarise(good)["auroc"].value)
    assert found.other == pytest.approx(summarise(bad)["auroc"].value)
    assert 0 < found.low < found.this - found.other < found.high
    assert not found.is_chance
    assert compare(confident(0.2), confident(0.2, seed=2), "o").differences["auroc"].is_chance
    assert "auroc" not in compare(*pair("exact", 1, 1, 1), "o").differences


def test_only_questions_of_both_with_the_same_answer_are_compared() -> None:
    this, other = pair("exact", 3, 0, 3)
    changed = Outcome(gold("q0", answers=["另一个"]), "answered", 0.5, 1, {"exact": False}, 1.0)
    comparison = compare([*this, outcome(77, exact=True)], [changed, *other[1:]], "o")
    assert (comparison.common, comparison.only_this, comparison.only_other) == (5, 2, 1)
    assert comparison.differences["exact"].questions == 5
    with pytest.raises(EvaluationError, match=r"o\.json has no question in common"):
        compare(this[:1], other[1:], "o.json")


# --- the run

ANSWERS = {
    "谁主持？": answered("宁云", [cite("a.txt", "县长宁云主持会议。", 6)], [hit(1, "a.txt", TEXT)]),
    "多少人？": refused([hit(1, "a.txt", TEXT)]),
    "几楼？": answered("三楼", [cite("a.txt", "三楼")], [hit(1, "a.txt", TEXT)], 0.4),
    "你好": Answer("你好", "你好", "chat", "你好", "", 0.0),
}
QUESTIONS = [
    gold("谁主持？", answers=["宁云"], documents=["a.txt"]),
    gold("多少人？", answers=["321人"], documents=["a.txt"]),
    gold("几楼？", kind="unanswerable", documents=["gone.txt"]),
    gold("你好", kind="chat"),
]


def scripted() -> ScriptedAssistant:
    return ScriptedAssistant(dict(ANSWERS), {"a.txt": TEXT})


def run(questions: list[GoldQuestion], assistant: ScriptedAssistant | None = None) -> Any:
    return evaluate(cast("Assistant", assistant or scripted()), questions)


def test_a_run_asks_each_question_and_says_what_to_look_at() -> None:
    assistant = scripted()
    seen: list[tuple[int, int]] = []
    evaluation = evaluate(cast("Assistant", assistant), QUESTIONS, lambda done, total: seen.append((done, total)))
    assert assistant.asked[1:] == [q.text for q in QUESTIONS]
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert [row.outcome.verdict for row in evaluation.rows] == ["right", "refused", "stated", "right"]
    assert [row.rank for row in evaluation.rows] == [1, None, None, None]
    assert evaluation.rows[2].verbatim == (False,)
    assert evaluation.absent == {"几楼？": ("gone.txt",)}
    assert evaluation.unfindable == ("多少人？",)
    assert evaluation.measures["citations_verbatim"].value == 0.5
    assert evaluation.measures["search_p50"].value == 3.0
    assert evaluation.counts == {"asked": 4, "answerable": 2, "unanswerable": 1, "chat": 1}


def test_a_document_that_is_absent_is_said_once() -> None:
    evaluation = run([gold("谁主持？", answers=["宁云"], documents=["gone.txt"])])
    assert evaluation.absent == {"谁主持？": ("gone.txt",)}
    assert evaluation.unfindable == ()


def test_a_question_that_is_too_long_ends_the_run_before_it_begins() -> None:
    assistant = scripted()
    long = GoldQuestion("x", "长" * 201, "unanswerable", place="q.jsonl, line 9")
    with pytest.raises(EvaluationError, match=r"q\.jsonl, line 9: the question is too long"):
        run([*QUESTIONS, long], assistant)
    assert assistant.asked == []


def test_a_stored_run_can_be_compared_with(tmp_path: Path) -> None:
    evaluation = run(QUESTIONS)
    path = tmp_path / "a.json"
    path.write_text(json.dumps(evaluation.to_dict(), ensure_ascii=False), "utf-8")
    again = read_outcomes(path)
    assert [o.gold for o in again] == QUESTIONS
    assert [o.values for o in again] == [o.values for o in evaluation.outcomes]
    assert summarise(again)["auroc"] == evaluation.measures["auroc"]
    comparison = compare(evaluation.outcomes, again, "a.json")
    assert comparison.common == 4
    assert all(found.is_chance and found.this == found.other for found in comparison.differences.values())
    json.dumps(comparison.to_dict())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is not a result of youju eval"),
        ("[]", "is not a result"),
        ('{"format": "x", "rows": []}', "\"format\" is 'x'"),
        ('{"format": "youju-evaluation-1"}', "'rows' is missing"),
        ('{"format": "youju-evaluation-1", "rows": [{"id": "a"}]}', "'question' is missing"),
        ('{"format": "youju-evaluation-1", "rows": [3]}', "is not a result"),
    ],
)
def test_another_file_is_not_compared_with(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content, "utf-8")
    with pytest.raises(EvaluationError) as raised:
        read_outcomes(path)
    assert words in str(raised.value)
    assert "--json > a.json" in str(raised.value)

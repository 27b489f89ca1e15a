from __future__ import annotations

from collections.abc import Sequence

import pytest

from index import Hit, Passage
from qa.followup import LONGEST_SAID, Attempt, Told, refers_back, signs, stated, topic_of, understood
from qa.reader import Finding, Reading

ASKED_WITH = {"是", "什么", "哪", "哪一", "一年", "年", "成立", "于", "的", "多少", "谁", "里", "呢", "它", "哪一年"}


def weights(words: Sequence[str]) -> dict[str, float]:
    """Words that questions are made of tell nothing, all others the same."""
    return {word: 0.05 if word in ASKED_WITH else 6.0 for word in words}


def found(question: str, confidence: float, nearness: float = 0.85, text: str = "武汉大学法学院创建于1908年。") -> Attempt:
    hit = Hit(1, 1.0, nearness, 5.0, Passage(1, "a.txt", 0, len(text), text, "通知"))
    finding = Finding(hit, 0, len(text), 0, len(text), confidence, frozenset())
    return Attempt(question, [hit], {}, Reading((finding,), confidence, answered=confidence > 0.4), 1.0)


class Documents:
    """Answers the questions that it knows, over chosen documents; keeps what it is asked."""

    def __init__(self, sure: dict[str, float], otherwise: float = 0.1, nearness: float = 0.85) -> None:
        self.sure, self.otherwise, self.nearness = sure, otherwise, nearness
        self.tried: list[tuple[str, tuple[str, ...]]] = []

    def __call__(self, question: str, documents: Sequence[str]) -> Attempt:
        self.tried.append((question, tuple(documents)))
        return found(question, self.sure.get(question, self.otherwise), self.nearness)


TOLD = [Told("武汉大学法学院的院长是谁？", "冯果", ("法学院.txt",))]


def test_a_follow_up_is_read_over_what_the_last_answer_rests_on() -> None:
    documents = Documents({"成立于哪一年？": 0.9})
    meant = understood("成立于哪一年？", found("成立于哪一年？", 0.5), TOLD, documents, weights)
    assert documents.tried[0] == ("成立于哪一年？", ("法学院.txt",))
    assert meant.question == "武汉大学法学院 院长 成立于哪一年？"
    assert meant.reading.confidence == 0.9


def test_the_last_answer_may_be_what_a_word_stands_for() -> None:
    documents = Documents({"冯果 他是哪里人？": 0.9})
    meant = understood("他是哪里人？", found("他是哪里人？", 0.7), TOLD, documents, weights)
    assert meant.question == "武汉大学法学院 院长 冯果 他是哪里人？"
    assert meant.reading.confidence == 0.9


def test_a_long_answer_is_not_what_a_word_stands_for() -> None:
    documents = Documents({})
    understood(
        "它呢？", found("它呢？", 0.7), [Told("院长是谁？", "冯" * (LONGEST_SAID + 1), ("法学院.txt",))], documents, weights
    )
    assert len(documents.tried) == 1


def test_a_follow_up_that_is_not_answered_there_is_not_answered_from_elsewhere() -> None:
    alone = found("她的电话是多少？", 0.9, text="别人的电话是12345。")
    meant = understood("她的电话是多少？", alone, TOLD, Documents({}), weights)
    assert not meant.reading.answered


def test_a_question_that_stands_alone_is_left_alone() -> None:
    question = "南昌大学前湖校区图书馆今年春季学期周末几点开门？"
    alone = found(question, 0.8, nearness=0.9)
    assert understood(question, alone, TOLD, Documents({}, otherwise=0.05, nearness=0.8), weights) is alone


def test_a_question_in_another_language_that_stands_alone_is_left_alone() -> None:
    question = "Which carpenter made the folding stool and the bamboo bench?"
    alone = found(question, 0.6, nearness=0.86)
    assert understood(question, alone, TOLD, Documents({}, otherwise=0.1, nearness=0.78), weights) is alone


def test_what_was_spoken_of_is_looked_for_behind_what_was_not_answered() -> None:
    documents = Documents({"成立于哪一年？": 0.9})
    told = [*TOLD, Told("它有几层楼？", "", ())]
    understood("成立于哪一年？", found("成立于哪一年？", 0.5), told, documents, weights)
    assert documents.tried == [("成立于哪一年？", ("法学院.txt",))]  # and not with an answer that there was none of


@pytest.mark.parametrize("told", [[], [Told("火星上有什么？", "", ())]])
def test_where_nothing_was_spoken_of_nothing_else_is_tried(told: list[Told]) -> None:
    documents, alone = Documents({}), found("它成立于哪一年", 0.3)
    assert understood("它成立于哪一年", alone, told, documents, weights) is alone
    assert documents.tried == []


def test_what_opens_a_follow_up_is_left_out() -> None:
    meant = understood("那副院长呢？", found("那副院长呢？", 0.3), TOLD, Documents({}), weights)
    assert meant.question.endswith(" 副院长")


def test_signs_that_a_question_stands_alone() -> None:
    alone, within = found("q", 0.9, nearness=0.9), found("q", 0.1, nearness=0.8)
    refers, worth, nearer, surer = signs("它成立于哪一年", alone, within, weights)
    assert refers == 1.0
    assert 0 < worth < 1
    assert nearer == pytest.approx(0.1)
    assert surer == 4.0  # bounded
    assert signs("南昌大学", alone, within, weights)[:2] == (0.0, sum(weights(["南昌", "大学", "南昌大学"]).values()))


def test_a_topic_that_the_question_names_itself_is_not_added() -> None:
    assert stated("武汉大学法学院院长", "武汉大学法学院院长", weights) == "武汉大学法学院院长"


def test_the_topic_keeps_the_words_as_they_stand() -> None:
    assert topic_of("國立臺灣大學的校長是誰？", lambda words: dict.fromkeys(words, 1.0)).startswith("國立臺灣大學")
    assert topic_of("？", weights) == ""


@pytest.mark.parametrize(
    "question",
    [
        "它成立于哪一年",
        "那第二名呢",
        "What about the second one?",
        "该院有几个系",
        "其中有几个系",
        "那副院长是谁",
        "And who else?",
    ],
)
def test_words_that_refer_back(question: str) -> None:
    assert refers_back(question)


@pytest.mark.parametrize(
    "question",
    ["武汉大学成立于哪一年", "应该交多少", "其他单位怎么办", "因此要交多少", "土耳其在哪里", "那英是谁", "Is there a fee?"],
)
def test_a_plain_question_does_not_refer_back(question: str) -> None:
    assert not refers_back(question)


@pytest.mark.parametrize("question", ["Solar output in 2023?", "Android 版本是什么？", "那英是谁？", "那个人是谁？"])
def test_a_word_is_not_cut_where_it_begins_like_a_filler(question: str) -> None:
    assert understood(question, found(question, 0.1), TOLD, Documents({}), weights).question.endswith(question)

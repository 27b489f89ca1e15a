from __future__ import annotations

from collections.abc import Sequence

import pytest

from index import Hit, Passage
from qa import Turn
from qa.followup import Attempt, refers_back, standalones, topic_of, understood
from qa.language import message
from qa.reader import Finding, Reading


def weights(words: Sequence[str]) -> dict[str, float]:
    """Words that questions are made of tell nothing, all others the same."""
    return {
        word: 0.05 if word in {"是", "什么", "哪", "哪一", "一年", "年", "成立", "于", "的", "多少", "谁"} else 1.0
        for word in words
    }


class Documents:
    """Knows how sure the reader would be of each question; counts what it is asked."""

    def __init__(self, sure: dict[str, float], otherwise: float = 0.1) -> None:
        self.sure, self.otherwise = sure, otherwise
        self.tried: list[str] = []

    def __call__(self, question: str) -> Attempt:
        self.tried.append(question)
        confidence = self.sure.get(question, self.otherwise)
        return Attempt(question, (), {}, Reading((), confidence, answered=confidence > 0.5), 1.0)


HISTORY = [Turn("武汉大学法学院的院长是谁？", "院长是冯果。 [1]")]


def test_a_pronoun_is_read_as_what_the_last_question_was_about() -> None:
    documents = Documents({"武汉大学 法学院 院长 它成立于哪一年": 0.9})
    (standalone, *_) = standalones("它成立于哪一年", HISTORY, weights)
    documents = Documents({standalone: 0.9})
    assert "法学院" in standalone
    assert standalone.endswith("它成立于哪一年")
    assert understood("它成立于哪一年", documents("它成立于哪一年"), HISTORY, documents, weights).question == standalone


def test_a_question_that_stands_alone_is_left_alone() -> None:
    question = "南昌大学有多少学生？"
    documents = Documents({question: 0.8}, otherwise=0.85)
    assert understood(question, documents(question), HISTORY, documents, weights).question == question


def test_without_history_nothing_else_is_tried() -> None:
    documents = Documents({})
    understood("它成立于哪一年", documents("它成立于哪一年"), [], documents, weights)
    assert documents.tried == ["它成立于哪一年"]


def test_the_last_answer_may_be_what_is_meant() -> None:
    assert any("冯果" in standalone for standalone in standalones("他是哪里人", HISTORY, weights))


def test_what_opens_a_follow_up_is_left_out() -> None:
    assert standalones("那副院长呢？", HISTORY, weights)[0].endswith(" 副院长")


def test_a_topic_that_the_question_names_itself_is_not_added() -> None:
    assert standalones("武汉大学法学院院长", [Turn("武汉大学法学院院长", "")], weights) == []


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
    assert standalones(question, HISTORY, weights)[0].endswith(question)


def test_thanks_and_what_youju_says_of_its_own_accord_are_not_what_was_spoken_of() -> None:
    refused = Turn("青澜水库在哪里？", message("not_found", "zh-Hans"))
    thanked = Turn("谢谢", message("thanks", "zh-Hans"))
    tried = standalones("它有多高？", [*HISTORY, refused, thanked], weights)
    assert any("青澜" in standalone for standalone in tried)
    assert not [standalone for standalone in tried if "谢" in standalone or "客气" in standalone or "没有找到" in standalone]
    assert standalones("它有多高？", [thanked], weights) == []


def test_a_question_asked_again_is_not_read_with_its_own_answer() -> None:
    question = "武汉大学法学院的院长是谁？"
    assert standalones(question, HISTORY, weights) == []


def test_nothing_is_added_to_a_question_where_that_answers_no_better() -> None:
    documents = Documents({"它成立于哪一年": 0.05}, otherwise=0.4)
    assert understood("它成立于哪一年", documents("它成立于哪一年"), HISTORY, documents, weights).question == "它成立于哪一年"


def found(question: str, text: str, confidence: float) -> Attempt:
    hit = Hit(1, 1.0, 0.9, 5.0, Passage(1, "a.txt", 0, len(text), text, "通知"))
    finding = Finding(hit, 0, len(text), 0, len(text), confidence, frozenset())
    return Attempt(question, [hit], {}, Reading((finding,), confidence, answered=confidence > 0.5), 1.0)


@pytest.mark.parametrize(
    "question",
    [
        "折叠凳由哪位师傅打造？",
        "折叠凳应该由哪位师傅打造？",
        "Which carpenter made the folding stool?",
        "Which carpenter made the folding stool and bench?",
    ],
)
def test_a_question_of_its_own_is_not_answered_from_what_the_last_was_about(question: str) -> None:
    alone = found(question, "The folding stool was made by a carpenter. 木工师傅打造的折叠凳。", 0.3)
    understood_as = understood(question, alone, HISTORY, lambda q: found(q, "武汉大学法学院院长是冯果。", 0.96), weights)
    assert understood_as.question == question


def test_the_first_question_is_what_it_is_whatever_it_finds() -> None:
    alone = found("折叠凳是谁做的？", "木工师傅打造的折叠凳。", 0.9)
    assert understood("折叠凳是谁做的？", alone, [], lambda q: found(q, "别的。", 0.96), weights) is alone


def test_a_question_that_leaves_out_its_subject_is_answered_from_it() -> None:
    alone = found("创建于哪一年", "南昌大学创建于1940年。", 0.3)
    understood_as = understood("创建于哪一年", alone, HISTORY, lambda q: found(q, "武汉大学法学院创建于1908年。", 0.96), weights)
    assert understood_as.question.startswith("武汉大学")

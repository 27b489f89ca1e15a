from __future__ import annotations

from collections.abc import Sequence

import pytest

import qa.memory
from index import QuestionError
from qa import Answer, Turn
from qa.memory import Memory
from qa.types import Citation


class Asked:
    """Answers every question from a document of its own, but those that ask for nothing."""

    def __init__(self) -> None:
        self.questions: list[str] = []

    def __call__(self, question: str, history: Sequence[Turn], documents: Sequence[str] | None) -> Answer:
        self.questions.append(question)
        if question == "太长":
            raise QuestionError("the question is too long.")
        cited = () if question == "没有" else (Citation(1, f"{question}.txt", "", None, None, 0, 1, "甲", "1"),) * 2
        return Answer(question, f"说全：{question}", "answered" if cited else "not_found", "甲 [1]", "甲", 0.9, citations=cited)


def turns(*questions: str) -> list[Turn]:
    return [Turn(question, "甲 [1]") for question in questions]


def test_what_is_remembered_is_not_asked_again() -> None:
    asked = Asked()
    memory = Memory(asked)
    memory.keep("一", [], None, asked("一", [], None))
    (told,) = memory.told("二", turns("一"), None)
    assert (told.question, told.said, told.documents) == ("说全：一", "甲", ("一.txt",))
    assert asked.questions == ["一"]


def test_a_history_of_another_process_is_asked_once() -> None:
    asked = Asked()
    memory = Memory(asked)
    for _ in range(2):
        memory.told("二", turns("一"), None)
    assert asked.questions == ["一"]


def test_the_same_question_after_something_else_is_another() -> None:
    asked = Asked()
    memory = Memory(asked)
    memory.told("三", turns("一", "二"), None)
    memory.told("三", turns("零", "二"), None)
    memory.told("三", turns("零", "二"), ["报告/*"])
    assert asked.questions == ["二", "二", "二"]


def test_it_goes_back_to_the_last_turn_that_was_answered() -> None:
    told = Memory(Asked()).told("三", turns("零", "一", "没有", "谢谢"), None)
    assert [one.documents for one in told] == [("一.txt",), ()]


def test_a_question_said_again_means_what_it_meant() -> None:
    (told,) = Memory(Asked()).told("她的电话？", turns("一", "她的电话？"), None)
    assert told.documents == ("一.txt",)


def test_a_history_that_cannot_be_asked_is_passed_over() -> None:
    told = Memory(Asked()).told("二", turns("一", "太长"), None)
    assert [one.documents for one in told] == [("一.txt",), ()]


def test_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qa.memory, "MOST", 2)
    asked = Asked()
    memory = Memory(asked)
    for question in ("一", "二", "三", "一"):
        memory.told("末", turns(question), None)
    assert asked.questions == ["一", "二", "三", "一"]

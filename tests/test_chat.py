from __future__ import annotations

import pytest

from qa.chat import chat_kind
from qa.language import language_of, message


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("你好", "greeting"),
        ("您好！", "greeting"),
        ("Hi there", "greeting"),
        ("早上好，在吗？", "greeting"),
        ("？？？", "greeting"),
        ("你是谁？", "about"),
        ("你好，请问你能做什么？", "about"),
        ("妳好嗎", None),
        ("你叫什麼名字？", "about"),
        ("What can you do?", "about"),
        ("谢谢你！", "thanks"),
        ("再见", "bye"),
    ],
)
def test_chat_is_recognised(question: str, kind: str | None) -> None:
    assert chat_kind(question) == kind


@pytest.mark.parametrize(
    "question",
    [
        "会议由谁主持？",
        "你好，请问会议由谁主持？",
        "有据是什么？",
        "Youju 能读哪些格式？",
        "谢谢信是谁写的？",
        "Who are you going to appoint as director?",
        "早上好新闻几点播出？",
    ],
)
def test_questions_for_the_documents_are_not_chat(question: str) -> None:
    assert chat_kind(question) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("会议采取什么形式？", "zh-Hans"),
        ("會議採取什麼形式？", "zh-Hant"),
        ("中文", "zh-Hans"),
        ("台灣的總統是誰？", "zh-Hant"),
        ("他吃了什麼？", "zh-Hant"),
        ("周末開放嗎？", "zh-Hant"),
        ("范先生住在哪裡？", "zh-Hant"),
        ("台湾的面积有多大？", "zh-Hans"),
        ("范先生吃了什么？", "zh-Hans"),
        ("乾隆著名的词典有哪些？", "zh-Hans"),
        ("What form did the meeting take?", "en"),
        ("会議はどこで開かれましたか", "en"),
    ],
)
def test_the_language_of_an_answer_is_that_of_the_question(text: str, language: str) -> None:
    assert language_of(text) == language


def test_every_message_exists_in_every_language() -> None:
    from qa.language import _MESSAGES

    assert all(set(texts) == {"zh-Hans", "zh-Hant", "en"} for texts in _MESSAGES.values())
    assert message("not_found", "zh-Hant") != message("not_found", "zh-Hans")

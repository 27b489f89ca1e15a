"""Every sample question of ``seeds/`` is asked of the samples, with the real encoder."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from index import ModelEncoder, sync
from qa import Answer, Assistant, Turn

SEEDS = Path(__file__).resolve().parents[1] / "seeds"
README = SEEDS.with_name("README.md")
USER_DOCUMENTS = Path(__file__).resolve().parents[2] / "shared" / "user-documents"
LEAST_RIGHT = 0.74
"""Share of the answerable questions; the measured share is in docs/quality.md."""
MOST_WRONGLY_STATED = 0.2
"""Share of the unanswerable questions that are answered all the same."""


@pytest.fixture(scope="module")
def assistant(bundled_encoder: ModelEncoder, tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    index = tmp_path_factory.mktemp("samples") / "index"
    report = sync(SEEDS / "documents", index, encoder=bundled_encoder)
    assert report.skipped == ()
    return Assistant.open(index, encoder=bundled_encoder)


@pytest.fixture(scope="module")
def answers(assistant: Assistant) -> list[tuple[dict[str, object], Answer]]:
    lines = (SEEDS / "questions.jsonl").read_text("utf-8").splitlines()
    return [(question, assistant.ask(question["question"])) for question in map(json.loads, lines)]


def test_every_citation_is_verbatim(assistant: Assistant, answers: list[tuple[dict[str, object], Answer]]) -> None:
    citations = [citation for _, answer in answers for citation in answer.citations]
    assert len(citations) > 50
    for citation in citations:
        document = assistant.document(citation.document)
        assert document is not None
        assert document.text[citation.start : citation.end] == citation.quote


def test_the_readme_and_the_first_run_show_an_answer_as_it_is(assistant: Assistant) -> None:
    shown = re.search(
        r"^\$ youju ask \"(.+)\"\n(.+)\n\n出处\n(?:.+) \((.+?)，第 1 页, (\d+)–(\d+)\)$", README.read_text("utf-8"), re.M
    )
    assert shown
    question, text, document, start, end = shown.groups()
    answer = assistant.ask(question)
    assert (answer.status, answer.text) == ("answered", text)
    (citation,) = answer.citations
    assert (citation.document, citation.page, citation.start, citation.end) == (document, 1, int(start), int(end))
    assert f'youju ask "{question}"' in README.with_name("Makefile").read_text("utf-8")


def test_statements_and_markers_hang_together(answers: list[tuple[dict[str, object], Answer]]) -> None:
    for _, answer in answers:
        markers = [citation.marker for citation in answer.citations]
        assert markers == list(range(1, len(markers) + 1))
        assert [m for statement in answer.statements for m in statement.markers] == markers
        assert bool(markers) == (answer.status == "answered")
        assert len(answer.evidence) == 10


def test_chat_is_chat(answers: list[tuple[dict[str, object], Answer]]) -> None:
    for question, answer in answers:
        assert (answer.status == "chat") == bool(question.get("chat")), question


def test_most_questions_are_answered_with_the_right_words(answers: list[tuple[dict[str, object], Answer]]) -> None:
    asked = [(str(q["answer"]), a) for q, a in answers if "answer" in q]
    right = [expected in " ".join(c.quote for c in answer.citations) for expected, answer in asked]
    assert sum(right) / len(right) >= LEAST_RIGHT


def test_questions_without_an_answer_are_mostly_refused(answers: list[tuple[dict[str, object], Answer]]) -> None:
    stated = [answer.status == "answered" for question, answer in answers if question.get("answerable") is False]
    assert sum(stated) / len(stated) <= MOST_WRONGLY_STATED


@pytest.mark.skipif(not USER_DOCUMENTS.is_dir(), reason="../shared/user-documents is absent")
@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("会议由谁主持？", "县委副书记、县长宁云主持会议"),
        ("三大主攻方向是什么？", "现代产业振兴、城乡能级提升、共同富裕先行三大主攻方向"),
        ("谁宣读表彰文件？", "柏建华宣读表彰文件"),
        ("哪三家企业的代表发言？", "能链智电、富特科技、中南百草原三家企业代表发言"),
        ("What form did the meeting take?", "视频会议形式"),
        ("會議採取什麼形式？", "视频会议形式"),
        ("安吉县去年的财政收入是多少？", None),
        ("会议在几楼召开？", None),
    ],
)
def test_the_first_users_document(question: str, words: str | None, user_assistant: Assistant) -> None:
    answer = user_assistant.ask(question)
    if words is None:
        assert answer.status == "not_found"
    else:
        assert answer.status == "answered"
        assert words in answer.citations[0].quote


@pytest.fixture(scope="module")
def user_assistant(bundled_encoder: ModelEncoder, tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    index = tmp_path_factory.mktemp("user") / "index"
    sync(USER_DOCUMENTS, index, encoder=bundled_encoder)
    return Assistant.open(index, encoder=bundled_encoder)


def test_a_conversation_as_the_page_has_it(assistant: Assistant) -> None:
    history: list[Turn] = []
    for question, words, is_follow_up in (
        ("县行政中心大会议厅能坐多少人？", "320人", False),
        ("最早提前几天能订？", "30天", True),
        ("云岭公交N2夜班线从哪发车？", "火车站", False),
        ("中间经过哪里？", "石桥古街", True),
        ("青澜水库是哪一年建成的？", "1978年", False),
    ):
        answer = assistant.ask(question, history)
        assert words in answer.text
        assert (answer.standalone_question != question) == is_follow_up
        assert [hit.rank for hit in answer.evidence] == list(range(1, 11))
        assert [hit.score for hit in answer.evidence] == sorted((hit.score for hit in answer.evidence), reverse=True)
        assert {citation.document for citation in answer.citations} <= {hit.passage.document_id for hit in answer.evidence}
        history.append(Turn(question, answer.text))

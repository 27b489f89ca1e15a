from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from fakes import FakeEncoder, Rows
from workspaces import Workspace

import qa.assistant
from index import EncoderMismatchError, Hit, IndexNotFoundError, QuestionError, Settings
from qa import Answer, Assistant, Done, Stage, Text, Turn, ask
from qa.language import message
from qa.reader import Finding, Reading

TEXTS = {
    "新闻/大会.txt": "县委副书记、县长宁云主持会议。政法委书记柏建华宣读表彰文件。",
    "通知/停水.txt": "城区6月12日停水。抢修由二队负责。",
    "english.txt": "The meeting took the form of a video conference. Three firms spoke.",
}


@pytest.fixture
def assistant(workspace: Workspace) -> Assistant:
    workspace.write(TEXTS)
    workspace.sync()
    return Assistant.open(workspace.index, settings=workspace.settings, encoder=workspace.encoder)


def test_an_answer_quotes_its_document_word_for_word(assistant: Assistant) -> None:
    answer = assistant.ask("柏建华宣读表彰文件？")
    assert answer.status == "answered"
    assert "柏建华宣读表彰文件" in answer.citations[0].quote
    for citation in answer.citations:
        document = assistant.document(citation.document)
        assert document is not None
        assert document.text[citation.start : citation.end] == citation.quote
    assert 0.0 <= answer.confidence <= 1.0
    assert len(answer.evidence) == 4
    assert answer.timings_ms.keys() == {"encode", "search", "read", "total"}


def test_what_is_not_in_the_documents_is_refused_with_the_nearest_passages(assistant: Assistant) -> None:
    answer = assistant.ask("财政收入增长速度排名如何？")
    assert answer.status == "not_found"
    assert answer.citations == ()
    assert answer.statements == ()
    assert answer.short_answer == ""
    assert answer.evidence
    assert answer.text.startswith("文档里没有找到")


@pytest.mark.parametrize(("threshold", "status"), [(0.0, "answered"), (1.0, "not_found")])
def test_the_threshold_is_a_setting(workspace: Workspace, threshold: float, status: str) -> None:
    workspace.write(TEXTS)
    workspace.sync()
    settings = Settings(passage_tokens=40, refuse_below=threshold)
    assistant = Assistant.open(workspace.index, settings=settings, encoder=workspace.encoder)
    assert assistant.ask("财政收入增长速度排名如何？").status == status


def test_a_greeting_is_chat(assistant: Assistant) -> None:
    answer = assistant.ask("你好")
    assert answer.status == "chat"
    assert answer.citations == ()


def test_an_empty_index_answers_that_there_is_nothing(workspace: Workspace) -> None:
    workspace.write({})
    workspace.sync()
    answer = Assistant.open(workspace.index, encoder=workspace.encoder).ask("会议由谁主持？")
    assert (answer.status, answer.evidence) == ("not_found", ())
    assert answer.text == "还没有可以检索的文档。"


def test_documents_limit_what_is_searched(assistant: Assistant) -> None:
    answer = assistant.ask("柏建华宣读表彰文件？", documents=["通知/*"])
    assert {hit.passage.document_id for hit in answer.evidence} == {"通知/停水.txt"}


def test_a_choice_that_no_document_is_in_is_not_called_an_empty_index(assistant: Assistant) -> None:
    answer = assistant.ask("柏建华宣读表彰文件？", documents=["没有/*"])
    assert (answer.status, answer.evidence) == ("not_found", ())
    assert answer.text == message("none_chosen", "zh-Hans")


def test_the_stream_ends_with_the_answer_that_ask_gives(assistant: Assistant) -> None:
    question, history = "柏建华宣读表彰文件？", [Turn("你好", "你好")]
    events = list(assistant.stream(question, history))
    assert [event.name for event in events if isinstance(event, Stage)] == ["search", "read", "write"]
    assert isinstance(events[-1], Done)
    answer = events[-1].answer
    assert "".join(event.delta for event in events if isinstance(event, Text)) == answer.text
    assert answer.citations == assistant.ask(question, history).citations


@pytest.mark.parametrize("question", ["", "  \n", "长" * 4001])
def test_questions_that_cannot_be_asked_are_errors(assistant: Assistant, question: str) -> None:
    with pytest.raises(QuestionError):
        assistant.ask(question)


def test_the_answer_as_json_has_the_fields_of_the_contract(assistant: Assistant) -> None:
    content = json.loads(json.dumps(assistant.ask("柏建华宣读表彰文件？").to_dict()))
    assert set(content) == {
        *("question", "standalone_question", "status", "text", "short_answer", "confidence", "citations", "evidence"),
        *("statements", "engine", "notes", "disagreement", "timings_ms"),
    }
    citation, hit, statement = content["citations"][0], content["evidence"][0], content["statements"][0]
    assert {"marker", "document", "title", "page", "start", "end", "quote", "passage"} <= set(citation)
    assert {"rank", "document", "title", "page", "start", "end", "text", "score", "dense", "keyword", "passage"} <= set(hit)
    assert content["text"][statement["start"] : statement["end"]] == citation["quote"]


def test_another_encoder_is_refused_with_the_next_step(workspace: Workspace) -> None:
    workspace.write(TEXTS)
    workspace.sync()
    with pytest.raises(EncoderMismatchError, match="--re-embed"):
        Assistant.open(workspace.index, encoder=FakeEncoder("other"))


def test_no_index_is_an_error_that_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFoundError, match="youju sync"):
        ask("会议由谁主持？", index=tmp_path / "nowhere")


def test_threads_share_an_assistant(assistant: Assistant) -> None:
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda: answers.append(assistant.ask("柏建华宣读表彰文件？"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.text for answer in answers}) == 1
    assert len(answers) == 8


def test_a_new_state_of_the_index_is_used_without_reopening(assistant: Assistant, workspace: Workspace) -> None:
    workspace.write({"新闻/签约.txt": "轴承套圈项目总投资12.8亿元。"})
    workspace.sync()
    assert assistant.ask("轴承套圈项目总投资多少？").citations[0].document == "新闻/签约.txt"


def test_info_says_what_the_index_holds(assistant: Assistant, workspace: Workspace) -> None:
    info = assistant.info()
    assert (info["documents"], info["passages"]) == (3, 4)
    assert info["encoder"] == workspace.encoder.identity.name
    assert info["calibrated"] is False


class KnowsOneDocument:
    """A reader that finds an answer in one document alone."""

    def __init__(self, document: str, sure: float) -> None:
        self.document, self.sure = document, sure

    def read(self, question: str, question_row: Rows, hits: Sequence[Hit]) -> Reading:
        for hit in hits:
            passage = hit.passage
            if passage.document_id == self.document:
                finding = Finding(hit, passage.start, passage.end, passage.start, passage.end, 0.9, frozenset())
                return Reading((finding,), self.sure, answered=True)
        return Reading((), 0.1, answered=False)


@pytest.mark.parametrize("others", [3, 20])
def test_an_answer_in_another_script_is_found_and_is_among_the_evidence(
    workspace: Workspace, others: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qa.assistant, "FARTHER", 0.0)  # the rows of the fake encoder mean nothing
    workspace.write({f"minutes-{i}.txt": f"Trip {i}: the budget was approved." for i in range(others)})
    workspace.write({"预算.txt": "此行预算已经批准，共九千五百元。"})
    workspace.sync()
    reader = workspace.open()
    assistant = Assistant(reader, workspace.encoder, workspace.settings, KnowsOneDocument("预算.txt", 0.99))
    answer = assistant.ask("What budget of the trip was approved?")
    assert answer.status == "answered"
    assert answer.citations[0].document in {hit.passage.document_id for hit in answer.evidence}
    assert [hit.rank for hit in answer.evidence] == list(range(1, len(answer.evidence) + 1))
    assert len(answer.evidence) == min(10, others + 1)
    scores = [hit.score for hit in answer.evidence]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(("sure", "farther", "answered"), [(0.99, 0.0, True), (0.8, 0.0, False), (0.99, 50.0, False)])
def test_an_answer_in_another_script_is_doubted(
    workspace: Workspace, sure: float, farther: float, *, answered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qa.assistant, "FARTHER", farther)
    question = "What budget of the trip was approved?"
    workspace.write({"trip.txt": question, "预算.txt": "此行预算已经批准，共九千五百元。"})  # the first could not be nearer
    workspace.sync()
    assistant = Assistant(workspace.open(), workspace.encoder, workspace.settings, KnowsOneDocument("预算.txt", sure))
    found = assistant.ask(question)
    assert (found.status == "answered") == answered
    assert found.confidence < sure


class SaysHowMuch:
    """A reader that finds the sum of each document."""

    def read(self, question: str, question_row: Rows, hits: Sequence[Hit]) -> Reading:
        findings = []
        for hit in hits:
            passage = hit.passage
            if "每天" not in passage.text:
                continue
            at = passage.start + passage.text.index("每天") + 2
            findings.append(Finding(hit, passage.start, passage.end, at, at + 3, 0.9 - 0.1 * hit.rank, frozenset({"补助"})))
        return Reading(tuple(findings), 0.9, answered=True)


def test_the_older_of_two_versions_is_named_in_a_note(workspace: Workspace) -> None:
    rule = "差旅费报销办法规定：市内交通补助每人每天{}，凭出差审批单领取，住宿费凭发票报销。\n{}"
    workspace.write({"旧办法.txt": rule.format("八十元", "2022年3月1日"), "新办法.txt": rule.format("一百元", "2024年3月1日")})
    workspace.sync()
    answer = Assistant(workspace.open(), workspace.encoder, workspace.settings, SaysHowMuch()).ask("交通补助每天多少？")
    assert (answer.disagreement, answer.short_answer) == (True, "一百元")
    assert [citation.document for citation in answer.citations] == ["新办法.txt", "旧办法.txt"]
    assert answer.notes == ("这几份文档是同一内容的不同版本，说法不同：较新的在前；“旧办法”（2022-03-01）较旧。",)

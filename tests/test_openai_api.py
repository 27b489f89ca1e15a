"""The OpenAI-compatible door, through OpenAI's own client over a real connection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import openai
import pytest
from live import live, without_page
from openai import OpenAI
from starlette.testclient import TestClient
from test_api import Recorder
from workspaces import Workspace

from qa import Answer, Citation, Done, Stage, Text, Turn
from ui.engine import Engine
from ui.footnotes import Inert, footnotes, inert, without_footnotes
from ui.openai_tasks import LONGEST_TITLE, task_answer

QUESTION = "宁云主持会议？"
TEXT = "县长宁云主持会议。 [1]\n\n出处：\n\n[1] 大会 (大会.txt): “县长宁云主持会议。”"
JSON = {"content-type": "application/json"}


@pytest.fixture
def engine(workspace: Workspace) -> Engine:
    workspace.write({"大会.txt": "县长宁云主持会议。", "english.txt": "Three firms spoke."})
    workspace.sync()
    return Engine(workspace.index, workspace.settings, workspace.encoder)


@pytest.fixture
def client(engine: Engine) -> Iterator[OpenAI]:
    with live(without_page(engine)) as url, OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as client:
        yield client


def test_the_models(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["youju"]
    assert client.models.retrieve("youju").owned_by == "youju"
    with pytest.raises(openai.NotFoundError, match="no model 'gpt'"):
        client.models.retrieve("gpt")


def test_a_completion_has_markers_footnotes_and_citations(client: OpenAI, engine: Engine) -> None:
    made = client.chat.completions.create(model="youju", messages=[{"role": "user", "content": QUESTION}])
    assert made.choices[0].message.content == TEXT
    assert made.choices[0].finish_reason == "stop"
    extra = made.model_extra or {}
    answer = engine.assistant().ask(QUESTION)
    assert extra["citations"] == [citation.to_dict() for citation in answer.citations]
    assert (extra["status"], extra["confidence"]) == ("answered", round(answer.confidence, 4))
    assert made.usage is not None
    assert (made.usage.prompt_tokens, made.usage.completion_tokens) == (len(QUESTION), len(TEXT))


def test_a_stream_is_the_same_text_piece_by_piece(client: OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model="youju",
            messages=[{"role": "user", "content": QUESTION}],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == TEXT
    assert chunks[0].choices[0].delta.role == "assistant"
    assert len({chunk.id for chunk in chunks}) == 1
    last, usage = chunks[-2], chunks[-1]
    assert last.choices[0].finish_reason == "stop"
    assert (last.model_extra or {})["citations"][0]["quote"] == "县长宁云主持会议。"
    assert usage.usage is not None
    assert usage.usage.total_tokens == len(QUESTION) + len(TEXT)


def test_not_found_is_said_without_footnotes(client: OpenAI) -> None:
    made = client.chat.completions.create(model="youju", messages=[{"role": "user", "content": "财政收入增长排名如何？"}])
    assert "没有找到" in (made.choices[0].message.content or "")
    assert ((made.model_extra or {})["status"], (made.model_extra or {})["citations"]) == ("not_found", [])


def test_the_messages_are_the_history(client: OpenAI, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder(engine)
    monkeypatch.setattr(engine, "assistant", lambda: recorder)
    client.chat.completions.create(
        model="gpt-4o",
        messages=[
            {"role": "system", "content": "Ignore the documents."},
            {"role": "user", "content": QUESTION},
            {"role": "assistant", "content": TEXT},
            {"role": "user", "content": "然后呢？"},
            {"role": "user", "content": [{"type": "text", "text": "他什么时候"}, {"type": "text", "text": "来的？"}]},
        ],
        temperature=0.3,
        seed=7,
        extra_body={"documents": ["大*"], "something_new": True},
    )
    turns = [Turn(QUESTION, "县长宁云主持会议。 [1]"), Turn("然后呢？", "")]
    assert recorder.asked == [("他什么时候\n来的？", turns, ["大*"])]


def test_a_conversation_goes_on(client: OpenAI) -> None:
    messages: list[dict[str, str]] = []
    for question in (QUESTION, "Three firms spoke?"):
        messages.append({"role": "user", "content": question})
        made = client.chat.completions.create(model="youju", messages=messages)  # type: ignore[arg-type]
        messages.append({"role": "assistant", "content": made.choices[0].message.content or ""})
    assert messages[1]["content"] == TEXT
    assert "Sources:\n\n[1] english (english.txt)" in messages[3]["content"]


TASK = """### Task:
Say what this conversation is about.

### Output:
JSON format: { "%s": … }

### Chat History:
<chat_history>
USER: 宁云  主持会议？
ASSISTANT: 县长宁云主持会议。 [1]
</chat_history>"""


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize(("key", "told"), [("title", "宁云 主持会议？"), ("tags", []), ("follow_ups", []), ("queries", [])])
def test_a_background_task_is_not_answered_from_the_documents(engine: Engine, key: str, told: object, is_stream: bool) -> None:
    """The fields beside the messages are those that Open WebUI may send; what it marks tasks with stays with it."""
    message = {"role": "user", "content": TASK % key + " " * engine.settings.question_characters}
    more = {"max_completion_tokens": 1000, "metadata": {"chat_id": "1"}, "chat_id": "1", "session_id": "2", "features": {}}
    body = {"model": "youju", "messages": [message], "stream": is_stream, "variables": {"{{USER_NAME}}": "宁云"}, **more}
    reply = TestClient(without_page(engine), "http://127.0.0.1").post("/v1/chat/completions", json=body)
    assert reply.status_code == 200
    if is_stream:
        chunks = [json.loads(line[6:]) for line in reply.text.splitlines() if line.startswith("data: {")]
        text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    else:
        text = reply.json()["choices"][0]["message"]["content"]
    assert json.loads(text) == {key: told}


def test_a_long_question_becomes_a_short_title() -> None:
    told = task_answer(TASK % "title" + "\nUSER: second")
    assert told is not None
    long = task_answer((TASK % "title").replace("主持", "主" * 50))
    assert long is not None
    assert len(json.loads(long.text)["title"]) == LONGEST_TITLE
    assert json.loads(told.text) == {"title": "宁云 主持会议？"}


@pytest.mark.parametrize(
    "question", ["宁云主持会议？", "### Task: 谁主持会议？", 'What is { "title": "x" }?', 'Task: { "title": 1 }']
)
def test_what_a_person_asks_is_no_task(question: str) -> None:
    assert task_answer(question) is None


@pytest.mark.parametrize(
    ("messages", "error"),
    [
        ([], openai.BadRequestError),
        ([{"role": "user", "content": 3}], openai.BadRequestError),
        ([{"role": "system", "content": "x"}], openai.UnprocessableEntityError),
        ([{"role": "user", "content": " "}], openai.UnprocessableEntityError),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}], openai.UnprocessableEntityError),
    ],
)
def test_errors_are_openais(client: OpenAI, messages: list[object], error: type[openai.APIStatusError]) -> None:
    body = {"model": "youju", "messages": messages}
    with pytest.raises(error) as caught:
        client.chat.completions.create(**body)  # type: ignore[call-overload]
    assert caught.value.type == "invalid_request_error"
    assert caught.value.message


def test_half_a_character_is_refused(engine: Engine) -> None:
    """OpenAI's own client cannot send it, but JSON can spell it."""
    body = '{"messages": [{"role": "user", "content": "\\ud800"}]}'
    reply = TestClient(without_page(engine), "http://127.0.0.1").post("/v1/chat/completions", content=body, headers=JSON)
    assert (reply.status_code, reply.json()["error"]["type"]) == (400, "invalid_request_error")


def test_a_stream_that_breaks_raises_in_the_client(client: OpenAI, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.encoder, "encode_query", lambda _: 1 / 0)
    with pytest.raises(openai.APIError, match="Something went wrong"):
        list(client.chat.completions.create(model="youju", messages=[{"role": "user", "content": QUESTION}], stream=True))


def test_a_key_is_checked_where_there_is_a_token(workspace: Workspace, engine: Engine) -> None:
    token = "a-token-of-more-than-16"
    closed = Engine(workspace.index, workspace.settings.model_copy(update={"token": token}), workspace.encoder)
    with live(without_page(closed)) as url:
        with OpenAI(base_url=f"{url}/v1", api_key=token) as right:
            assert [model.id for model in right.models.list()] == ["youju"]
        with OpenAI(base_url=f"{url}/v1", api_key="wrong") as wrong, pytest.raises(openai.AuthenticationError) as caught:
            wrong.models.list()
    assert caught.value.code == "invalid_api_key"


def _answer(quote: str, question: str = "谁来了？", page: int | None = None) -> Answer:
    citation = Citation(1, "a.md", "A", page, None, 0, len(quote), quote, "1")
    return Answer(question, question, "answered", f"{quote} [1]", quote, 0.9, (citation,))


@pytest.mark.parametrize(
    "active", ["![](http://evil.example/a.png)", "![x][r]", '<img src="http://evil.example">', "<!-- -->", "[x](http://evil.example)",
               "\\![](http://evil.example)", "\\<img src=x>", "!<img", "<<b>"],
)  # fmt: skip
def test_a_quote_cannot_act_in_a_client_that_renders_it(active: str) -> None:
    from markdown_it import MarkdownIt

    shown = MarkdownIt("commonmark", {"html": True}).render(inert(active) + footnotes(_answer(active)))
    assert "<img" not in shown
    assert "<a" not in shown
    assert "<!--" not in shown
    assert "<b>" not in shown
    pieces = Inert()
    assert "".join(pieces.add(c) for c in active) + pieces.end() == inert(active)


@pytest.mark.parametrize("text", ["2 < 3，a(b)！", "[1] 是的！", "完!", "<"])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert inert(text) == text
    pieces = Inert()
    assert "".join(pieces.add(c) for c in text) + pieces.end() == text


def test_footnotes_name_title_page_and_quote() -> None:
    assert footnotes(_answer("一\n二", page=3)).endswith("[1] A (a.md，第 3 页): “一 二”")
    assert footnotes(_answer("one", "What?", 3)).endswith("Sources:\n\n[1] A (a.md, page 3): “one”")
    answer = _answer("一")
    assert without_footnotes(answer.text + footnotes(answer)) == answer.text


def test_that_documents_disagree_is_said_below_the_footnotes_and_is_no_part_of_the_conversation() -> None:
    answer = replace(_answer("一"), disagreement=True, notes=("“旧”较旧。",))
    assert footnotes(answer).endswith("“一”\n\n各份文档的说法不一致，请逐一核对。\n\n“旧”较旧。")
    assert without_footnotes(answer.text + footnotes(answer)) == answer.text


def test_what_looks_like_a_heading_of_footnotes_stays() -> None:
    assert without_footnotes("出处：无") == "出处：无"


def test_pieces_of_a_stream_are_made_harmless_across_their_borders(
    client: OpenAI, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Pieces(Recorder):
        def stream(self, *asked: object) -> Iterator[object]:
            yield from (Stage("search"), *(Text(c) for c in "a![x](http://evil.example)<"), Done(self.answer))

    pieces = Pieces(engine)
    monkeypatch.setattr(engine, "assistant", lambda: pieces)
    chunks = client.chat.completions.create(model="youju", messages=[{"role": "user", "content": QUESTION}], stream=True)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text.startswith("a&#33;[x]&#40;http://evil.example)<\n\n出处：")

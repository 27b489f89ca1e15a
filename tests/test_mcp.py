"""The door for agents, through the protocol's own client: over HTTP to the server, and over stdio to ``youju mcp``."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from live import live, without_page
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from workspaces import Workspace

from ui.engine import Engine
from ui.limits import Work
from ui.mcp import make_server

ROOT = Path(__file__).parents[1]
QUESTION = "宁云主持会议？"
Talk = Callable[[Callable[[Client], Awaitable[Any]]], Any]


@pytest.fixture
def engine(workspace: Workspace) -> Engine:
    workspace.write({"大会.txt": "县长宁云主持会议。", "表/情.txt": "😀😀宁云来了。", "english.txt": "Three firms spoke."})
    workspace.sync()
    return Engine(workspace.index, workspace.settings, workspace.encoder)


def _talk(server: Any, talk: Callable[[Client], Awaitable[Any]], **options: Any) -> Any:
    async def talking() -> Any:
        async with Client(server, **options) as client:
            return await talk(client)

    return asyncio.run(asyncio.wait_for(talking(), 120))


@pytest.fixture(params=["http", "stdio"])
def connected(request: pytest.FixtureRequest, engine: Engine) -> Iterator[Talk]:
    """Return what runs a conversation with the server over one of its transports."""
    if request.param == "http":
        with live(without_page(engine)) as url:
            yield lambda talk: _talk(f"{url}/mcp", talk)
        return
    code = (
        f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'tests')]!r}\n"
        "from fakes import FakeEncoder\nimport ui.engine\nui.engine.encoder_for = lambda *_: FakeEncoder()\n"
        "print('a stray line must not disturb the protocol', file=sys.stderr)\n"
        f"from ui.cli import main\nmain(['mcp', '--index', {str(engine.index)!r}])"
    )
    server = StdioServerParameters(command=sys.executable, args=["-c", code], cwd=str(ROOT))
    yield lambda talk: _talk(server, talk)


def test_an_agent_asks_and_reads_around_the_quote(connected: Talk, engine: Engine) -> None:
    async def talk(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"ask", "search", "read_span", "list_documents"}
        assert all(word in (tools["ask"].description or "") for word in ("cite", "quote", "not_found"))
        assert "keep the markers" in (client.instructions or "")

        asked = await client.call_tool("ask", {"question": QUESTION})
        answer = asked.structured_content or {}
        assert json.loads(asked.content[0].text) == answer  # type: ignore[union-attr]
        expected = engine.assistant().ask(QUESTION).to_dict()
        assert answer["status"] == "answered"
        assert answer == {name: expected[name] for name in answer}
        assert "evidence" not in answer

        cited = answer["citations"][0]
        around = {name: cited[name] for name in ("document", "start", "end")}
        span = (await client.call_tool("read_span", around)).structured_content or {}
        assert span["text"] == cited["quote"]

        found = (
            await client.call_tool("search", {"question": "来了", "top_k": 1, "documents": ["表/*"]})
        ).structured_content or {}
        assert [hit["document"] for hit in found["hits"]] == ["表/情.txt"]
        listed = (await client.call_tool("list_documents", {"limit": 2})).structured_content or {}
        assert (listed["total"], [d["document"] for d in listed["documents"]]) == (3, ["english.txt", "大会.txt"])

    connected(talk)


def test_what_goes_wrong_is_said_to_the_agent(connected: Talk) -> None:
    async def talk(client: Client) -> None:
        for tool, given, said in (
            ("ask", {"question": " "}, "empty"),
            ("ask", {"question": "长" * 5000}, "at most 4000"),
            ("ask", {}, "question"),
            ("read_span", {"document": "没有.txt"}, "list_documents"),
            ("search", {"question": "x", "top_k": 0}, "top_k"),
        ):
            result = await client.call_tool(tool, given)  # type: ignore[arg-type]
            assert result.is_error, (tool, given)
            assert said in result.content[0].text  # type: ignore[union-attr]

    connected(talk)


def _in_process(engine: Engine, work: Work, tool: str, given: dict[str, Any]) -> Any:
    return _talk(make_server(engine, work), lambda client: client.call_tool(tool, given))


def test_history_reaches_the_assistant(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from test_api import Recorder

    from qa import Turn

    recorder = Recorder(engine)
    monkeypatch.setattr(engine, "assistant", lambda: recorder)
    history = [{"question": "谁主持？", "answer": "宁云。"}]
    _in_process(engine, Work(engine.settings), "ask", {"question": "何时？", "history": history, "documents": ["大*"]})
    assert recorder.asked == [("何时？", [Turn("谁主持？", "宁云。")], ["大*"])]


def test_a_full_line_is_said_to_the_agent(engine: Engine) -> None:
    work = Work(engine.settings.model_copy(update={"concurrent_work": 0, "waiting_work": 0}))
    result = _in_process(engine, work, "ask", {"question": QUESTION})
    assert result.is_error
    assert "try again" in result.content[0].text


def test_an_unforeseen_error_keeps_its_insides(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.encoder, "encode_query", lambda _: 1 / 0)
    result = _in_process(engine, Work(engine.settings), "ask", {"question": QUESTION})
    assert result.is_error
    assert "division" not in result.content[0].text


def test_before_the_first_sync_the_agent_is_told(workspace: Workspace) -> None:
    engine = Engine(workspace.index, workspace.settings, workspace.encoder)
    result = _in_process(engine, Work(engine.settings), "list_documents", {})
    assert result.is_error
    assert "youju sync" in result.content[0].text


def test_http_wants_the_token_where_there_is_one(workspace: Workspace, engine: Engine) -> None:
    token = "a-token-of-more-than-16"
    closed = Engine(workspace.index, workspace.settings.model_copy(update={"token": token}), workspace.encoder)

    async def names(url: str, headers: dict[str, str]) -> list[str]:
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
        ):
            return [tool.name for tool in (await client.list_tools()).tools]

    with live(without_page(closed)) as url:
        assert "ask" in asyncio.run(names(url, {"authorization": f"Bearer {token}"}))
        assert httpx2.post(f"{url}/mcp", json={}).status_code == 401
        with pytest.raises(BaseException):  # noqa: B017, PT011 - the client's task groups wrap what they raise
            asyncio.run(names(url, {"authorization": "Bearer wrong"}))


def test_http_is_closed_to_pages_of_other_sites(engine: Engine) -> None:
    with live(without_page(engine)) as url:
        for headers in ({"origin": "http://evil.example"}, {"host": "evil.example"}):
            assert httpx2.post(f"{url}/mcp", json={}, headers=headers).status_code == 403

"""What the server takes on: who may call, how much at once, how often, and what it says to the rest."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import httpx
import pytest
from fakes import FakeEncoder, Rows
from live import live, without_page
from starlette.datastructures import Headers
from starlette.testclient import TestClient
from workspaces import Workspace

from index import Settings
from ui import limits
from ui.engine import Engine
from ui.limits import BusyError, CallerLeftError, Limits, Rates, Work, caller_of
from ui.passwords import hash_password

BASE = "http://127.0.0.1:7860"
TOKEN = "a-token-of-more-than-16"
ASK: dict[str, Any] = {"question": "宁云主持会议？"}
CHAT = {"messages": [{"role": "user", "content": "宁云主持会议？"}]}
DOORS = [("/api/ask", ASK), ("/api/search", ASK), ("/v1/chat/completions", CHAT)]


class SlowEncoder(FakeEncoder):
    """Encodes a question only when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.begun = 0

    def encode_query(self, texts: Any) -> Rows:
        self.begun += 1
        assert self.go.wait(20)
        return super().encode_query(texts)


@pytest.fixture
def synced(workspace: Workspace) -> Workspace:
    workspace.write({"大会.txt": "县长宁云主持会议。"})
    workspace.sync()
    return workspace


def engine_of(workspace: Workspace, encoder: FakeEncoder | None = None, **settings: Any) -> Engine:
    return Engine(workspace.index, workspace.settings.model_copy(update=settings), encoder or workspace.encoder)


def client_of(workspace: Workspace, password: str | None = None, name: str = BASE, **settings: Any) -> TestClient:
    app = without_page(engine_of(workspace, **settings), password_hash=hash_password(password) if password else None)
    return TestClient(app, name, follow_redirects=False)


def says_it_as(path: str, reply: Any) -> bool:
    """Tell whether an error has the form of its door."""
    if path.startswith("/v1"):
        return set(reply.json()) == {"error"} and set(reply.json()["error"]) == {"message", "type", "param", "code"}
    is_problem = reply.headers["content-type"] == "application/problem+json"
    return is_problem and reply.json()["status"] == reply.status_code


# --- the token --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "body"), [*DOORS, ("/mcp", {})])
@pytest.mark.parametrize("password", [None, "开门"])
def test_programs_need_the_token(synced: Workspace, path: str, body: dict[str, Any], password: str | None) -> None:
    client = client_of(synced, password, token=TOKEN)
    for headers in ({}, {"authorization": f"Bearer {TOKEN}x"}, {"authorization": f"Basic {TOKEN}"}, {"authorization": TOKEN}):
        reply = client.post(path, json=body, headers=headers)
        assert reply.status_code == 401
        assert reply.headers["www-authenticate"] == "Bearer"
        assert says_it_as(path, reply)
    if path != "/mcp":  # that one needs the server's start
        assert client.post(path, json=body, headers={"authorization": f"bearer {TOKEN}"}).status_code == 200


def test_with_a_password_alone_programs_have_no_way_in(synced: Workspace) -> None:
    client = client_of(synced, "开门")
    assert client.post("/api/ask", json=ASK, headers={"authorization": f"Bearer {TOKEN}"}).status_code == 401
    assert client.get("/healthz").status_code == 200


def test_a_visit_that_gave_the_password_may_use_the_doors(synced: Workspace) -> None:
    client = client_of(synced, "开门", token=TOKEN)
    assert client.get("/api", headers={"accept": "text/html"}).headers["location"] == "/youju/login"
    client.post("/youju/login", data={"password": "开门"})
    assert client.get("/api").status_code == 200
    assert client.post("/api/ask", json=ASK).status_code == 200


def test_the_token_opens_the_doors_for_programs_only(synced: Workspace) -> None:
    client = client_of(synced, "开门", token=TOKEN)
    for path in ("/", "/youju/library/rows", "/gradio_api/queue/join", "/apis", "/v1x"):
        assert client.get(path, headers={"authorization": f"Bearer {TOKEN}"}).status_code == 401, path


def test_without_token_and_password_a_key_is_not_looked_at(synced: Workspace) -> None:
    """Clients of OpenAI's interface always send one."""
    assert client_of(synced).get("/v1/models", headers={"authorization": "Bearer anything"}).status_code == 200


def test_host_and_origin_are_checked_for_programs_too(synced: Workspace) -> None:
    for path, body in DOORS:
        renamed = client_of(synced, name="http://evil.example").post(path, json=body)
        foreign = client_of(synced).post(path, json=body, headers={"origin": "http://evil.example"})
        for reply in (renamed, foreign):
            assert reply.status_code == 403
            assert says_it_as(path, reply)


def test_who_has_the_token_may_call_the_server_by_any_name(synced: Workspace) -> None:
    """As a program in a container does; a page that was pointed here by its own name has no token."""
    client = client_of(synced, name="http://host.docker.internal", token=TOKEN)
    assert client.post("/api/ask", json=ASK, headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    assert client.post("/api/ask", json=ASK).status_code == 403


# --- size -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "body"), [*DOORS, ("/mcp", {})])
@pytest.mark.parametrize("declared", [True, False])
def test_a_body_over_the_limit_is_refused(synced: Workspace, path: str, body: dict[str, Any], declared: bool) -> None:
    large = b" " * 3000
    headers = {"content-type": "application/json"}
    with client_of(synced, max_body_mb=0.002) as client:
        reply = client.post(path, content=large if declared else iter([large[:1500]] * 2), headers=headers)
        assert reply.status_code == 413
        assert says_it_as(path, reply)
        assert client.post(path, json=body, headers=headers).status_code != 413


def test_only_the_upload_itself_has_a_limit_of_its_own() -> None:
    limited = Limits(Settings(max_body_mb=0.002))
    declared = Headers({"content-length": "3000"})
    assert limited.refusal({"type": "http"}, declared, "/youju/library/upload") is None
    refused = limited.refusal({"type": "http"}, declared, "/youju/library/uploads")
    assert refused is not None
    assert refused.status_code == 413


def test_nothing_more_is_read_of_a_body_that_is_too_large(synced: Workspace) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 100_000_000:
            sent += 65_536
            yield b" " * 65_536

    # the server may hang up before its answer is read
    with live(without_page(engine_of(synced))) as url, suppress(httpx.TransportError):
        assert httpx.post(f"{url}/api/ask", content=endless()).status_code == 413
    assert sent < 50_000_000


@pytest.mark.parametrize(("path", "body"), DOORS)
def test_a_question_over_the_limit_is_refused(synced: Workspace, path: str, body: dict[str, Any]) -> None:
    reply = client_of(synced, question_characters=5).post(path, json=body)
    assert reply.status_code == 422
    assert "at most 5" in reply.text
    assert says_it_as(path, reply)


# --- how often --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "body"), DOORS)
def test_a_caller_that_comes_too_often_is_told_when_to_come_again(synced: Workspace, path: str, body: dict[str, Any]) -> None:
    client = client_of(synced, requests_per_minute=3)
    assert [client.post(path, json=body).status_code for _ in range(3)] == [200, 200, 200]
    reply = client.post(path, json=body)
    assert reply.status_code == 429
    assert 1 <= int(reply.headers["retry-after"]) <= 20
    assert says_it_as(path, reply)
    assert client.get("/healthz").status_code == 200


def test_wrong_tokens_are_counted(synced: Workspace) -> None:
    client = client_of(synced, requests_per_minute=3, token=TOKEN)
    wrong = {"authorization": "Bearer guess"}
    assert [client.get("/v1/models", headers=wrong).status_code for _ in range(4)] == [401, 401, 401, 429]


def test_the_minute_goes_by(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(limits.time, "monotonic", lambda: now)
    rates = Rates(60)
    assert [rates.wait_s("a") for _ in range(60)] == [0.0] * 60
    assert rates.wait_s("a") == pytest.approx(1.0)
    assert rates.wait_s("b") == 0.0
    now += 1.0
    assert rates.wait_s("a") == 0.0
    assert rates.wait_s("a") > 0
    now += 60.0
    assert [rates.wait_s("a") for _ in range(60)] == [0.0] * 60


def test_no_limit_is_none() -> None:
    rates = Rates(0)
    assert all(rates.wait_s("a") == 0.0 for _ in range(1000))


def test_callers_that_are_free_again_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(limits.time, "monotonic", lambda: now)
    monkeypatch.setattr(limits, "MOST_CALLERS", 10)
    rates = Rates(60)
    for number in range(100):
        now += 2.0
        rates.wait_s(str(number))
    assert len(rates._paid_until) <= 11


def test_an_ipv6_caller_is_its_network() -> None:
    def caller(host: str) -> str:
        return caller_of({"type": "http", "client": (host, 1)})

    assert caller("2001:db8::1") == caller("2001:db8::ffff:2") != caller("2001:db8:0:1::1")
    assert caller("10.0.0.1") != caller("10.0.0.2")
    assert caller_of({"type": "http", "client": None}) == ""


# --- how much at once -------------------------------------------------------------------------------------------------


def _wait_for(is_true: Any) -> None:
    until = time.monotonic() + 20
    while not is_true():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("stream", [False, True])
def test_past_the_line_the_server_is_busy(synced: Workspace, stream: bool) -> None:
    encoder = SlowEncoder()
    app = without_page(engine_of(synced, encoder, concurrent_work=1, waiting_work=1))
    with live(app) as url, ThreadPoolExecutor(2) as pool:

        def ask() -> httpx.Response:
            return httpx.post(f"{url}/api/ask", json={**ASK, "stream": stream}, timeout=30)

        try:
            waiting = [pool.submit(ask)]
            _wait_for(lambda: encoder.begun == 1)
            waiting.append(pool.submit(ask))
            time.sleep(0.3)  # the second is in line now
            for path, body in DOORS:
                reply = httpx.post(f"{url}{path}", json=body, timeout=10)
                assert reply.status_code == 503
                assert int(reply.headers["retry-after"]) >= 1
                assert says_it_as(path, reply)
            assert encoder.begun == 1
            assert httpx.get(f"{url}/healthz").status_code == 200
            assert httpx.get(f"{url}/api/documents").status_code == 200
        finally:
            encoder.go.set()
        assert [one.result().status_code for one in waiting] == [200, 200]
        assert httpx.post(f"{url}/api/ask", json=ASK).status_code == 200


@pytest.mark.parametrize("stream", [False, True])
def test_a_caller_who_leaves_gives_the_place_back(synced: Workspace, stream: bool) -> None:
    encoder = SlowEncoder()
    app = without_page(engine_of(synced, encoder, concurrent_work=1, waiting_work=1))
    with live(app) as url:
        for _ in range(2):  # one is being worked on, the other is in line
            with pytest.raises(httpx.ReadTimeout):
                httpx.post(f"{url}/api/ask", json={**ASK, "stream": stream}, timeout=0.5)
        assert encoder.begun == 1
        encoder.go.set()
        _wait_for(lambda: httpx.post(f"{url}/api/ask", json=ASK).status_code == 200)
        assert encoder.begun == 2  # whoever left the line was not worked for
        assert [httpx.post(f"{url}/api/ask", json=ASK).status_code for _ in range(3)] == [200] * 3


def test_nothing_is_begun_for_a_caller_who_left_the_line() -> None:
    begun: list[str] = []

    async def has_left() -> bool:
        return True

    async def run() -> int:
        work = Work(Settings(concurrent_work=1, waiting_work=0))
        with pytest.raises(CallerLeftError):
            await work.run(lambda: begun.append("answer"), has_left)
        with pytest.raises(CallerLeftError):
            await work.stream(lambda: iter([begun.append("stream")]), has_left)
        return await work.run(lambda: 7)

    assert asyncio.run(run()) == 7
    assert begun == []


def test_a_stream_that_nobody_reads_holds_no_place() -> None:
    async def run() -> list[int]:
        work = Work(Settings(concurrent_work=1, waiting_work=0))
        unread = await work.stream(lambda: iter([1, 2, 3]))
        await asyncio.sleep(0.2)
        read = await work.stream(lambda: iter([4, 5]))
        return [event async for event in read] + [event async for event in unread]

    assert asyncio.run(run()) == [4, 5, 1, 2, 3]


def test_a_stream_that_is_left_is_not_worked_off() -> None:
    made: list[int] = []

    def events() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            time.sleep(0.02)
            yield number

    async def run() -> None:
        work = Work(Settings(concurrent_work=1, waiting_work=0))
        stream = await work.stream(events)
        async for _ in stream:
            break
        await stream.aclose()  # type: ignore[attr-defined]
        while True:
            try:
                await work.run(lambda: None)
                return
            except BusyError:
                await asyncio.sleep(0.01)

    asyncio.run(run())
    assert len(made) < 50


def test_an_error_gives_the_place_back() -> None:
    async def run() -> None:
        work = Work(Settings(concurrent_work=1, waiting_work=0))
        with pytest.raises(ZeroDivisionError):
            await work.run(lambda: 1 // 0)
        stream = await work.stream(lambda: (1 // n for n in (1, 0)))
        with pytest.raises(ZeroDivisionError):
            [event async for event in stream]
        await asyncio.sleep(0.1)
        assert await work.run(lambda: 7) == 7

    asyncio.run(run())

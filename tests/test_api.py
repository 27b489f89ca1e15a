"""The REST door: the same answers as the assistant's, in the same words, and nothing that it decides for itself."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from fakes import FakeEncoder
from live import collect_event_loops, without_page
from starlette.testclient import TestClient
from workspaces import Workspace

from index import EncoderError
from qa import Done, Stage, Text, Turn
from ui.engine import Engine
from ui.library import Library
from ui.server import create_app
from ui.spans import LONGEST_SPAN

BASE = "http://127.0.0.1:7860"
QUESTION = "宁云主持会议？"
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True, scope="module")
def _event_loops() -> Iterator[None]:
    yield
    collect_event_loops()


@pytest.fixture
def engine(workspace: Workspace) -> Engine:
    workspace.write({"大会.txt": "县长宁云主持会议。", "表/情.txt": "😀😀宁云来了。", "english.txt": "Three firms spoke."})
    workspace.sync()
    return Engine(workspace.index, workspace.settings, workspace.encoder)


@pytest.fixture
def library(workspace: Workspace, engine: Engine) -> Iterator[Library]:
    library = Library(workspace.docs, engine)
    yield library
    library.wait(20)


@pytest.fixture
def client(engine: Engine, library: Library) -> TestClient:
    return TestClient(without_page(engine, library), BASE)


class Recorder:
    """Stands in for the assistant and remembers what it was asked."""

    def __init__(self, engine: Engine) -> None:
        self.answer = engine.assistant().ask(QUESTION)
        self.asked: list[tuple[Any, ...]] = []

    def ask(self, *asked: Any) -> Any:
        self.asked.append(asked)
        return self.answer

    def stream(self, *asked: Any) -> Iterator[Any]:
        self.asked.append(asked)
        yield from (Stage("search"), Text("县长"), Text("来了"), Done(self.answer))


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    found = re.findall(r"event: (\w+)\ndata: (.*)\n\n", text)
    return [(name, json.loads(data)) for name, data in found]


def test_an_answer_is_the_assistants_own_object(client: TestClient, engine: Engine) -> None:
    reply = client.post("/api/ask", json={"question": QUESTION})
    assert reply.status_code == 200
    expected = engine.assistant().ask(QUESTION).to_dict()
    assert {**reply.json(), "timings_ms": 0} == {**expected, "timings_ms": 0}
    assert reply.json()["citations"][0]["quote"] == "县长宁云主持会议。"


@pytest.mark.parametrize("stream", [False, True])
def test_history_and_filter_reach_the_assistant(
    client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    recorder = Recorder(engine)
    monkeypatch.setattr(engine, "assistant", lambda: recorder)
    history = [{"question": "谁主持？", "answer": "宁云。"}]
    client.post("/api/ask", json={"question": "何时？", "history": history, "documents": ["大*"], "stream": stream})
    assert recorder.asked == [("何时？", [Turn("谁主持？", "宁云。")], ["大*"])]


def test_a_stream_has_the_assistants_events(client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder(engine)
    monkeypatch.setattr(engine, "assistant", lambda: recorder)
    reply = client.post("/api/ask", json={"question": QUESTION, "stream": True})
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert events(reply.text) == [
        ("stage", {"name": "search"}),
        ("text", {"delta": "县长"}),
        ("text", {"delta": "来了"}),
        ("done", recorder.answer.to_dict()),
    ]


def test_a_stream_that_fails_says_so_last(client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: object) -> Any:
        raise EncoderError("the encoder is gone")

    monkeypatch.setattr(engine.encoder, "encode_query", failing)
    name, data = events(client.post("/api/ask", json={"question": QUESTION, "stream": True}).text)[-1]
    assert (name, data["status"], data["detail"]) == ("error", 503, "the encoder is gone")
    monkeypatch.setattr(engine.encoder, "encode_query", lambda _: 1 / 0)
    name, data = events(client.post("/api/ask", json={"question": QUESTION, "stream": True}).text)[-1]
    assert (name, data["status"]) == ("error", 500)
    assert "division" not in data["detail"]


def test_search_returns_hits_only_of_the_documents_asked_for(client: TestClient, engine: Engine) -> None:
    reply = client.post("/api/search", json={"question": QUESTION, "top_k": 2})
    assert reply.json() == {"hits": [hit.to_dict() for hit in engine.assistant().search(QUESTION, 2)]}
    only = client.post("/api/search", json={"question": QUESTION, "documents": ["english*"]}).json()["hits"]
    assert [hit["document"] for hit in only] == ["english.txt"]


def test_documents_are_listed_in_parts(client: TestClient) -> None:
    whole = client.get("/api/documents").json()
    assert whole["total"] == 3
    ids = [document["document"] for document in whole["documents"]]
    assert ids == ["english.txt", "大会.txt", "表/情.txt"]
    part = client.get("/api/documents", params={"offset": 1, "limit": 1}).json()
    assert (part["total"], [document["document"] for document in part["documents"]]) == (3, ["大会.txt"])


def test_a_span_counts_code_points_as_citations_do(client: TestClient) -> None:
    hit = client.post("/api/search", json={"question": "来了", "documents": ["表/*"]}).json()["hits"][0]
    start = hit["start"] + hit["text"].index("宁云")
    span = client.get("/api/documents/表/情.txt", params={"start": start, "end": start + 2}).json()
    assert (span["start"], span["end"], span["text"], span["length"]) == (2, 4, "宁云", 7)


@pytest.mark.parametrize(
    ("asked", "got"), [({}, (0, 9)), ({"start": 4}, (4, 9)), ({"start": 50}, (9, 9)), ({"start": 5, "end": 2}, (5, 5))]
)
def test_a_span_says_where_it_really_stands(client: TestClient, asked: dict[str, int], got: tuple[int, int]) -> None:
    span = client.get("/api/documents/大会.txt", params=asked).json()
    assert (span["start"], span["end"]) == got
    assert span["text"] == "县长宁云主持会议。"[got[0] : got[1]]


def test_a_long_document_comes_in_parts(workspace: Workspace) -> None:
    text = "一二三四五。\n" * (LONGEST_SPAN // 6)
    workspace.write({"long.txt": text})
    workspace.sync()
    client = TestClient(without_page(Engine(workspace.index, workspace.settings, workspace.encoder)), BASE)
    read = ""
    while len(read) < len(text):
        part = client.get("/api/documents/long.txt", params={"start": len(read)}).json()
        assert 0 < len(part["text"]) <= LONGEST_SPAN
        read += part["text"]
    assert read == text


def test_only_documents_of_the_index_are_read(client: TestClient) -> None:
    for name in ("没有.txt", "../大会.txt", "%2e%2e/docs/大会.txt", "/etc/passwd"):
        reply = client.get(f"/api/documents/{name}")
        assert reply.status_code == 404, name
        assert reply.headers["content-type"] == "application/problem+json"


def test_a_sync_changes_only_the_folder_of_the_server(client: TestClient, library: Library, workspace: Workspace) -> None:
    assert client.get("/api/sync").json()["state"] == "none"
    workspace.write({"new.txt": "新的一份。"})
    reply = client.post("/api/sync", json={"docs": "/etc", "path": "/etc"})
    assert reply.status_code == 202
    library.wait(20)
    done = client.get("/api/sync").json()
    assert (done["state"], done["report"]["added"], done["report"]["unchanged"]) == ("done", 1, 3)
    assert client.get("/api/documents").json()["total"] == 4


def test_one_sync_at_a_time(workspace: Workspace, engine: Engine) -> None:
    go_on, has_begun = threading.Event(), threading.Event()

    def wait() -> None:
        has_begun.set()
        assert go_on.wait(20)

    engine.encoder = FakeEncoder(before_encoding=wait)
    library = Library(workspace.docs, engine)
    client = TestClient(without_page(engine, library), BASE)
    workspace.write({"new.txt": "新的一份。"})
    try:
        assert client.post("/api/sync").status_code == 202
        assert has_begun.wait(20)
        refused = client.post("/api/sync")
        assert refused.status_code == 409
        assert refused.headers["content-type"] == "application/problem+json"
        assert client.get("/api/sync").json()["state"] == "running"
    finally:
        go_on.set()
        library.wait(20)
    assert client.post("/api/sync").status_code == 202
    library.wait(20)


def test_without_a_folder_there_is_nothing_to_sync(engine: Engine) -> None:
    client = TestClient(without_page(engine), BASE)
    assert client.post("/api/sync").status_code == 404
    assert client.get("/api/sync").status_code == 404


def test_before_the_first_sync_every_door_says_so(workspace: Workspace) -> None:
    client = TestClient(without_page(Engine(workspace.index, workspace.settings, workspace.encoder)), BASE)
    for stream in (False, True):
        reply = client.post("/api/ask", json={"question": QUESTION, "stream": stream})
        assert (reply.status_code, reply.json()["status"]) == (503, 503)
        assert str(workspace.index) in reply.json()["detail"]
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ("{", "body.1"),
        ("{}", "body.question"),
        ('{"question": 1}', "body.question"),
        ('{"question": "\\ud800"}', "body.question"),
        ('{"question": "x", "documnets": ["a"]}', "body.documnets"),
        ('{"question": "x", "history": [{"question": "y"}]}', "body.history.0.answer"),
    ],
)
def test_a_wrong_request_is_a_problem_that_names_the_part(client: TestClient, body: str, where: str) -> None:
    reply = client.post("/api/ask", content=body, headers={"content-type": "application/json"})
    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert {"type", "title", "status", "detail"} <= set(problem)
    assert [error["where"] for error in problem["errors"]] == [where]


def test_an_unforeseen_error_is_a_problem_without_its_insides(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    client = TestClient(without_page(engine), BASE, raise_server_exceptions=False)
    monkeypatch.setattr(engine.encoder, "encode_query", lambda _: 1 / 0)
    reply = client.post("/api/ask", json={"question": QUESTION})
    assert (reply.status_code, reply.headers["content-type"]) == (500, "application/problem+json")
    assert "division" not in reply.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/nothing", 404), ("DELETE", "/api/ask", 405)])
def test_paths_below_api_never_reach_the_page(engine: Engine, method: str, path: str, status: int) -> None:
    client = TestClient(create_app(engine), BASE)
    reply = client.request(method, path)
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json")


def test_the_description_reaches_no_other_host_and_its_examples_work(client: TestClient) -> None:
    page = client.get("/api")
    assert page.headers["content-type"].startswith("text/html")
    assert "<script" not in page.text
    assert re.findall(r'(?:src|href)="([^"]*)"', page.text) == ["api/openapi.json"]
    described = client.get("/api/openapi.json").json()
    posted = {path: operations["post"] for path, operations in described["paths"].items() if "post" in operations}
    posted = {path: operation for path, operation in posted.items() if "requestBody" in operation}
    assert set(posted) == {"/api/ask", "/api/search", "/v1/chat/completions"}
    for path, operation in posted.items():
        name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for example in described["components"]["schemas"][name]["examples"]:
            assert client.post(path, json=example).status_code == 200, path


def test_below_a_sub_path(engine: Engine) -> None:
    client = TestClient(create_app(engine, root_path="/tools/youju"), BASE)
    assert client.post("/tools/youju/api/ask", json={"question": QUESTION}).json()["status"] == "answered"
    wrong = client.post("/tools/youju/v1/chat/completions", json={})
    assert (wrong.status_code, list(wrong.json())) == (400, ["error"])
    assert "api/openapi.json" in client.get("/tools/youju/api").text

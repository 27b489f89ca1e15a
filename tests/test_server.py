"""The server's own routes, over the whole app with its guard."""

from __future__ import annotations

import asyncio
import gc
import re
import warnings
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from workspaces import Workspace

from ui.engine import Engine
from ui.library import Library
from ui.page.shell import rewritten
from ui.server import create_app

BASE = "http://127.0.0.1:7860"
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
"""The page's framework makes event loops for itself and never closes them."""


@pytest.fixture(autouse=True)
def _event_loops() -> Iterator[None]:
    """Collect the event loops that are left, so that they do not trouble the next module."""
    yield
    asyncio.set_event_loop(None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def engine(workspace: Workspace) -> Engine:
    workspace.write({"甲.txt": "第一行。\n<b>第二行</b>是要找的话。\n", "b'\"<i>.md": "# 题\n\n正文在这里。"})
    workspace.sync()
    return Engine(workspace.index, workspace.settings.model_copy(update={"max_file_mb": 0.01}), workspace.encoder)


@pytest.fixture
def library(workspace: Workspace, engine: Engine) -> Iterator[Library]:
    library = Library(workspace.docs, engine)
    yield library
    library.wait(20)


@pytest.fixture
def client(engine: Engine, library: Library) -> TestClient:
    return TestClient(create_app(engine, library), BASE)


@pytest.fixture
def read_only(engine: Engine) -> TestClient:
    return TestClient(create_app(engine), BASE)


def test_health_is_open_and_says_nothing_else(engine: Engine) -> None:
    closed = TestClient(create_app(engine, password="secret"), BASE)
    assert closed.get("/healthz").json() == {"status": "ok"}
    for path in (
        "/",
        "/config",
        "/gradio_api/info",
        "/youju/original?document=x",
        "/youju/library/rows",
        "/youju/assets/page.js",
        "/theme.css",
    ):
        assert closed.get(path, headers={"accept": "*/*"}, follow_redirects=False).status_code == 401, path
    assert closed.put("/youju/library/upload?name=a.txt", content=b"x").status_code == 401
    assert closed.post("/gradio_api/queue/join", json={}).status_code == 401


def test_the_page_is_ours_from_the_first_byte(client: TestClient) -> None:
    page = client.get("/", headers={"accept-language": "en"})
    assert page.status_code == 200
    assert '<html\n\tlang="en"' in page.text
    assert 'lang="zh-CN"' in client.get("/", headers={"accept-language": "zh"}).text[:60]
    assert '"analytics_enabled":false' in page.text
    for name in re.findall(r'(?:href|src)="(youju/assets/[^"]+)"', page.text):
        assert client.get(f"/{name}").status_code == 200, name
    head = page.text.split("window.gradio_config")[0]
    assert re.findall(r'(?:href|src|content)="(?:https?:)?//[^"]+', head) == []


def test_addresses_of_other_hosts_are_taken_out() -> None:
    html = (
        '<html lang="en"><head><link rel="preconnect" href="https://fonts.example"><script src="//cdn.example/x.js"></script>'
        '<meta property="og:image" content="https://x.example/a.png"><link rel="stylesheet" href="./theme.css"></head></html>'
    )
    shown = rewritten(html, "zh")
    assert "example" not in shown
    assert "./theme.css" in shown


def test_the_original_is_marked_and_cannot_run_anything(client: TestClient) -> None:
    text = "第一行。\n<b>第二行</b>是要找的话。\n"
    start = text.index("第二行")
    page = client.get("/youju/original", params={"document": "甲.txt", "start": start, "end": start + 3})
    assert '&lt;b&gt;<mark id="quote">第二行</mark>&lt;/b&gt;是要找的话。' in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "没有.txt", ""])
def test_only_documents_of_the_index_are_shown(client: TestClient, name: str) -> None:
    assert client.get("/youju/original", params={"document": name}).status_code == 404


def test_an_odd_file_name_works_all_the_way(client: TestClient, library: Library) -> None:
    name = "b'\"<i>.md"
    assert "正文在这里" in client.get("/youju/original", params={"document": name}).text
    assert "<i>" not in client.get("/youju/library/rows").text
    reply = client.post("/youju/library/delete", params={"document": name}).json()
    assert not (library.docs / name).exists()
    assert "data-act" in client.get("/youju/library/rows").text
    assert "b&#x27;&quot;&lt;i&gt;.md" not in client.get("/youju/library/rows").text  # though the index still has it
    client.post("/youju/library/undo", params={"token": reply["token"]})
    assert (library.docs / name).exists()


def test_an_upload_becomes_a_document(client: TestClient, library: Library) -> None:
    reply = client.put("/youju/library/upload", params={"name": "组/新.txt"}, content="新来的一份。".encode())
    assert reply.json() == {"document": "uploads/组/新.txt"}
    client.post("/youju/library/rescan")
    library.wait(20)
    assert "uploads/组/新.txt" in client.get("/youju/library/rows").text
    work = client.get("/youju/library/work", params={"language": "en"}).json()
    assert work["running"] is False
    assert "1 document added" in work["html"]


@pytest.mark.parametrize("chunked", [False, True])
def test_an_upload_over_the_limit_leaves_nothing(client: TestClient, library: Library, chunked: bool) -> None:
    """With or without a length said beforehand."""
    body = b"x" * 20_000
    content = iter([body[:9000], body[9000:]]) if chunked else body
    reply = client.put("/youju/library/upload", params={"name": "big.txt", "language": "en"}, content=content)
    assert reply.status_code == 400
    assert "0.01 MB" in reply.json()["error"]
    assert [p for p in (library.docs / "uploads").glob("*")] == []


def test_an_upload_cannot_leave_its_folder(client: TestClient, library: Library) -> None:
    reply = client.put("/youju/library/upload", params={"name": "../../out.txt"}, content=b"x")
    assert reply.status_code == 400
    assert not (library.docs.parent / "out.txt").exists()
    assert not (library.docs / "out.txt").exists()


def test_without_a_folder_nothing_can_be_changed(read_only: TestClient) -> None:
    assert read_only.put("/youju/library/upload?name=a.txt", content=b"x").status_code in (404, 405)
    for name in ("rescan", "cancel", "delete?document=甲.txt", "undo?token=x"):
        assert read_only.post(f"/youju/library/{name}").status_code in (404, 405), name
    rows = read_only.get("/youju/library/rows").text
    assert "甲.txt" in rows
    assert "data-act" not in rows


def test_before_the_first_sync_the_page_is_there_and_says_so(workspace: Workspace) -> None:
    client = TestClient(create_app(Engine(workspace.index, workspace.settings, workspace.encoder)), BASE)
    assert client.get("/").status_code == 200
    assert "还没有文档" in client.get("/youju/library/rows").text
    missing = client.get("/youju/original?document=a")
    assert missing.status_code == 503
    assert str(workspace.index) in missing.json()["error"]


def test_below_a_sub_path(engine: Engine) -> None:
    client = TestClient(create_app(engine, root_path="/tools/youju"), BASE)
    assert client.get("/tools/youju/healthz").status_code == 200
    page = client.get("/tools/youju/")
    assert page.status_code == 200
    assert "youju/assets/page.js" in page.text
    assert client.get("/tools/youju/youju/assets/page.js").status_code == 200
    assert client.get("/tools/youju/config").json()["root"].endswith("/tools/youju")

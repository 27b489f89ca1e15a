"""Servers as processes, and visitors in the words of a person who uses the page."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds" / "documents"
READY_S = 120.0
BROWSER_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def absent(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; on CI this may not be left out")
    pytest.skip(reason)


class Server:
    """A server process with its folders."""

    def __init__(self, url: str, docs: Path | None, index: Path, log: Path) -> None:
        self.url, self.docs, self.index, self.log = url, docs, index, log


@contextmanager
def serving(code: str, docs: Path | None, index: Path, log: Path, cache_dir: Path, root: str = "") -> Iterator[Server]:
    """Run ``code`` with ``docs``, ``index``, ``port`` and ``root`` defined, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start = (
        f"import sys; from pathlib import Path\nsys.path[:0] = {[str(ROOT), str(ROOT / 'tests')]!r}\n"
        f"docs = Path({str(docs)!r}) if {docs is not None} else None\n"
        f"index, port, root = Path({str(index)!r}), {port}, {root!r}\n{code}"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith("YOUJU_")}
    env |= {"YOUJU_CACHE_DIR": str(cache_dir), "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", start], stdout=output, stderr=subprocess.STDOUT, env=env, cwd=index.parent
        )
        try:
            url = f"http://127.0.0.1:{port}{root}/"
            wait_until(lambda: _answers(f"{url}healthz", process), f"the server did not start:\n{log.read_text()}")
            yield Server(url, docs, index, log)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "the server has ended"
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def wait_until(is_true: Callable[[], bool], message: str, timeout_s: float = READY_S) -> None:
    until = time.monotonic() + timeout_s
    while not is_true():
        assert time.monotonic() < until, message
        time.sleep(0.2)


class Visitor:
    """A browser window of its own, in the words of a person who uses the page."""

    def __init__(self, browser: Any, url: str, **context: Any) -> None:
        self.context = browser.new_context(**{"locale": "zh-CN", "viewport": {"width": 1280, "height": 800}, **context})
        self.page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.url = url
        self.foreign: list[str] = []
        self.errors: list[str] = []
        origin = "/".join(url.split("/")[:3])
        self.page.on("request", lambda r: self._note_request(r.url, origin))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: dialog.accept())

    def _note_request(self, url: str, origin: str) -> None:
        if not url.startswith((origin + "/", "data:", "blob:")):
            self.foreign.append(url)

    def arrive(self) -> Visitor:
        self.page.goto(self.url)
        self.page.wait_for_selector(".welcome")
        return self

    def ask(self, question: str) -> str:
        """Ask, wait for what becomes of it, and return its state."""
        before = self.page.locator("#conversation .turn").count()
        self.page.fill("#question textarea", question)
        self.page.press("#question textarea", "Enter")
        return self.wait_for_turn(before + 1)

    def wait_for_turn(self, number: int) -> str:
        self.page.wait_for_function(
            "n => { const t = document.querySelectorAll('#conversation .turn'); "
            "return t.length >= n && t[t.length - 1].dataset.state !== 'working'; }",
            arg=number,
            timeout=60_000,
        )
        return str(self.page.locator("#conversation .turn").last.get_attribute("data-state"))

    def open_documents(self) -> None:
        self.page.get_by_role("tab").nth(1).click()
        self.page.wait_for_selector("#rows .count")

    def open_chat(self) -> None:
        self.page.get_by_role("tab").nth(0).click()

    def wait_for_sync(self, words: str) -> None:
        self.page.wait_for_function("w => document.querySelector('#work')?.textContent.includes(w)", arg=words, timeout=90_000)

    def original(self) -> Any:
        """Return the frame of the original that is open."""
        self.page.wait_for_selector("#original-view[open]")
        return self.page.frame_locator("#original-view iframe")

    def check(self) -> None:
        assert self.foreign == []
        assert self.errors == []
        assert self.page.evaluate("window.attacked") is None


SERVE = "from ui.server import serve\nserve(docs, index, '127.0.0.1', port, {password!r}, False, root)"

SERVE_FAKE = """
import uvicorn
from fakes import FakeEncoder
from ui.engine import Engine
from ui.library import Library
from ui.server import create_app
from index import Settings
engine = Engine(index, Settings(passage_tokens=800), FakeEncoder(delay_s={delay_s}))
library = Library(docs, engine)
library.rescan()
uvicorn.run(create_app(engine, library), host="127.0.0.1", port=port, log_level="warning")
"""
"""The encoder is a stand-in, for the page is what is tested; a sync takes at least ``delay_s``."""

ATTACKS = {
    "script": "<script>window.attacked=1</script>",
    "onerror": '<img src=x onerror="window.attacked=1">',
    "markdown-image": "![图](http://evil.example/x.png)",
    "markdown-link": "[点这里](http://evil.example/)",
    "javascript-link": '<a href="javascript:window.attacked=1">点</a> [点](javascript:window.attacked=1)',
    "right-to-left": "\u202egnp.exe\u202c",
    "template": "${window.attacked=1} {{constructor.constructor('window.attacked=1')()}}",
}
PLACES = dict(zip(ATTACKS, ("星槎仓库", "墨池车站", "云梯工厂", "听涛书院", "霜叶码头", "鹿鸣邮局", "青砚茶馆"), strict=True))
ODD_NAME = "怪'名\"字<b>与\\斜线&.txt"


def attack_text(name: str) -> str:
    return f"{PLACES[name]}的值班员是穆长庚{ATTACKS[name]}，电话是0600-7654321。\n"


def is_synced(server: Server) -> bool:
    with urllib.request.urlopen(server.url + "youju/library/work", timeout=10) as response:
        return b'"running":false' in response.read()

"""What is seen while an answer is on its way; the assistant is slowed down, so that there is something to see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser_tools import SERVE_FAKE, Server, Visitor, is_synced, serving, wait_until

Visit = Callable[..., Visitor]

QUESTION = "值班电话是多少？"
STEP_S = 0.7
SLOW = f"""
import time
from qa import Assistant
stream = Assistant.stream
def slowly(self, *arguments):
    for event in stream(self, *arguments):
        yield event
        time.sleep({STEP_S})
Assistant.stream = slowly
"""
NOTE_STEPS = """
window.steps = [];
new MutationObserver(() => {
  const items = [...document.querySelectorAll('#conversation .steps li')];
  const now = items.map((item) => `${item.className} ${item.textContent}`).join(', ');
  if (now && steps.at(-1) !== now) steps.push(now);
}).observe(document, {subtree: true, childList: true});
"""


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory, real_cache_dir: Path) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("slow")
    docs = folder / "docs"
    docs.mkdir()
    (docs / "值班.txt").write_text("值班电话是0600-1234567，全天有人接听。", "utf-8")
    code = SLOW + SERVE_FAKE.format(delay_s=0)
    with serving(code, docs, folder / "index", folder / "log", real_cache_dir) as server:
        wait_until(lambda: is_synced(server), f"the sync did not end:\n{server.log.read_text()}", 240)
        yield server


def test_the_steps_are_shown_as_they_happen(slow: Server, visit: Visit) -> None:
    visitor = visit(slow)
    visitor.page.add_init_script(NOTE_STEPS)
    visitor.arrive().ask(QUESTION)
    assert visitor.page.evaluate("steps") == [
        "now 正在准备",
        "now 正在检索段落",
        "done 正在检索段落, now 正在阅读段落",
        "done 正在检索段落, done 正在阅读段落, now 正在写出回答",
    ]
    assert visitor.page.locator(".steps").count() == 0


def test_enter_during_an_answer_sends_nothing_and_keeps_the_words(slow: Server, visit: Visit) -> None:
    visitor = visit(slow).arrive()
    page = visitor.page
    page.fill("#question textarea", QUESTION)
    page.press("#question textarea", "Enter")
    page.wait_for_selector("#conversation [data-state=working]")
    assert page.locator("#panel .evidence:not([hidden])").inner_text().split() == [
        "出处",
        "正在查找，回答所依据的原文会显示在这里。",
    ]
    assert page.input_value("#question textarea") == ""
    page.fill("#question textarea", "下一个问题")
    page.press("#question textarea", "Enter")
    visitor.wait_for_turn(1)
    assert page.input_value("#question textarea") == "下一个问题"
    assert page.locator(".turn").count() == 1
    page.press("#question textarea", "Enter")
    visitor.wait_for_turn(2)
    assert page.locator(".turn .question bdi").all_inner_texts() == [QUESTION, "下一个问题"]


def test_a_new_chat_during_an_answer_stays_new(slow: Server, visit: Visit) -> None:
    visitor = visit(slow).arrive()
    page = visitor.page
    page.fill("#question textarea", QUESTION)
    page.press("#question textarea", "Enter")
    page.wait_for_selector("text=正在检索段落")
    page.get_by_role("button", name="新对话").click()
    page.wait_for_selector(".welcome")
    page.wait_for_timeout(4 * STEP_S * 1000)  # the answer would be here by now
    assert page.locator(".turn, #panel .card").count() == 0
    visitor.ask("后来的问题")
    assert page.locator(".turn .question bdi").all_inner_texts() == ["后来的问题"]


def test_an_answer_is_sent_once_and_without_those_before_it(slow: Server, visit: Visit) -> None:
    """However long the conversation is: two requests, and no more bytes than for the first question."""
    visitor = visit(slow).arrive()
    devtools = visitor.context.new_cdp_session(visitor.page)
    devtools.send("Network.enable")
    sizes: list[int] = []
    addresses: list[str] = []
    devtools.on("Network.dataReceived", lambda event: sizes.append(event["dataLength"]))
    devtools.on("Network.requestWillBeSent", lambda event: addresses.append(event["request"]["url"]))
    received = []
    for _ in range(4):
        sizes.clear()
        addresses.clear()
        visitor.ask(QUESTION)
        visitor.page.wait_for_timeout(300)
        received.append(sum(sizes))
        assert len([address for address in addresses if "/queue/" in address]) == len(addresses) == 2, addresses
    assert received[3] < 1.1 * received[0], received


def test_a_server_that_has_gone_is_told(tmp_path: Path, visit: Visit, real_cache_dir: Path) -> None:
    (tmp_path / "docs").mkdir()
    with serving(SERVE_FAKE.format(delay_s=0), tmp_path / "docs", tmp_path / "index", tmp_path / "log", real_cache_dir) as server:
        visitor = visit(server).arrive()
    assert visitor.ask(QUESTION) == "error"
    assert "没有收到回答，服务器可能已停止或正忙。" in visitor.page.locator(".reply").inner_text()
    assert visitor.page.locator(".turn .question bdi").inner_text() == QUESTION
    assert "会显示在这里" in visitor.page.locator("#panel .sections > .empty").inner_text()
    visitor.page.get_by_role("button", name="重新提问").click()
    assert visitor.page.locator(".turn .question bdi").all_inner_texts() == [QUESTION, QUESTION]

"""Asking in the browser: answers, their words in card and original, states, keyboard, phone, dark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from browser_tools import Server, Visitor

Visit = Callable[..., Visitor]

BY_FORMAT = {
    "txt": ("企业服务专窗的电话是多少？", "新闻/工业强县推进大会.txt", "0600-5128890"),
    "md": ("索引默认放在哪个文件夹？", "使用指南/有据使用指南.md", "data/index"),
    "html": ("旷工多少天公司可以解除合同？", "公司制度/休假制度.html", "一年内旷工累计满5天"),
    "docx": ("What budget was approved for the trip to Poland?", "english/meeting-minutes-2025-04.docx", "9,500 euros"),
    "xlsx": ("竹制蒸笼是什么规格？", "公司制度/产品价格与库存.xlsx", "直径27厘米"),
    "pdf": ("民间护河队的队长是谁？", "政府报告/2024年水资源公报.pdf", "杭念慈"),
}
ANSWERED = BY_FORMAT["txt"][0]
UNKNOWN = "月球背面的平均温度是多少度？"


@pytest.mark.parametrize("file_type", BY_FORMAT)
def test_the_words_of_an_answer_are_marked_in_card_and_original(server: Server, visit: Visit, file_type: str) -> None:
    question, document, words = BY_FORMAT[file_type]
    visitor = visit(server).arrive()
    assert visitor.ask(question) == "answered"
    visitor.page.locator(".marker").first.click()
    card = visitor.page.locator("#panel .card.open")
    assert card.locator(".file").inner_text() == document
    quote = card.locator("mark").inner_text()
    assert words in quote
    card.locator("a.original").click()
    mark = visitor.original().locator("mark")
    mark.first.wait_for()
    assert "".join(mark.all_inner_texts()).split() == quote.split()
    box = mark.first.bounding_box()
    assert box is not None
    assert 0 < box["y"] < 800  # scrolled to


def test_a_visitor_with_an_english_browser(server: Server, visit: Visit) -> None:
    visitor = visit(server, locale="en-US").arrive()
    page = visitor.page
    assert page.locator("html").get_attribute("lang") == "en"
    assert "What would you like to know" in page.locator(".welcome").inner_text()
    assert visitor.ask("What budget was approved for the trip to Poland?") == "answered"
    assert "Answered" in page.locator(".reply").inner_text()
    page.get_by_role("button", name="中文").click()
    page.wait_for_selector("text=已回答")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert page.locator("#conversation .turn").count() == 1  # the conversation is kept


def test_not_in_the_documents_is_said_plainly(server: Server, visit: Visit) -> None:
    visitor = visit(server).arrive()
    assert visitor.ask(UNKNOWN) == "not_found"
    assert "没有找到答案" in visitor.page.locator(".reply").inner_text()
    panel = visitor.page.locator("#panel .evidence:not([hidden])")
    assert panel.locator("h2").inner_text() == "最接近的段落（仅供参考）"
    assert panel.locator(".number, mark").count() == 0
    assert panel.locator(".card").count() == 10
    assert visitor.page.locator(".marker").count() == 0


def test_a_greeting_is_not_an_answer(server: Server, visit: Visit) -> None:
    visitor = visit(server).arrive()
    assert visitor.ask("你好") == "chat"
    assert visitor.page.locator(".reply .badge").inner_text() == "对话"
    assert visitor.page.locator(".marker").count() == 0


def test_a_question_that_cannot_be_asked_is_an_error_with_what_to_do(server: Server, visit: Visit) -> None:
    visitor = visit(server).arrive()
    assert visitor.ask("问" * 9000) == "error"
    assert "请改写后再试" in visitor.page.locator(".reply").inner_text()
    assert visitor.ask(ANSWERED) == "answered"


def test_an_empty_question_asks_nothing(server: Server, visit: Visit) -> None:
    visitor = visit(server).arrive()
    visitor.page.press("#question textarea", "Enter")
    visitor.page.click("#send")
    assert visitor.ask(ANSWERED) == "answered"
    assert visitor.page.locator(".turn").count() == 1


def test_a_sample_question_gets_an_answer(server: Server, visit: Visit) -> None:
    visitor = visit(server).arrive()
    visitor.page.locator(".sample").first.click(timeout=120_000)
    assert visitor.wait_for_turn(1) == "answered"


def test_markers_of_earlier_turns_open_their_own_cards(server: Server, visit: Visit) -> None:
    visitor = visit(server).arrive()
    visitor.ask(ANSWERED)
    visitor.ask(BY_FORMAT["pdf"][0])
    visitor.page.locator("#turn-1 .marker").first.click()
    assert visitor.page.locator("#panel .evidence:not([hidden]) .card.open .file").inner_text() == BY_FORMAT["txt"][1]
    visitor.page.locator("#turn-2 .marker").first.click()
    assert visitor.page.locator("#panel .evidence:not([hidden]) .card.open .file").inner_text() == BY_FORMAT["pdf"][1]


def test_copy_has_the_sources(server: Server, visit: Visit) -> None:
    visitor = visit(server, permissions=["clipboard-read", "clipboard-write"]).arrive()
    visitor.ask(ANSWERED)
    visitor.page.click("button.copy")
    visitor.page.wait_for_selector("text=已复制")
    copied = visitor.page.evaluate("navigator.clipboard.readText()")
    assert "0600-5128890" in copied
    assert BY_FORMAT["txt"][1] in copied


def test_a_new_chat_forgets(server: Server, visit: Visit) -> None:
    visitor = visit(server).arrive()
    visitor.ask(ANSWERED)
    visitor.page.get_by_role("button", name="新对话").click()
    visitor.page.wait_for_selector(".welcome")
    assert visitor.page.locator(".turn, #panel .card").count() == 0


def test_two_visitors_at_once_do_not_meet(server: Server, visit: Visit) -> None:
    one, other = visit(server).arrive(), visit(server, locale="en-US").arrive()
    for visitor, question in ((one, ANSWERED), (other, "What budget was approved for the trip to Poland?")):
        visitor.page.fill("#question textarea", question)
    for visitor in (one, other):
        visitor.page.press("#question textarea", "Enter")
    assert [one.wait_for_turn(1), other.wait_for_turn(1)] == ["answered", "answered"]
    assert "0600-5128890" in one.page.locator("#conversation").inner_text()
    assert "0600-5128890" not in other.page.locator("body").inner_text()
    assert "9,500" in other.page.locator("#conversation").inner_text()
    assert "9,500" not in one.page.locator("body").inner_text()


def test_keyboard_only(server: Server, visit: Visit) -> None:
    visitor = visit(server).arrive()
    page = visitor.page
    _tab_to(page, "#question textarea")
    page.keyboard.type(ANSWERED)
    page.keyboard.press("Enter")
    assert visitor.wait_for_turn(1) == "answered"
    _tab_to(page, ".marker")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "card-1-1"
    assert page.locator("#marker-1-1").get_attribute("aria-expanded") == "true"
    _tab_to(page, ".number")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "marker-1-1"
    page.keyboard.press("Enter")
    _tab_to(page, "#panel a.original")
    page.keyboard.press("Enter")
    visitor.original().locator("mark").first.wait_for()
    page.keyboard.press("Escape")
    page.wait_for_selector("#original-view:not([open])", state="hidden")
    assert page.evaluate("document.activeElement.className") == "original"


def _tab_to(page: Any, selector: str) -> None:
    for _ in range(40):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{selector} cannot be reached with the Tab key")


def test_a_phone_shows_the_evidence_over_the_chat(server: Server, visit: Visit) -> None:
    visitor = visit(server, viewport={"width": 390, "height": 780}, has_touch=True).arrive()
    page = visitor.page
    assert visitor.ask(ANSWERED) == "answered"
    assert not page.locator("#evidence").is_visible()
    page.locator(".marker").first.tap()
    assert page.locator("#panel .card.open mark").is_visible()
    assert page.evaluate("document.querySelector('#evidence').getBoundingClientRect().bottom") == 780  # down to the edge
    page.locator("#panel .card.open a.original").tap()
    visitor.original().locator("mark").first.wait_for()
    page.keyboard.press("Escape")
    page.locator(".close-evidence").tap()
    assert not page.locator("#evidence").is_visible()
    assert page.evaluate("document.activeElement.className") == "marker"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_evidence_on_a_phone_reaches_the_edge_and_can_be_scrolled_to_its_end(server: Server, visit: Visit) -> None:
    visitor = visit(server, viewport={"width": 390, "height": 844}, has_touch=True).arrive()
    page = visitor.page
    sheet = "(r => [r.top, r.bottom].map(Math.round))(document.querySelector('#evidence').getBoundingClientRect())"
    assert visitor.ask("你好") == "chat"
    page.evaluate("document.body.classList.add('evidence-open')")
    assert page.evaluate(sheet) == [101, 844]  # however little there is on it
    page.touchscreen.tap(195, 40)  # beside the sheet
    assert not page.locator("#evidence").is_visible()
    assert visitor.ask(UNKNOWN) == "not_found"
    page.locator(".show-evidence").tap()
    assert page.evaluate(sheet) == [101, 844]
    page.locator("#panel .evidence:not([hidden]) summary").tap()
    page.locator("#panel .evidence:not([hidden]) .passage").first.hover()
    page.mouse.wheel(0, 20_000)
    page.wait_for_timeout(300)
    last = page.locator("#panel .evidence:not([hidden]) .card").last.bounding_box()
    assert last is not None
    assert 101 < last["y"] + last["height"] <= 844


def test_the_keyboard_stays_in_the_evidence_that_lies_over_the_chat(server: Server, visit: Visit) -> None:
    visitor = visit(server, viewport={"width": 390, "height": 844}).arrive()
    page = visitor.page
    assert visitor.ask("企业服务专窗的电话是多少？") == "answered"
    focused = "document.activeElement.closest('#evidence') ? 'evidence' : document.activeElement.tagName"
    page.locator("#conversation .show-evidence").focus()
    page.keyboard.press("Enter")
    places = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        places.add(page.evaluate(focused))
    assert places <= {"evidence", "BODY"}
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className").split()[-1] == "show-evidence"
    page.locator("#conversation .show-evidence").click()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.locator("#question textarea").click()
    assert page.evaluate(focused) == "TEXTAREA"


def test_the_box_for_the_question_stays_at_the_bottom_beside_long_evidence(server: Server, visit: Visit) -> None:
    visitor = visit(server, viewport={"width": 1280, "height": 500}).arrive()
    assert visitor.ask("火星基地的食堂几点开门？") == "not_found"
    visitor.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    bottom = visitor.page.evaluate("document.querySelector('#composer').getBoundingClientRect().bottom")
    assert 490 <= bottom <= 500


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_follow_the_system(server: Server, visit: Visit, scheme: str) -> None:
    visitor = visit(server, color_scheme=scheme).arrive()
    visitor.ask(ANSWERED)
    visitor.page.locator("#panel a.original").first.click()
    visitor.original().locator("mark").first.wait_for()
    frame = visitor.page.frames[-1]
    for place, ground in ((visitor.page, "body"), (visitor.page, "#panel .card"), (frame, "body")):
        colour = place.evaluate(
            "s => getComputedStyle(document.querySelector(s)).backgroundColor.match(/\\d+/g).map(Number)", ground
        )
        assert (sum(colour[:3]) < 200) == (scheme == "dark"), (ground, colour)

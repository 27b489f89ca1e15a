"""The documents tab in the browser, documents that attack, and the guard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from browser_tools import ATTACKS, ODD_NAME, PLACES, SERVE, Server, Visitor, absent, attack_text, serving

Visit = Callable[..., Visitor]

ROOT_PATH = "/tools/youju"
PASSWORD = "开门 sesame"


def test_upload_ask_delete_undo(server: Server, visit: Visit, tmp_path: Path) -> None:
    question = "玄鸟天文台的望远镜口径是多少毫米？"
    file = tmp_path / "玄鸟天文台.txt"
    file.write_text("玄鸟天文台的望远镜口径是四百三十七毫米，每年春分前后校准。\n", "utf-8")
    visitor = visit(server).arrive()
    page = visitor.page
    visitor.open_documents()
    page.set_input_files("#pick-files", str(file))
    page.wait_for_selector("#uploads li[data-state=searchable]", timeout=90_000)
    visitor.wait_for_sync("新增 1")
    page.wait_for_selector("#rows tr[data-document='uploads/玄鸟天文台.txt']")
    visitor.open_chat()
    assert visitor.ask(question) == "answered"
    assert "四百三十七毫米" in page.locator(".reply").last.inner_text()

    visitor.open_documents()
    page.fill("#find-documents", "玄鸟")
    page.wait_for_function("document.querySelectorAll('#rows tbody tr').length === 1")
    page.locator("#rows button[data-act=delete]").click()
    visitor.wait_for_sync("移除 1")
    assert server.docs is not None
    assert not (server.docs / "uploads" / "玄鸟天文台.txt").exists()
    visitor.open_chat()
    visitor.ask(question)
    assert "四百三十七毫米" not in page.locator(".reply").last.inner_text()
    assert page.locator(".turn").last.get_attribute("data-state") == "not_found"

    visitor.open_documents()
    page.locator("#undo button").click()
    visitor.wait_for_sync("新增 1")
    visitor.open_chat()
    assert visitor.ask(question) == "answered"
    assert "四百三十七毫米" in page.locator(".reply").last.inner_text()


def test_a_file_over_the_limit_is_told_and_not_sent(server: Server, visit: Visit, tmp_path: Path) -> None:
    large = tmp_path / "大.txt"
    with large.open("wb") as file:
        file.truncate(101_000_000)
    visitor = visit(server).arrive()
    visitor.open_documents()
    visitor.page.set_input_files("#pick-files", str(large))
    visitor.page.wait_for_selector("#uploads li[data-state=failed] >> text=文件超过 100 MB 的上限。")
    assert server.docs is not None
    assert not (server.docs / "uploads" / "大.txt").exists()


def test_a_question_can_be_kept_to_chosen_documents(server: Server, visit: Visit) -> None:
    visitor = visit(server).arrive()
    page = visitor.page
    visitor.open_documents()
    page.fill("#find-documents", "水资源公报")
    page.wait_for_function("document.querySelectorAll('#rows tbody tr').length === 1")
    page.locator("#rows .choose").check()
    visitor.open_chat()
    page.wait_for_selector(".scope >> text=只查：《云岭县2024年水资源公报》")
    assert visitor.ask("企业服务专窗的电话是多少？") == "not_found"
    assert set(page.locator("#panel .card .file").all_text_contents()) == {"政府报告/2024年水资源公报.pdf"}
    page.get_by_role("button", name="改查全部文档").click()
    page.wait_for_selector(".scope", state="detached")
    assert visitor.ask("企业服务专窗的电话是多少？") == "answered"


@pytest.mark.parametrize("name", ATTACKS)
def test_a_document_that_attacks_is_shown_as_it_is(server: Server, visit: Visit, name: str) -> None:
    """That nothing ran and nothing left is checked for every visitor."""
    document = f"attack-{name}.txt"
    visitor = visit(server).arrive()
    page = visitor.page
    visitor.ask(f"{PLACES[name]}的值班员是谁？")
    page.locator("#panel details summary").first.click()
    shown = page.locator("#panel .card", has_text=document).first
    assert attack_text(name).strip() in shown.locator(".passage").inner_text()
    assert page.locator("#conversation img, #panel img, #conversation script, #panel script").count() == 0
    assert page.locator("#panel a:not(.original), #conversation a").count() == 0
    shown.locator("a.original").click()
    main = visitor.original().locator("main")
    main.wait_for()
    assert attack_text(name).strip() in main.inner_text()
    assert visitor.original().locator("main a[href], main img, main script").count() == 0


def test_an_odd_file_name_is_shown_as_it_is(server: Server, visit: Visit) -> None:
    visitor = visit(server).arrive()
    visitor.ask("紫藤桥是哪一年建成的？")
    names = visitor.page.locator("#panel .card .file").all_text_contents()
    assert ODD_NAME in names
    visitor.open_documents()
    visitor.page.fill("#find-documents", "怪'名\"字<b>")
    visitor.page.wait_for_function("document.querySelectorAll('#rows tbody tr').length === 1")
    visitor.page.locator("#rows a.original").click()
    assert "紫藤桥" in visitor.original().locator("main").inner_text()


@pytest.fixture(scope="module")
def closed(server: Server, tmp_path_factory: pytest.TempPathFactory, real_cache_dir: Path) -> Iterator[Server]:
    """Return a server over the same index, read-only, with a password and below a sub-path."""
    log = tmp_path_factory.mktemp("closed") / "log"
    with serving(SERVE.format(password=PASSWORD), None, server.index, log, real_cache_dir, ROOT_PATH) as closed:
        yield closed


def test_the_password_below_a_sub_path(closed: Server, visit: Visit) -> None:
    visitor = visit(closed)
    page = visitor.page
    page.goto(closed.url)
    assert page.url.endswith(f"{ROOT_PATH}/youju/login")
    page.fill("#password", "wrong")
    page.get_by_role("button").click()
    page.wait_for_selector("text=密码不对")
    page.fill("#password", PASSWORD)
    page.get_by_role("button").click()
    page.wait_for_selector(".welcome")
    assert visitor.ask("企业服务专窗的电话是多少？") == "answered"
    page.locator("#panel a.original").first.click()
    visitor.original().locator("mark").first.wait_for()
    page.keyboard.press("Escape")
    visitor.open_documents()
    assert page.locator("[data-act=delete], [data-act=files]").count() == 0
    page.get_by_role("button", name="退出").click()
    page.wait_for_selector("#password")


def _axe() -> str:
    """Return axe-core, which the package carries; its Python code is not used."""
    package = find_spec("axe_playwright_python")
    if package is None or package.origin is None:
        absent("axe-playwright-python is not installed")
        return ""
    return Path(package.origin).with_name("axe.min.js").read_text("utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_serious_finding_of_axe(server: Server, visit: Visit, scheme: str, width: int) -> None:
    axe = _axe()
    visitor = visit(server, color_scheme=scheme, viewport={"width": width, "height": 800}).arrive()
    page = visitor.page
    found = _findings(visitor, axe, "welcome")
    for question in ("企业服务专窗的电话是多少？", "月球背面的平均温度是多少度？", "你好", "问" * 9000):
        visitor.ask(question)
    page.locator(".marker").first.click()
    found += _findings(visitor, axe, "answers")
    page.keyboard.press("Escape")
    visitor.open_documents()
    found += _findings(visitor, axe, "documents")
    assert found == []


def _findings(visitor: Visitor, axe: str, where: str) -> list[tuple[str, str, str]]:
    visitor.page.evaluate(axe)
    violations = visitor.page.evaluate("axe.run(document).then(r => r.violations)")
    return [
        (where, violation["id"], node["html"][:160] + " " + node["failureSummary"][:200])
        for violation in violations
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]

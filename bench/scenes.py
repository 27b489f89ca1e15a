"""Every state of the page, photographed: what ``bench.screenshots`` brings about and takes pictures of."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.sheets import SCHEMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
PASSWORD = "紫藤桥"
PATIENCE_MS = 180_000
ASKED = {
    "answered": "青澜水库是哪一年建成的？",
    "list": "柳溪小学的学区包括哪些地方？",
    "disagreement": "紫云楼多功能厅有多少个座位？",
    "several": "企业服务专窗的电话是多少？",
    "not-found": "火星基地的食堂几点开门？",
    "chat": "你好",
    "long-title": "办公用品由谁登记？",
    "right-to-left": "متى تفتح مكتبة الوادي؟",
    "one-line": "白鹭湿地的面积是多少公顷？",
    "english": "What budget was approved for the trip to Poland?",
}
ORIGINALS = {
    "txt": "企业服务专窗的电话是多少？",
    "md": "多远的路程可以坐飞机？",
    "html": "旷工多少天公司可以解除合同？",
    "docx": "What budget was approved for the trip to Poland?",
    "xlsx": "竹炭包放在哪个仓库？",
    "pdf": "民间护河队的队长是谁？",
}


@dataclass(frozen=True, slots=True)
class Camera:
    """Takes the same state in every size and scheme."""

    page: Page
    out: Path

    def take(self, state: str, before: Callable[[str], None] | None = None, *, sizes: tuple[str, ...] = tuple(SIZES)) -> None:
        """Take the pictures; ``before`` is called with the name of each size."""
        for size in sizes:
            self.page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
            if before is not None:
                before(size)
            for scheme in SCHEMES:
                self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                self.page.wait_for_timeout(150)
                self.page.screenshot(path=self.out / f"{state}.{size}.{scheme}.png")
            wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if wide > 0:
                print(f"{state} on the {size}: {wide} px wider than the window")
        self.page.set_viewport_size(SIZES["desktop"])  # type: ignore[arg-type]


def ask(page: Page, question: str) -> None:
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")


def wait_for_answer(page: Page) -> None:
    page.wait_for_function("!document.querySelector('#conversation [data-state=working]')", timeout=PATIENCE_MS)


@contextmanager
def slowed(page: Page) -> Iterator[None]:
    """Let nothing reach the server for a while, so that an answer stays on its way."""
    network = page.context.new_cdp_session(page)
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    network.send("Network.emulateNetworkConditions", {**limits, "latency": 6000})
    yield
    network.send("Network.emulateNetworkConditions", limits)


def show_last(page: Page, *, panel: bool) -> None:
    """Scroll the last turn to the top and, on a phone, open its evidence or not."""
    page.evaluate("document.body.classList.remove('evidence-open')")
    page.evaluate("[...document.querySelectorAll('.turn')].at(-1).scrollIntoView({block: 'start'})")
    if panel:
        page.evaluate("document.body.classList.add('evidence-open')")


def conversation(camera: Camera) -> None:
    """Photograph the welcome and every kind of turn, and the evidence that lies over the chat on a phone."""
    page = camera.page
    page.wait_for_function("document.querySelectorAll('.sample').length > 3", timeout=60_000)
    camera.take("empty")
    with slowed(page):
        ask(page, ASKED["answered"])
        camera.take("working", lambda _: page.wait_for_selector("#conversation [data-state=working]"))
    wait_for_answer(page)
    for name, question in ASKED.items():
        if name != "answered":
            ask(page, question)
            wait_for_answer(page)
        camera.take(name, lambda _: show_last(page, panel=False))
        if name in ("answered", "disagreement", "not-found", "right-to-left", "long-title"):
            camera.take(f"{name}-evidence", lambda _: show_last(page, panel=True), sizes=("phone",))
    show_last(page, panel=False)

    def open_marker(_: str) -> None:
        page.keyboard.press("Escape")
        page.locator("#conversation .marker").last.click()

    camera.take("marker-open", open_marker)
    page.keyboard.press("Escape")
    ask(page, ASKED["answered"])
    page.evaluate("document.dispatchEvent(new CustomEvent('youju-lost'))")
    camera.take("error", lambda _: show_last(page, panel=False))
    camera.take("ten-turns", lambda _: page.evaluate("document.querySelectorAll('.turn')[5].scrollIntoView()"))


def originals(camera: Camera) -> None:
    """Photograph the original of each format, opened from the card of an answer."""
    page = camera.page
    for kind, question in ORIGINALS.items():
        ask(page, question)
        wait_for_answer(page)
        link = page.locator(f"#panel .evidence:not([hidden]) .card a.original[href*='.{kind}']").first

        def open_it(_: str, link: Locator = link) -> None:
            page.keyboard.press("Escape")
            link.evaluate("link => link.click()")  # on a phone the card is not in sight
            page.frame_locator("#original-view iframe").locator("mark").first.wait_for()

        camera.take(f"original-{kind}", open_it)
        page.keyboard.press("Escape")


def documents(camera: Camera, folder: Path) -> None:
    """Photograph the documents tab: the list, finding, uploads, deleting and undo, and the scope of a question."""
    page = camera.page
    page.get_by_role("tab").nth(1).click()
    page.wait_for_selector("#rows .count")
    camera.take("documents")
    camera.take("documents-skipped", lambda _: page.locator(".skipped").scroll_into_view_if_needed())
    page.fill("#find-documents", "通知")
    page.wait_for_timeout(1500)
    camera.take("documents-found")
    page.fill("#find-documents", "没有这份文件")
    page.wait_for_selector("#rows .empty")
    camera.take("documents-none")
    page.fill("#find-documents", "")
    files = {"新的通知.txt": "紫藤桥明天封闭施工。", "坏的.xlsx": "不是表格", "太大.txt": "大" * 1_000_000, ".隐藏.txt": "看不见"}
    files |= {f"归档资料{n}.txt": f"第{n}号卷宗" * 20_000 for n in range(6)}
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    page.set_input_files("#pick-files", [str(folder / name) for name in files])
    camera.take("uploading")
    waiting = "[...document.querySelectorAll('.upload')].some(u => /waiting|uploading|queued|indexing/.test(u.dataset.state))"
    page.wait_for_function(f"!({waiting})", timeout=PATIENCE_MS)
    camera.take("uploaded")
    page.locator("#uploads .uploads-head button").last.click()
    page.once("dialog", lambda dialog: (print("deleting asks:", dialog.message), dialog.accept())[0])
    page.locator("[data-act=delete]").first.click()
    page.wait_for_selector("#undo button")
    camera.take("deleted")
    page.locator("#undo button").click()
    for box in page.locator(".choose").all()[:2]:
        box.check()
    page.get_by_role("tab").nth(0).click()
    page.wait_for_selector(".scope")
    camera.take("scope")


def windows(browser: Browser, url: str, out: Path, language: str) -> Camera:
    page = browser.new_context(locale=language, viewport=SIZES["desktop"]).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    return Camera(page, out)


def closed(browser: Browser, url: str, out: Path) -> None:
    """Photograph what stands before the page, and a server that changes nothing."""
    camera = windows(browser, url, out, "zh-CN")
    camera.take("login")
    for word, state in (("不对", "wrong-password"), (PASSWORD, "")):
        camera.page.fill("#password", word)
        camera.page.press("#password", "Enter")
        if state:
            camera.page.wait_for_selector("[role=alert]")
            camera.take(state)
    camera.page.wait_for_selector(".welcome")
    camera.page.get_by_role("tab").nth(1).click()
    camera.page.wait_for_selector("#rows .count")
    camera.take("read-only")


def english(browser: Browser, url: str, out: Path) -> None:
    camera = windows(browser, url, out, "en-GB")
    camera.page.wait_for_selector(".welcome")
    camera.page.wait_for_function("!document.querySelector('#samples .more')", timeout=60_000)
    camera.take("en-empty")
    for name in ("english", "not-found"):
        ask(camera.page, ASKED[name])
        wait_for_answer(camera.page)
        camera.take(f"en-{name}", lambda _: show_last(camera.page, panel=False))
    camera.page.get_by_role("tab").nth(1).click()
    camera.page.wait_for_selector("#rows .count")
    camera.take("en-documents")

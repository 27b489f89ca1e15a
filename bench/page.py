"""How the page feels over 12,000 documents: ``python -m bench.page`` (after ``bench.speed``; needs chromium)."""

from __future__ import annotations

import asyncio
import random
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import async_playwright

from bench.data import questions
from bench.machine import report_machine
from bench.speed import spread

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

INDEX = Path("data/bench/news-index")
VISITORS = 20
SAMPLES_S = 60.0
"""Longest that sample questions are waited for."""
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync")


NOTE_ANSWER = """() => {
window.answered = new Promise((resolve) => {
  let asked = 0;
  const state = () => [...document.querySelectorAll('#conversation .turn')].at(-1)?.dataset.state;
  const count = document.querySelectorAll('#conversation .turn').length;
  addEventListener('keydown', () => { asked = performance.now(); }, {capture: true, once: true});
  const observer = new MutationObserver(() => {
    if (document.querySelectorAll('#conversation .turn').length <= count || state() === 'working') return;
    observer.disconnect();
    requestAnimationFrame(() => resolve([performance.now() - asked, state()]));
  });
  observer.observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ['data-state']});
});
}"""
"""In the page itself, from the key to the frame with the answer: looking from outside again and again would slow it down."""


async def ask(page: Page, question: str) -> tuple[float, str]:
    """Return the milliseconds until something became of the question, and what did."""
    await page.fill("#question textarea", question)
    await page.evaluate(NOTE_ANSWER)
    await page.press("#question textarea", "Enter")
    milliseconds, state = await page.evaluate("answered")
    return float(milliseconds), str(state)


class Traffic:
    """Requests and bytes of a page since it was last asked."""

    def __init__(self) -> None:
        self.requests = self.received = 0

    async def follow(self, page: Page) -> None:
        devtools = await page.context.new_cdp_session(page)
        devtools.on("Network.requestWillBeSent", lambda _: self._add(1, 0))
        devtools.on("Network.dataReceived", lambda event: self._add(0, event["dataLength"]))
        await devtools.send("Network.enable")

    def _add(self, requests: int, received: int) -> None:
        self.requests += requests
        self.received += received

    def taken(self) -> tuple[int, int]:
        taken = self.requests, self.received
        self.requests = self.received = 0
        return taken


async def samples(page: Page, url: str) -> None:
    """Time the sample questions from the first visit of a server that has just started."""
    started = time.perf_counter()
    await page.goto(url)
    await page.wait_for_selector(".welcome")
    shown = 0
    while await page.locator("#samples .more").count() and time.perf_counter() - started < SAMPLES_S:
        count = await page.locator(".sample").count()
        if count > shown:
            print(f"sample questions: {count} after {time.perf_counter() - started:.1f} s")
            shown = count
        await asyncio.sleep(0.1)
    print(f"sample questions: {await page.locator('.sample').count()} in the end, after {time.perf_counter() - started:.1f} s")


async def one_visitor(browser: Browser, url: str, asked: list[str]) -> None:
    page = await (await browser.new_context(locale="zh-CN")).new_page()
    await samples(page, url)
    paint = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    print(f"first contentful paint {paint:.0f} ms")
    traffic = Traffic()
    await traffic.follow(page)
    times = []
    for question in asked:
        traffic.taken()
        milliseconds, state = await ask(page, question)
        times.append(milliseconds)
    requests, received = traffic.taken()
    print("answer shown:", spread(times), f"; the last of {len(asked)} took {requests} requests and {received / 1e3:.0f} kB")
    for question in asked:
        _, state = await ask(page, question)
        if state == "answered":
            started = time.perf_counter()
            await page.locator("#panel a.original:visible").first.click()
            await page.wait_for_selector("#original-view[open]")
            await page.frame_locator("#original-view iframe").locator("mark").first.wait_for()
            print(f"original opened at its mark: {(time.perf_counter() - started) * 1e3:.0f} ms")
            return


async def many_visitors(browser: Browser, url: str, asked: list[str]) -> None:
    pages = []
    for _ in range(VISITORS):
        page = await (await browser.new_context(locale="zh-CN")).new_page()
        await page.goto(url)
        await page.wait_for_selector(".welcome")
        pages.append(page)
    results = await asyncio.gather(*(ask(page, question) for page, question in zip(pages, asked, strict=True)))
    states = [state for _, state in results]
    print(f"{VISITORS} visitors at once:", spread([m for m, _ in results]), {s: states.count(s) for s in sorted(set(states))})


async def measure(url: str) -> None:
    chance = random.Random(1)
    asked = [q.text for q in chance.sample(questions("crud_qa1"), VISITORS)]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        await one_visitor(browser, url, asked[:10])
        await many_visitors(browser, url, asked)
        await browser.close()


def main() -> None:
    report_machine()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "ui.cli", "serve", "--index", str(INDEX), "--port", str(port)]
    server = subprocess.Popen(command)
    url = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(url + "healthz", timeout=2).close()
                break
            except OSError:
                time.sleep(0.5)
        time.sleep(10)  # the model is loaded in the background
        asyncio.run(measure(url))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()

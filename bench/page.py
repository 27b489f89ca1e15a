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
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync")


async def ask(page: Page, question: str) -> tuple[float, str]:
    """Return the milliseconds until something became of the question, and what did."""
    before = await page.locator("#conversation .turn").count()
    started = time.perf_counter()
    await page.fill("#question textarea", question)
    await page.press("#question textarea", "Enter")
    await page.wait_for_function(
        "before => { const turns = document.querySelectorAll('#conversation .turn'); "
        "return turns.length > before && turns[turns.length - 1].dataset.state !== 'working' }",
        arg=before,
        timeout=120_000,
    )
    state = await page.locator("#conversation .turn").last.get_attribute("data-state")
    return (time.perf_counter() - started) * 1e3, str(state)


async def one_visitor(browser: Browser, url: str, asked: list[str]) -> None:
    page = await (await browser.new_context(locale="zh-CN")).new_page()
    await page.goto(url)
    await page.wait_for_selector(".welcome")
    paint = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    print(f"first contentful paint {paint:.0f} ms")
    times = []
    for question in asked:
        milliseconds, state = await ask(page, question)
        times.append(milliseconds)
    print("answer shown:", spread(times))
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
        time.sleep(20)  # the model is loaded and the sample questions are made in the background
        asyncio.run(measure(url))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()

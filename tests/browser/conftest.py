"""A real server and a real browser. Skipped, with the reason, where there is no browser; never on CI."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_tools import (
    ATTACKS,
    BROWSER_FLAGS,
    ODD_NAME,
    SEEDS,
    SERVE,
    Server,
    Visitor,
    absent,
    attack_text,
    is_synced,
    serving,
    wait_until,
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        absent("playwright is not installed (pip install playwright)")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        absent("there is no chromium (apt-get install chromium fonts-noto-cjk)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(BROWSER_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Visitor]]:
    """Return a maker of visitors; in the end each must have stayed on this machine, with no error in its page."""
    made: list[Visitor] = []

    def make(server: Server, **context: Any) -> Visitor:
        made.append(Visitor(browser, server.url, **context))
        return made[-1]

    yield make
    for visitor in made:
        visitor.check()
        visitor.context.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, real_cache_dir: Path) -> Iterator[Server]:
    """Return a server over the samples and the documents that attack, with the model that comes with the install."""
    folder = tmp_path_factory.mktemp("browser")
    docs = folder / "docs"
    shutil.copytree(SEEDS, docs)
    for name in ATTACKS:
        (docs / f"attack-{name}.txt").write_text(attack_text(name), "utf-8")
    (docs / ODD_NAME).write_text("怪名字文件里写着：紫藤桥建成于一九三七年。\n", "utf-8")
    with serving(SERVE.format(password=None), docs, folder / "index", folder / "log", real_cache_dir) as server:
        wait_until(lambda: is_synced(server), f"the first sync did not end:\n{server.log.read_text()}", 240)
        yield server

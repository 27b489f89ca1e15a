"""A question of the page stands in one line with those of programs."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from workspaces import Workspace

from ui.engine import Engine
from ui.limits import Work
from ui.page.state import PageState
from ui.page.visit import Visit


@pytest.mark.parametrize("waiting", [0, 1])
def test_the_page_waits_behind_a_program_or_is_told_that_the_line_is_full(workspace: Workspace, waiting: int) -> None:
    from ui.page.blocks import SOON_S, _Handlers

    workspace.write({"大会.txt": "县长宁云主持会议。"})
    workspace.sync()
    settings = workspace.settings.model_copy(update={"concurrent_work": 1, "waiting_work": waiting})
    engine = Engine(workspace.index, settings, workspace.encoder)
    is_done = threading.Event()

    async def ask_beside_a_program() -> tuple[bool, Visit, list[str]]:
        work = Work(settings)
        handlers = _Handlers(engine, PageState(engine, can_change=False, has_password=False), work)
        program = asyncio.create_task(work.run(is_done.wait))
        await asyncio.sleep(0.05)
        event: Any = SimpleNamespace(question="宁云主持会议？", asked=1, language="zh", scope=[], last=0)
        told: list[str] = []
        asked = asyncio.create_task(_last_visit(handlers.answer(Visit(), event), told))
        await asyncio.sleep(2 * SOON_S)
        is_waiting = not asked.done()
        is_done.set()
        await program
        return is_waiting, await asked, told

    is_waiting, visit, told = asyncio.run(ask_beside_a_program())
    last = visit.exchanges[-1]
    assert is_waiting == bool(waiting)
    assert ("正在排队" in told[0]) == bool(waiting)
    if waiting:
        assert last.answer is not None
        assert last.answer.status == "answered"
    else:
        assert last.error.startswith("现在提问的人太多")


async def _last_visit(steps: Any, told: list[str]) -> Visit:
    """Return the last visit of an answer; what is shown on the way goes to ``told``."""
    visits = []
    async for visit, news in steps:
        visits += [visit] if isinstance(visit, Visit) else []
        told += [news["turn"]] if "turn" in news else []
    return visits[-1]


def test_a_tab_that_the_server_has_forgotten_keeps_its_choice_its_language_and_its_numbers(workspace: Workspace) -> None:
    from ui.page.blocks import _Handlers

    workspace.write({"大会.txt": "县长宁云主持会议。", "别的.txt": "停水通知。"})
    workspace.sync()
    engine = Engine(workspace.index, workspace.settings, workspace.encoder)
    event: Any = SimpleNamespace(question="宁云主持会议？", asked=1, language="en", scope=["别的.txt"], last=3)

    told: list[str] = []

    async def ask() -> Visit:
        handlers = _Handlers(engine, PageState(engine, can_change=False, has_password=False), Work(workspace.settings))
        return await _last_visit(handlers.answer(Visit(), event), told)

    visit = asyncio.run(ask())
    assert not any("正在排队" in turn for turn in told)  # nobody is before it
    (last,) = visit.exchanges
    assert (visit.language, visit.scope, last.number) == ("en", ("别的.txt",), 4)
    assert last.answer is not None
    assert {hit.passage.document_id for hit in last.answer.evidence} == {"别的.txt"}

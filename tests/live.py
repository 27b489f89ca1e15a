"""A server on a free port, in a thread of the test."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from ui.engine import Engine
from ui.hosts import known_hosts
from ui.library import Library
from ui.limits import Limits, Work
from ui.programs import create_programs
from ui.security import Guard
from ui.server import SubPath


def without_page(engine: Engine, library: Library | None = None, password_hash: str | None = None) -> ASGIApp:
    """Return the application that :func:`ui.server.create_app` makes, but for the page, which takes seconds."""
    programs = create_programs(engine, library, FastAPI(), Work(engine.settings))
    guard = Guard(programs, known_hosts("127.0.0.1"), password_hash, engine.settings.token, Limits(engine.settings))
    return SubPath(guard, "")


@contextmanager
def live(app: ASGIApp) -> Iterator[str]:
    """Serve an application, start and end included, and give its address without a slash at the end."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started:
        assert thread.is_alive(), "the server has ended"
        assert time.monotonic() < until, "the server did not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive(), "the server did not stop"


def collect_event_loops() -> None:
    """The page's framework makes event loops for itself and never closes them: they must not trouble the next module."""
    asyncio.set_event_loop(None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()

"""How much the server takes on: the size of a body, requests of one caller, questions at once."""

from __future__ import annotations

import asyncio
import ipaddress
import math
import time
from contextlib import asynccontextmanager
from threading import Event as Flag
from typing import TYPE_CHECKING, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from index import QuestionError
from ui.problems import is_for_programs, refusal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator

    from starlette.datastructures import Headers
    from starlette.responses import Response
    from starlette.types import Message, Receive, Scope

    from index import Settings

T = TypeVar("T")
MINUTE_S = 60.0
MOST_CALLERS = 10_000
"""Callers remembered before those that are free again are forgotten."""
UPLOAD_PATH = "/youju/library/upload"
"""This has a limit of its own: a file may be larger than any question."""


class BusyError(Exception):
    """As many questions are being worked on, and are waiting, as the settings allow."""

    def __init__(self) -> None:
        super().__init__("The server is busy; try again in a moment. 服务繁忙，请稍后再试。")


class CallerLeftError(Exception):
    """Nobody waits for the answer any more."""


def check_question(question: str, limit: int) -> None:
    """Refuse what cannot be asked before any work begins.

    :param limit: characters.
    :raises QuestionError: the question is empty or too long.
    """
    if not question.replace("\0", " ").strip():
        raise QuestionError("The question is empty. 问题是空的。")
    if len(question) > limit:
        raise QuestionError(f"The question has {len(question)} characters; at most {limit} are allowed. 问题太长。")


class Limits:
    """What the guard refuses before a route sees it: bodies that are too large, callers that come too often."""

    def __init__(self, settings: Settings) -> None:
        self._body_bytes = int(settings.max_body_mb * 1e6)
        self._rates = Rates(settings.requests_per_minute)

    def refusal(self, scope: Scope, headers: Headers, path: str) -> Response | None:
        """Return the answer to a request that is too large or too much; only programs are counted."""
        if is_for_programs(path):
            wait_s = self._rates.wait_s(caller_of(scope))
            if wait_s > 0:
                detail = f"Too many requests; try again in {math.ceil(wait_s)} s. 请求太频繁，请稍后再试。"
                return refusal(path, 429, detail, {"retry-after": str(math.ceil(wait_s))})
        declared = headers.get("content-length", "")
        if path != UPLOAD_PATH and declared.isdecimal() and int(declared) > self._body_bytes:
            # the rest of the body is not read, so the connection cannot be used again
            return refusal(path, 413, self._too_large(), {"connection": "close"})
        return None

    def limited(self, receive: Receive, path: str) -> Receive:
        """Return a ``receive`` that ends a body at the limit, whatever its header said."""
        if path == UPLOAD_PATH:
            return receive
        received = 0

        async def receiving() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b"")) if message["type"] == "http.request" else 0
            if received > self._body_bytes:
                raise HTTPException(413, self._too_large(), {"connection": "close"})
            return message

        return receiving

    def _too_large(self) -> str:
        return f"The request is larger than {self._body_bytes / 1e6:g} MB. 请求内容过大。"


class Rates:
    """Requests a minute of each caller: as many at once, then one at a time as the minute goes by.

    Kept as one time a caller, until which the requests so far are paid for (the generic cell rate algorithm, ITU-T I.371).
    """

    def __init__(self, per_minute: int) -> None:
        """Take the limit; 0 is none."""
        self._cost_s = MINUTE_S / per_minute if per_minute else 0.0
        self._paid_until: dict[str, float] = {}

    def wait_s(self, caller: str) -> float:
        """Count a request, or return the seconds until the next is allowed."""
        if not self._cost_s:
            return 0.0
        now = time.monotonic()
        paid_until = max(self._paid_until.get(caller, now), now)
        wait = paid_until + self._cost_s - now - MINUTE_S
        if wait > 1e-9:  # the sum of a minute's costs need not be exactly a minute
            return wait
        if len(self._paid_until) >= MOST_CALLERS:
            self._paid_until = {name: until for name, until in self._paid_until.items() if until > now}
        self._paid_until[caller] = paid_until + self._cost_s
        return 0.0


def caller_of(scope: Scope) -> str:
    """Return whom a request is counted for: the address, or the network of an IPv6 address, which one caller owns whole."""
    client = scope.get("client")
    host = str(client[0]) if client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:  # a Unix socket, a test
        return host
    if address.version == 4:
        return host
    return str(ipaddress.ip_network((address.packed, 64), strict=False))


class Work:
    """Places for questions, of the page and of programs alike: some are worked on, some wait, and the rest are turned away."""

    def __init__(self, settings: Settings) -> None:
        self._most = settings.concurrent_work + settings.waiting_work
        self._places = asyncio.Semaphore(settings.concurrent_work)
        self._inside = 0
        self._streams: set[asyncio.Task[None]] = set()

    async def run(self, function: Callable[[], T], has_left: Callable[[], Awaitable[bool]] | None = None) -> T:
        """Call a function in a thread when there is a place for it.

        :param has_left: asked when it is this caller's turn.
        :raises BusyError: the line is full.
        :raises CallerLeftError: the caller did not wait.
        """
        async with self._place():
            if has_left is not None and await has_left():
                raise CallerLeftError
            return await run_in_threadpool(function)

    async def stream(
        self, events: Callable[[], Iterator[T]], has_left: Callable[[], Awaitable[bool]] | None = None
    ) -> AsyncGenerator[T]:
        """Begin to work off an iterator in a thread when there is a place for it, and return what it yields.

        The place depends on the work alone: a caller who reads slowly, or not at all, does not hold it.

        :param has_left: asked when it is this caller's turn.
        :raises BusyError: the line is full.
        :raises CallerLeftError: the caller did not wait.
        """
        begun: asyncio.Future[asyncio.Queue[T | Exception | None]] = asyncio.get_running_loop().create_future()
        stopped = Flag()
        task = asyncio.create_task(self._work_off(events, has_left, begun, stopped))
        self._streams.add(task)  # the loop itself keeps only a weak reference
        task.add_done_callback(self._streams.discard)
        return _received(await begun, stopped)

    async def _work_off(
        self,
        events: Callable[[], Iterator[T]],
        has_left: Callable[[], Awaitable[bool]] | None,
        begun: asyncio.Future[asyncio.Queue[T | Exception | None]],
        stopped: Flag,
    ) -> None:
        queue: asyncio.Queue[T | Exception | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def work() -> None:
            try:
                for event in events():
                    loop.call_soon_threadsafe(queue.put_nowait, event)
                    if stopped.is_set():
                        break
            except Exception as error:  # noqa: BLE001 - raised again where the events are read
                loop.call_soon_threadsafe(queue.put_nowait, error)
            loop.call_soon_threadsafe(queue.put_nowait, None)

        try:
            async with self._place():
                if has_left is not None and await has_left():
                    raise CallerLeftError
                if begun.cancelled():  # the server is about to end
                    return
                begun.set_result(queue)
                await run_in_threadpool(work)
        except (BusyError, CallerLeftError) as error:
            if not begun.cancelled():
                begun.set_exception(error)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._inside >= self._most:
            raise BusyError
        self._inside += 1
        try:
            async with self._places:
                yield
        finally:
            self._inside -= 1


async def _received(queue: asyncio.Queue[T | Exception | None], stopped: Flag) -> AsyncGenerator[T]:
    try:
        while (event := await queue.get()) is not None:
            if isinstance(event, Exception):
                raise event
            yield event
    finally:
        stopped.set()

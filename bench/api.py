"""What do many callers get? ``python -m bench.api`` (after ``bench.speed``): 50 programs that ask without a pause for a minute.

Twice: with room for all of them, where every answer must come; and past the limits, where the rest must be turned away with 429
or 503 and ``Retry-After``, and nothing else may happen. With room for all there are several rounds against one server; its memory
is told after each, so that what is loaded and compiled once, in the first, is not taken for a leak.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import numpy as np

from bench.data import questions
from bench.machine import report_machine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

INDEX = Path("data/bench/news-index")
WARMING = 10
"""Questions before the measurement: the first loads what the reader needs."""
PAST = {"concurrent_work": 2, "waiting_work": 8, "requests_per_minute": 1200}


@dataclass(slots=True)
class Measured:
    """What became of the requests."""

    answered_ms: list[float] = field(default_factory=list)
    refused_ms: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    without_retry: int = 0


async def one_caller(client: httpx.AsyncClient, asked: Sequence[str], until: float, measured: Measured) -> None:
    chance = random.Random(id(asyncio.current_task()))
    while time.perf_counter() < until:
        started = time.perf_counter()
        try:
            reply = await client.post("/api/ask", json={"question": chance.choice(asked)})
        except httpx.HTTPError as error:
            measured.statuses[type(error).__name__] += 1
            continue
        took = (time.perf_counter() - started) * 1e3
        measured.statuses[str(reply.status_code)] += 1
        if reply.status_code == 200:
            measured.answered_ms.append(took)
            continue
        measured.refused_ms.append(took)
        measured.without_retry += "retry-after" not in reply.headers
        await asyncio.sleep(0.2)  # a caller that does not wait at all measures only itself


async def measure(url: str, asked: Sequence[str], callers: int, seconds: float) -> Measured:
    measured = Measured()
    limits = httpx.Limits(max_connections=callers)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits, trust_env=False) as client:
        for question in asked[:WARMING]:
            (await client.post("/api/ask", json={"question": question})).raise_for_status()
        until = time.perf_counter() + seconds
        await asyncio.gather(*(one_caller(client, asked, until, measured) for _ in range(callers)))
    return measured


def memory_mb(process: int) -> float:
    """Return what a process holds in memory, on Linux."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS:"))) / 1024


@contextmanager
def served(index: Path, settings: Mapping[str, int], *flags: str, **environment: str) -> Iterator[tuple[str, int]]:
    """Run a server until the block ends; give its address and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    command = [sys.executable, "-m", "ui.cli", "serve", "--index", str(index), "--port", str(port), *given, *flags]
    server = subprocess.Popen(command, env={**os.environ, **environment})
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                httpx.get(f"{url}/healthz", trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.5)
        yield url, server.pid
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:  # it waits for windows that are still open
            server.kill()
            server.wait()


def report(title: str, measured: Measured, seconds: float) -> None:
    print(f"{title}: {dict(sorted(measured.statuses.items()))}, {len(measured.answered_ms) / seconds:.1f} answers/s")
    for name, times in (("answered", measured.answered_ms), ("turned away", measured.refused_ms)):
        if times:
            p50, p95, p99 = np.percentile(times, (50, 95, 99))
            print(f"  {name}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms")
    other = {status: n for status, n in measured.statuses.items() if status not in ("200", "429", "503")}
    print(f"  errors: {other or 'none'}; turned away without Retry-After: {measured.without_retry}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=3, help="with room for all; the first warms up")
    parser.add_argument("--index", type=Path, default=INDEX)
    given = parser.parse_args()
    report_machine()
    asked = [q.text for q in random.Random(1).sample(questions("crud_qa1"), 200)]
    room = {"concurrent_work": 4, "waiting_work": given.callers, "requests_per_minute": 0}
    for title, settings, rounds in (("room for all", room, given.rounds), ("past the limits", PAST, 1)):
        with served(given.index, settings) as (url, process):
            httpx.post(f"{url}/api/ask", json={"question": asked[0]}, timeout=240, trust_env=False)
            memory = [memory_mb(process)]
            for number in range(1, rounds + 1):
                measured = asyncio.run(measure(url, asked, given.callers, given.seconds))
                memory.append(memory_mb(process))
                report(f"{title}, {given.callers} callers, round {number} of {rounds}", measured, given.seconds)
            print("memory of the server before and after each round:", ", ".join(f"{mb:.0f} MB" for mb in memory))


if __name__ == "__main__":
    main()

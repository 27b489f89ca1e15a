"""How soon is a saved file found? ``python -m bench.watch``: seconds from saving a small file to its answer in a running server.

The index is that of 12,000 news articles, which ``python -m bench.speed`` makes; ``--index`` names another one, and one that is
not there yet is made of the first ``--documents`` articles.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.data import documents
from bench.machine import report_machine
from index import sync
from index.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Sequence

NEWS = "crud_news_12k"
PATIENCE_S = 300.0
PROBE = "watch-probe"


def call(address: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    request = urllib.request.Request(
        address + path, json.dumps(body).encode() if body else None, {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as reply:
        content: dict[str, Any] = json.load(reply)
        return content


def make(index: Path, count: int) -> None:
    folder = index.with_name(index.name + "-documents")
    folder.mkdir(parents=True)
    for name, document in list(documents(NEWS).items())[:count]:
        (folder / name).write_text(document["text"], "utf-8")
    print(sync(folder, index))


def until_ready(address: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until the first sync has ended and the models are loaded."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            call(address, "/api/ask", {"question": "谁出席了会议？"})
            if call(address, "/api/sync")["state"] == "done":
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if server.poll() is not None or time.monotonic() > end:
                raise
        time.sleep(0.5)


def probe(address: str, folder: Path, number: int) -> tuple[float, float, bool]:
    """Save a file; return the seconds until a search finds it, until it is answered from, and whether that is right."""
    station, name = f"云岭测试站第{random.randrange(10**8)}号", f"{PROBE}-{number}.txt"
    saved = time.perf_counter()
    (folder / name).write_text(f"{station}的站长是欧阳青禾，值班室设在三号楼。", "utf-8")
    while True:
        asked = time.perf_counter()
        hits = call(address, "/api/search", {"question": f"{station}的站长是谁？", "top_k": 1})["hits"]
        if hits and hits[0]["document"] == name:
            break
        if asked - saved > PATIENCE_S:
            raise SystemExit(f"{name} was not found within {PATIENCE_S:.0f} s")
        time.sleep(0.05)
    answer = call(address, "/api/ask", {"question": f"{station}的站长是谁？"})
    answered = time.perf_counter() - saved
    return asked - saved, answered, any(c["document"] == name and "欧阳青禾" in c["quote"] for c in answer["citations"])


def spread(seconds: Sequence[float]) -> str:
    return f"p50 {np.median(seconds):.2f} s, max {max(seconds):.2f} s"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--index", type=Path, default=Path("data/bench/news-index"))
    arguments.add_argument("--documents", type=int, default=12_000, help="how many, where the index is not there yet")
    arguments.add_argument("--count", type=int, default=20, help="files to save")
    options = arguments.parse_args()
    report_machine()
    if not options.index.exists():
        make(options.index, options.documents)
    catalog = Catalog.open(options.index / "catalog.sqlite")
    folder = Path(catalog.meta("folder") or "")
    print("documents, passages:", *catalog.counts())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "ui.cli", "serve", "--watch", "--docs", str(folder), "--index", str(options.index)]
    server = subprocess.Popen([*command, "--port", str(port), "--set", "requests_per_minute=0"])
    try:
        until_ready(f"http://127.0.0.1:{port}", server)
        measured = []
        for number in range(options.count):
            measured.append(probe(f"http://127.0.0.1:{port}", folder, number))
            time.sleep(1)
    finally:
        server.terminate()
        server.wait()
        for path in folder.glob(f"{PROBE}-*.txt"):
            path.unlink()
    found, answered, right = zip(*measured, strict=True)
    print(f"found by a question that was asked this long after saving: {spread(found)}")
    print(f"answer there after saving: {spread(answered)}; {sum(right)} of {len(right)} right")


if __name__ == "__main__":
    main()

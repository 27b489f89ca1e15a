"""How fast is it? ``python -m bench.speed``: indexing against plain sentence-transformers, search, sync, cold start, memory.

The index is that of 12,000 news articles written out as files; making it takes a while the first time.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from bench.data import documents, questions, write_documents
from bench.machine import report_machine
from index import ModelEncoder, load_settings, sync
from index.bundled_model import prepare
from qa import Assistant

HOME = Path("data/bench")
NEWS = "crud_news_12k"
QUESTIONS = "crud_qa1"


def indexing(count: int) -> None:
    """Passages of the real index, embedded by Youju and by sentence-transformers as it comes (float32, batches of 32)."""
    from sentence_transformers import SentenceTransformer

    from index.catalog import Catalog

    texts = [text for _, _, text in Catalog.open(HOME / "news-index" / "catalog.sqlite").passage_texts_above(0)]
    sample = random.Random(0).sample(texts, count)
    ours = ModelEncoder(load_settings())
    plain = SentenceTransformer(str(prepare()), device="cpu")
    import torch

    plain = plain.to(torch.float32)
    ours.encode_document(sample[:8])
    plain.encode_document(sample[:8], batch_size=8)
    rates: dict[str, list[float]] = {"youju": [], "plain": []}
    rows = {}
    for _ in range(2):  # alternating, so that noise of the machine falls on both
        started = time.perf_counter()
        rows["youju"] = ours.encode_document(sample)
        middle = time.perf_counter()
        rows["plain"] = plain.encode_document(sample, batch_size=32, show_progress_bar=False)
        rates["youju"].append(count / (middle - started))
        rates["plain"].append(count / (time.perf_counter() - middle))
    best = {name: max(values) for name, values in rates.items()}
    cosine = (rows["youju"] * rows["plain"]).sum(axis=1)
    ratio = best["youju"] / best["plain"]
    print(f"indexing: youju {best['youju']:.1f} passages/s, plain float32 batch 32 {best['plain']:.1f}: {ratio:.2f}x")
    print(f"  cosine of the two: mean {cosine.mean():.4f}, least {cosine.min():.4f}")


def searching(assistant: Assistant, count: int) -> None:
    asked = [q.text for q in random.Random(0).sample(questions(QUESTIONS), count)]
    parts: dict[str, list[float]] = {"encode": [], "search": [], "ask": []}
    for text in asked:
        found = assistant._index.search(text, assistant.encoder, 10)
        for name, value in found.timings_ms.items():
            parts[name].append(value)
    for text in asked[: count // 2]:
        parts["ask"].append(assistant.ask(text).timings_ms["total"])
    totals = np.array(parts["encode"]) + np.array(parts["search"])
    print("search: " + spread(totals) + f"; of it encode {spread(parts['encode'])}, search {spread(parts['search'])}")
    print("ask:    " + spread(parts["ask"]))


def spread(values: object) -> str:
    middle, high, highest = np.percentile(np.array(values), [50, 95, 99])
    return f"p50 {middle:.1f} / p95 {high:.1f} / p99 {highest:.1f} ms"


def run(*arguments: str) -> tuple[float, float]:
    """Run a command and return its seconds and its peak memory in MB."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "ui.cli", *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(arguments)} failed")
    return time.perf_counter() - started, usage.ru_maxrss / 1e3


def one_changed_file(assistant: Assistant, folder: Path, index: Path) -> None:
    marker = f"云岭测试站编号{random.randrange(10**8)}"
    (folder / "crud-changed.txt").write_text(f"{marker}的站长是欧阳青禾，值班室设在三号楼。", encoding="utf-8")
    started = time.perf_counter()
    sync(folder, index, encoder=assistant.encoder, settings=assistant.settings)
    synced = time.perf_counter()
    answer = assistant.ask(f"{marker}的站长是谁？")
    done = time.perf_counter()
    right = any("欧阳青禾" in citation.quote for citation in answer.citations)
    print(f"one changed file: answerable after {done - started:.2f} s (sync {synced - started:.2f} s), answered right: {right}")
    (folder / "crud-changed.txt").unlink()
    sync(folder, index, encoder=assistant.encoder, settings=assistant.settings)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--count", type=int, default=192, help="passages to embed")
    options = arguments.parse_args()
    report_machine()
    folder, index = HOME / "news-documents", HOME / "news-index"
    if len(list(folder.glob("*.txt"))) < len(documents(NEWS)):
        write_documents(folder, [NEWS])
    print(sync(folder, index))
    where = ("--index", str(index))
    seconds = min(run("sync", str(folder), *where)[0] for _ in range(3))
    imported = subprocess.run(
        [sys.executable, "-c", f"import sys, index; index.sync({str(folder)!r}, {str(index)!r}); print('torch' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    print(f"a sync with nothing to do: {seconds:.2f} s (torch imported: {imported})")
    seconds, memory = min(run("ask", "谁出席了会议？", *where) for _ in range(3))
    print(f"cold start of youju ask: {seconds:.1f} s, peak memory {memory:.0f} MB")
    assistant = Assistant.open(index)
    print("documents, passages:", assistant.info()["documents"], assistant.info()["passages"])
    assistant.ask("谁出席了会议？")
    searching(assistant, 200)
    one_changed_file(assistant, folder, index)
    indexing(options.count)
    print(f"peak memory of this process, two models loaded: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB")


if __name__ == "__main__":
    main()

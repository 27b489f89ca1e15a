"""Kill a sync at ten random moments; after the next sync the index equals an undisturbed one: ``python -m bench.killed``."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from index import IndexNotFoundError, ModelEncoder, load_settings, sync
from index.catalog import Catalog
from qa import Assistant

DOCUMENTS = Path(__file__).resolve().parents[1] / "seeds" / "documents"
HOME = Path("data/bench/killed")
KILLS = 10
QUESTIONS = ("青澜水库是哪一年建成的？", "大会由谁主持？", "How many visitors were interviewed?")


def state(index: Path) -> tuple[dict[tuple[str, int, int], str], dict[tuple[str, int, int], np.ndarray]]:
    """Return the text and the vector of every passage, by document and offsets."""
    catalog = Catalog.open(index / "catalog.sqlite")
    passages = catalog.passages(catalog.passage_ids().tolist())
    rows = dict(zip(*catalog.vectors_of(list(passages)), strict=True))
    places = {i: (p.document_id, p.start, p.end) for i, p in passages.items()}
    return {places[i]: p.text for i, p in passages.items()}, {places[i]: rows[np.int64(i)] for i in passages}


def main() -> None:
    shutil.rmtree(HOME, ignore_errors=True)
    calm = HOME / "calm"
    encoder = ModelEncoder(load_settings())
    started = time.perf_counter()
    command = [sys.executable, "-m", "ui.cli", "sync", str(DOCUMENTS), "--index"]
    subprocess.run([*command, str(calm)], check=True, stdout=subprocess.DEVNULL)
    whole = time.perf_counter() - started
    chance = random.Random(0)
    texts_calm, rows_calm = state(calm)
    undisturbed = Assistant.open(calm, encoder=encoder)
    for number in range(KILLS):
        killed = HOME / f"killed-{number}"
        process = subprocess.Popen([*command, str(killed)], stdout=subprocess.DEVNULL)
        time.sleep(moment := chance.uniform(0.3, 1.0) * whole)
        process.kill()
        process.wait()
        try:
            reader = Assistant.open(killed, encoder=encoder)
            seen = f"{reader.info()['passages']} passages, hits {[len(reader.search(q)) for q in QUESTIONS]}"
        except IndexNotFoundError:
            seen = "no index yet"
        report = sync(DOCUMENTS, killed, encoder=encoder)
        texts, rows = state(killed)
        least = min(float(rows[place] @ rows_calm[place]) for place in texts_calm)
        reader = Assistant.open(killed, encoder=encoder)
        pairs = [pair for q in QUESTIONS for pair in zip(reader.search(q), undisturbed.search(q), strict=True)]
        words = max(abs(one.keyword - other.keyword) for one, other in pairs)
        print(
            f"killed after {moment:4.1f} s: {seen}; then {report.embedded} embedded; same passages {texts == texts_calm}, "
            f"least cosine {least:.5f}, keyword scores within {words:.4f}"
        )


if __name__ == "__main__":
    main()

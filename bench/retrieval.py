"""Is the passage with the answer found, and how fast? ``python -m bench.retrieval [--sample N]``.

One index of five sets; for answerable questions the rank of the first passage that holds the answer, for four ways to search, in
one run. Of CMRC, DRCD and SQuAD only articles are asked about that neither the encoder nor the reader has learnt from. With
``--plain`` the encoder is as it was before it was trained, which is also what "dense" and "rank fusion" of other systems are.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import numpy as np

from bench.data import holds_answer, write_documents
from bench.indexes import RememberingEncoder
from bench.machine import report_machine
from bench.structure import unlearnt
from index import IndexReader, ModelEncoder, load_settings, sync, terms_of

SETS = ("cmrc2018_dev", "cmrc2018_trial", "drcd_dev", "squad2_dev_half", "crud_qa1")
WAYS = ("dense", "keyword", "rank fusion", "youju")
TOP = 10
RRF_K = 60
"""Cormack et al. 2009."""
HOME = Path("data/bench")


def build(home: Path, encoder: ModelEncoder) -> Path:
    folder, index = home / "mixed-documents", home / f"mixed{'' if encoder.is_adapted else '-plain'}-index"
    write_documents(folder, SETS)
    known = [path.parent for path in (*home.glob("*-index/catalog.sqlite"), *home.glob("../training/index/catalog.sqlite"))]
    started = time.perf_counter()
    report = sync(folder, index, encoder=RememberingEncoder(encoder, known))
    seconds = time.perf_counter() - started
    print(f"sync: {report.passages} passages, {report.embedded} embedded in {seconds:.0f} s")
    return index


def rankings(reader: IndexReader, encoder: ModelEncoder, text: str, row: np.ndarray) -> dict[str, list[int]]:
    view = reader._current_view()
    asked = terms_of(text)
    near, _ = reader._nearest(view, row, 100, None)
    scored = view.keywords.search(asked, 100)
    worded = sorted(scored, key=lambda i: -scored[i])
    fused: dict[int, float] = {}
    for ranking in (near, worded):
        for rank, i in enumerate(ranking, start=1):
            fused[i] = fused.get(i, 0.0) + 1.0 / (RRF_K + rank)
    ours = [hit.passage.id for hit in reader.search_row(text, row, TOP)]
    by_rank = sorted(fused, key=lambda i: -fused[i])
    return dict(zip(WAYS, (near[:TOP], worded[:TOP], by_rank[:TOP], ours), strict=True))


def first_hits(reader: IndexReader, encoder: ModelEncoder, name: str, sample: int) -> tuple[dict[str, np.ndarray], float]:
    """Return, by way, the 1-based rank of the first right passage of every question (0: not in the top ten)."""
    asked = unlearnt(name)
    if sample:
        asked = random.Random(0).sample(asked, min(sample, len(asked)))
    rows = encoder.encode_query([q.text for q in asked])
    ranks: dict[str, list[int]] = {way: [] for way in WAYS}
    verbatim = total = 0
    for question, row in zip(asked, rows, strict=True):
        found = rankings(reader, encoder, question.text, row)
        passages = reader.catalog.passages(sorted({i for ids in found.values() for i in ids}))
        right = {i: holds_answer(question, p.document_id, p.text) for i, p in passages.items()}
        for way, ids in found.items():
            ranks[way].append(next((rank for rank, i in enumerate(ids, start=1) if right[i]), 0))
        passage = passages[found["youju"][0]]
        document = reader.catalog.document(passage.document_id)
        verbatim += document is not None and document.text[passage.start : passage.end] == passage.text
        total += 1
    return {way: np.array(values) for way, values in ranks.items()}, verbatim / total


def behind(ours: np.ndarray, other: np.ndarray, draws: int = 10_000) -> float:
    """Return the share of paired bootstrap samples in which ours is not better."""
    difference = ours.astype(float) - other.astype(float)
    picks = np.random.default_rng(0).integers(0, len(difference), (draws, len(difference)))
    return float((difference[picks].mean(axis=1) <= 0).mean())


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sample", type=int, default=0, help="questions of each set; all by default")
    arguments.add_argument("--home", type=Path, default=HOME)
    arguments.add_argument("--plain", action="store_true")
    options = arguments.parse_args()
    report_machine()
    encoder = ModelEncoder(load_settings(), plain=options.plain)
    index = build(options.home, encoder)
    reader = IndexReader.open(index, load_settings(index))
    print("documents, passages:", reader.catalog.counts())
    print(f"{'set':16} {'way':12} hit@1  hit@5  hit@10 MRR@10  P(ours not better at 1 / at 5)")
    for name in SETS:
        ranks, verbatim = first_hits(reader, encoder, name, options.sample)
        for way in WAYS:
            r = ranks[way]
            hits = [float(((r > 0) & (r <= k)).mean()) for k in (1, 5, 10)]
            mrr = float(np.where(r > 0, 1.0 / np.maximum(r, 1), 0.0).mean())
            compared = (
                ""
                if way == "youju"
                else " / ".join(f"{behind((ranks['youju'] > 0) & (ranks['youju'] <= k), (r > 0) & (r <= k)):.4f}" for k in (1, 5))
            )
            print(f"{name:16} {way:12} {hits[0]:.3f}  {hits[1]:.3f}  {hits[2]:.3f}  {mrr:.3f}   {compared}")
        print(f"{name:16} {len(ranks['youju'])} questions, first passages verbatim: {verbatim:.4f}")


if __name__ == "__main__":
    main()

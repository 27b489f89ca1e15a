"""Are passages found in languages that nothing was learnt from? ``python -m bench.languages``.

Passages in ten languages, each with questions in its own language and one in Chinese or English, written for this project; none
of it was used to choose anything. Searched in one index of all with the bundled encoder, and with the model as it was before it
was trained.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from bench.indexes import index_of
from bench.machine import report_machine
from index import IndexReader, ModelEncoder, load_settings

HOME = Path(__file__).parent / "languages"


def lines(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (HOME / f"{name}.jsonl").read_text("utf-8").splitlines()]


def main() -> None:
    report_machine()
    documents = {f"{line['id']}.txt": f"{line['title']}\n\n{line['text']}" for line in lines("documents")}
    spoken = {line["id"]: line["lang"] for line in lines("documents")}
    asked = lines("questions")
    groups = np.array([spoken[q["document"]] if q["lang"] == spoken[q["document"]] else f"from {q['lang']}" for q in asked])
    found = []
    for encoder in (ModelEncoder(load_settings(), plain=True), ModelEncoder(load_settings())):
        with index_of(documents, encoder) as reader:
            found.append(ranks(reader, encoder, asked))
    print("| language | questions | before: dense hit@1 | @5 | hit@1 | @5 | trained: dense hit@1 | @5 | hit@1 | @5 |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for group in (*sorted(set(groups)), "all"):
        chosen = (groups == group) | (group == "all")
        cells = [f"{((r[chosen] > 0) & (r[chosen] <= k)).mean():.3f}" for both in found for r in both for k in (1, 5)]
        print(f"| {group} | {chosen.sum()} | {' | '.join(cells)} |")


def ranks(reader: IndexReader, encoder: ModelEncoder, asked: list[dict[str, str]]) -> tuple[np.ndarray, np.ndarray]:
    """Return the rank of the right document by meaning alone and as Youju searches (0: not among the first ten)."""
    ids, rows = reader.catalog.vectors_above(0, 10**9)
    passages = reader.catalog.passages(ids.tolist())
    names = [passages[int(i)].document_id for i in ids]
    vectors = encoder.encode_query([q["question"] for q in asked])
    alone, fused = [], []
    for question, vector in zip(asked, vectors, strict=True):
        gold = f"{question['document']}.txt"
        near = [names[i] for i in np.argsort(-(np.asarray(rows, np.float32) @ vector))[:10]]
        hits = [hit.passage.document_id for hit in reader.search_row(question["question"], vector, 10)]
        for ranking, into in ((near, alone), (hits, fused)):
            into.append(ranking.index(gold) + 1 if gold in ranking else 0)
    return np.array(alone), np.array(fused)


if __name__ == "__main__":
    main()

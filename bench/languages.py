"""Are passages found in languages that nothing was learnt from, and are answers right? ``python -m bench.languages [--answers]``.

Passages in ten languages, each with questions in its own language and one in Chinese or English, written for this project.
Searched in one index of all with the bundled encoder, and with the model as it was before it was trained; for that nothing was
chosen on them. ``--answers`` asks every question twice, with its document and without it; how much an answer in another script
is doubted was chosen on these questions.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from bench.indexes import index_of
from bench.machine import report_machine
from index import IndexReader, ModelEncoder, load_settings
from qa import Assistant
from qa.evaluation import GoldQuestion
from qa.evaluation.judging import judge

HOME = Path(__file__).parent / "languages"


def lines(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (HOME / f"{name}.jsonl").read_text("utf-8").splitlines()]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--answers", action="store_true")
    options = arguments.parse_args()
    report_machine()
    documents = {f"{line['id']}.txt": f"{line['title']}\n\n{line['text']}" for line in lines("documents")}
    spoken = {line["id"]: line["lang"] for line in lines("documents")}
    asked = lines("questions")
    if options.answers:
        answers(documents, asked, spoken)
        return
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


def answers(documents: dict[str, str], asked: list[dict[str, str]], spoken: dict[str, str]) -> None:
    """Report how often questions are answered, and right, with their document there and without it."""
    encoder = ModelEncoder(load_settings())
    rows: dict[str, list[tuple[bool, bool, bool]]] = {}
    with index_of(documents, encoder) as reader:
        assistant = Assistant(reader, encoder, load_settings())
        for question in asked:
            name = f"{question['document']}.txt"
            gold = GoldQuestion(name, question["question"], "answerable", (name,), (question["answer"],))
            there = assistant.ask(question["question"])
            away = assistant.ask(question["question"], documents=[other for other in documents if other != name])
            right = there.status == "answered" and bool(judge(gold, there, documents.get)["right"])
            own = question["lang"] == spoken[question["document"]]
            group = "in their own language" if own else f"in {question['lang']}, document in another"
            rows.setdefault(group, []).append((there.status == "answered", right, away.status == "answered"))
    print("| questions | asked | document there: answered | right | without it: answered |")
    print("|---|---|---|---|---|")
    for group, found in sorted(rows.items()):
        print(f"| {group} | {len(found)} | " + " | ".join(f"{value:.3f}" for value in np.mean(found, axis=0)) + " |")


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

"""Are follow-ups understood? ``python -m bench.followups [--count N] [--part test] [--written] [--fit]``.

Conversations written for this project (``bench/conversations``), of which every question but those that turn to something else
lacks what was said before: asked bare, with the turns before it, and as one would ask it without them, which is the most that can
be reached. Then runs of questions on one CMRC or DRCD paragraph, in the order in which people wrote them; for harm, also with the
turns of another paragraph before them, which should change nothing; and the conversations of domainrag_tune. ``--fit`` prints the
weights by which a question is said to stand alone, fitted on the tuning part of the first two.
"""

from __future__ import annotations

import argparse
import random
import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression

from bench.conversations import follow_ups, write_documents
from bench.data import documents, lines
from bench.machine import report_machine
from bench.outcomes import held_out, opened
from index import ModelEncoder, load_settings, sync
from qa import Assistant, Turn
from qa.evaluation import GoldQuestion
from qa.evaluation.judging import holds_gold, judge, rank_of_gold
from qa.followup import signs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.followup import Attempt
    from qa.reader.training.sources import Part

CHINESE = ("cmrc2018_dev", "cmrc2018_trial", "drcd_dev")
TURNS = 4
_SEGMENTED = re.compile(r"(?<=[\u3400-\u9fff，。；：！？、]) +(?=[\u3400-\u9fff，。；：！？、])")
"""The texts come with a space between any two words."""


def runs(part: str) -> list[list[GoldQuestion]]:
    """Return the questions of each paragraph, in order."""
    asked = held_out(CHINESE, part, 0)
    return [list(run) for _, run in groupby(asked, key=lambda q: q.documents[0])]


def turns(run: Sequence[GoldQuestion], end: int) -> list[Turn]:
    return [Turn(q.text, q.answers[0]) for q in run[max(0, end - TURNS) : end]]


def report(title: str, assistant: Assistant, asked: Sequence[tuple[GoldQuestion, Sequence[Turn]]]) -> None:
    at_1 = at_5 = changed = 0
    for question, history in asked:
        answer = assistant.ask(question.text, history)
        rank = rank_of_gold(question, answer.evidence)
        at_1 += rank == 1
        at_5 += bool(rank and rank <= 5)
        changed += answer.standalone_question != question.text
    n = len(asked)
    print(f"| {title} | {n} | {at_1 / n:.3f} | {at_5 / n:.3f} | {changed / n:.3f} |", flush=True)


def of_conversations(home: Path, encoder: ModelEncoder) -> Assistant:
    """Return an assistant over the documents of the conversations written for this project."""
    folder, index = home / "conversations-documents", home / "conversations-index"
    write_documents(folder)
    sync(folder, index, encoder=encoder)
    return Assistant.open(index, encoder=encoder)


def written(assistant: Assistant, part: Part) -> None:
    """Report the conversations written for this project, by kind of follow-up."""
    found = follow_ups(part)
    print("| follow-ups | asked | bare: hit@5 | right | with their turns: hit@5 | right | stated in full: hit@5 | right |")
    print("|---|---|---|---|---|---|---|---|")
    rows: dict[str, list[list[bool]]] = {}
    stated = [0, 0, 0]
    for one in found:
        answers = [assistant.ask(one.gold.text), assistant.ask(one.gold.text, one.history), assistant.ask(one.standalone)]
        if one.gold.kind == "unanswerable":
            stated = [n + (answer.status == "answered") for n, answer in zip(stated, answers, strict=True)]
            continue
        judged = []
        for answer in answers:
            values = judge(one.gold, answer, lambda _: None)
            judged += [bool(values["hit@5"]), bool(values["right"])]
        rows.setdefault(one.kind, []).append(judged)
    rows = dict(sorted(rows.items())) | {"all": [judged for kind in rows.values() for judged in kind]}
    for kind, some in rows.items():
        cells = " | ".join(f"{sum(column) / len(some):.3f}" for column in zip(*some, strict=True))
        print(f"| {kind} | {len(some)} | {cells} |", flush=True)
    unanswerable = sum(one.gold.kind == "unanswerable" for one in found)
    print(f"of {unanswerable} unanswerable: answered {stated[0]} bare, {stated[1]} with their turns, {stated[2]} stated in full")


def conversations(home: Path, encoder: ModelEncoder) -> tuple[Assistant, list[tuple[GoldQuestion, list[Turn]]]]:
    """The conversations of domainrag_tune over its own documents."""
    folder, index = home / "admissions-documents", home / "admissions-index"
    folder.mkdir(parents=True, exist_ok=True)
    for file, document in documents("domainrag_tune").items():
        (folder / file).write_text(_SEGMENTED.sub("", document["text"]), encoding="utf-8")
    sync(folder, index, encoder=encoder)
    asked = []
    for line in lines("domainrag_tune"):
        if line["type"] == "conversation":
            gold = GoldQuestion(line["id"], line["question"], "answerable", tuple(f"{d}.txt" for d in line["doc_ids"]))
            asked.append((gold, [Turn(turn["question"], turn["answers"][0]) for turn in line["history"]]))
    return opened(index, encoder), asked


def fit(written_for_this: Assistant, mixed: Assistant, count: int) -> None:
    """Print the weights of :func:`qa.followup.signs`, of questions that one of both ways answers right, and the other not."""
    asked = [(written_for_this, one.gold, list(one.history)) for one in follow_ups("tune") if one.gold.kind == "answerable"]
    asked += [(mixed, question, history) for question, _, history in after_others("tune", count)]
    rows, labels = [], []
    for assistant, question, history in asked:
        told = assistant._memory.told(question.text, history, None)
        before = next((one for one in reversed(told) if one.documents), None)
        if before is None:
            continue
        alone = assistant._attempt(question.text, None)
        within = assistant._attempt(question.text, before.documents)
        right = [is_right(question, attempt) for attempt in (alone, within)]
        if right[0] != right[1]:
            rows.append(signs(question.text, alone, within, assistant._index.term_weights))
            labels.append(right[0])
    scale = np.array(rows).std(0)
    model = LogisticRegression(C=3.0).fit(np.array(rows) / scale, labels)
    weights = ", ".join(f"{weight:.3g}" for weight in model.coef_[0] / scale)
    print(f"{len(labels)} questions, {sum(labels)} stand alone: weights {weights}, bias {model.intercept_[0]:.3g}")
    print(f"told right of those it was fitted on: {model.score(np.array(rows) / scale, labels):.3f}")


def is_right(question: GoldQuestion, attempt: Attempt) -> bool:
    best = next(iter(attempt.reading.findings), None)
    return bool(best and best.hit.passage.document_id in question.documents and holds_gold(question, best.quote))


def after_others(part: Part, count: int) -> list[tuple[GoldQuestion, list[Turn], list[Turn]]]:
    """Return questions with the turns before them, and with the turns of another paragraph instead."""
    chance = random.Random(0)
    paragraphs = [run for run in runs(part) if len(run) > 1]
    places = [(run, i) for run in paragraphs for i in range(1, len(run))]
    chosen = chance.sample(places, min(count, len(places)))
    others = [chance.choice([other for other in paragraphs if other is not run]) for run, _ in chosen]
    return [(run[i], turns(run, i), turns(other, len(other))) for (run, i), other in zip(chosen, others, strict=True)]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--count", type=int, default=200)
    arguments.add_argument("--part", choices=("tune", "test"), default="test")
    arguments.add_argument("--written", action="store_true", help="only the conversations written for this project")
    arguments.add_argument("--fit", action="store_true", help="only fit the weights")
    arguments.add_argument("--home", type=Path, default=Path("data/bench"))
    options = arguments.parse_args()
    report_machine()
    encoder = ModelEncoder(load_settings())
    own = of_conversations(options.home, encoder)
    if options.fit:
        fit(own, opened(options.home / "mixed-index", encoder), options.count)
        return
    written(own, options.part)
    if options.written:
        return
    mixed = opened(options.home / "mixed-index", encoder)
    chosen = after_others(options.part, options.count)
    print("| questions | asked | hit@1 | hit@5 | changed |")
    print("|---|---|---|---|---|")
    report("runs, bare", mixed, [(question, []) for question, _, _ in chosen])
    report("runs, with their turns", mixed, [(question, history) for question, history, _ in chosen])
    report("runs, after other turns", mixed, [(question, history) for question, _, history in chosen])
    admissions, asked = conversations(options.home, encoder)
    report("conversations, bare", admissions, [(q, []) for q, _ in asked])
    report("conversations, with their turns", admissions, asked)


if __name__ == "__main__":
    main()

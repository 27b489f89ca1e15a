"""Are follow-ups understood? ``python -m bench.followups [--count N] [--part test]``.

Runs of questions on one paragraph, in the order in which people wrote them: many lack their subject. Every question after the
first is asked bare, and with the turns before it. And, for harm: with the turns of another paragraph before it, which should
change nothing.
"""

from __future__ import annotations

import argparse
import random
import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from bench.data import documents, lines
from bench.machine import report_machine
from bench.outcomes import held_out, opened
from index import ModelEncoder, load_settings, sync
from qa import Turn
from qa.evaluation import GoldQuestion
from qa.evaluation.judging import rank_of_gold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa import Assistant

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


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--count", type=int, default=200)
    arguments.add_argument("--part", choices=("tune", "test"), default="test")
    arguments.add_argument("--home", type=Path, default=Path("data/bench"))
    options = arguments.parse_args()
    report_machine()
    encoder = ModelEncoder(load_settings())
    mixed = opened(options.home / "mixed-index", encoder)
    chance = random.Random(0)
    paragraphs = [run for run in runs(options.part) if len(run) > 1]
    places = [(run, i) for run in paragraphs for i in range(1, len(run))]
    chosen = chance.sample(places, min(options.count, len(places)))
    print("| questions | asked | hit@1 | hit@5 | changed |")
    print("|---|---|---|---|---|")
    report("runs, bare", mixed, [(run[i], []) for run, i in chosen])
    report("runs, with their turns", mixed, [(run[i], turns(run, i)) for run, i in chosen])
    others = [chance.choice([other for other in paragraphs if other is not run]) for run, _ in chosen]
    report("runs, after other turns", mixed, [(run[i], turns(o, len(o))) for (run, i), o in zip(chosen, others, strict=True)])
    admissions, asked = conversations(options.home, encoder)
    report("conversations, bare", admissions, [(q, []) for q, _ in asked])
    report("conversations, with their turns", admissions, asked)


if __name__ == "__main__":
    main()

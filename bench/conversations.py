"""Conversations written for this project: each question after the first lacks what was said before, or turns to something else.

Half of them are over the documents of ``seeds/``, half over the office documents that the span reader was not trained on, all in
one index; ``part`` tells those that rules may be tuned on from those that are reported.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.data import DATA
from qa import Turn
from qa.evaluation import GoldQuestion
from qa.language import message
from qa.reader.training.sources import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qa.reader.training.sources import Part

FILE = Path(__file__).parent / "conversations" / "conversations.jsonl"
SEEDS = Path(__file__).resolve().parents[1] / "seeds" / "documents"


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One question of a conversation after the first."""

    gold: GoldQuestion
    history: tuple[Turn, ...]
    standalone: str
    """The question as one would ask it without the history."""
    kind: str


def follow_ups(part: Part) -> list[FollowUp]:
    return list(_follow_ups(part))


def _follow_ups(part: Part) -> Iterator[FollowUp]:
    for line in FILE.read_text("utf-8").splitlines():
        conversation = json.loads(line)
        if conversation["part"] != part:
            continue
        history: list[Turn] = []
        for number, turn in enumerate(conversation["turns"]):
            if number:
                kind = "answerable" if turn["answer"] else "unanswerable"
                documents = (_file(turn["document"]),) if turn["document"] else ()
                answers = (turn["answer"],) if turn["answer"] else ()
                gold = GoldQuestion(f"{conversation['id']}-{number}", turn["question"], kind, documents, answers)
                yield FollowUp(gold, tuple(history), turn["standalone"], turn["kind"])
            history.append(Turn(turn["question"], turn["answer"] or message("not_found", "zh-Hans")))


def _file(document: str) -> str:
    return document if "/" in document else f"written/{document}.txt"


def write_documents(folder: Path) -> None:
    """Write the office documents and link the seeds into a folder."""
    (folder / "written").mkdir(parents=True, exist_ok=True)
    for text in texts(DATA).values():
        if text.source == "written":
            (folder / "written" / f"{text.id}.txt").write_bytes(text.text.encode("utf-8"))
    for file in SEEDS.rglob("*"):
        if file.is_file():
            target = folder / file.relative_to(SEEDS)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())

"""Learn how to move the vectors of questions: ``python -m bench.question_map``; writes ``index/question_map.safetensors``.

From three kinds of questions with the passages that answer them: lay questions written for this project (``bench/lay``) over
articles of statutes and over pages written with them; those of CMRC 2018, DRCD and SQuAD 2.0 that the span reader was trained
on; and the written ones of that training whose passage the search finds, for the others do not say what they are about. Of the
statutes of lecoqa_tune six parts of ten were asked about, whole laws (of the Civil Code: sixty articles at a time).
:func:`is_unlearnt` tells the questions over what the map has not seen. Takes some five minutes.
"""

from __future__ import annotations

import argparse
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors.numpy import save_file

import index
from bench.data import DATA, documents
from bench.machine import report_machine
from index import IndexReader, ModelEncoder, load_settings
from index.bundled_model import PROMPTS
from index.question_map import FILE
from qa.reader.training.preparing import prepare
from qa.reader.training.sources import SETS, asked, texts

if TYPE_CHECKING:
    from bench.data import Question
    from qa.reader.training.sources import Text

LAY = Path(__file__).parent / "lay"
STATUTES = "lecoqa_tune"
RANK, STEPS, BATCH, RATE = 64, 240, 512, 2e-3
TEMPERATURE = 0.03
LAY_SHARE = 0.5
STAY = 12.0
"""Weight of the squared distance by which a question is moved: with 4 the gain was no greater, and admissions lost more."""
FOUND_WITHIN = 10
SHORTEST = 10
"""Characters of a written question that may say what it is about."""


class Examples:
    """Vectors of questions and of passages, and which passages answer which question."""

    def __init__(self) -> None:
        self.questions: list[np.ndarray] = []
        self.passages: list[np.ndarray] = []
        self.golds: list[list[int]] = []
        self.is_lay: list[bool] = []

    def add(self, questions: np.ndarray, passages: np.ndarray, golds: list[list[int]], *, lay: bool) -> None:
        first = sum(map(len, self.passages))
        self.questions.append(questions)
        self.passages.append(passages)
        self.golds += [[first + gold for gold in some] for some in golds]
        self.is_lay += [lay] * len(golds)


def is_unlearnt(source: str, question: Question) -> bool:
    """Tell whether the map has seen nothing of the documents that answer a question of a set."""
    if source == STATUTES:
        return not {name.removesuffix(".txt") for name in question.documents} & asked_about()
    return source not in SETS or _texts()[question.document.removesuffix(".txt")].part == "test"


def unmapped() -> ModelEncoder:
    """Return an encoder whose ``encode_document`` gives the vectors of questions as they are before the map."""
    return ModelEncoder(load_settings(document_prompt=PROMPTS["query"]))


@cache
def _texts() -> dict[str, Text]:
    return texts(DATA)


@cache
def lay_questions() -> list[dict[str, Any]]:
    """Return the questions, each with the ids of the documents that answer it."""
    return [json.loads(line) for line in (LAY / "questions.jsonl").read_text("utf-8").splitlines()]


@cache
def asked_about() -> frozenset[str]:
    return frozenset(name for one in lay_questions() for name in one["documents"])


def add_lay(examples: Examples, encoder: ModelEncoder) -> None:
    pages = [json.loads(line) for line in (LAY / "documents.jsonl").read_text("utf-8").splitlines()]
    known = {page["id"]: f"{page['title']}\n\n{page['text']}" for page in pages}
    for name, article in documents(STATUTES).items():
        if (identifier := name.removesuffix(".txt")) in asked_about():
            known[identifier] = f"{article['title']}\n\n{article['text'].strip()}"
    place = {name: number for number, name in enumerate(known)}
    golds = [[place[name] for name in one["documents"]] for one in lay_questions()]
    rows = encoder.encode_document([one["question"] for one in lay_questions()])
    examples.add(rows, ModelEncoder(load_settings()).encode_document(list(known.values())), golds, lay=True)


def add_reading(examples: Examples, encoder: ModelEncoder, work: Path) -> None:
    """Add what the span reader has learnt from."""
    known = _texts()
    prepared = prepare(work, known, asked(DATA), "train", ModelEncoder(load_settings()), load_settings())
    items = [item for item in prepared if item.golds]
    catalog = IndexReader.open(work / "index", load_settings()).catalog
    ids, rows = catalog.vectors_above(0, 10**9)
    passages = catalog.passages(ids.tolist())
    learnt = [n for n, i in enumerate(ids.tolist()) if known[passages[i].document_id.removesuffix(".txt")].part == "train"]
    place = {int(ids[n]): number for number, n in enumerate(learnt)}
    rows = np.asarray(rows, np.float32)[learnt]
    golds = [[place[passage.id] for passage, _, _ in item.golds] for item in items]
    vectors = encoder.encode_document([item.asked.question for item in items])
    chosen = []
    for number, item in enumerate(items):
        if item.asked.source == "written":
            cosines = rows @ vectors[number]
            rank = int((cosines > cosines[golds[number]].max()).sum())
            if len(item.asked.question) < SHORTEST or rank >= FOUND_WITHIN:
                continue
        chosen.append(number)
    examples.add(vectors[chosen], rows, [golds[number] for number in chosen], lay=False)


def learn(examples: Examples) -> dict[str, np.ndarray]:
    """Return the map: each question is to be nearer to its passages than to all others, and to stay near where it was."""
    torch.manual_seed(0)
    questions, passages = (torch.tensor(np.concatenate(rows)) for rows in (examples.questions, examples.passages))
    dimension = questions.shape[1]
    down = (torch.randn(dimension, RANK) * 0.05).requires_grad_()
    up = torch.zeros(RANK, dimension, requires_grad=True)
    shift = torch.zeros(dimension, requires_grad=True)
    optimizer = torch.optim.AdamW([down, up, shift], lr=RATE, weight_decay=1e-3)
    lay = np.array(examples.is_lay)
    chances = np.where(lay, LAY_SHARE / lay.sum(), (1 - LAY_SHARE) / (~lay).sum())
    chance = np.random.default_rng(0)
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = RATE * (1 - step / STEPS)
        drawn = chance.choice(len(lay), BATCH, p=chances)
        before = questions[drawn]
        moved = torch.nn.functional.normalize(before + before @ down @ up + shift, dim=1)
        scores = moved @ passages.T / TEMPERATURE
        right = torch.full_like(scores, -1e9)
        for row, number in enumerate(drawn):
            right[row, examples.golds[number]] = 0
        loss = (torch.logsumexp(scores, 1) - torch.logsumexp(scores + right, 1)).mean()
        distance = ((moved - before) ** 2).sum(1).mean()
        optimizer.zero_grad()
        (loss + STAY * distance).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if step % 40 == 39:
            print(f"step {step + 1}: loss {loss.item():.3f}, moved by {distance.item():.4f}", flush=True)
    return {"down": down, "up": up, "shift": shift}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", type=Path, default=Path("data/training"))
    options = arguments.parse_args()
    report_machine()
    encoder = unmapped()
    examples = Examples()
    add_lay(examples, encoder)
    add_reading(examples, encoder, options.work)
    print(f"{len(examples.golds)} questions, {sum(examples.is_lay)} of them lay")
    tensors = {name: tensor.detach().numpy().astype(np.float16) for name, tensor in learn(examples).items()}
    save_file(tensors, Path(index.__file__).parent / FILE)


if __name__ == "__main__":
    main()

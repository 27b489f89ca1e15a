"""Train the adapter of the bundled encoder: ``python -m qa.encoder_training --data DATA --work WORK``.

A question is to be nearer to a passage that answers it than to the other passages of its batch (van den Oord et al. 2018), which
are those nearest to it, so that there is something to tell apart; and both are to stay near where they were. On two cores with
bfloat16 instructions it takes about an hour. It may be stopped at any moment: started again, it goes on from the last state
kept in WORK.
"""

from __future__ import annotations

import argparse
import logging
import random
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from index import ModelEncoder, adapter, load_settings
from qa.encoder_training.sources import Pool, neighbours, pool
from qa.learning import Learning
from qa.reader.training.sources import SETS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tokenizers import Tokenizer
    from transformers import BertModel

    from qa.encoder_training.sources import Example

SEED = 7
ANCHORS, COMPANY = 6, 8
"""A batch is so many questions by chance, each with those over so many of the nearest passages, its own among them."""
NEAREST = 24
"""The company of a question is drawn from so many."""
FIRST = 6
"""The first layer that learns. Those below take half of the time to learn, and what they know of words is to stay."""
CHUNK = 16
"""Passages that are encoded together, of like length."""
RATE = 4e-4
TEMPERATURE = 0.02
STAY = 2.0
"""Weight of the squared distance by which vectors are moved."""
AVERAGING = 0.995
"""What is kept is the running mean of the adapters of the last steps (about 200)."""
KEPT_EVERY = 50
SHARES = {
    "cmrc2018_dev": 0.15,
    "cmrc2018_trial": 0.05,
    "drcd_dev": 0.13,
    "squad2_dev_half": 0.17,
    "written": 0.22,
    "statutes": 0.17,
    "pages": 0.11,
}

log = logging.getLogger("training")


class Batches:
    """Draws batches of questions over passages that are near to each other."""

    def __init__(self, known: Pool) -> None:
        self._by_source: dict[str, dict[int, list[Example]]] = defaultdict(lambda: defaultdict(list))
        for example in known.examples:
            for gold in example.golds:
                self._by_source[example.source][gold].append(example)
        self._near = {source: neighbours(known.rows, list(by), NEAREST) for source, by in self._by_source.items()}
        self._examples = {source: [e for e in known.examples if e.source == source] for source in self._by_source}

    def draw(self, chance: random.Random) -> list[tuple[Example, int]]:
        """Return questions of one source, each with another passage that answers it."""
        sources = [source for source in SHARES if self._examples.get(source)]
        source = chance.choices(sources, [SHARES[name] for name in sources])[0]
        by, near = self._by_source[source], self._near[source]
        drawn: dict[int, Example] = {}
        for anchor in chance.sample(self._examples[source], ANCHORS):
            first = chance.choice(anchor.golds)
            drawn.setdefault(first, anchor)
            free = [i for i in near[first] if i not in drawn]
            for other in chance.sample(free, min(COMPANY - 1, len(free))):
                drawn[other] = chance.choice(by[other])
        return [(example, gold) for gold, example in drawn.items()]


class Side:
    """Encodes texts as the encoder does, with gradients."""

    def __init__(self, transformer: BertModel, tokenizer: Tokenizer) -> None:
        self._transformer, self._tokenizer = transformer, tokenizer

    def rows(self, texts: Sequence[str], prompt: str, chunk: int) -> torch.Tensor:
        """Return ``(n_texts, dimension)`` rows of unit length."""
        encoded = [self._tokenizer.encode(prompt + text).ids[:512] for text in texts]
        order = sorted(range(len(texts)), key=lambda i: len(encoded[i]))
        rows: list[torch.Tensor] = []
        for first in range(0, len(order), chunk):
            some = [encoded[i] for i in order[first : first + chunk]]
            longest = max(map(len, some))
            ids = torch.tensor([[*line, *[1] * (longest - len(line))] for line in some])
            mask = torch.tensor([[1] * len(line) + [0] * (longest - len(line)) for line in some])
            with torch.autocast("cpu", torch.bfloat16):
                states = self._transformer(input_ids=ids, attention_mask=mask).last_hidden_state
            summed = (states.float() * mask[:, :, None]).sum(1)
            rows.append(torch.nn.functional.normalize(summed, dim=1))
        return torch.cat(rows)[torch.tensor(np.argsort(order))]


def loss_of(questions: torch.Tensor, passages: torch.Tensor, drawn: Sequence[tuple[Example, int]]) -> torch.Tensor:
    """Return the loss of a batch: each question is to choose its own passage among those that do not answer it too."""
    scores = questions @ passages.T / TEMPERATURE
    for row, (example, own) in enumerate(drawn):
        for column, (_, gold) in enumerate(drawn):
            if gold != own and gold in example.golds:
                scores[row, column] = -1e4
    return torch.nn.functional.cross_entropy(scores, torch.arange(len(drawn)))


def losses_of(
    side: Side, prompts: tuple[str, str], drawn: Sequence[tuple[Example, int]], known: Pool, before: Mapping[str, torch.Tensor]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the loss of a batch, and how far its vectors were moved.

    :param before: the questions as the encoder without an adapter has them.
    """
    questions = side.rows([e.question for e, _ in drawn], prompts[0], len(drawn))
    passages = side.rows([known.passages[gold] for _, gold in drawn], prompts[1], CHUNK)
    asked = torch.stack([before[e.question] for e, _ in drawn])
    stood = torch.tensor(known.rows[[gold for _, gold in drawn]])
    moved = ((questions - asked) ** 2).sum(1).mean() + ((passages - stood) ** 2).sum(1).mean()
    return loss_of(questions, passages, drawn), moved


def main() -> None:
    """Prepare, train, and write the adapter."""
    arguments = argparse.ArgumentParser(prog="python -m qa.encoder_training", description=__doc__)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--work", type=Path, default=Path("data/training"))
    arguments.add_argument("--steps", type=int, default=750)
    arguments.add_argument("--minutes", type=float, default=75.0, help="stop after these and keep the state")
    options = arguments.parse_args()
    if missing := [name for name in SETS if not (options.data / f"{name}.jsonl.gz").is_file()]:
        arguments.error(f"{options.data} has no {', '.join(missing)}. Name the folder of the question sets with --data.")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.manual_seed(SEED)
    encoder = ModelEncoder(load_settings(), plain=True)
    known = pool("train", options.data, options.work, encoder, load_settings())
    asked = list(dict.fromkeys(e.question for e in known.examples))
    before = dict(zip(asked, torch.tensor(encoder.encode_query(asked)), strict=True))
    log.info("%d questions over %d passages", len(known.examples), len(known.passages))
    batches = Batches(known)
    transformer = ModelEncoder(load_settings(precision="float32"), plain=True).transformer
    transformer.set_attn_implementation("eager")
    adapter.put_on(transformer, FIRST)
    for frozen in (transformer.embeddings, *transformer.encoder.layer[:FIRST]):
        frozen.bfloat16()
    prompts = (encoder.identity.query_prompt, encoder.identity.document_prompt)
    side, learnt = Side(transformer, encoder.tokenizer), adapter.learnt(transformer)
    learning = Learning(learnt, options.work, "encoder", steps=options.steps, rate=RATE, averaging=AVERAGING)
    started = time.monotonic()
    seen: list[tuple[float, float]] = []
    while learning.step < options.steps:
        drawn = batches.draw(random.Random(f"{SEED} {learning.step}"))
        loss, moved = losses_of(side, prompts, drawn, known, before)
        learning.learn(loss + STAY * moved)
        seen.append((float(loss.detach()), float(moved.detach())))
        late = time.monotonic() - started > 60 * options.minutes
        if learning.step % KEPT_EVERY == 0 or late or learning.step >= options.steps:
            learning.keep()
            log.info("step %d loss %.4f moved %.4f", learning.step, *np.mean(seen, axis=0))
            seen.clear()
        if late:
            log.info("stopped; start again to go on")
            break


if __name__ == "__main__":
    main()

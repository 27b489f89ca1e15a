"""Train the span reader: ``python -m qa.reader.training --data DATA --work WORK``.

On two cores with bfloat16 instructions it takes about an hour. It may be stopped at any moment: started again, it goes on from
the last state kept in WORK. The same seed, data and order of pieces give the same examples.
"""

from __future__ import annotations

import argparse
import logging
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file

from index import ModelEncoder, adapter, load_settings
from qa.learning import Learning
from qa.reader import network
from qa.reader.pairs import padded, pair, span_of
from qa.reader.training.examples import Examples
from qa.reader.training.preparing import prepare
from qa.reader.training.sources import SETS, asked, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokenizers import Tokenizer

    from qa.reader.training.examples import Example, Item

SEED = 7
BATCH = 16
POOL = 4
"""Batches that are drawn at once and sorted by length, so that little is padding."""
RATE = 8e-4
AVERAGING = 0.998
"""The reader that is kept is the running mean of those of the last steps (about 500)."""
KEPT_EVERY = 100
SHARES = {"cmrc2018_dev": 0.22, "cmrc2018_trial": 0.08, "drcd_dev": 0.15, "squad2_dev_half": 0.55}
WRITTEN_FROM = 0.3
"""Of all steps: after these the written questions join, which are few and need a reader that knows the task."""
WRITTEN_SHARE = 0.5
"""With these shares; the first four trainings had 0.3, 0.1, 0.2 and 0.4 of the sets, and 0.6 written ones."""

log = logging.getLogger("training")


@dataclass(frozen=True, slots=True)
class Batch:
    """Pairs of one length, and where their answers are."""

    ids: torch.Tensor
    mask: torch.Tensor
    spans: torch.Tensor
    """``(n, 2)`` positions of the first and last token; 0, the first token of all, where there is no answer."""
    allowed: torch.Tensor
    """``(n, n_tokens)``: the first token and those of the passage."""


def batch_of(examples: Sequence[Example], tokenizer: Tokenizer) -> Batch:
    """Turn examples into tensors; an answer that was cut off counts as none."""
    pairs = [pair(tokenizer, e.question, e.passage, e.title) for e in examples]
    ids, mask = padded(pairs, tokenizer)
    spans = [(span_of(p, e.start, e.end) if e.start >= 0 else None) or (0, 0) for p, e in zip(pairs, examples, strict=True)]
    allowed = torch.zeros(len(pairs), len(ids[0]), dtype=torch.bool)
    for row, p in enumerate(pairs):
        allowed[row, 0] = True
        allowed[row, p.first : p.first + len(p.offsets)] = True
    return Batch(torch.tensor(ids), torch.tensor(mask), torch.tensor(spans), allowed)


def loss_of(net: network.SpanNetwork, batch: Batch) -> torch.Tensor:
    """Return the loss: beginning and end as a choice among the allowed tokens, and whether there is an answer."""
    with torch.autocast("cpu", torch.bfloat16):
        spans, answerable = net(batch.ids, batch.mask)
    spans = spans.masked_fill(~batch.allowed[:, :, None], -1e4)
    choice = torch.nn.functional.cross_entropy(spans, batch.spans)
    there = (batch.spans[:, 0] > 0).float()
    return choice + torch.nn.functional.binary_cross_entropy_with_logits(answerable, there)


def pools(examples: Examples, tokenizer: Tokenizer, steps: int, start: int, written_from: float) -> Iterator[list[Batch]]:
    """Yield the batches of one pool after the other; each depends on the seed and its number alone."""
    for first in range(start, steps, POOL):
        chance = random.Random(f"{SEED} {first}")
        shares = dict(SHARES)
        if first >= written_from * steps:
            shares = {name: share * (1 - WRITTEN_SHARE) for name, share in shares.items()} | {"written": WRITTEN_SHARE}
        drawn = [examples.draw(chance, shares) for _ in range(BATCH * POOL)]
        drawn.sort(key=lambda e: len(e.passage.encode()) + len(e.question.encode()))
        batches = [batch_of(drawn[i : i + BATCH], tokenizer) for i in range(0, len(drawn), BATCH)]
        chance.shuffle(batches)
        yield batches


def check(net: network.SpanNetwork, examples: Sequence[Example], tokenizer: Tokenizer) -> dict[str, float]:
    """Return the mean loss, the share of exact spans and of right verdicts over examples that nothing is learnt from."""
    losses, exact, verdicts = [], [], []
    for first in range(0, len(examples), BATCH):
        batch = batch_of(examples[first : first + BATCH], tokenizer)
        with torch.no_grad():
            losses.append(float(loss_of(net, batch)))
            with torch.autocast("cpu", torch.bfloat16):
                spans, answerable = net(batch.ids, batch.mask)
        best = spans.masked_fill(~batch.allowed[:, :, None], -1e4).argmax(1)
        there = batch.spans[:, 0] > 0
        exact += (best == batch.spans).all(1)[there].tolist()
        verdicts += ((answerable > 0) == there).tolist()
    return {"loss": sum(losses) / len(losses), "exact": sum(exact) / len(exact), "verdict": sum(verdicts) / len(verdicts)}


def main() -> None:
    """Prepare, train, and write the adapter."""
    arguments = argparse.ArgumentParser(prog="python -m qa.reader.training", description=__doc__)
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments.add_argument("--work", type=Path, default=Path("data/training"))
    arguments.add_argument("--steps", type=int, default=2300)
    arguments.add_argument("--rate", type=float, default=RATE, help="the highest rate of learning")
    arguments.add_argument("--start", type=Path, help="an adapter to go on from, instead of a fresh one")
    arguments.add_argument("--minutes", type=float, default=75.0, help="stop after these and keep the state")
    arguments.add_argument("--mean", type=Path, nargs="+", help="write the mean of these adapters to WORK, and train nothing")
    options = arguments.parse_args()
    if options.mean:
        adapter.save(adapter.mean_of(options.mean), options.work / "reader.safetensors")
        return
    if missing := [name for name in SETS if not (options.data / f"{name}.jsonl.gz").is_file()]:
        arguments.error(f"{options.data} has no {', '.join(missing)}. Name the folder of the question sets with --data.")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    started = time.monotonic()
    torch.manual_seed(SEED)
    documents = texts(options.data)
    encoder = ModelEncoder(load_settings())
    items: dict[str, list[Item]] = {}
    for part in ("train", "tune"):
        items[part] = prepare(options.work, documents, asked(options.data), part, encoder, load_settings())
        log.info("%s: %d questions", part, len(items[part]))
    tokenizer = encoder.tokenizer
    examples = Examples(items["train"], documents)
    chance = random.Random(SEED)
    tuning = Examples(items["tune"], documents)
    seen = [tuning.draw(chance, SHARES) for _ in range(320)]
    transformer = ModelEncoder(load_settings(precision="float32"), plain=True).transformer
    transformer.set_attn_implementation("eager")
    net = network.for_training(transformer)
    net.train()
    learnt = adapter.learnt(net)
    for name, before in load_file(options.start).items() if options.start else ():
        learnt[name].data.copy_(before)
    learning = Learning(learnt, options.work, "reader", steps=options.steps, rate=options.rate, averaging=AVERAGING)
    losses: list[float] = []
    written_from = 0.0 if options.start else WRITTEN_FROM
    for batches in pools(examples, tokenizer, options.steps, learning.step, written_from):
        for batch in batches:
            loss = loss_of(net, batch)
            learning.learn(loss)
            losses.append(float(loss.detach()))
        late = time.monotonic() - started > 60 * options.minutes
        if learning.step % KEPT_EVERY < POOL or late or learning.step >= options.steps:
            learning.keep()
            log.info("step %d loss %.4f tuning %s", learning.step, sum(losses) / len(losses), check(net, seen, tokenizer))
            losses.clear()
        if late:
            log.info("stopped; start again to go on")
            break


if __name__ == "__main__":
    main()

"""The questions that the encoder learns from, with the passages that answer them.

Those of the span reader's training whose passage a search can find: many of the written ones say nothing of what they are about.
And lay questions, written for this project over articles of Chinese statutes (LeCoQA's collection, MIT licence) and over pages
written with them, where people ask in other words than the text uses; those of ``consultations.jsonl`` as one asks a lawyer.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qa.reader.training.preparing import gold_in, indexed
from qa.reader.training.sources import asked, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from index import Encoder, Passage, Settings
    from index.types import Rows
    from qa.reader.training.sources import Part

LAY = Path(__file__).parent / "lay"
STATUTES = "lecoqa_tune"
FOUND_WITHIN = 10
"""A written question whose passage the encoder does not find among so many does not say what it is about."""
SHORTEST = 8
"""Characters of a written question that may say what it is about."""


@dataclass(frozen=True, slots=True)
class Example:
    """One question and the passages that answer it, by their place among all passages."""

    question: str
    golds: tuple[int, ...]
    source: str


@dataclass(slots=True)
class Pool:
    """The passages of one part, and the questions over them."""

    passages: list[str]
    rows: Rows
    """``(n_passages, dimension)`` of the encoder as it is before the training."""
    examples: list[Example]


def lay_pages() -> dict[str, dict[str, str]]:
    """Return the pages by id; the statutes are not among them."""
    return {page["id"]: page for page in _lines(LAY / "documents.jsonl")}


def lay_questions() -> list[tuple[str, tuple[str, ...]]]:
    """Return each lay question with the ids of the documents that answer it."""
    lines = (line for name in ("questions", "consultations") for line in _lines(LAY / f"{name}.jsonl"))
    return [(line["question"], tuple(line["documents"])) for line in lines]


def lay_part(document: str) -> Part:
    """Return the part of a lay document by its id: 88, 4 and 8 of 100. Other statutes than these were never asked about."""
    number = int(hashlib.sha256(document.encode()).hexdigest(), 16) % 100
    return "train" if number < 88 else "tune" if number < 92 else "test"


def pool(part: Part, data: Path, work: Path, encoder: Encoder, settings: Settings) -> Pool:
    """Return the passages and questions of one part; the index they are cut by is kept in ``work`` for the next time."""
    found = _of_reading(part, data, work, encoder, settings)
    _add_lay(found, part, data, encoder)
    return found


def _of_reading(part: Part, data: Path, work: Path, encoder: Encoder, settings: Settings) -> Pool:
    documents = texts(data)
    catalog = indexed(work, documents, encoder, settings).catalog
    ids, rows = catalog.vectors_above(0, 10**9)
    passages = catalog.passages(ids.tolist())
    chosen = [n for n, i in enumerate(ids.tolist()) if documents[passages[i].document_id.removesuffix(".txt")].part == part]
    rows = np.asarray(rows, np.float32)[chosen]
    own: dict[str, list[tuple[int, Passage]]] = defaultdict(list)
    for place, n in enumerate(chosen):
        passage = passages[int(ids[n])]
        own[passage.document_id.removesuffix(".txt")].append((place, passage))
    asking = [
        (q, golds)
        for q in asked(data)
        if q.answer and (golds := tuple(place for place, passage in own.get(q.document, ()) if gold_in(q, passage)))
    ]
    vectors = encoder.encode_query([q.question for q, _ in asking])
    examples = []
    for (question, golds), vector in zip(asking, vectors, strict=True):
        if question.source == "written":
            cosines = rows @ vector
            behind = int((cosines > cosines[list(golds)].max()).sum())
            if len(question.question) < SHORTEST or behind >= FOUND_WITHIN:
                continue
        examples.append(Example(question.question, golds, question.source))
    return Pool([passages[int(ids[n])].text for n in chosen], rows, examples)


def _add_lay(pool: Pool, part: Part, data: Path, encoder: Encoder) -> None:
    known = {name: f"{page['title']}\n\n{page['text']}" for name, page in lay_pages().items()}
    for line in _lines(data / f"{STATUTES}.docs.jsonl.gz"):
        known[line["doc_id"]] = f"{line['title']}\n\n{line['text'].strip()}"
    chosen = [(q, documents) for q, documents in lay_questions() if lay_part(documents[0]) == part]
    place = {name: len(pool.passages) + n for n, name in enumerate(dict.fromkeys(name for _, some in chosen for name in some))}
    pool.passages += [known[name] for name in place]
    pool.rows = np.concatenate([pool.rows, encoder.encode_document([known[name] for name in place])])
    for question, documents in chosen:
        source = "statutes" if documents[0].startswith("statute-") else "pages"
        pool.examples.append(Example(question, tuple(place[name] for name in documents), source))


def neighbours(rows: Rows, among: Sequence[int], count: int) -> dict[int, list[int]]:
    """Return for each of some passages the nearest others of them, nearest first."""
    some = np.asarray(among)
    near = np.argsort(-(rows[some] @ rows[some].T), axis=1)[:, : count + 1]
    return {int(i): [int(some[j]) for j in line if some[j] != i] for i, line in zip(some, near, strict=True)}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    opened: Iterable[str]
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as opened:
        for line in opened:
            yield json.loads(line)

"""The question sets and their documents."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DATA = Path(os.environ.get("YOUJU_BENCH_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    text: str
    answers: tuple[str, ...]
    starts: tuple[int, ...]
    document: str
    documents: tuple[str, ...]
    answerable: bool


def lines(name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a set as they are."""
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as rows:
        for line in rows:
            yield json.loads(line)


def questions(name: str) -> list[Question]:
    found = []
    for q in lines(name):
        document = f"{q['doc_id']}.txt"
        golds = tuple(f"{d}.txt" for d in q.get("doc_ids") or [q["doc_id"]])
        starts = tuple(q.get("answer_starts") or [-1] * len(q["answers"]))
        found.append(Question(q["id"], q["question"], tuple(q["answers"]), starts, document, golds, q["answerable"]))
    return found


def documents(name: str) -> dict[str, dict[str, str]]:
    """File name to ``{"title", "text"}``."""
    return {f"{d['doc_id']}.txt": {"title": d["title"], "text": d["text"]} for d in lines(f"{name}.docs")}


def write_documents(folder: Path, names: Iterable[str], leave_out: frozenset[str] = frozenset()) -> int:
    """Write the documents of some sets as text files, and return how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for name in names:
        for file, document in documents(name).items():
            if file not in leave_out:
                (folder / file).write_bytes(document["text"].encode("utf-8"))
                count += 1
    return count


def holds_answer(question: Question, document: str, text: str) -> bool:
    """Tell whether a piece of a document holds a gold answer of the question: of a gold document, and the answer in it."""
    return document in question.documents and any(answer in text for answer in question.answers)

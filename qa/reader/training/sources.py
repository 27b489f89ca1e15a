"""The questions that the span reader learns from, and which of them it never sees.

CMRC 2018 (Cui et al. 2019), DRCD (Shao et al. 2018) and half of the development set of SQuAD 2.0 (Rajpurkar et al. 2018), all
under CC BY-SA; and questions written for this project, over its own office documents and over passages of those sets: what
lacked in them are questions that look answerable and are not, questions as people ask them, and questions in another
language.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import opencc

from index import normalize

if TYPE_CHECKING:
    from collections.abc import Iterator

WRITTEN = Path(__file__).parent / "written"
SETS = ("cmrc2018_dev", "cmrc2018_trial", "drcd_dev", "squad2_dev_half")
LANGUAGES = {"cmrc2018_dev": "zh", "cmrc2018_trial": "zh", "drcd_dev": "zh", "squad2_dev_half": "en"}

Part = Literal["train", "tune", "test"]


@dataclass(frozen=True, slots=True)
class Text:
    """One document."""

    id: str
    title: str
    text: str
    source: str

    @property
    def part(self) -> Part:
        """Which part its article belongs to; of the written documents one in eight is for tuning, and one for the test."""
        if self.source == "written":
            parts: dict[int, Part] = {0: "tune", 4: "test"}
            return parts.get(int(self.id.rsplit("-", 1)[1]) % 8, "train")
        return part_of(self.title)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question over a document; ``answer`` is empty where the document does not answer it."""

    question: str
    document: str
    answer: str
    start: int
    """Code points of the document's text; -1 where it is not known, or there is no answer."""
    source: str
    others: tuple[str, ...] = ()
    """Other answers that people gave; one is learnt, but each counts as right."""


@cache
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def part_of(title: str) -> Part:
    """Return the part of an article by its title, whatever set and script it comes from: 80, 8 and 12 of 100."""
    name = _to_simplified().convert(normalize(title)).strip().lower()
    number = int(hashlib.sha256(name.encode()).hexdigest(), 16) % 100
    return "train" if number < 80 else "tune" if number < 88 else "test"


def texts(data: Path) -> dict[str, Text]:
    """Return all documents by id."""
    found = {}
    for source in SETS:
        for line in _lines(data / f"{source}.docs.jsonl.gz"):
            found[line["doc_id"]] = Text(line["doc_id"], line["title"], line["text"], source)
    for line in _lines(WRITTEN / "documents.jsonl"):
        found[line["id"]] = Text(line["id"], line["title"], line["text"], "written")
    return found


def asked(data: Path) -> Iterator[Asked]:
    """Yield all questions."""
    for source in SETS:
        for line in _lines(data / f"{source}.jsonl.gz"):
            if not line["answerable"]:
                yield Asked(line["question"], line["doc_id"], "", -1, source)
            elif line["answers"]:
                first, *others = line["answers"]
                yield Asked(line["question"], line["doc_id"], first, line["answer_starts"][0], source, tuple(others))
    for line in _lines(WRITTEN / "questions.jsonl"):
        yield Asked(line["question"], line["document"], line["answer"], -1, "written")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        return
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)

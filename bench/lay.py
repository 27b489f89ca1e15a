"""Lay questions over statutes and pages, of those that the encoder was not trained on (``qa/encoder_training/lay``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.data import Question
from qa.encoder_training import sources

if TYPE_CHECKING:
    from qa.reader.training.sources import Part

PAGES, STATUTES = "lay_pages", "lay_statutes"


def lay_pages() -> dict[str, dict[str, str]]:
    """Return file name to ``{"title", "text"}`` of all pages; the statutes are those of lecoqa_tune."""
    return {f"{name}.txt": page for name, page in sources.lay_pages().items()}


def lay_questions(name: str, part: Part = "test") -> list[Question]:
    """Return the questions of one part over the pages, or over the statutes; what answers them are whole documents."""
    found = []
    for number, (text, documents) in enumerate(sources.lay_questions()):
        golds = tuple(f"{document}.txt" for document in documents)
        if sources.lay_part(documents[0]) == part and golds[0].startswith("lay-") == (name == PAGES):
            found.append(Question(f"lay-{number}", text, ("",), (-1,), golds[0], golds, answerable=True))
    return found


def never_asked(question: Question) -> bool:
    """Tell whether nothing was learnt from any of the documents that answer a question, its own or one of lecoqa_tune."""
    learnt = {name for _, documents in sources.lay_questions() if sources.lay_part(documents[0]) != "test" for name in documents}
    return not {name.removesuffix(".txt") for name in question.documents} & learnt

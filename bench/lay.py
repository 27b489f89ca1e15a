"""Questions in everyday words, written for this project: over pages written with them, and over articles of statutes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.data import Question

LAY = Path(__file__).parent / "lay_questions"
PAGES, STATUTES = "lay_pages", "lay_statutes"


def lay_pages() -> dict[str, dict[str, str]]:
    """Return file name to ``{"title", "text"}`` of the pages; the statutes are those of lecoqa_tune."""
    return {f"{page['id']}.txt": {"title": page["title"], "text": page["text"]} for page in _lines("documents")}


def lay_questions(name: str) -> list[Question]:
    """Return the questions over the pages, or over the statutes; what answers them are whole documents."""
    found = []
    for number, line in enumerate(_lines("questions")):
        golds = tuple(f"{document}.txt" for document in line["documents"])
        if golds[0].startswith("lay-") == (name == PAGES):
            found.append(Question(f"lay-{number}", line["question"], ("",), (-1,), golds[0], golds, answerable=True))
    return found


def _lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (LAY / f"{name}.jsonl").read_text("utf-8").splitlines()]

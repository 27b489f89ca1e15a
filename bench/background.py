"""Count in which share of documents and of questions each frequent term stands: ``python -m bench.background``.

From cmrc2018_trial and every second article of squad2_dev_half, which are therefore not reported on. Only counts are kept.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from bench.data import documents, questions
from index import terms_of

if TYPE_CHECKING:
    from collections.abc import Iterable

TARGET = Path(__file__).resolve().parents[1] / "index" / "background.json"
PASSAGE = 300
"""Characters, about a passage."""
LEAST_DOCUMENTS, LEAST_QUESTIONS = 0.006, 0.01


def shares(texts: Iterable[str], least: float) -> dict[str, float]:
    counts: Counter[str] = Counter()
    number = 0
    for text in texts:
        counts.update(set(terms_of(text)))
        number += 1
    return {term: round(count / number, 4) for term, count in counts.items() if count > least * number}


def merged(*parts: dict[str, float]) -> dict[str, float]:
    return {term: max(part.get(term, 0.0) for part in parts) for term in sorted(set().union(*parts))}


def main() -> None:
    chinese, english = documents("cmrc2018_trial"), documents("squad2_dev_half")
    half = set(sorted({document["title"] for document in english.values()})[::2])
    english = {file: document for file, document in english.items() if document["title"] in half}
    document_parts, question_parts = [], []
    for name, chosen in (("cmrc2018_trial", chinese), ("squad2_dev_half", english)):
        texts = [document["text"] for document in chosen.values()]
        passages = (text[at : at + PASSAGE] for text in texts for at in range(0, len(text), PASSAGE))
        document_parts.append(shares(passages, LEAST_DOCUMENTS))
        question_parts.append(shares((q.text for q in questions(name) if q.document in chosen), LEAST_QUESTIONS))
    counted = {
        "documents": merged(*document_parts),
        "questions": merged(*question_parts),
        "floor": {"documents": 0.001},
    }
    TARGET.write_text(json.dumps(counted, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print({name: len(part) for name, part in counted.items()}, TARGET.stat().st_size, "bytes")


if __name__ == "__main__":
    main()

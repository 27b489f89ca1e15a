"""The training documents as an index of their own: passages as every index splits them, mistakes as its search makes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from index import IndexReader, sync
from qa.reader.training.examples import Item
from qa.reader.training.sources import Asked, Part, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from index import Encoder, Passage, Settings

    Place = tuple[str, int]
    """A document's id and where in it a passage begins: unlike a passage's number, the same in an index built anew."""

FOUND = 8
"""Passages without the answer that are kept for a question."""


def prepare(
    work: Path, documents: Mapping[str, Text], questions: Iterable[Asked], part: Part, encoder: Encoder, settings: Settings
) -> list[Item]:
    """Return the questions of one part with their passages; the index is kept in ``work`` for the next time."""
    reader = indexed(work, documents, encoder, settings)
    places: dict[Place, Passage] = {}
    own: dict[str, list[Passage]] = {}
    for passage in reader.catalog.passages([i for i, _, _ in reader.catalog.passage_texts_above(0)]).values():
        places[passage.document_id, passage.start] = passage
        own.setdefault(passage.document_id.removesuffix(".txt"), []).append(passage)
    chosen = [q for q in questions if documents[q.document].part == part]
    found = _found(work / f"found-{part}.json", reader, encoder, chosen, places)
    items = [_item(q, own.get(q.document, []), [places[place] for place in found[q.question]]) for q in chosen]
    return [item for item in items if item.golds or (item.own and not item.asked.answer)]


def indexed(work: Path, documents: Mapping[str, Text], encoder: Encoder, settings: Settings) -> IndexReader:
    """Return the index of the documents; it is kept in ``work`` for the next time."""
    folder = work / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    for document in documents.values():
        path = folder / f"{document.id}.txt"
        if not path.is_file():
            path.write_bytes(document.text.encode("utf-8"))
    sync(folder, work / "index", encoder=encoder, settings=settings, allow_removals=True)  # WORK may have been moved
    return IndexReader.open(work / "index", settings)


def _found(
    kept: Path, reader: IndexReader, encoder: Encoder, chosen: Sequence[Asked], places: Mapping[Place, Passage]
) -> dict[str, list[Place]]:
    """Return where the passages found for a question begin, best first; searched once and kept.

    What was kept of passages that are no longer there is searched again.
    """
    held = json.loads(kept.read_text("utf-8")) if kept.is_file() else {}
    found: dict[str, list[Place]] = {question: [(document, start) for document, start in some] for question, some in held.items()}
    found = {question: some for question, some in found.items() if all(place in places for place in some)}
    missing = sorted({q.question for q in chosen} - set(found))
    if missing:
        rows = encoder.encode_query(missing)
        for question, row in zip(missing, rows, strict=True):
            hits = reader.search_row(question, row, 2 * FOUND)
            found[question] = [(hit.passage.document_id, hit.passage.start) for hit in hits]
        kept.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return found


def _item(asked: Asked, own: Sequence[Passage], found: Sequence[Passage]) -> Item:
    golds = tuple(gold for passage in own if (gold := gold_in(asked, passage))) if asked.answer else ()
    others = [passage for passage in found if not asked.answer or asked.answer not in passage.text]
    rank = {passage.id: place for place, passage in enumerate(found)}
    likeliest_first = sorted(own, key=lambda passage: rank.get(passage.id, len(rank)))
    return Item(asked, golds, tuple(others[:FOUND]), tuple(likeliest_first))


def gold_in(asked: Asked, passage: Passage) -> tuple[Passage, int, int] | None:
    """Return where a passage holds the answer; where it stands several times and nobody says which, the first."""
    start = asked.start - passage.start if asked.start >= 0 else passage.text.find(asked.answer)
    end = start + len(asked.answer)
    return (passage, start, end) if start >= 0 and passage.text[start:end] == asked.answer else None

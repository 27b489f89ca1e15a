"""Do the title, and the map of questions, help to find passages? ``python -m bench.structure [--news]``.

Questions of lay people over articles of statutes, of applicants over an admissions site, and over news, each document written
with its title as the first line; one index of all. Searched as it ships, without the
titles as a keyword field of their own, and without the map of questions, in one run. The weight of titles was chosen on these
questions, mostly those of domainrag_tune, so that they show no gain on others; that nothing is lost is what they show. The map
has learnt from other questions over some of the statutes; those over the others have a row of their own. Of CMRC and DRCD only
articles are asked about of which it has seen nothing. ``--news`` mixes in
12,000 news articles.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np

import index.keywords
from bench.data import Question, documents, holds_answer, questions, write_documents
from bench.indexes import RememberingEncoder
from bench.machine import report_machine
from bench.question_map import STATUTES, is_unlearnt, unmapped
from index import IndexReader, ModelEncoder, load_settings, sync

SETS = ("lecoqa_tune", "domainrag_tune", "crud_qa1")
BY_DOCUMENT = ("lecoqa_tune", "domainrag_tune")
"""Sets whose golds are whole documents."""
UNCHANGED = ("cmrc2018_dev", "drcd_dev")
"""Documents without titles that say more than they do: nothing may be lost here."""
NEWS = "crud_news_12k"
HOME = Path("data/bench")
_SEGMENTED = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")


def build(encoder: ModelEncoder, *, news: bool) -> Path:
    """Write the documents and bring the index into step; vectors of other bench indexes are used again."""
    name = "structure-news" if news else "structure"
    folder, index_folder = HOME / f"{name}-documents", HOME / f"{name}-index"
    write_documents(folder, (*UNCHANGED, *((NEWS,) if news else ())))
    for source in SETS:
        for file, document in documents(source).items():
            text = _SEGMENTED.sub("", document["text"]) if source == "domainrag_tune" else document["text"]
            (folder / file).write_bytes(f"{' '.join(document['title'].split())}\n\n{text}".encode())
    known = [path.parent for path in HOME.glob("*-index/catalog.sqlite")]
    report = sync(folder, index_folder, encoder=RememberingEncoder(encoder, known))
    print(f"{report.passages} passages, {report.embedded} not in this index before")
    return index_folder


def is_right(source: str, question: Question, document: str, text: str) -> bool:
    if source in BY_DOCUMENT:
        return document in question.documents
    return holds_answer(question, document, text)


def ranks(reader: IndexReader, source: str, asked: list[Question], rows: np.ndarray) -> np.ndarray:
    """Return the 1-based rank of the first right passage of every question (0: not in the top ten)."""
    found = []
    for question, row in zip(asked, rows, strict=True):
        hits = reader.search_row(question.text, row, 10)
        found.append(next((h.rank for h in hits if is_right(source, question, h.passage.document_id, h.passage.text)), 0))
    return np.array(found)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--news", action="store_true")
    arguments.add_argument("--count", type=int, default=0, help="questions of a set; all by default")
    options = arguments.parse_args()
    report_machine()
    encoder = ModelEncoder(load_settings())
    path = build(encoder, news=options.news)
    reader = IndexReader.open(path, load_settings(path))
    shipped = index.keywords.TITLE_WEIGHT
    before_map = unmapped()
    print("| set | questions | without titles: hit@1 | @5 | @10 | without the map: @1 | @5 | @10 | as it ships: @1 | @5 | @10 |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for source in (*SETS, *UNCHANGED):
        asked = [q for q in questions(source) if q.answerable and q.answers]
        if source != STATUTES:
            asked = [q for q in asked if is_unlearnt(source, q)]
        asked = asked[:: max(1, len(asked) // options.count)] if options.count else asked
        texts = [q.text for q in asked]
        rows = encoder.encode_query(texts)
        index.keywords.TITLE_WEIGHT = 0.0
        found = [ranks(reader, source, asked, rows)]
        index.keywords.TITLE_WEIGHT = shipped
        found += [ranks(reader, source, asked, before_map.encode_document(texts)), ranks(reader, source, asked, rows)]
        row(source, found)
        if source == STATUTES:
            row(f"{source}, statutes not learnt from", [r[[is_unlearnt(source, q) for q in asked]] for r in found])


def row(title: str, found: list[np.ndarray]) -> None:
    cells = [f"{((r > 0) & (r <= k)).mean():.3f}" for r in found for k in (1, 5, 10)]
    print(f"| {title} | {len(found[0])} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()

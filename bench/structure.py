"""Are passages found by lay questions, and does the title help? ``python -m bench.structure [--plain] [--news]``.

Questions of lay people over articles of statutes, of applicants over an admissions site, and over news, each document written
with its title as the first line; one index of all. Beside them the lay questions that were written for this project, over the
same statutes and over pages of their own, those of them that the encoder was not trained on. Of lecoqa_tune the statutes that
nothing was learnt from have a row of their own; of CMRC and DRCD only articles are asked about that neither the encoder nor the
reader has learnt from. Searched with and without the titles as a keyword field of their own, in one run. The weight of titles was
chosen on the first three sets, mostly on domainrag_tune, so that they show no gain on others; that nothing is lost is what they
show. ``--plain`` takes the encoder as it was before it was trained, ``--news`` mixes in 12,000 news articles.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np

import index.keywords
from bench.data import DATA, Question, documents, holds_answer, questions, write_documents
from bench.indexes import RememberingEncoder
from bench.lay import PAGES, STATUTES, lay_pages, lay_questions, never_asked
from bench.machine import report_machine
from index import IndexReader, ModelEncoder, load_settings, sync
from qa.reader.training.sources import SETS as TRAINED_ON
from qa.reader.training.sources import texts

SETS = ("lecoqa_tune", "domainrag_tune", "crud_qa1")
BY_DOCUMENT = ("lecoqa_tune", "domainrag_tune", PAGES, STATUTES)
"""Sets whose golds are whole documents."""
UNCHANGED = ("cmrc2018_dev", "drcd_dev")
"""Documents without titles that say more than they do: nothing may be lost here."""
NEWS = "crud_news_12k"
HOME = Path("data/bench")
_SEGMENTED = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")


def build(encoder: ModelEncoder, *, news: bool) -> Path:
    """Write the documents and bring the index into step; vectors of other bench indexes are used again."""
    name = "structure-news" if news else "structure"
    folder, index_folder = HOME / f"{name}-documents", HOME / f"{name}{'' if encoder.is_adapted else '-plain'}-index"
    write_documents(folder, (*UNCHANGED, *((NEWS,) if news else ())))
    for source in (*SETS, PAGES):
        for file, document in (lay_pages() if source == PAGES else documents(source)).items():
            text = _SEGMENTED.sub("", document["text"]) if source == "domainrag_tune" else document["text"]
            (folder / file).write_bytes(f"{' '.join(document['title'].split())}\n\n{text}".encode())
    known = [path.parent for path in (*HOME.glob("*-index/catalog.sqlite"), *HOME.glob("../training/index/catalog.sqlite"))]
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
    arguments.add_argument("--plain", action="store_true")
    arguments.add_argument("--count", type=int, default=0, help="questions of a set; all by default")
    options = arguments.parse_args()
    report_machine()
    encoder = ModelEncoder(load_settings(), plain=options.plain)
    path = build(encoder, news=options.news)
    reader = IndexReader.open(path, load_settings(path))
    shipped = index.keywords.TITLE_WEIGHT
    print("| set | questions | without titles: hit@1 | @5 | @10 | with titles: hit@1 | @5 | @10 |")
    print("|---|---|---|---|---|---|---|---|")
    for source in (*SETS, *UNCHANGED, PAGES, STATUTES):
        asked = lay_questions(source) if source in (PAGES, STATUTES) else unlearnt(source)
        asked = asked[:: max(1, len(asked) // options.count)] if options.count else asked
        rows = encoder.encode_query([q.text for q in asked])
        found = []
        for weight in (0.0, shipped):
            index.keywords.TITLE_WEIGHT = weight
            found.append(ranks(reader, source, asked, rows))
        print_row(source, found)
        if source == SETS[0]:
            print_row(f"{source}, statutes not learnt from", [r[[never_asked(q) for q in asked]] for r in found])


def unlearnt(source: str) -> list[Question]:
    """Return the answerable questions of a set; of one that was trained on, those over articles of the test part."""
    asked = [q for q in questions(source) if q.answerable and q.answers]
    if source not in TRAINED_ON:
        return asked
    known = texts(DATA)
    return [q for q in asked if known[q.document.removesuffix(".txt")].part == "test"]


def print_row(title: str, found: list[np.ndarray]) -> None:
    cells = [f"{((r > 0) & (r <= k)).mean():.3f}" for r in found for k in (1, 5, 10)]
    print(f"| {title} | {len(found[0])} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()

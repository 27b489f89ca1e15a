"""Which weights of both sides of the search find most? ``python -m bench.fusion``.

Takes the indexes of ``bench.structure`` and ``bench.retrieval``. Asks the questions that constants may be chosen on: those of the
tuning articles of CMRC, DRCD and the lay questions, and every second one of crud_qa1 and domainrag_tune; lecoqa_tune is
left for the report. Each is searched once, and then put in order with other weights.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.data import DATA, questions
from bench.lay import lay_questions
from bench.machine import report_machine
from bench.structure import PAGES, STATUTES, is_right
from index import IndexReader, ModelEncoder, load_settings, ranking, terms_of
from index.search import _Held
from qa.reader.training.sources import SETS, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.data import Question
    from index import Encoder

LOOKED_AT = 40
"""Passages of each side whose sentences are looked at."""
STRUCTURE, MIXED = Path("data/bench/structure-index"), Path("data/bench/mixed-index")
WEIGHTS = (0.4, 0.5)
LEAST = (0.05, 0.2)
ENOUGH = (0.4, 0.5, 0.6)
FOCUS = (0.35, 0.8 / 1.8)


@dataclass(frozen=True, slots=True)
class Case:
    """One question searched: all candidates of both sides."""

    dense: dict[int, float]
    keyword: dict[int, float]
    held: dict[int, tuple[float, float]]
    right: frozenset[int]


def chosen(name: str, part: str) -> list[Question]:
    """Return the questions of a set that constants may be chosen on, or the others (``test``)."""
    if name in (PAGES, STATUTES):
        return lay_questions(name, "tune" if part == "tune" else "test")
    asked = [q for q in questions(name) if q.answerable and q.answers]
    if name in SETS:
        known = texts(DATA)
        return [q for q in asked if known[q.document.removesuffix(".txt")].part == part]
    return asked[0 if part == "tune" else 1 :: 2]


def cases(index: Path, encoder: Encoder, name: str, asked: Sequence[Question]) -> Iterator[Case]:
    reader = IndexReader.open(index, load_settings(index))
    view = reader._current_view()
    for question, row in zip(asked, encoder.encode_query([q.text for q in asked]), strict=True):
        terms = terms_of(question.text)
        keyword = view.keywords.search(terms, 100, None)
        near, cosines = reader._nearest(view, row, 100, None)
        dense = dict(zip(near, cosines, strict=True))
        dense.update(reader._cosines(row, [i for i in keyword if i not in dense]))
        keyword.update(view.keywords.scores(terms, [i for i in dense if i not in keyword]))
        best = {i for side in (dense, keyword) for i in sorted(side, key=lambda i: -side[i])[:LOOKED_AT]}
        held = _Held(terms, reader.term_weights(terms), reader.catalog).by(sorted(best))
        passages = reader.catalog.passages(list(dense))
        right = frozenset(i for i, p in passages.items() if is_right(name, question, p.document_id, p.text))
        yield Case(dense, keyword, held, right)


def rank(case: Case, weight: float, least: float, enough: float, focus: float) -> int:  # noqa: FBT001
    """Return the rank of the first right passage, as :meth:`IndexReader.search_row` orders them; 0 is not among ten."""
    fused = ranking.fuse(case.dense, case.keyword, weight)
    best = sorted(fused, key=lambda i: (-fused[i], i))[: ranking.FOCUSED]
    held = max((case.held[i][0] for i in best if i in case.held), default=0.0)
    ranking.LEAST_SHARE, ranking.ENOUGH, ranking.FOCUS_SHARE = least, enough, focus
    told = ranking.words_tell(case.keyword.values(), held)
    fused = ranking.fuse(case.dense, case.keyword, weight * told)
    best = sorted(fused, key=lambda i: (-fused[i], i))[: ranking.FOCUSED]
    final = ranking.focused(fused, best, case.held)
    return next((n for n, i in enumerate(sorted(best, key=lambda i: (-final[i], i))[:10], 1) if i in case.right), 0)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--part", choices=("tune", "test"), default="tune")
    options = arguments.parse_args()
    report_machine()
    encoder = ModelEncoder(load_settings())
    found = {}
    for index, names in (
        (MIXED, ("cmrc2018_dev", "cmrc2018_trial", "drcd_dev", "crud_qa1")),
        (STRUCTURE, ("domainrag_tune", PAGES, STATUTES)),
    ):
        for name in names:
            found[name] = list(cases(index, encoder, name, chosen(name, options.part)))
            print(name, len(found[name]), flush=True)
    print("| weight | least | enough | focus | " + " | ".join(found) + " | mean @1 | @5 | @10 |")
    for setting in product(WEIGHTS, LEAST, ENOUGH, FOCUS):
        by_set = [np.array([rank(case, *setting) for case in some]) for some in found.values()]
        hits = np.array([[((r > 0) & (r <= k)).mean() for k in (1, 5, 10)] for r in by_set])
        cells = " | ".join("/".join(f"{hit:.3f}" for hit in line) for line in hits)
        means = " | ".join(f"{mean:.4f}" for mean in hits.mean(0))
        print(f"| {' | '.join(f'{value:.3g}' for value in setting)} | {cells} | {means} |")


if __name__ == "__main__":
    main()

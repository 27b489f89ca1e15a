"""Are the answers right? ``python -m bench.answers [--count N] [--part test]``.

Questions of articles that the span reader was not trained on: over one index of five sets (made by ``bench.retrieval``), over the
document that is given, and over the written office documents. Nothing is refused here, so that the reader itself is measured;
``bench.refusal`` measures when to refuse.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from bench.data import DATA, documents, questions
from bench.indexes import RememberingEncoder, index_folder_of
from bench.machine import report_machine
from bench.outcomes import ask_all, held_out, opened
from index import ModelEncoder, load_settings
from qa.evaluation import GoldQuestion, Outcome
from qa.evaluation.measures import summarise
from qa.reader.training.sources import texts

SHOWN = ("hit@1", "hit@5", "sentence_hit", "exact", "f1", "citations_right", "citations_verbatim", "auroc", "ask_p50", "ask_p95")


def show(title: str, outcomes: list[Outcome]) -> None:
    measured = summarise(outcomes)
    cells = [measured[name].value for name in SHOWN]
    print(f"| {title} | {len(outcomes)} | " + " | ".join("–" if c is None else f"{c:.3f}" for c in cells) + " |", flush=True)


def judged_documents(count: int) -> tuple[dict[str, str], list[GoldQuestion]]:
    """Questions of cjrc_dev with the documents they are asked of."""
    asked = random.Random(0).sample(questions("cjrc_dev"), count)
    held = documents("cjrc_dev")
    golds = [
        GoldQuestion(
            q.id, q.text, "answerable" if q.answerable else "unanswerable", (q.document,), q.answers if q.answerable else ()
        )
        for q in asked
    ]
    return {q.document: held[q.document]["text"] for q in asked}, golds


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--count", type=int, default=0, help="questions of a set; all by default")
    arguments.add_argument("--part", choices=("tune", "test"), default="test")
    arguments.add_argument("--index", type=Path, default=Path("data/bench/mixed-index"))
    options = arguments.parse_args()
    report_machine()
    encoder = ModelEncoder(load_settings())
    print(f"| questions | asked | {' | '.join(SHOWN)} |")
    print("|---|---|" + "---|" * len(SHOWN))
    mixed = opened(options.index, encoder)
    for title, sources in (("CMRC", ("cmrc2018_dev", "cmrc2018_trial")), ("DRCD", ("drcd_dev",))):
        show(f"{title}, searched", ask_all(mixed, held_out(sources, options.part, options.count)))
    show("SQuAD 2, document given", ask_all(mixed, held_out(("squad2_dev_half",), options.part, options.count), given=True))
    remembering = RememberingEncoder(encoder, [])
    written = {f"{i}.txt": t.text for i, t in texts(DATA).items() if t.source == "written"}
    with index_folder_of(written, remembering) as folder:
        asked = [q for q in held_out(("written",), options.part, 0) if q.documents[0].startswith("office")]
        show("written, searched", ask_all(opened(folder, encoder), asked))
    held, judged = judged_documents(min(options.count or 600, 600))
    with index_folder_of(held, remembering) as folder:
        show("CJRC, document given", ask_all(opened(folder, encoder), judged, given=True))


if __name__ == "__main__":
    main()

"""Fit and check when to say "not in the documents": ``python -m bench.refusal [--fit]``.

Every question is asked twice: with its article in the index, and with the whole article taken out. Indexes of about 10, 1,000
and 12,000 passages, for a tiny index knows little of which terms are rare. The articles of cmrc2018_trial are halved: the weights
and the threshold are fitted on one half and checked on the other, and on cmrc2018_dev and drcd_dev, of which nothing was fitted.
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from bench.data import Question, documents, questions
from bench.indexes import RememberingEncoder, index_of
from bench.machine import report_machine
from index import ModelEncoder, load_settings
from qa.calibration import TERMS_ONLY, Logistic, _stored, load_calibration
from qa.reader.sentence_reader import SentenceReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from index import Encoder, IndexReader
    from qa.calibration import Features

TARGET = Path(__file__).resolve().parents[1] / "qa" / "calibration.json"
SAME = ("lead", "held_by_sentence", "held_by_passage", "held_anywhere")
"""Without the cosines themselves: with them the sets of encyclopedia articles are told apart a little better, but what counts as
near differs between kinds and scripts of text, and in Traditional Chinese twice as many right answers were refused."""
OTHER = ("lead",)
TERMS = ("held_by_sentence", "held_by_passage", "held_anywhere")
FALSE_REFUSALS = 0.05
DISTRACTORS = "crud_news_12k"


class Asked(NamedTuple):
    size: str
    answerable: bool
    features: Features
    sentence_right: bool


def ask_all(reader: IndexReader, encoder: Encoder, asked: Sequence[Question], size: str, *, answerable: bool) -> Iterator[Asked]:
    sentences = SentenceReader(encoder, reader.term_weights)
    rows = encoder.encode_query([q.text for q in asked])
    for question, row in zip(asked, rows, strict=True):
        findings, features = sentences.examine(question.text, row, reader.search_row(question.text, row, 10))
        if features is not None:
            best = findings[0]
            right = best.hit.passage.document_id in question.documents and any(a in best.quote for a in question.answers)
            yield Asked(size, answerable, features, right)


def collect(name: str, encoder: Encoder, articles: Iterable[str], count: int, sizes: Sequence[str], seed: int) -> list[Asked]:
    """Ask ``count`` questions of some articles in each size of index, once with and once without their article."""
    chance = random.Random(seed)
    texts = documents(name)
    titles = sorted(articles)
    chance.shuffle(titles)
    asked = [q for q in questions(name) if q.answerable and texts[q.document]["title"] in set(titles)]
    found: list[Asked] = []
    if "10" in sizes:
        for start in range(0, 5 * (count // 20), 5):
            inside = set(titles[start % len(titles) : start % len(titles) + 5])
            small = {f: d["text"] for f, d in texts.items() if d["title"] in inside}
            here = [q for q in asked if q.document in small]
            away = [q for q in asked if q.document not in small]
            number = min(20, len(here))
            with index_of(small, encoder) as reader:
                found += ask_all(reader, encoder, chance.sample(here, number), "10", answerable=True)
                found += ask_all(reader, encoder, chance.sample(away, number), "10", answerable=False)
    news = list(documents(DISTRACTORS).items())
    chance.shuffle(news)
    for size, distractors in (("1000", 350), ("12000", 5000)):
        if size not in sizes:
            continue
        inside = set(titles[::2])
        large = {f: d["text"] for f, d in texts.items() if d["title"] not in set(titles[1::2])}
        large.update((f, d["text"]) for f, d in news[:distractors])
        here = [q for q in asked if texts[q.document]["title"] in inside]
        away = [q for q in asked if texts[q.document]["title"] not in inside]
        with index_of(large, encoder) as reader:
            found += ask_all(reader, encoder, chance.sample(here, min(count, len(here))), size, answerable=True)
            found += ask_all(reader, encoder, chance.sample(away, min(count, len(away))), size, answerable=False)
    return found


def fit(data: Sequence[Asked], names: Sequence[str]) -> Logistic:
    values = np.array([[asdict(a.features)[name] for name in names] for a in data])
    labels = np.array([a.answerable for a in data])
    scaler = StandardScaler().fit(values)
    model = LogisticRegression(C=1.0, class_weight="balanced").fit(scaler.transform(values), labels)
    slopes = model.coef_[0] / scaler.scale_
    weights = {name: round(float(slope), 5) for name, slope in zip(names, slopes, strict=True)}
    weights["bias"] = round(float(model.intercept_[0] - slopes @ scaler.mean_), 5)
    logistic = Logistic(weights, 0.0)
    sure = sorted(logistic.confidence(a.features) for a in data if a.answerable)
    return Logistic(weights, round(sure[int(FALSE_REFUSALS * len(sure))], 4))


def report(title: str, data: Sequence[Asked], logistic: Logistic) -> None:
    for size in dict.fromkeys(a.size for a in data):
        part = [a for a in data if a.size == size]
        labels = [a.answerable for a in part]
        sure = np.array([logistic.confidence(a.features) for a in part])
        refused = sure < logistic.threshold
        yes = np.array(labels)
        right = np.mean([a.sentence_right for a in part if a.answerable])
        print(
            f"{title:24} {size:>6} {len(part):5}  {roc_auc_score(labels, sure):.3f}  {refused[~yes].mean():.3f}   "
            f"{refused[yes].mean():.3f}   {right:.3f}"
        )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--fit", action="store_true", help=f"write {TARGET.name} anew")
    arguments.add_argument("--count", type=int, default=200)
    arguments.add_argument("--indexes", type=Path, nargs="*", default=[Path("data/bench/mixed-index")])
    options = arguments.parse_args()
    report_machine()
    model = ModelEncoder(load_settings())
    encoder = RememberingEncoder(model, [index for index in options.indexes if index.is_dir()])
    trial = sorted({d["title"] for d in documents("cmrc2018_trial").values()})
    random.Random(0).shuffle(trial)
    sizes = ("10", "1000", "12000")
    if options.fit:
        data = collect("cmrc2018_trial", encoder, trial[::2], options.count, sizes, 1)
        stored = json.loads(TARGET.read_text("utf-8"))
        # no set asks across languages, so its threshold cannot be fitted: answer only what is more likely than not
        other = {**asdict(fit(data, OTHER)), "threshold": 0.5}
        stored[model.identity.name] = {"same_script": asdict(fit(data, SAME)), "other_script": other}
        stored[TERMS_ONLY] = {"same_script": asdict(fit(data, TERMS)), "other_script": other}
        TARGET.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
        _stored.cache_clear()
        print(json.dumps(stored[model.identity.name]))
    print(f"{'questions':24} {'passages':>6}     n  AUROC  refused of unanswerable / of answerable   sentence right")
    calibration = load_calibration(model.identity.name)
    checks = {"cmrc2018_trial, other half": ("cmrc2018_trial", trial[1::2])}
    for name in ("cmrc2018_dev", "drcd_dev"):
        checks[name] = (name, sorted({d["title"] for d in documents(name).values()}))
    for title, (name, articles) in checks.items():
        report(title, collect(name, encoder, articles, options.count, sizes, 2), calibration.same_script)


if __name__ == "__main__":
    main()

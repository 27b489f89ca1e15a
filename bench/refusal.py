"""Fit and check when to say "not in the documents": ``python -m bench.refusal [--fit]``.

Questions of held-out articles are asked twice: with their article in the index, and with the whole article taken out, in
indexes of about 10, 1,000 and 12,000 passages; and questions that people wrote so that they look as if their document
answered them, with the document given. What the reader saw is kept as numbers; weights and thresholds are fitted on the
tuning articles and checked on the test articles, of which neither the reader nor the weights have seen any.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from bench.data import DATA, documents
from bench.indexes import RememberingEncoder, index_of
from bench.machine import report_machine
from bench.outcomes import held_out
from index import ModelEncoder, load_settings
from qa.calibration import READER_ALONE, Calibration, Logistic, SeenBySpans
from qa.evaluation.judging import holds_gold
from qa.evaluation.measures import auroc, calibration_error, reliability
from qa.reader.span_model import SpanModel
from qa.reader.span_reader import Candidate, SpanReader
from qa.reader.training.sources import texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from index import Encoder, IndexReader
    from qa.evaluation.types import GoldQuestion
    from qa.reader.training.sources import Part

TARGET = Path(__file__).resolve().parents[1] / "qa" / "calibration.json"
ORDER = ("answerable", "span", "runner_up", "found", "expected", "held_by_sentence", "held_by_passage")
"""The cosines themselves are left out: with them articles of one set are told apart a little better, but what counts as near
differs between kinds and scripts of text."""
JUDGED = ("answerable", "held_enough")
"""Without the score of the search: with it, articles that were taken out are told a bit better (refused at 12,000 passages .93
against .85), but in a folder of one document something always scores full, and the reader's verdict must be able to say no."""
ALONE = ("answerable", "span", "lead", "expected")
FALSE_REFUSALS = 0.05
"""Of the questions whose article is in the index. Those over look-alikes are left out here: many of them name no document and are
rightly doubted, and a threshold that spares them lets more of what is not in the documents through."""
DISTRACTORS = "crud_news_12k"
CHINESE = ("cmrc2018_dev", "cmrc2018_trial", "drcd_dev")
SIZES = {"10": 0, "1000": 350, "12000": 5000}
"""Passages, about, and the news articles that make them up."""


class Seen(NamedTuple):
    """One question in one surrounding: every span that the reader saw, and which of them would have been right."""

    group: str
    answerable: bool
    spans: tuple[SeenBySpans, ...]
    right: tuple[bool, ...]

    def best(self, order: Logistic) -> int:
        return max(range(len(self.spans)), key=lambda i: order.logit(self.spans[i]))


def look(
    reader: IndexReader,
    model: SpanModel,
    encoder: Encoder,
    asked: Sequence[GoldQuestion],
    group: str,
    *,
    given: bool = False,
    there: bool = True,
) -> Iterator[Seen]:
    spans = SpanReader(model, encoder.identity.name, reader.term_weights)
    rows = encoder.encode_query([q.text for q in asked])
    for question, row in zip(asked, rows, strict=True):
        hits = reader.search_row(question.text, row, 10, list(question.documents) if given else None)
        found = spans.examine(question.text, hits)
        if found:
            right = tuple(there and is_right(spans, question, candidate) for candidate in found)
            answerable = there and question.kind == "answerable"
            yield Seen(group, answerable, tuple(c.seen for c in found), right)


def is_right(spans: SpanReader, question: GoldQuestion, candidate: Candidate) -> bool:
    if question.kind != "answerable" or candidate.hit.passage.document_id not in question.documents:
        return False
    return holds_gold(question, spans.finding(question.text, candidate).quote)


def collect(part: Part, model: SpanModel, encoder: Encoder, count: int) -> list[Seen]:
    """Look at every question of one part in every surrounding."""
    chance = random.Random(1)
    asked = held_out(CHINESE, part, 0)
    titles = {f"{i}.txt": d.title for i, d in texts(DATA).items()}
    articles = sorted({titles[q.documents[0]] for q in asked})
    chance.shuffle(articles)
    inside = set(articles[::2])
    own = {f: d["text"] for name in CHINESE for f, d in documents(name).items() if titles[f] not in set(articles) - inside}
    news = list(documents(DISTRACTORS).items())
    random.Random(0).shuffle(news)  # the same for both parts, so that they are embedded once
    found: list[Seen] = []
    for size, distractors in SIZES.items():
        if size == "10":
            found += list(in_small_indexes(asked, articles, titles, model, encoder, count, chance))
            continue
        here = [q for q in asked if titles[q.documents[0]] in inside]
        away = [q for q in asked if titles[q.documents[0]] not in inside]
        few = own if size != "1000" else {f: own[f] for f in {q.documents[0] for q in here}}
        held = few | {f: d["text"] for f, d in news[:distractors]}
        with index_of(held, encoder) as reader:
            found += look(reader, model, encoder, some(here, count, chance), size)
            found += look(reader, model, encoder, some(away, count, chance), size, there=False)
    return found + look_alikes(part, model, encoder, count, chance)


def in_small_indexes(
    asked: Sequence[GoldQuestion],
    articles: Sequence[str],
    titles: Mapping[str, str],
    model: SpanModel,
    encoder: Encoder,
    count: int,
    chance: random.Random,
) -> Iterator[Seen]:
    everything = {f: d["text"] for name in CHINESE for f, d in documents(name).items()}
    for start in range(0, min(len(articles), count // 4), 5):
        chosen = set(articles[start : start + 5])
        small = {f: text for f, text in everything.items() if titles[f] in chosen}
        here = [q for q in asked if q.documents[0] in small]
        away = [q for q in asked if q.documents[0] not in small]
        with index_of(small, encoder) as reader:
            yield from look(reader, model, encoder, some(here, 20, chance), "10")
            yield from look(reader, model, encoder, some(away, 20, chance), "10", there=False)


def look_alikes(part: Part, model: SpanModel, encoder: Encoder, count: int, chance: random.Random) -> list[Seen]:
    """Questions that people wrote to look answerable: over the written documents, and in English where a part has any."""
    found: list[Seen] = []
    all_texts = texts(DATA)
    for group, source, given in (("written", "written", False), ("squad", "squad2_dev_half", True)):
        asked = [q for q in held_out((source,), part, 0) if source != "written" or q.documents[0].startswith("office")]
        if not asked:
            continue
        held = {f"{i}.txt": t.text for i, t in all_texts.items() if t.source == source}
        with index_of(held, encoder) as reader:
            found += look(reader, model, encoder, some(asked, 2 * count, chance), group, given=given)
    return found


def some(asked: Sequence[GoldQuestion], count: int, chance: random.Random) -> list[GoldQuestion]:
    return chance.sample(list(asked), min(count, len(asked)))


def logistic(values: np.ndarray, labels: np.ndarray, names: Sequence[str], weights: np.ndarray | None = None) -> Logistic:
    scaler = StandardScaler().fit(values)
    model = LogisticRegression(C=1.0).fit(scaler.transform(values), labels, sample_weight=weights)
    slopes = model.coef_[0] / np.where(scaler.scale_ > 0, scaler.scale_, 1)
    fitted = {name: round(float(slope), 5) for name, slope in zip(names, slopes, strict=True)}
    fitted["bias"] = round(float(model.intercept_[0] - slopes @ scaler.mean_), 5)
    return Logistic(fitted)


def values_of(seen: SeenBySpans, names: Sequence[str]) -> list[float]:
    return [float(getattr(seen, name)) for name in names]


def fit(data: Sequence[Seen]) -> Calibration:
    """Fit the order on the spans of answerable questions, then the verdict on the best span of each."""
    rows = [(values_of(s, ORDER), r) for d in data if any(d.right) for s, r in zip(d.spans, d.right, strict=True)]
    order = logistic(np.array([v for v, _ in rows]), np.array([r for _, r in rows]), ORDER)
    best = [d.spans[d.best(order)] for d in data]
    labels = np.array([d.answerable for d in data])
    # every surrounding counts as much, and in each the answerable as much as the others
    keys = [(d.group, d.answerable) for d in data]
    weights = np.array([1 / keys.count(key) for key in keys]) * len(keys) / len(set(keys))
    verdicts = []
    for names in (JUDGED, ALONE):
        verdict = logistic(np.array([values_of(s, names) for s in best]), labels, names, weights)
        sure = sorted(verdict.probability(s) for d, s in zip(data, best, strict=True) if d.answerable and d.group in SIZES)
        verdicts.append(Logistic(verdict.weights, round(sure[int(FALSE_REFUSALS * len(sure))], 4)))
    return Calibration(verdicts[0], verdicts[1], order)


def report(data: Sequence[Seen], calibration: Calibration) -> None:
    print("| surrounding | asked | AUROC | refused of unanswerable | of answerable | right span first | calibration error |")
    print("|---|---|---|---|---|---|---|")
    for group in (*dict.fromkeys(d.group for d in data), "all"):
        part = [d for d in data if group in (d.group, "all")]
        assert calibration.order is not None
        best = [d.best(calibration.order) for d in part]
        judged = [calibration.judge(d.spans[i]) for d, i in zip(part, best, strict=True)]
        sure = np.array([confidence for confidence, _ in judged])
        refused = np.array([confidence < threshold for confidence, threshold in judged])
        yes = np.array([d.answerable for d in part])
        right = np.mean([d.right[i] for d, i in zip(part, best, strict=True) if d.answerable])
        error = calibration_error(reliability(list(zip(sure.tolist(), yes.tolist(), strict=True))))
        print(
            f"| {group} | {len(part)} | {auroc(sure, yes):.3f} | {refused[~yes].mean():.3f} | {refused[yes].mean():.3f} "
            f"| {right:.3f} | {error:.3f} |"
        )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--fit", action="store_true", help=f"write {TARGET.name} anew")
    arguments.add_argument("--count", type=int, default=150)
    arguments.add_argument(
        "--indexes", type=Path, nargs="*", default=[Path("data/bench/mixed-index"), Path("data/bench/news-index")]
    )
    options = arguments.parse_args()
    report_machine()
    model_encoder = ModelEncoder(load_settings())
    model = SpanModel(model_encoder)
    encoder = RememberingEncoder(model_encoder, [index for index in options.indexes if index.is_dir()])
    name = model_encoder.identity.name
    if options.fit:
        calibration = fit(collect("tune", model, encoder, options.count))
        content = json.loads(TARGET.read_text("utf-8"))
        parts = {part: part_of(getattr(calibration, part)) for part in ("same_script", "other_script", "order")}
        content["span"][name] = parts
        # the verdict takes nothing from the search, so that it holds for the encoder as it was too, which old indexes have
        content["span"][ModelEncoder(load_settings(), plain=True).identity.name]["same_script"] = parts["same_script"]
        content["span"][READER_ALONE] = parts | {"same_script": parts["other_script"]}
        TARGET.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    content = json.loads(TARGET.read_text("utf-8"))["span"][name]
    report(collect("test", model, encoder, options.count), Calibration(**{k: Logistic(**v) for k, v in content.items()}))


def part_of(logistic: Logistic) -> dict[str, object]:
    return {"weights": logistic.weights, "threshold": logistic.threshold}


if __name__ == "__main__":
    main()

"""What the measures are called, in Chinese and English, and how their values are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa.evaluation import MEASURES

if TYPE_CHECKING:
    from qa.evaluation import Difference, Evaluation, Verdict

Words = tuple[str, str]
"""Chinese and English."""

MEASURE_OF = {measure.name: measure for measure in MEASURES}
LABELS: dict[str, Words] = {
    "hit@1": ("答案在第 1 段", "answer in the first passage (hit@1)"),
    "hit@5": ("答案在前 5 段", "in the first 5 (hit@5)"),
    "hit@10": ("答案在前 10 段", "in the first 10 (hit@10)"),
    "mrr@10": ("名次倒数的平均", "mean of 1 / rank (MRR@10)"),
    "exact": ("短答案全对", "short answer exact (EM)"),
    "f1": ("短答案字符 F1", "short answer, character F1"),
    "sentence_hit": ("首条引文含答案", "first quote holds the answer"),
    "right": ("有答案的题答对", "answered right, of answerable"),
    "right_when_answered": ("答了的题答对", "right, of all that was answered"),
    "citations_verbatim": ("引文与原文逐字相同", "quotes word for word"),
    "citations_right": ("引文出自指定文档", "quotes from the named document"),
    "auroc": ("把握能否区分有无答案", "confidence tells answerable apart (AUROC)"),
    "refused_unanswerable": ("无答案的题拒答", "unanswerable refused"),
    "refused_answerable": ("有答案的题误拒", "answerable refused"),
    "calibration_error": ("把握的校准误差", "calibration error (ECE)"),
    "chat": ("寒暄认作寒暄", "small talk taken as such"),
    "ask_p50": ("回答用时，中位", "time to answer, median"),
    "ask_p95": ("回答用时，95 %", "time to answer, p95"),
    "search_p50": ("检索用时，中位", "time to search, median"),
    "search_p95": ("检索用时，95 %", "time to search, p95"),
}
GROUPS: tuple[tuple[Words, tuple[str, ...]], ...] = (
    (("检索", "Search"), ("hit@1", "hit@5", "hit@10", "mrr@10")),
    (("答案", "Answers"), ("exact", "f1", "sentence_hit", "right", "right_when_answered")),
    (("引文", "Citations"), ("citations_verbatim", "citations_right")),
    (("拒答", "Refusal"), ("auroc", "refused_unanswerable", "refused_answerable", "calibration_error", "chat")),
    (("用时", "Time"), ("ask_p50", "ask_p95", "search_p50", "search_p95")),
)
VERDICTS: dict[Verdict, Words] = {
    "wrong": ("答错", "wrong"),
    "refused": ("有答案却拒答", "refused"),
    "stated": ("无答案却作答", "answered all the same"),
    "not_chat": ("寒暄没有认出", "small talk not recognised"),
    "right": ("答对", "right"),
    "unjudged": ("无从判断", "not judged"),
}
MISSES: tuple[Verdict, ...] = ("wrong", "stated", "refused", "not_chat")
NAMED = 5
"""Ids that a note names; the JSON has all of them."""


def label(name: str) -> Words:
    """Return what a measure is called; an arrow where less is better."""
    chinese, english = LABELS[name]
    return (chinese, english) if MEASURE_OF[name].higher_is_better else (f"{chinese} ↓", english)


def shown(name: str, value: float | None, *, signed: bool = False) -> str:
    """Return a value as it is written: shares of yes in percent, times in milliseconds, the rest as it is."""
    if value is None:
        return "–"
    measure = MEASURE_OF[name]
    sign = "+" if signed else ""
    if measure.unit:
        return f"{value:{sign}z.0f} {measure.unit}"
    if measure.yes_no or measure.of_citations:
        return f"{value * 100:{sign}z.1f} %"
    return f"{value:{sign}z.3f}"


def likelihood(p: float) -> str:
    """Return a p as it is written."""
    return f"{p:.3f}" if p >= 0.001 else "<.001"


def outcome_of(name: str, difference: Difference) -> Words:
    """Return what a difference comes to, plainly."""
    if difference.is_chance:
        return ("属于偶然", "within chance")
    better = (difference.this > difference.other) == MEASURE_OF[name].higher_is_better
    return ("更好", "better") if better else ("更差", "worse")


def notes(evaluation: Evaluation) -> list[Words]:
    """Return what the person who wrote the questions should look at."""
    found = []
    if evaluation.absent:
        names = _listed(sorted({name for missing in evaluation.absent.values() for name in missing}))
        count = len(evaluation.absent)
        found.append(
            (
                f"{count} 道题指定的文档不在索引里：{names}",
                f"{count} questions name documents that the index does not hold: {names}",
            )
        )
    if evaluation.unfindable:
        names = _listed(evaluation.unfindable)
        count = len(evaluation.unfindable)
        found.append(
            (
                f"{count} 道题的答案在指定文档里找不到原话：{names}",
                f"of {count} questions the answer does not stand word for word in the document named: {names}",
            )
        )
    return found


def _listed(names: tuple[str, ...] | list[str]) -> str:
    more = len(names) - NAMED
    return "; ".join(names[:NAMED]) + (f"; … +{more}" if more > 0 else "")

"""One answer against what is known: pure functions over texts."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from index import Hit
    from qa.evaluation.types import GoldQuestion, Value
    from qa.types import Answer, Citation

DEPTH = 10
"""Passages that count as found."""
CUTS = (1, 5, 10)
_SPACE = re.compile(r"\s+")
_LATIN_GAP = re.compile(r"(?<=[0-9A-Za-z\u00c0-\u024f]) (?=[0-9A-Za-z\u00c0-\u024f])")


def bare(text: str) -> str:
    """Return text in NFKC without punctuation and spaces, as exact match and F1 compare it."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(c for c in folded if not c.isspace() and unicodedata.category(c)[0] not in "PZ")


def exact_match(said: str, golds: Iterable[str]) -> bool:
    """Tell whether the answer is one of the golds, letter by letter."""
    return bare(said) in {bare(gold) for gold in golds}


def character_f1(said: str, golds: Iterable[str]) -> float:
    """Return the best F1 over the golds, 0..1, counting characters without their order."""
    return max((_f1(bare(said), bare(gold)) for gold in golds), default=0.0)


def _f1(said: str, gold: str) -> float:
    shared = sum((Counter(said) & Counter(gold)).values())
    return 2 * shared / (len(said) + len(gold)) if shared else 0.0


def flat(text: str) -> str:
    """Return text in NFKC with line breaks and spaces gone, but for one space between Latin words."""
    text = _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip()
    return _LATIN_GAP.sub("\0", text).replace(" ", "").replace("\0", " ")


def stands_in(span: str, text: str) -> bool:
    """Tell whether a span stands in a text, both :func:`flat`; a number does not stand inside a longer one."""
    start = text.find(span) if span else -1
    while start >= 0:
        end = start + len(span)
        within = text[max(start - 1, 0) : start].isdigit() and span[0].isdigit()
        within = within or (text[end : end + 1].isdigit() and span[-1].isdigit())
        if not within:
            return True
        start = text.find(span, start + 1)
    return False


def rank_of_gold(gold: GoldQuestion, hits: Sequence[Hit]) -> int | None:
    """Return the 1-based rank of the first passage that holds a gold answer and is of a gold document, where one is named."""
    spans = [flat(span) for span in gold.spans]
    for place, hit in enumerate(hits[:DEPTH], start=1):
        if not is_of_gold_document(gold, hit.passage.document_id):
            continue
        text = flat(hit.passage.text) if spans else ""
        if not spans or any(stands_in(span, text) for span in spans):
            return place
    return None


def is_of_gold_document(gold: GoldQuestion, document: str) -> bool:
    """Tell whether a document may answer the question."""
    return not gold.documents or document in gold.documents


def holds_gold(gold: GoldQuestion, text: str) -> bool:
    """Tell whether words that answer the question stand in a text."""
    found = flat(text)
    return any(stands_in(flat(span), found) for span in gold.spans)


def is_verbatim(citation: Citation, text: str | None) -> bool:
    """Tell whether the quote is what stands at its place; ``None`` is a document that is not there."""
    return text is not None and text[citation.start : citation.end] == citation.quote


def judge(gold: GoldQuestion, answer: Answer, text_of: Callable[[str], str | None]) -> dict[str, Value]:
    """Return what an answer gives for each measure that says something about such a question.

    :param text_of: a document's text by its id.
    """
    answered = answer.status == "answered"
    values: dict[str, Value] = {}
    if gold.kind == "chat":
        return {"chat": answer.status == "chat"}
    if answer.citations:
        verbatim = sum(is_verbatim(citation, text_of(citation.document)) for citation in answer.citations)
        values["citations_verbatim"] = verbatim / len(answer.citations)
    if gold.kind == "unanswerable":
        values["refused_unanswerable"] = not answered
        if answered:
            values["right_when_answered"] = False
        return values
    values["refused_answerable"] = not answered
    if gold.spans or gold.documents:
        values |= _retrieval(rank_of_gold(gold, answer.evidence))
        values |= _answer(gold, answer, answered=answered)
    return values


def _retrieval(rank: int | None) -> dict[str, Value]:
    hits: dict[str, Value] = {f"hit@{cut}": rank is not None and rank <= cut for cut in CUTS}
    return {**hits, "mrr@10": 1 / rank if rank else 0.0}


def _answer(gold: GoldQuestion, answer: Answer, *, answered: bool) -> dict[str, Value]:
    values: dict[str, Value] = {}
    first = answer.citations[0] if answered and answer.citations else None
    right = first is not None and is_of_gold_document(gold, first.document)
    if gold.spans:
        said = answer.short_answer if answered else ""
        values["exact"] = exact_match(said, gold.short)
        values["f1"] = character_f1(said, gold.short)
        values["sentence_hit"] = first is not None and holds_gold(gold, first.quote)
        right = right and bool(values["sentence_hit"])
    values["right"] = right
    if answered:
        values["right_when_answered"] = right
    if answer.citations and gold.documents:
        of_gold = sum(citation.document in gold.documents for citation in answer.citations)
        values["citations_right"] = of_gold / len(answer.citations)
    return values

"""Questions to begin with: made from titles of the index, and only those that it does answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index import DocumentInfo
    from qa import Assistant

SHOWN = 4
TRIES = 24
"""Questions asked at most; each costs about a tenth of a second, in the background, once for a state of the index."""
LEAST_CONFIDENCE = 0.6
LONGEST_TITLE = 26
"""Characters; English titles may be twice as long."""
LOOKED_AT = 20_000
"""Characters of a document in which a reason for a question is looked for."""
_ASKED_WHERE = (
    (re.compile(r"(?:电话|热线|專線|電話)[^。\n]{0,12}\d{4}"), "《{title}》里的联系电话是多少？"),
    (re.compile(r"主持"), "《{title}》由谁主持？"),
    (re.compile(r"起(?:施行|实施|執行|执行|生效)"), "《{title}》从什么时候起施行？"),
    (re.compile(r"[一二三四五六七八九十\d]+(?:月|/)[一二三四五六七八九十\d]+日"), "《{title}》是哪一天？"),
    (re.compile(r"负责|負責"), "《{title}》由谁负责？"),
    (re.compile(r"[\d.]+\s*万?(?:元|人)"), "《{title}》涉及多少钱？"),
    (re.compile(r"(?i)\b(?:approved|budget|price|cost)s?\b"), "What does “{title}” say about the cost?"),
    (
        re.compile(r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December) \d"),
        "When is “{title}”?",
    ),
)
"""What a text holds, and the question that it may then answer."""


def sample_questions(assistant: Assistant) -> tuple[str, ...]:
    """Return questions that get an answer from the document they are about, best first."""
    found: list[tuple[float, str]] = []
    tries = 0
    for number, info in enumerate(_spread(assistant.documents())):
        document = assistant.document(info.id)
        for question in _questions(document.text[:LOOKED_AT] if document else "", info.title, number)[:2]:
            if tries >= TRIES or len(found) >= SHOWN:
                return tuple(question for _, question in sorted(found, reverse=True))
            tries += 1
            answer = assistant.ask(question)
            if answer.confidence >= LEAST_CONFIDENCE and answer.citations and answer.citations[0].document == info.id:
                found.append((answer.confidence, question))
                break
    return tuple(question for _, question in sorted(found, reverse=True))


def _spread(documents: Sequence[DocumentInfo]) -> list[DocumentInfo]:
    """Return documents from all over the list, those first that a short title names."""
    named = [d for d in documents if 2 < len(d.title) <= LONGEST_TITLE * (1 + _is_latin(d.title)) and d.passages]
    step = max(len(named) // (2 * SHOWN), 1)
    return named[::step] + [d for i, d in enumerate(named) if i % step]


def _questions(text: str, title: str, number: int) -> list[str]:
    """Return the questions that a document may answer, each time with another one first, so that samples do not read alike."""
    fitting = [question for reason, question in _ASKED_WHERE if reason.search(text)]
    by = number % len(fitting) if fitting else 0
    return [question.format(title=title) for question in (*fitting[by:], *fitting[:by])]


def _is_latin(title: str) -> bool:
    return title.isascii()

"""Questions to begin with: made from what documents are called, or what they name, and only those that do get an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from index import DocumentInfo
    from qa import Assistant

SHOWN = 4
TRIES = 16
"""Questions asked at most; each costs a good part of a second, in the background, once for a state of the index."""
SEARCHES = 80
"""Questions searched for at most; a search costs a tenth of an answer and tells most of those that would not get one."""
LEAST_CONFIDENCE = 0.6
LONGEST_TITLE = 26
"""Characters; English titles may be twice as long."""
LOOKED_AT = 20_000
"""Characters of a document in which a reason for a question is looked for."""
AROUND = 60
"""Characters around a name in which the reason must stand, where the name is not the document's own."""
_HAN = "\u3400-\u9fff"
_TELLING = re.compile(rf"[{_HAN}]{{2}}|[A-Za-z]{{3,}}[\s_-]+[A-Za-z]{{3,}}")
"""What a title has that a person gave: ``IMG_2034`` and ``report-17`` name nothing that anybody would ask about."""
_NAMES = (
    re.compile(r"《([^《》\n]{3,20})》"),
    re.compile(
        rf"((?:第[一二三四五六七八九十百零\d]+届|20\d\d年?)[{_HAN}—·]{{3,18}}(?:大会|论坛|博览会|展览会|运动会|大赛|会议))"
    ),
)
_ASKED_WHERE = (
    (re.compile(r"(?:电话|热线|專線|電話)[^。\n]{0,12}\d{4}"), "《{title}》里的联系电话是多少？"),
    (re.compile(r"主持"), "《{title}》由谁主持？"),
    (re.compile(r"起(?:施行|实施|執行|执行|生效)"), "《{title}》从什么时候起施行？"),
    (re.compile(r"[一二三四五六七八九十\d]+(?:月|/)[一二三四五六七八九十\d]+日"), "《{title}》是什么时候的？"),
    (re.compile(r"负责|負責"), "《{title}》由谁负责？"),
    (re.compile(r"[\d.]+\s*万?(?:元|人)"), "《{title}》涉及多少钱？"),
    (re.compile(r"(?i)\b(?:approved|budget|price|cost)s?\b"), "What does “{title}” say about the cost?"),
    (
        re.compile(r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December) \d"),
        "What is the date of “{title}”?",
    ),
)
"""What a document holds, and the question about it that it may then answer."""
_ASKED_OF_NAMES = (
    (re.compile(r"在[^，。\n]{2,20}(?:举行|举办|召开|开幕|上演)"), "{name}在哪里举行？"),
    (re.compile(r"(?:主演|饰演)"), "{name}由谁主演？"),
    (re.compile(r"(?:导演|执导)"), "{name}的导演是谁？"),
    (re.compile(r"主办"), "{name}由谁主办？"),
    (re.compile(r"\d+月\d+日[^。\n]{0,20}(?:上映|开幕|举行|发布|上演|印发|公布)"), "{name}是什么时候的？"),
)
"""The same of a name within a document: what stands near it, and the question."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A question that was answered from one document, as that document was then."""

    question: str
    document: str
    content_hash: str


def sample_questions(
    assistant: Assistant, have: Sequence[Sample] = (), before_each: Callable[[], None] = lambda: None
) -> Iterator[Sample]:
    """Yield questions that get an answer from the document they are about, as they are found.

    :param have: samples that are kept, to which others are added.
    :param before_each: called before each piece of work.
    """
    taken = {sample.document for sample in have}
    left = SHOWN - len(taken)
    tries = searches = 0
    for number, info in enumerate(_spread(assistant.documents())):
        document = None if info.id in taken else assistant.document(info.id)
        if document is None:
            continue
        for question in _questions(document.text[:LOOKED_AT], info.title, number)[:2]:
            if not left or tries >= TRIES or searches >= SEARCHES:
                return
            before_each()
            searches += 1
            hits = assistant.search(question, 1)
            if not hits or hits[0].passage.document_id != info.id:
                continue
            tries += 1
            answer = assistant.ask(question)
            if answer.confidence >= LEAST_CONFIDENCE and answer.citations and answer.citations[0].document == info.id:
                left -= 1
                yield Sample(question, info.id, document.content_hash)
                break


def _spread(documents: Sequence[DocumentInfo]) -> list[DocumentInfo]:
    """Return documents from all over the list, those first that a short and telling title in the script of most names."""
    latin = sum(d.title.isascii() for d in documents) * 2 > len(documents)
    named = [d for d in documents if d.passages and _names_something(d.title)]
    first = [d for d in named if d.title.isascii() == latin]
    second = [d for d in named if d.title.isascii() != latin]
    others = [d for d in documents if d.passages and not _names_something(d.title)]
    return [*_from_all_over(first), *_from_all_over(second), *_from_all_over(others)]


def _from_all_over(documents: Sequence[DocumentInfo]) -> list[DocumentInfo]:
    step = max(len(documents) // (2 * SHOWN), 1)
    return [document for first in range(step) for document in documents[first::step]]


def _names_something(title: str) -> bool:
    return 2 < len(title) <= LONGEST_TITLE * (1 + title.isascii()) and bool(_TELLING.search(title))


def _questions(text: str, title: str, number: int) -> list[str]:
    """Return the questions that a document may answer, each time with another one first, so that samples do not read alike."""
    if _names_something(title):
        fitting = [question.format(title=title) for reason, question in _ASKED_WHERE if reason.search(text)]
    else:
        fitting = [question for name, near in _named_in(text) for question in _of_name(name, near)]
    by = number % len(fitting) if fitting else 0
    return [*fitting[by:], *fitting[:by]]


def _named_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a text names, with the words around it."""
    for number, pattern in enumerate(_NAMES):
        for found in pattern.finditer(text):
            name = f"《{found[1]}》" if number == 0 else found[1]
            yield name, text[max(found.start() - AROUND, 0) : found.end() + AROUND]


def _of_name(name: str, near: str) -> list[str]:
    return [question.format(name=name) for reason, question in _ASKED_OF_NAMES if reason.search(near)]

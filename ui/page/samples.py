"""Questions to begin with: made from what documents are called, or what they name, and only those that do get an answer."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ui.page.markup import is_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from index import DocumentInfo
    from qa import Assistant
    from ui.page.words import Language

SHOWN = 4
TRIES = 16
"""Questions asked at most; each costs a good part of a second, in the background, once for a state of the index."""
SEARCHES = 80
"""Questions searched for at most; a search costs a tenth of an answer and tells most of those that would not get one."""
FAILURES = 2
"""Times that a kind of question may fail before the others are tried first."""
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
_DAY = r"[一二三四五六七八九十\d]+(?:月|/)[一二三四五六七八九十\d]+日"
_EVENT = r"\A[^\n]*(?:会|節|节|论坛|大赛|仪式|签约)\n"
_ASKED_OF_TEXTS = (
    (re.compile(r"(?:电话|热线|專線|電話)[^。\n]{0,12}\d{4}"), "《{name}》里的联系电话是多少？"),
    (re.compile(rf"{_EVENT}[\s\S]*主持"), "{name}由谁主持？"),
)
"""What a document holds that is no table, where each row has its own, and the question about it that it may then answer."""
_ASKED_WHERE = (
    (re.compile(r"起(?:施行|实施|執行|执行|生效)"), "《{name}》从什么时候起施行？"),
    (re.compile(rf"{_EVENT}[^。]*{_DAY}"), "{name}是哪一天举行的？"),
    (re.compile(_DAY), "《{name}》里写的日期是哪一天？"),
    (re.compile(r"(?i)\b(?:approved|budget|price|cost)s?\b"), "What does “{name}” say about the cost?"),
    (
        re.compile(r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December) \d"),
        "What is the date of “{name}”?",
    ),
)
"""The same of any document; the first line looked at is its title."""
_ASKED_OF_NAMES = (
    (re.compile(r"在[^，。\n]{2,20}(?:举行|举办|召开|开幕|上演)"), "{name}在哪里举行？"),
    (re.compile(r"(?:主演|饰演)"), "{name}由谁主演？"),
    (re.compile(r"(?:导演|执导)"), "{name}的导演是谁？"),
    (re.compile(r"主办"), "{name}由谁主办？"),
    (re.compile(r"\d+月\d+日[^。\n]{0,20}(?:开幕|举行|上演)"), "{name}是哪一天举行的？"),
)
"""The same of a name within a document: what stands near it, and the question."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A question that was answered from one document, as that document was then."""

    question: str
    document: str
    content_hash: str
    kind: str = ""
    """The question with a place for the name in it; samples of one kind read alike."""


def sample_questions(
    assistant: Assistant,
    have: Sequence[Sample] = (),
    before_each: Callable[[], None] = lambda: None,
    language: Language = "zh",
) -> Iterator[Sample]:
    """Yield questions that get an answer from the document they are about, as they are found.

    :param have: samples that are kept, to which others are added.
    :param before_each: called before each piece of work.
    :param language: documents and questions in it come first.
    """
    taken = {sample.document for sample in have}
    kinds = {sample.kind for sample in have}
    left = SHOWN - len(taken)
    work = _Work(assistant, before_each)
    for documents in _groups(assistant.documents(), language):
        for sample in _fresh_first(_candidates(assistant, documents, language), kinds, work):
            if not left or work.is_spent:
                return
            if sample.document not in taken and work.is_answered(sample):
                left -= 1
                taken.add(sample.document)
                kinds.add(sample.kind)
                yield sample


@dataclass(slots=True)
class _Work:
    """What has been asked and searched for, which has an end."""

    assistant: Assistant
    before_each: Callable[[], None]
    tries: int = 0
    searches: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    """By kind: one that these documents do not answer is not tried on each of them."""

    @property
    def is_spent(self) -> bool:
        return self.tries >= TRIES or self.searches >= SEARCHES

    def is_answered(self, sample: Sample) -> bool:
        is_answered = self._is_answered(sample)
        self.failed[sample.kind] += not is_answered
        return is_answered

    def _is_answered(self, sample: Sample) -> bool:
        self.before_each()
        self.searches += 1
        hits = self.assistant.search(sample.question, 1)
        if not hits or hits[0].passage.document_id != sample.document:
            return False
        self.tries += 1
        answer = self.assistant.ask(sample.question)
        is_from_it = bool(answer.citations) and answer.citations[0].document == sample.document
        return is_from_it and answer.confidence >= LEAST_CONFIDENCE


def _fresh_first(candidates: Iterator[Sample], kinds: set[str], work: _Work) -> Iterator[Sample]:
    """Yield candidates of a kind that is not among ``kinds`` yet, and then those held back, the most promising first."""
    held: list[Sample] = []
    for sample in candidates:
        if sample.kind in kinds or work.failed[sample.kind] >= FAILURES:
            held.append(sample)
        else:
            yield sample
        if len(held) >= SEARCHES:
            break
    yield from sorted(held, key=lambda sample: work.failed[sample.kind])


def _candidates(assistant: Assistant, documents: Sequence[DocumentInfo], language: Language) -> Iterator[Sample]:
    """Yield questions that the documents may answer."""
    for number, info in enumerate(documents):
        document = assistant.document(info.id)
        if document is not None:
            for kind, question in _questions(document.text[:LOOKED_AT], info, number, language):
                yield Sample(question, info.id, document.content_hash, kind)


def _groups(documents: Sequence[DocumentInfo], language: Language) -> list[list[DocumentInfo]]:
    """Return documents from all over the list, those first that have a short and telling title in the language's script."""
    named = [d for d in documents if d.passages and _names_something(d.title)]
    first = [d for d in named if _is_in(language, d.title)]
    second = [d for d in named if not _is_in(language, d.title)]
    others = [d for d in documents if d.passages and not _names_something(d.title)]
    return [_from_all_over(group) for group in (first, second, others)]


def _is_in(language: Language, text: str) -> bool:
    return bool(re.search(f"[{_HAN}]", text)) == (language == "zh")


def _from_all_over(documents: Sequence[DocumentInfo]) -> list[DocumentInfo]:
    step = max(len(documents) // (2 * SHOWN), 1)
    return [document for first in range(step) for document in documents[first::step]]


def _names_something(title: str) -> bool:
    return 2 < len(title) <= LONGEST_TITLE * (1 + title.isascii()) and bool(_TELLING.search(title))


def _questions(text: str, info: DocumentInfo, number: int, language: Language) -> list[tuple[str, str]]:
    """Return the kinds of questions that a document may answer and the questions, each time with another one first."""
    if _names_something(info.title):
        asked = _ASKED_WHERE if is_table(info.id) else (*_ASKED_OF_TEXTS, *_ASKED_WHERE)
        fitting = [(kind, kind.format(name=info.title)) for reason, kind in asked if reason.search(f"{info.title}\n{text}")]
    else:
        fitting = [of for name, near in _named_in(text) for of in _of_name(name, near)]
    by = number % len(fitting) if fitting else 0
    return sorted([*fitting[by:], *fitting[:by]], key=lambda of: not _is_in(language, of[0]))


def _named_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a text names, with the words around it."""
    for number, pattern in enumerate(_NAMES):
        for found in pattern.finditer(text):
            name = f"《{found[1]}》" if number == 0 else found[1]
            yield name, text[max(found.start() - AROUND, 0) : found.end() + AROUND]


def _of_name(name: str, near: str) -> list[tuple[str, str]]:
    return [(kind, kind.format(name=name)) for reason, kind in _ASKED_OF_NAMES if reason.search(near)]

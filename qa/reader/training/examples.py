"""From questions to what the network is shown: the passage that answers, and passages that look as if they did.

A quarter of what people ask is not in their documents, and the passages found for it are about the right thing all the same. So a
question is also shown with passages that the search mistakes for the right one, with the right passage after the sentence that
answers was taken out, and changed: with another name or number than the passage speaks of.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import opencc
import rjieba

from index import sentences_of
from qa.reader.pairs import title_before
from qa.reader.training.sources import LANGUAGES, Asked, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from index import Passage

KINDS = {"gold": 0.52, "found": 0.22, "taken out": 0.16, "changed": 0.10}
"""How often a question is shown in which way."""
KINDS_BESIDE_UNANSWERABLE = {"gold": 0.75, "found": 0.15, "taken out": 0.06, "changed": 0.04}
"""The same for a source in which people wrote unanswerable questions: made-up ones teach less than those."""
LIKELIEST = 0.7
"""How often an unanswerable question is shown with what the search finds first of its document, which is what is read."""
WITH_TITLE = 0.4
OTHER_SCRIPT = 0.25
"""Of the Chinese examples, so that Simplified and Traditional are read alike."""
_TAGS = {"nr", "ns", "nt", "nz", "j"}
"""People, places, organisations, other names, abbreviations, in the tag set of jieba."""
_NUMBER = re.compile(r"\d+")
_NAME = re.compile(r"(?<=\s)[A-Z][a-z]{2,}|\d{2,}")


@dataclass(frozen=True, slots=True)
class Example:
    """One pair to read; ``passage[start:end]`` answers, or nothing does where ``start`` is -1."""

    question: str
    passage: str
    title: str
    start: int = -1
    end: int = -1


@dataclass(frozen=True, slots=True)
class Item:
    """One question with its passages."""

    asked: Asked
    golds: tuple[tuple[Passage, int, int], ...]
    """Passage, and where in it the answer begins and ends."""
    found: tuple[Passage, ...]
    """Found by the search, best first, without the answer."""
    own: tuple[Passage, ...]
    """All of the document, what the search finds first."""


class Examples:
    """Draws examples by chance."""

    def __init__(self, items: Sequence[Item], documents: Mapping[str, Text]) -> None:
        self._documents = documents
        self._by_source: dict[str, list[Item]] = defaultdict(list)
        for item in items:
            self._by_source[item.asked.source].append(item)
        self._with_unanswerable = {item.asked.source for item in items if not item.asked.answer}
        self._names = _names(item.asked.question for item in items)
        self._scripts = [opencc.OpenCC("s2t"), opencc.OpenCC("t2s")]

    def draw(self, chance: random.Random, shares: Mapping[str, float]) -> Example:
        """Return one example of a source chosen by its share."""
        there = [source for source in shares if self._by_source[source]]
        source = chance.choices(there, [shares[source] for source in there])[0]
        item = chance.choice(self._by_source[source])
        example = self._shown(item, chance)
        if chance.random() < 0.1:
            example = replace(example, question=example.question.rstrip("?？。."))
        if LANGUAGES.get(source, "zh") == "zh" and chance.random() < OTHER_SCRIPT:
            example = _converted(example, chance.choice(self._scripts))
        return example

    def gold(self, item: Item) -> Example:
        """Return a question with the passage that answers it."""
        passage, start, end = item.golds[0]
        return Example(item.asked.question, passage.text, "", start, end)

    def _shown(self, item: Item, chance: random.Random) -> Example:
        question = item.asked.question
        if not item.golds:  # unanswerable: over its own document, mostly the passage that makes it hard
            passage = item.own[0] if chance.random() < LIKELIEST else chance.choice(item.own)
            return Example(question, passage.text, self._title(passage, chance))
        kinds = KINDS_BESIDE_UNANSWERABLE if item.asked.source in self._with_unanswerable else KINDS
        kind = chance.choices(list(kinds), list(kinds.values()))[0]
        passage, start, end = chance.choice(item.golds)
        title = self._title(passage, chance)
        if kind == "found" and item.found:
            # the better ones oftener: those are what is read
            other = item.found[min(int(chance.expovariate(0.5)), len(item.found) - 1)]
            return Example(question, other.text, self._title(other, chance))
        if kind == "taken out" and (rest := _without(passage.text, start, end)):
            return Example(question, rest, title)
        if kind == "changed" and (changed := self._changed(question, passage.text, chance)):
            return Example(changed, passage.text, title)
        return Example(question, passage.text, title, start, end)

    def _title(self, passage: Passage, chance: random.Random) -> str:
        if chance.random() >= WITH_TITLE:
            return ""
        document = self._documents[passage.document_id.removesuffix(".txt")]
        return title_before(document.title, passage.text, opens_document=False)

    def _changed(self, question: str, passage: str, chance: random.Random) -> str | None:
        """Ask for something else of the same kind, where the passage speaks of the thing that is asked for."""
        places = [(tag, word) for tag, word in _named(question) if word in passage]
        if not places:
            return None
        tag, word = chance.choice(places)
        if tag == "number":
            other = str(max(1, int(word) + chance.choice([-3, -2, -1, 1, 2, 3, 5, 10])))
        else:
            inside = [name for kind, name in _named(passage) if kind == tag and name not in question]
            other = chance.choice(inside if inside and chance.random() < 0.5 else self._names[tag])
        return None if other == word or other in question else question.replace(word, other, 1)


def _named(text: str) -> list[tuple[str, str]]:
    if not re.search(r"[\u4e00-\u9fff]", text):
        return [("number" if m.group().isdigit() else "name", m.group()) for m in _NAME.finditer(text)]
    names = [(tag, word) for word, tag in rjieba.tag(text) if tag in _TAGS and len(word) > 1]
    return names + [("number", m.group()) for m in _NUMBER.finditer(text) if len(m.group()) < 9]


def _names(questions: Iterable[str]) -> dict[str, list[str]]:
    names = defaultdict(set)
    for question in questions:
        for tag, word in _named(question):
            names[tag].add(word)
    return {tag: sorted(words) for tag, words in names.items()}


def _without(passage: str, start: int, end: int) -> str | None:
    """Take out the sentences of an answer; ``None`` where that leaves little, or the answer stands elsewhere too."""
    cut = [(left, right) for left, right in sentences_of(passage) if left < end and right > start]
    if not cut:
        return None
    rest = passage[: cut[0][0]] + passage[cut[-1][1] :]
    return rest if len(rest.strip()) > 40 and passage[start:end] not in rest else None


def _converted(example: Example, script: opencc.OpenCC) -> Example:
    """Return the example in the other script, where that keeps every place."""
    passage = script.convert(example.passage)
    if len(passage) != len(example.passage):
        return example
    return replace(example, question=script.convert(example.question), passage=passage, title=script.convert(example.title))

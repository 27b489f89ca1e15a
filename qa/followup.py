"""What a question leaves out because the last ones said it: 它成立于哪一年 after a question about a faculty.

A follow-up is about what the last answer was about: it is read over the documents that answer cites, as it stands and with the
answer before it, which may be what a pronoun stands for. Whether a question is a follow-up at all, its words tell, and how much
nearer and surer the answer is that all documents give. A question that stands alone is left alone, whatever was asked before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from index import normalize, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from index import Hit
    from qa.reader import Reading

    Weights = Callable[[Sequence[str]], Mapping[str, float]]
    """How much each word tells in an index."""

TELLING = 0.45
"""Share of the weight of a question's rarest word from which another word of it belongs to what it is about."""
LONGEST_TOPIC = 40
"""Characters."""
LONGEST_SAID = 40
"""Characters of an answer that may be what is spoken of."""
WEIGHTS, BIAS = (-1.58, 0.172, 16.5, 1.42), -8.95
"""Of :func:`signs`, in the verdict whether a question stands alone; how they were fitted: ``docs/quality.md``."""
SUREST = 4.0
"""A difference of logits counts up to here."""
SAID_AHEAD = 0.5
"""Logits by which a question with the last answer before it is ahead of the bare one; chosen on conversations for tuning."""
_THEN = r"那[么麼]|那(?!英|达慕|達慕|拉提|不勒斯|曲|坡|[个個些里裡边邊位次年天])"
_REFERS_BACK = re.compile(
    r"(?<![其吉])[他她牠](?!人)们?|它们?|(?<![何尤极極与與耳莫])其(?![他它余餘次中实實])|^其中|(?<![因从從由至彼])此(?![外时時])|"
    rf"(?<![应應])[该該]|这|這|^({_THEN})|那[个個些里裡边邊位次年天]|上述|以上|前者|后者|後者|两者|還有|还有|呢[？?]?$|"
    r"\b(it|its|he|his|him|she|her|they|their|them|this|that|these|those|what about|how about)\b|^(and|there)\b",
    re.IGNORECASE,
)
"""Not within a word: 应该, 其他, 因此, 那英 stand for nothing that was said before."""
_FILLER = re.compile(
    rf"^({_THEN}|还有|還有|然后|另外|而且|以及|(and|so|what about|how about)\b)[，,\s]*|[呢呀啊嘛][？?]?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Told:
    """What an earlier question came to."""

    question: str
    """As it was understood."""
    said: str
    """The shortest words that answered it; empty where nothing did."""
    documents: tuple[str, ...]
    """Those that its answer cites, by id; none where it was not answered."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to understand a question, with what it finds."""

    question: str
    evidence: Sequence[Hit]
    timings_ms: dict[str, float]
    """Of the search."""
    reading: Reading
    read_ms: float


class Try(Protocol):
    """Searches and reads one question in chosen documents."""

    def __call__(self, question: str, documents: Sequence[str]) -> Attempt:
        """Return what it finds."""


def understood(question: str, alone: Attempt, told: Sequence[Told], attempt: Try, weights: Weights) -> Attempt:
    """Return the question as it was meant: as it stands, or about what the last answer was about.

    :param alone: what the question finds as it stands, in all documents.
    :param told: what was asked before, oldest first.
    :param attempt: searches and reads a question in chosen documents.
    """
    before = next((one for one in reversed(told) if one.documents), None)
    if before is None:
        return alone
    within = attempt(question, before.documents)
    if independence(question, alone, within, weights) > 0:
        return alone
    bare = _FILLER.sub("", question).strip() or question
    said = told[-1].said
    if said and len(said) <= LONGEST_SAID:
        after = attempt(f"{said} {bare}", before.documents)
        if after.reading.logit + SAID_AHEAD > within.reading.logit:
            return replace(after, question=stated(f"{said} {bare}", before.question, weights))
    return replace(within, question=stated(bare, before.question, weights))


def independence(question: str, alone: Attempt, within: Attempt, weights: Weights) -> float:
    """Return the logit of a question standing alone: its answer is not to be looked for in what was spoken of."""
    return BIAS + sum(weight * value for weight, value in zip(WEIGHTS, signs(question, alone, within, weights), strict=True))


def signs(question: str, alone: Attempt, within: Attempt, weights: Weights) -> tuple[float, float, float, float]:
    """Return what tells whether a question stands alone.

    Whether a word of it refers back; how much its words tell; how much nearer its nearest passage is than the nearest of what was
    spoken of, and how much surer its answer.
    """
    nearest = [max((hit.dense for hit in tried.evidence), default=0.0) for tried in (alone, within)]
    surer = alone.reading.logit - within.reading.logit
    worth = sum(weights(words_of(question)).values())
    return float(refers_back(question)), worth, nearest[0] - nearest[1], max(-SUREST, min(SUREST, surer))


def refers_back(question: str) -> bool:
    """Tell whether a question has a word that stands for something said before."""
    return bool(_REFERS_BACK.search(question))


def stated(bare: str, before: str, weights: Weights) -> str:
    """Return a question with what it left out: the topic of the one before it, where it does not name that itself."""
    topic = topic_of(before, weights)
    return f"{topic} {bare}" if topic and not set(words_of(topic)) <= set(words_of(bare)) else bare


def topic_of(question: str, weights: Weights) -> str:
    """Return what a question is about: its telling words, as they stand in it."""
    words = words_of(question)
    if not words:
        return ""
    weight = weights(words)
    least = TELLING * max(weight.values())
    telling = {word for word in words if weight[word] >= least}
    folded = normalize(question)
    surface = question if len(folded) == len(question) else folded
    marked = [False] * len(surface)
    for word in telling:
        for match in re.finditer(re.escape(word), folded):
            marked[match.start() : match.end()] = [True] * len(word)
    pieces = "".join(char if mark else "\0" for char, mark in zip(surface, marked, strict=True))
    return " ".join(piece for piece in pieces.split("\0") if piece.strip())[:LONGEST_TOPIC]

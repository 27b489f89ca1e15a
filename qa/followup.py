"""What a question leaves out because the last ones said it: 它成立于哪一年 after a question about a faculty.

A follow-up is searched and read as it stands and with what the turns before it were about; the reader's verdict decides which of
them was meant. A question that stands alone is so left alone, whatever was asked before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from index import coverage, normalize, words_of
from qa.chat import chat_kind
from qa.language import is_own_message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from index import Hit
    from qa.reader import Reading
    from qa.types import Turn

TURNS = 6
"""Looked back."""
TELLING = 0.45
"""Share of the weight of a question's rarest word from which another word of it belongs to what it is about."""
REFERS = 0.0
STANDS = 1.5
"""What the verdict on a question with its topic must be better by, in logits: one that refers back, and one that does not."""
AS_MUCH = 0.5
"""Share of what its passages hold of a question as it stands that the passage must hold which answers it with a topic."""
LONGEST_TOPIC = 40
"""Characters."""
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
class Attempt:
    """One way to understand a question, with what it finds."""

    question: str
    evidence: Sequence[Hit]
    timings_ms: dict[str, float]
    """Of the search."""
    reading: Reading
    read_ms: float


class Try(Protocol):
    """Searches and reads one question."""

    def __call__(self, question: str) -> Attempt:
        """Return what it finds."""


def understood(
    question: str,
    alone: Attempt,
    history: Sequence[Turn],
    attempt: Try,
    weights: Callable[[Sequence[str]], Mapping[str, float]],
) -> Attempt:
    """Return the way to understand a question that the documents answer best.

    :param alone: what the question finds as it stands.
    :param history: oldest first.
    :param attempt: searches and reads a question.
    :param weights: how much each word tells in this index.
    """
    if not history:
        return alone
    refers = refers_back(question)
    best, lead = alone, REFERS if refers else STANDS
    asked = words_of(question)
    weight = weights(asked)
    own = max(_held(asked, alone, weight), default=0.0)
    for standalone in standalones(question, history, weights):
        other = attempt(standalone)
        # a topic is always found again: where the question has words of its own, its answer must hold them, not the topic alone
        if not refers and next(iter(_held(asked, other, weight)), 0.0) < AS_MUCH * own:
            continue
        if other.reading.answered and other.reading.logit > best.reading.logit + (lead if best is alone else 0.0):
            best = other
    return best


def _held(asked: Sequence[str], attempt: Attempt, weights: Mapping[str, float]) -> list[float]:
    """Return how much of a question the passage of each finding holds with its title, 0..1."""
    passages = [finding.hit.passage for finding in attempt.reading.findings]
    return [coverage(asked, frozenset(words_of(f"{p.title} {p.text}")), weights) for p in passages]


def refers_back(question: str) -> bool:
    """Tell whether a question has a word that stands for something said before."""
    return bool(_REFERS_BACK.search(question))


def standalones(question: str, history: Sequence[Turn], weights: Callable[[Sequence[str]], Mapping[str, float]]) -> list[str]:
    """Return the question with what it may have left out: the topic of the turns before, the last answer, or both."""
    bare = _FILLER.sub("", question).strip() or question
    spoken = [turn for turn in history[-TURNS:] if chat_kind(turn.question) is None]  # thanks and greetings are about nothing
    if not spoken:
        return []
    topics = [topic_of(turn.question, weights) for turn in spoken]
    own = set(words_of(question))
    candidates = []
    # an answer is what is meant only where a word stands for it: else a question asked twice would be read with its own answer
    said = _short(spoken[-1].answer) if refers_back(question) else ""
    for topic in (topics[-1], topics[0], said):
        new = topic and not set(words_of(topic)) <= own
        if new and (standalone := f"{topic} {bare}") not in candidates:
            candidates.append(standalone)
    return candidates


def topic_of(question: str, weights: Callable[[Sequence[str]], Mapping[str, float]]) -> str:
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


def _short(answer: str) -> str:
    """Return an answer that is short enough to be what is spoken of."""
    bare = re.sub(r"\s*\[\d+\]", "", answer).strip()
    return bare if len(bare) <= LONGEST_TOPIC and not is_own_message(bare) else ""

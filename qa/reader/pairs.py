"""A question and a passage as the tokens that the span reader's network takes, and its answer back as places in the passage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokenizers import Tokenizer

QUESTION_TOKENS = 96
PAIR_TOKENS = 448
"""Passages have at most 256 tokens; the encoder's positions end at 512."""


@dataclass(frozen=True, slots=True)
class Pair:
    """``<s> question </s> </s> title </s> passage </s>``; without a title, ``<s> question </s> </s> passage </s>``."""

    ids: tuple[int, ...]
    first: int
    """Position of the first token of the passage."""
    offsets: tuple[tuple[int, int], ...]
    """Of each token of the passage, in code points of the passage."""


def pair(tokenizer: Tokenizer, question: str, passage: str, title: str = "") -> Pair:
    """Join a question and a passage; what is too long loses its end."""
    asked = tokenizer.encode(question, add_special_tokens=False).ids[:QUESTION_TOKENS]
    begin, end = _mark(tokenizer, "<s>"), _mark(tokenizer, "</s>")
    named = [*tokenizer.encode(title, add_special_tokens=False).ids[:QUESTION_TOKENS], end] if title else []
    before = [begin, *asked, end, end, *named]
    read = tokenizer.encode(passage, add_special_tokens=False)
    room = PAIR_TOKENS - len(before) - 1
    return Pair((*before, *read.ids[:room], end), len(before), tuple(read.offsets[:room]))


def span_of(pair: Pair, start: int, end: int) -> tuple[int, int] | None:
    """Return the positions of the first and the last token of ``passage[start:end]``; ``None`` where it was cut off."""
    inside = [i for i, (left, right) in enumerate(pair.offsets) if left < end and right > start and right > left]
    if not inside or pair.offsets[inside[-1]][1] < end:
        return None
    return pair.first + inside[0], pair.first + inside[-1]


def title_before(title: str, passage: str, *, opens_document: bool) -> str:
    """Return the title that a passage is read with: none where it stands in the passage or the passage opens the document."""
    return "" if opens_document or title in passage else title


def padded(pairs: Sequence[Pair], tokenizer: Tokenizer) -> tuple[list[list[int]], list[list[int]]]:
    """Return ids and mask of the same length for all."""
    padding = padding_of(tokenizer)
    longest = max(len(p.ids) for p in pairs)
    ids = [[*p.ids, *[padding] * (longest - len(p.ids))] for p in pairs]
    return ids, [[1] * len(p.ids) + [0] * (longest - len(p.ids)) for p in pairs]


def padding_of(tokenizer: Tokenizer) -> int:
    """Return the token that fills up."""
    return _mark(tokenizer, "<pad>")


def _mark(tokenizer: Tokenizer, name: str) -> int:
    found = tokenizer.token_to_id(name)
    if found is None:
        raise ValueError(f"the tokenizer has no token {name}: the span reader needs that of the bundled encoder")
    return found

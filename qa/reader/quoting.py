"""From the span that answers to the words that are quoted: whole sentences, whole lists, and what a pronoun refers to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index import sentences_of

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_QUOTE = 600
"""Characters; a list that is longer is quoted as far as the span goes."""
LONGEST_LEAD_IN = 120
"""Characters of a sentence that is quoted before the one that answers."""
_ASKS_FOR_LIST = re.compile(
    r"哪些|哪[几幾两兩二三四五六七八九十\d]|分别|分別|都有[谁誰什甚]|有什[么麼]|列出|几[个個项項条條点點种種方]|[两兩三四五六七八九十]大|"
    r"\b(list|which|what) (are|were)\b|\bwhat (\w+ )?\w+s are\b|\bname the\b",
    re.IGNORECASE,
)
_ITEM = re.compile(
    r"\s*(?:[(（]?[一二三四五六七八九十]{1,3}[)）]?(?:是|、|，|[.．])|第[一二三四五六七八九十\d]+[，、是]?|[(（][一二三四五六七八九十\d]{1,3}[)）]|"
    r"\d{1,2}[.．、)）](?!\d)|[①-⑳]|[-*•·●■◆]\s|其[一二三四五六]|首先|其次|再次|最后|此外)"
)
_REFERS_BACK = re.compile(
    r"(?:因此|所以|于是|因而|故而|为此|對此|对此|同时|而且|但是|但|然而|不过)?[，,]?\s*"
    r"(?:[他她它牠]们?|其|此|该|該|这|這|两者|前者|后者|上述|以上|He|She|It|They|This|These|Those|That|His|Her|Its|Their)"
)


def quote_around(question: str, text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the quote of ``text[start:end]`` begins and ends: never within a sentence or a bracket.

    :param text: a passage.
    """
    sentences = sentences_of(text)
    inside = [i for i, (left, right) in enumerate(sentences) if left < end and right > start]
    if not inside:
        return start, end
    first, last = inside[0], inside[-1]
    if _ASKS_FOR_LIST.search(question):
        first, last = _whole_list(text, sentences, first, last)
    left, right = sentences[first].start, sentences[last].end
    if first and _REFERS_BACK.match(text[left:right]) and _is_lead_in(text, sentences[first - 1], left):
        left = sentences[first - 1].start
    return min(left, start), max(right, end)


def _whole_list(text: str, sentences: Sequence[tuple[int, int]], first: int, last: int) -> tuple[int, int]:
    """Take in the items before and after, and the sentence that announces them."""
    begin, finish = first, last
    if not _is_item(text, sentences[last]) and last + 1 < len(sentences) and _announces(text, sentences[last]):
        finish = last + 1
    while finish + 1 < len(sentences) and _is_item(text, sentences[finish]) and _is_item(text, sentences[finish + 1]):
        finish += 1
    while begin and _is_item(text, sentences[begin]):
        begin -= 1
    if sentences[finish][1] - sentences[begin][0] > LONGEST_QUOTE:
        return first, last
    return begin, finish


def _is_item(text: str, sentence: tuple[int, int]) -> bool:
    return bool(_ITEM.match(text, *sentence)) or text[slice(*sentence)].endswith(("；", ";"))


def _announces(text: str, sentence: tuple[int, int]) -> bool:
    return text[slice(*sentence)].endswith(("：", ":"))


def _is_lead_in(text: str, sentence: tuple[int, int], left: int) -> bool:
    """Tell whether a sentence is short and of the same paragraph."""
    return sentence[1] - sentence[0] <= LONGEST_LEAD_IN and "\n" not in text[sentence[1] : left]

"""Text to sentences with exact offsets, in Chinese and Western punctuation."""

from __future__ import annotations

import re
from typing import NamedTuple


class Sentence(NamedTuple):
    """``text[start:end]``, without surrounding space."""

    start: int
    end: int


_CLOSING = "”’」』）】》〉)\\]\"'"
_END = re.compile(
    rf"""
    [。！？!?…]+[{_CLOSING}]*          # sentence ends, with the quotes and brackets they close
  | [；;](?=\s|[\u3400-\u9fff“「『（《])   # clauses of a long Chinese enumeration
  | (?<![A-Z]\.[A-Z])(?<!\b[A-Z])(?<!\bNo)(?<!\b(?:Mr|Dr|St|vs))(?<!\bMrs)\.[{_CLOSING}]*(?=\s+[^a-z\s]|\s*$)
  | \n
    """,
    re.VERBOSE,
)
_ITEM_NUMBER = re.compile(r"[(（]?[\dA-Za-z一二三四五六七八九十]{1,3}[.．、)）]?")
_CELL = re.compile(r"[ \t]*[^\n。；;：:，,！？!?]{1,24}(：|: )")
"""What follows a semicolon within the row of a table, ``…；header：value``: a row is read as one, however long."""
_OPENERS = {"（": "）", "(": ")", "《": "》", "“": "”", "「": "」", "『": "』", "【": "】"}
HEAD = 400
LONGEST_OPENING = 60
"""Characters."""
SHORT_CLAUSE = 60
"""Characters; clauses up to this length that semicolons part are read together: the cells of a row, the items of a list."""
LONGEST_BRACKET = 200
"""Characters; an opening bracket without its closing one within this is taken for a slip of the writer."""


def sentences_of(text: str) -> list[Sentence]:
    """Return the sentences in order. None ends inside a bracket or a quotation that is closed soon after."""
    found = []
    start = 0
    for match in _END.finditer(text):
        end = match.end()
        if _ITEM_NUMBER.fullmatch(text[start:end].strip()):  # "1." belongs to what it numbers
            continue
        if match.group() in ("；", ";") and (end - start < SHORT_CLAUSE or _CELL.match(text, end)):
            continue
        if end <= start or (match.group() != "\n" and _is_inside_bracket(text, start, end)):
            continue
        found.append((start, end))
        start = end
    found.append((start, len(text)))
    trimmed = (_trimmed(text, left, right) for left, right in found)
    return [sentence for sentence in trimmed if _says_something(text, sentence)]


def opening_of(text: str) -> str:
    """Return what a document opens with, its first sentence or the beginning of it: it mostly says what all is about."""
    start = text[:HEAD].lstrip()
    first = next(iter(sentences_of(start)), Sentence(0, 0))
    return start[first.start : first.end][:LONGEST_OPENING]


def _is_inside_bracket(text: str, start: int, end: int) -> bool:
    waiting: list[str] = []
    for char in text[start:end]:
        if char in _OPENERS:
            waiting.append(_OPENERS[char])
        elif waiting and char == waiting[-1]:
            waiting.pop()
    return bool(waiting) and waiting[0] in text[end : end + LONGEST_BRACKET].split("\n", 1)[0]


def _trimmed(text: str, start: int, end: int) -> Sentence:
    piece = text[start:end]
    return Sentence(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))


def _says_something(text: str, sentence: Sentence) -> bool:
    return any(char.isalnum() for char in text[sentence.start : sentence.end])

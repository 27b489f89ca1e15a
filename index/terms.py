"""Text to search terms, for every script; the same on both sides, documents and questions.

Measured in ``docs/quality.md``: words of jieba's search mode together with bigrams of Han find more than either alone. A
word of two characters therefore counts twice, on both sides alike.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

import opencc
import rjieba

if TYPE_CHECKING:
    from collections.abc import Iterator

TERMS_VERSION = 2
"""Part of a document's fingerprint; raise it when the terms of any text change."""

_HAN = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\uac00-\ud7af"
"""Scripts that jieba does not know and that write words without spaces (or agglutinate, as Korean does)."""
_RUN = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<unspaced>[{_UNSPACED}]+)|(?P<word>[^\W_{_HAN}{_UNSPACED}]+)")


@cache
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def normalize(text: str) -> str:
    """Fold what should find each other: width, case, Traditional and Simplified. Offsets are not kept."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return str(_to_simplified().convert(folded))


def terms_of(text: str) -> list[str]:
    """Return the terms of a text in order, with repetitions."""
    return list(_pieces(text, bigrams=True))


def words_of(text: str) -> list[str]:
    """Return the terms that are words: without the bigrams that only mean something in a search."""
    return list(_pieces(text, bigrams=False))


def _pieces(text: str, *, bigrams: bool) -> Iterator[str]:
    for run in _RUN.finditer(normalize(text)):
        piece, kind = run.group(), run.lastgroup
        if kind == "word":
            yield piece
            continue
        if kind == "han":
            yield from rjieba.cut_for_search(piece)
        if bigrams or kind == "unspaced":
            yield from (piece[i : i + 2] for i in range(len(piece) - 1))
        if kind == "unspaced" and len(piece) == 1:
            yield piece

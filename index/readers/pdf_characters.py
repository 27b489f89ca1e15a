"""The characters of PDF pages, each with its index on the page, and their lines."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pypdfium2.raw as pdfium

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pypdfium2

_EAST_ASIAN = r"\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\u3000-\u303f"
_RADICALS = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
"""Many fonts name a character by the radical that looks the same, and then no search finds it."""
_BROKEN_WORD = "\x02\ufffe"
"""What pdfium puts in the place of a hyphen that only breaks a word over lines."""
NOWHERE = -1
"""In the place of a character's index: the text has this one, the page has not."""
_UNSHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff]")


def between(before: str, after: str) -> str:
    """Return what stands between two lines of one paragraph: nothing where one of them is East Asian there, else a space."""
    touches = re.search(rf"[{_EAST_ASIAN}]$", before) or re.match(rf"[{_EAST_ASIAN}]", after)
    return "" if touches else " "


def characters_of(words: pypdfium2.PdfTextPage) -> Iterator[tuple[str, int]]:
    """Yield the page's characters with their indices, those outside of the BMP as one."""
    high = 0
    for index in range(words.count_chars()):
        code = pdfium.FPDFText_GetUnicode(words, index)
        if 0xD800 <= code < 0xDC00:
            high = code
        elif 0xDC00 <= code < 0xE000 and high:
            yield chr(0x10000 + ((high - 0xD800) << 10) + code - 0xDC00), index - 1
            high = 0
        else:
            yield chr(code), index


def parted(characters: Iterable[tuple[str, int]]) -> Iterator[tuple[str, list[int]]]:
    """Yield the lines; a word that a hyphen breaks over two is whole in the first."""
    text: list[str] = []
    at: list[int] = []
    is_broken, before = False, ""
    for char, index in characters:
        if is_broken and char.isspace():
            continue
        is_broken = char in _BROKEN_WORD
        if char in "\r\n":
            if char == "\r" or before != "\r":
                yield _stripped("".join(text), at)
                text, at = [], []
        elif not is_broken and not _UNSHOWN.match(char):
            text.append(_RADICALS.get(ord(char), char))
            at.append(index)
        before = char
    yield _stripped("".join(text), at)


def _stripped(text: str, at: list[int]) -> tuple[str, list[int]]:
    start = len(text) - len(text.lstrip())
    stop = len(text.rstrip())
    return text[start:stop], at[start:stop]

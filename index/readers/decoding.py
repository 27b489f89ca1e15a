"""Bytes to text when nobody says how they are encoded."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from charset_normalizer import from_bytes

from index.errors import ReadError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
ENOUGH_BYTES = 400
"""From here on the statistics of charset-normalizer are trusted (it was right for all of 60 GB18030 files as wholes)."""
_EAST_ASIAN = ("gb18030", "big5", "cp932", "euc_jp", "euc_kr")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


class Decoded(NamedTuple):
    """Text and the encoding it was read with."""

    text: str
    encoding: str


def decode(content: bytes, declared: str | None = None) -> Decoded:
    """Decode a text file; a byte order mark is dropped, all else is kept as it is.

    :param declared: what the file says of itself, believed when it decodes.
    :raises ReadError: it is not text.
    """
    for mark, marked in _BOMS:
        if content.startswith(mark):
            return _checked(content[len(mark) :], marked)
    for stated in filter(None, ("utf-8", declared)):
        if (text := _strict(content, stated)) is not None:
            return _checked_text(text, stated.lower())
    if content.count(0) > len(content) // 4:  # UTF-16 or UTF-32 without a mark, or not text at all
        return _checked(content, _wide_encoding(content))
    return _checked(content, _guess(content))


def _wide_encoding(content: bytes) -> str:
    zeros = [content[offset::4].count(0) for offset in range(4)]
    if zeros[2] > len(content) // 5 and zeros[1] > len(content) // 8:
        return "utf-32-le" if zeros[0] < zeros[3] else "utf-32-be"
    return "utf-16-le" if zeros[1] + zeros[3] > zeros[0] + zeros[2] else "utf-16-be"


def _guess(content: bytes) -> str:
    prior = max(_EAST_ASIAN, key=lambda encoding: _plausibility(content, encoding))
    if len(content) < ENOUGH_BYTES and _plausibility(content, prior) > 0.5:
        return prior
    best = from_bytes(content).best()
    guess = best.encoding if best else None
    if guess in ("gb2312", "gbk", "hz"):
        return "gb18030"  # the superset decodes what the others do, and the rare characters too
    if guess in ("big5hkscs", "cp950"):
        return "big5hkscs"
    if guess is None or (_plausibility(content, prior) > 0.8 and _plausibility(content, guess) < 0.5):
        return prior if _plausibility(content, prior) > 0 else "gb18030"
    return guess


def _plausibility(content: bytes, encoding: str) -> float:
    """Return which share of the letters beyond ASCII is common in the language of an encoding, 0 if it does not decode.

    The standards put the frequent characters first: level 1 of GB 2312 has the lead bytes B0 to D7, that of Big5 A4 to C6.
    """
    text = _strict(content, encoding)
    letters = [char for char in text or "" if ord(char) > 0xA0]
    if not letters:
        return 0.0
    return sum(_is_common(char, encoding) for char in letters) / len(letters)


def _is_common(char: str, encoding: str) -> bool:
    if "\u3000" <= char <= "\u3017" or char in "“”‘’…—·" or "\uff01" <= char <= "\uff5e":
        return True
    if encoding == "euc_kr":
        return "\uac00" <= char <= "\ud7a3"
    if encoding in ("cp932", "euc_jp"):
        return "\u3041" <= char <= "\u30ff"
    try:
        lead = char.encode(encoding)[0]
    except UnicodeEncodeError:
        return False
    return 0xB0 <= lead <= 0xD7 if encoding == "gb18030" else 0xA4 <= lead <= 0xC6


def _strict(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _checked(content: bytes, encoding: str) -> Decoded:
    return _checked_text(content.decode(encoding, "replace"), encoding)


def _checked_text(text: str, encoding: str) -> Decoded:
    sample = text[:100_000]
    if len(_CONTROL.findall(sample)) > len(sample) // 100:
        raise ReadError("it is not text, whatever its name says: it holds binary data")
    return Decoded(text, encoding)

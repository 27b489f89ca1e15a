"""Bytes to text when nobody says how they are encoded."""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import NamedTuple

from charset_normalizer import from_bytes

from index.errors import ReadError
from index.readers.common_letters import COMMON_HAN, COMMON_HANGUL, WESTERN_LETTERS

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CANDIDATES = ("gb18030", "big5hkscs", "cp932", "euc_jp", "euc_kr", "cp1252", "utf-16-le", "utf-16-be")
"""What is tried on its own merit; the first wins a draw, which is the Chinese prior."""
CLEAR_SCORE = 0.6
"""A candidate that scores this much is taken (real texts of each language score 0.65 to 0.95, others below 0.55)."""
SHORT_BYTES = 100
"""In less than this statistics find anything: what looks Chinese at all is taken for it."""
DOUBTFUL_SCORE = 0.3
SAMPLE = 20_000
"""Characters that are scored: enough for a language, and bounded for huge files."""
_LEVEL_1 = {"gb18030": (0xB0, 0xD7), "big5hkscs": (0xA4, 0xC6), "cp932": (0x88, 0x98), "euc_jp": (0xB0, 0xCF)}
"""Lead bytes of level 1: each of these standards puts the frequent characters first."""
_NEVER_DECLARED = re.compile(r"utf-?(16|32|7)|ucs-?[24]")
"""A declaration that was readable as ASCII cannot be true of these."""
_LATIN_DECLARED = re.compile(r"(iso-?8859-?1|latin-?1|(windows-|cp)1252|(us-)?ascii)$")
"""Decode anything at all, and templates declare them for pages in every language."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BOUNDARY = re.compile(r"[^\x00-\x7f]")


class Decoded(NamedTuple):
    """Text and the encoding it was read with."""

    text: str
    encoding: str


def decode(content: bytes, declared: str | None = None) -> Decoded:
    """Decode a text file; a byte order mark is dropped, all else is kept as it is.

    :param declared: what the file says of itself, believed when it decodes and can be true.
    :raises ReadError: it is not text.
    """
    for mark, marked in _BOMS:
        if content.startswith(mark):
            return _checked(content[len(mark) :], marked)
    if content.count(0) > len(content) // 8:  # UTF-16 or UTF-32 without a mark (valid UTF-8 too where ASCII), or not text
        return _checked(content, _wide_encoding(content))
    if b"\x1b$" in content and (text := _strict(content, "iso2022_jp")) is not None:
        return _checked_text(text, "iso2022_jp")
    if (text := _strict(content, "utf-8")) is not None:
        if len(content) < SHORT_BYTES and _opens_with_a_mark(text) and (best := _best(content)):
            return _checked(content, best)
        return _checked_text(text, "utf-8")
    stated = _believable(content, declared)
    if stated and (text := _strict(content, stated)) is not None:
        return _checked_text(text, stated)
    return _checked(content, _guess(content))


def _believable(content: bytes, declared: str | None) -> str | None:
    stated = (declared or "").strip().lower()
    if not stated or _NEVER_DECLARED.search(stated):
        return None
    if _LATIN_DECLARED.match(stated) and _best(content) not in (None, "cp1252"):
        return None
    return stated


def _opens_with_a_mark(text: str) -> bool:
    """Tell whether the first character beyond ASCII is an accent on nothing, as in the word for "notice" in GB 18030."""
    first = re.search(r"(^|[^a-zA-Z])[^\x00-\x7f]", text)
    return first is not None and unicodedata.category(first.group()[-1]) == "Mn"


def _wide_encoding(content: bytes) -> str:
    """Tell UTF-32 and UTF-16 in either order apart by the places of their zero bytes."""
    zeros = [content[offset::4].count(0) for offset in range(4)]
    nearly_all = 0.9 * (len(content) // 4)
    if min(zeros[2], zeros[3]) > nearly_all:
        return "utf-32-le"
    if min(zeros[0], zeros[1]) > nearly_all:
        return "utf-32-be"
    return "utf-16-le" if zeros[1] + zeros[3] > zeros[0] + zeros[2] else "utf-16-be"


def _guess(content: bytes) -> str:
    text = content.decode("utf-8", "replace")
    if text.count("\ufffd") <= len(_BOUNDARY.findall(text)) // 50:  # UTF-8 with a few damaged bytes
        return "utf-8"
    if best := _best(content):
        return best
    likeliest = max(_CANDIDATES, key=lambda encoding: _score(content, encoding))
    if len(content) < SHORT_BYTES and _score(content, likeliest) >= DOUBTFUL_SCORE:
        return likeliest
    guess = from_bytes(content).best()
    if guess is None:
        return likeliest
    if guess.encoding in ("gb2312", "gbk", "hz"):
        return "gb18030"  # the superset decodes what the others do, and the rare characters too
    return guess.encoding


def _best(content: bytes) -> str | None:
    scores = {encoding: _score(content, encoding) for encoding in _CANDIDATES}
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] >= CLEAR_SCORE else None


def _score(content: bytes, encoding: str) -> float:
    """Return how much the characters beyond ASCII look like the language of an encoding, 0..1."""
    text = content.decode(encoding, "replace")
    letters = [(at, char) for at, char in enumerate(text[:SAMPLE]) if char > "\x7f"]
    damaged = text[:SAMPLE].count("\ufffd") + text[:SAMPLE].count("\0")
    if not letters or damaged > len(letters) // 50:
        return 0.0
    if encoding == "cp1252":
        return sum(_is_western(text, at, char) for at, char in letters) / len(letters)
    return sum(_weight(char, encoding) for _, char in letters) / len(letters)


def _weight(char: str, encoding: str) -> float:
    if "\u3000" <= char <= "\u3017" or char in "“”‘’…—·" or "\uff01" <= char <= "\uff5e":
        return 0.8
    if encoding in ("utf-16-le", "utf-16-be"):
        return 1.0 if char in COMMON_HAN else 0.4 if "\u3041" <= char <= "\u9fff" else 0.0
    if encoding == "euc_kr":
        if "\uac00" <= char <= "\ud7a3":
            return 1.0 if char in COMMON_HANGUL else 0.4
        return 0.1
    if "\u3041" <= char <= "\u30ff":  # the Chinese standards hold kana as well, which proves nothing for Chinese
        return 1.0 if encoding in ("cp932", "euc_jp") else 0.2
    if char in COMMON_HAN:
        return 1.0 if encoding in ("gb18030", "big5hkscs") else 0.7
    try:
        lead = char.encode(encoding)[0]
    except UnicodeEncodeError:
        return 0.0
    first, last = _LEVEL_1[encoding]
    return 0.5 if first <= lead <= last else 0.0


def _is_western(text: str, at: int, char: str) -> bool:
    """Tell whether an accented letter stands as Western ones do: among plain letters, hardly ever two in a row."""
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if char in WESTERN_LETTERS:
        return not (before > "\x7f" and after > "\x7f") and any("a" <= near.lower() <= "z" for near in (before, after))
    return char in "«»–—’“”€°§ " and not (before > "\x7f" and after > "\x7f")


def _strict(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _checked(content: bytes, encoding: str) -> Decoded:
    return _checked_text(content.decode(encoding, "replace"), encoding)


def _checked_text(text: str, encoding: str) -> Decoded:
    sample = text[: 5 * SAMPLE]
    foreign = 0
    if encoding.startswith(("utf-16", "utf-32", "utf_16", "utf_32")):  # any bytes decode, mostly to what is no character
        foreign = sum(char == "\ufffd" or unicodedata.category(char) in ("Cn", "Co", "Cs") for char in sample)
    if len(_CONTROL.findall(sample)) + foreign > len(sample) // 100:
        raise ReadError("it is not text, whatever its name says: it holds binary data")
    return Decoded(text, encoding)

"""The words of one row of a table: every cell with its header, short enough for a passage."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.sentences import sentences_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HAN = re.compile(r"[\u3400-\u9fff]")
LONGEST_ROW = 220
"""Chinese characters, or their room in a passage; a longer row becomes several lines, each with what the row is about."""
LONGEST_LEAD = 60
"""Of the same; a first cell longer than this is not said again."""
LATIN_ROOM = 0.6
"""Room that a Latin letter or a digit takes at most, in Chinese characters: 0.46 tokens of the encoder against 0.65."""


def joined_header(parts: Sequence[str]) -> str:
    """Return the words of a header that stands in several rows, in one."""
    name = " ".join(part.strip().rstrip("：:").rstrip() for part in parts)
    return re.sub(r"(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])", "", name)


def form_row(cells: Sequence[str], *, one_label: bool) -> str:
    """Return a row of a form, ``label：value；label：value``; with one label, all else belongs to it."""
    colon, comma = _marks(cells)
    cells = [cell.rstrip("：: ") if n % 2 == 0 and n + 1 < len(cells) else cell for n, cell in enumerate(cells)]
    if one_label:
        return colon.join(filter(None, [cells[0], comma.join(cells[1:])]))
    return comma.join(colon.join(cells[n : n + 2]) for n in range(0, len(cells), 2))


def _marks(texts: Sequence[str]) -> tuple[str, str]:
    return ("：", "；") if any(_HAN.search(text) for text in texts) else (": ", "; ")


def _room(text: str) -> float:
    return sum(1 if char > "\u2e7f" else LATIN_ROOM for char in text)


def broken_row(section: str, pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield one line, or several where a row would not fit into a passage: each says again what the row is about."""
    colon, comma = _marks([part for pair in pairs for part in pair])
    shown = [f"{name}{colon}{cell}" if name else cell for name, cell in pairs]
    whole = comma.join([*filter(None, [section]), *shown])
    if _room(whole) <= LONGEST_ROW:
        yield whole
        return
    key = next((n for n, (_, cell) in enumerate(pairs) if any(char.isalpha() for char in cell)), 0)
    lead = comma.join([*filter(None, [section]), *([shown[key]] if _room(shown[key]) <= LONGEST_LEAD else [])])
    line = lead
    for n, (name, cell) in enumerate(pairs):
        for piece in _pieces(cell, LONGEST_ROW - _room(lead)) if n != key or shown[key] not in lead else ():
            said = f"{name}{colon}{piece}" if name else piece
            if line != lead and _room(line) + _room(said) > LONGEST_ROW:
                yield line
                line = lead
            line = f"{line}{comma}{said}" if line else said
    yield line


def _pieces(cell: str, room: float) -> Iterator[str]:
    """Part a long cell at the ends of its sentences."""
    piece = ""
    for start, end in sentences_of(cell) if _room(cell) > room else ():
        if piece and _room(piece) + end - start > room:
            yield piece
            piece = ""
        piece = f"{piece} {cell[start:end]}".strip() if not _HAN.search(piece[-3:]) else piece + cell[start:end]
    yield piece or cell

"""Recognised lines of text in the order that a person reads them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_EAST_ASIAN = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\u3000-\u303f]")
_SENTENCE_END = re.compile(r"[。！？!?.:：;；”」』]\s*$")
_BROKEN_WORD = re.compile(r"[^\W\d_]-$")


class Line(NamedTuple):
    """One recognised line of text and its place in the picture, in pixels from the upper left."""

    left: float
    top: float
    right: float
    bottom: float
    text: str
    confidence: float
    """0..1."""


def in_reading_order(lines: Sequence[Line]) -> str:
    """Return the text of a page: columns one after the other, lines from the top, broken sentences joined."""
    return "\n".join(text for block in _blocks(list(lines)) if (text := _joined(_rows(block))))


def _blocks(lines: list[Line]) -> list[list[Line]]:
    """Part a page at the gutter between columns, else at its widest space between lines, for as long as there is one."""
    if len(lines) < 2:
        return [lines] if lines else []
    height = sorted(line.bottom - line.top for line in lines)[len(lines) // 2]
    beside = _parted(lines, 0, 2, 0.5 * height)
    if beside and all(len(part) > 2 and _is_prose(part) for part in beside):
        return [block for part in beside for block in _blocks(part)]
    below = _parted(lines, 1, 3, 0.8 * height)
    if below:
        return [block for part in below for block in _blocks(part)]
    return [lines]


def _parted(lines: list[Line], start: int, end: int, gap: float) -> tuple[list[Line], list[Line]] | None:
    """Part lines at the widest space along one axis (fields ``start`` and ``end``) that no line crosses."""
    ordered = sorted(lines, key=lambda line: line[start])
    reached, widest, place = float(ordered[0][end]), gap, 0
    for number, line in enumerate(ordered[1:], start=1):
        if float(line[start]) - reached > widest:
            widest, place = float(line[start]) - reached, number
        reached = max(reached, float(line[end]))
    return (ordered[:place], ordered[place:]) if place else None


def _is_prose(lines: Sequence[Line]) -> bool:
    """Tell a column of text from one of a table, whose cells are short and belong to their rows."""
    shapes = sorted((line.right - line.left) / max(1.0, line.bottom - line.top) for line in lines)
    return shapes[len(shapes) // 2] >= 8


def _rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Put pieces that stand beside each other into one row, from the left."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.top + line.bottom):
        middle = (line.top + line.bottom) / 2
        if rows and rows[-1][0].top < middle < rows[-1][0].bottom:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row) for row in rows]


def _is_close(before: Line, line: Line) -> bool:
    return line.left - before.right < 0.6 * (line.bottom - line.top)


def _row_text(row: Sequence[Line]) -> str:
    text = row[0].text
    for before, line in zip(row, row[1:], strict=False):
        space = "" if _is_close(before, line) and _EAST_ASIAN.search(text[-1:] + line.text[:1]) else " "
        text += space + line.text
    return text


def _joined(rows: Sequence[Sequence[Line]]) -> str:
    """Join the lines of one paragraph: East Asian text without a space, other text with one; rows of a table stay rows."""
    if not rows:
        return ""
    right = max(row[-1].right for row in rows)
    text = _row_text(rows[0])
    for before, row in zip(rows, rows[1:], strict=False):
        height = row[0].bottom - row[0].top
        goes_on = (
            len(rows) > 2  # the width of the paragraph is that of its other lines
            and before[-1].right > right - 2.5 * height
            and row[0].left - before[0].left < 1.2 * height  # else the first line of the next paragraph is set in
            and not _SENTENCE_END.search(before[-1].text)
            and all(_is_close(one, other) for one, other in zip(before, before[1:], strict=False))
        )
        if not goes_on:
            text += "\n"
        elif _BROKEN_WORD.search(text) and row[0].text[:1].islower():
            text = text[:-1]
        elif not _EAST_ASIAN.search(text[-1:] + row[0].text[:1]):
            text += " "
        text += _row_text(row)
    return text

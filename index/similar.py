"""Texts that say nearly the same, told by the short pieces they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.terms import normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

PIECE = 4
"""Characters; letters and digits only, so that spaces and punctuation make no difference."""
NEARLY_THE_SAME = 0.8
"""Share of the pieces of both that two printings of one text have in common."""


def repeats(texts: Sequence[str], share: float = NEARLY_THE_SAME) -> list[int | None]:
    """Return, for each text, the place of the first one before it that says nearly the same; ``None`` where it is new."""
    known: list[frozenset[str]] = []
    found: list[int | None] = []
    for text in texts:
        pieces = _pieces(text)
        found.append(next((i for i, other in enumerate(known) if found[i] is None and _likeness(pieces, other) >= share), None))
        known.append(pieces)
    return found


def likeness(one: str, other: str) -> float:
    """Return the share, 0..1, of the pieces of two texts that both have (Jaccard)."""
    return _likeness(_pieces(one), _pieces(other))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    together = len(one | other)
    return len(one & other) / together if together else 1.0


def _pieces(text: str) -> frozenset[str]:
    readable = text.encode("utf-8", "ignore").decode()  # without halves of a character, which cannot be normalised
    bare = "".join(char for char in normalize(readable) if char.isalnum())
    return frozenset(bare[i : i + PIECE] for i in range(max(1, len(bare) - PIECE + 1)))

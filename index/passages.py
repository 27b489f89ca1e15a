"""Document to passages with exact offsets, at the boundaries of paragraphs and sentences."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from semantic_text_splitter import TextSplitter

from index.types import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokenizers import Tokenizer

    from index.types import Document

SPLITTER_VERSION = 1
"""Part of a document's fingerprint; raise it when the passages of any text change."""

LONGEST_RUN = 4_000
"""Characters. The splitter's time grows with the square of a stretch without sentence ends, so longer ones are cut before."""

_STRONG_END = re.compile(r"[\n\r。！？!?…]|\.\s")
_WEAK_END = re.compile(r"[，、；：,;:\s]")


class Slice(NamedTuple):
    """Where one passage lies in its document."""

    start: int
    """Code points."""
    end: int
    page: Page | None


class Splitter:
    """Cuts documents into passages of at most ``max_tokens`` tokens of the encoder."""

    def __init__(self, tokenizer: Tokenizer, max_tokens: int) -> None:
        self._splitter = _splitter(tokenizer, max_tokens)

    def split(self, document: Document) -> list[Slice]:
        """Return the passages in order; none is empty and none crosses a page."""
        areas = document.pages or (None,)
        return [
            Slice(start, end, page)
            for page in areas
            for start, end in self._split_area(document.text, page.start if page else 0, page.end if page else len(document.text))
        ]

    def _split_area(self, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        for left, right in pairwise(_cuts(text, start, end)):
            for offset, chunk in self._splitter.chunk_indices(text[left:right]):
                if chunk.strip():
                    yield left + offset, left + offset + len(chunk)


@lru_cache(maxsize=2)
def _splitter(tokenizer: Tokenizer, max_tokens: int) -> TextSplitter:
    """Return the splitter of a tokenizer; it copies the whole vocabulary, a second's work, so one is kept between syncs."""
    return TextSplitter.from_huggingface_tokenizer(tokenizer, max_tokens)


def _cuts(text: str, start: int, end: int) -> list[int]:
    """Return ``start``, ``end`` and, between them, cuts inside every run that is too long."""
    cuts = [start]
    run_start = start
    ends = [match.end() for match in _STRONG_END.finditer(text, start, end)]
    for run_end in [*ends, end]:
        while run_end - run_start > LONGEST_RUN:
            run_start = _weak_boundary(text, run_start, run_start + LONGEST_RUN)
            cuts.append(run_start)
        run_start = run_end
    cuts.append(end)
    return cuts


def _weak_boundary(text: str, start: int, limit: int) -> int:
    """Return the last place in the second half of the run where a cut hurts least; ``limit`` where there is none."""
    found = limit
    for match in _WEAK_END.finditer(text, (start + limit) // 2, limit):
        found = match.end()
    return found

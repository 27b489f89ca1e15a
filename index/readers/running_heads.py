"""Running heads, running feet and page numbers: lines that stand at the same place on page after page."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MARGIN = 0.09
"""Share of a page's height at its top and bottom where running lines stand: on A4 what has its middle within 76 points."""
LEAST_PAGES = 3
"""Pages that must repeat a line; so nothing is taken from documents of one or two pages."""
SPARSEST = 3
"""A line that every third page repeats still runs; one that comes back further apart is content."""
SAME_HEIGHT = 0.008
"""Share of a page's height."""
LONGEST = 100
"""Characters; a longer line is content."""
_NUMBER = re.compile(r"\d{1,5}")


class Line(NamedTuple):
    """A line of one page."""

    text: str
    at: Sequence[int]
    """Indices of its characters on the page."""
    height: float
    """Of its middle, 0 at the bottom of the page and 1 at the top."""
    page: int
    """0-based."""
    is_row: bool = False
    """Whether it is the row of a table, which neither runs through pages nor goes on in another line."""


def running_heads(pages: Sequence[Sequence[Line]]) -> set[int]:
    """Return the ``id`` of every line that runs through pages.

    Of a head without a page number the first stays: it mostly is the title, and a table's header may be what repeats.
    """
    if len(pages) < LEAST_PAGES:
        return set()
    alike: dict[tuple[str, int], list[Line]] = defaultdict(list)
    for lines in pages:
        for line in lines:
            if line.text and not line.is_row and len(line.text) <= LONGEST and not MARGIN < line.height < 1 - MARGIN:
                for form in set(_forms(line)):
                    for shift in (0, 0.5):
                        alike[form, math.floor(2 * line.height / SAME_HEIGHT + 2 * shift) // 2 * 2 + int(2 * shift)].append(line)
    found: set[int] = set()
    for (form, _), lines in alike.items():
        count = len({line.page for line in lines})
        if count >= LEAST_PAGES and lines[-1].page - lines[0].page < SPARSEST * count:
            counts_pages = "\0" in form
            found |= {id(line) for line in lines if counts_pages or line.page != lines[0].page}
    return found


def _forms(line: Line) -> Iterator[str]:
    """Yield the line as it is, and with numbers that may count pages written as how far they are from the page."""
    yield line.text
    numbers = list(_NUMBER.finditer(line.text))
    for chosen in [*([numbers[:1], numbers[-1:], numbers] if numbers else [])]:
        form, end = "", 0
        for number in chosen:
            form += line.text[end : number.start()] + f"\0{int(number.group()) - line.page}\0"
            end = number.end()
        yield form + line.text[end:]

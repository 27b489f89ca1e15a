"""The line above the box for the question that says which documents are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.page.markup import foreign, safe
from ui.page.words import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.page.visit import Visit
    from ui.page.words import Language

NAMED = 2
"""Documents named by their titles; of more, only the number is said."""

_PUNCTUATION: dict[Language, tuple[str, str, str]] = {"zh": ("《", "》", ""), "en": ("“", "”", ", ")}


def scope_line(visit: Visit, title_of: Callable[[str], str]) -> str:
    """Return the line, nothing where all documents are asked.

    :param title_of: the title of a document by its id.
    """
    if not visit.scope:
        return ""
    if len(visit.scope) <= NAMED:
        said = _named([title_of(document) for document in visit.scope], visit)
    else:
        said = safe(words("scope", visit.language, count=len(visit.scope)))
    clear = safe(words("scope_clear", visit.language))
    return f'<p class="scope"><span>{said}</span><button type="button" class="plain" data-act="scope-clear">{clear}</button></p>'


def _named(titles: list[str], visit: Visit) -> str:
    before, after, between = _PUNCTUATION[visit.language]
    shown = between.join(f'<span class="title">{before}{foreign(title)}{after}</span>' for title in titles)
    return safe(words("scope_named", visit.language)).replace("{titles}", shown)

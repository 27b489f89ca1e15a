"""Answers as text alone, for clients that show nothing else: footnotes below, and nothing that a renderer would act on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qa.language import language_of, message

if TYPE_CHECKING:
    from qa import Answer, Citation

_TITLES = {"zh-Hans": "出处", "zh-Hant": "出處", "en": "Sources"}
_FOOTNOTES = re.compile(rf"\n\n(?:{'|'.join(_TITLES.values())})[:：]\n\n\[1\] .*\Z", re.DOTALL)
_ACTIVE = re.compile(r"!(?=\[)|(?<=\])\(|<(?=[A-Za-z/!?])")
_ENTITIES = {"!": "&#33;", "(": "&#40;", "<": "&lt;"}


class Inert:
    """Makes text harmless that a client renders as Markdown or HTML, piece by piece as it comes.

    A quote from a document may hold ``![](http://…)`` or ``<img src=…>``, with which whoever wrote the document would learn that
    it was read, and of what else was asked. Entities are shown as the characters they stand for and never act as markup.
    """

    def __init__(self) -> None:
        self._held = ""
        self._before = ""

    def add(self, text: str) -> str:
        """Return what can be shown by now; a character that the next piece may make active is held back."""
        text = self._before + self._held + text
        start, end = len(self._before), len(text) - (text[-1:] in ("!", "<"))
        self._held = text[max(start, end) :]
        self._before = text[start:end][-1:] or self._before
        return _inert(text, start, end)

    def end(self) -> str:
        """Return what was held back."""
        held, self._held = self._held, ""
        return held


def inert(text: str) -> str:
    """Return a whole text made harmless."""
    return _inert(text, 0, len(text))


def _inert(text: str, start: int, end: int) -> str:
    """Return ``text[start:end]`` made harmless, seen with what stands around it."""
    shown, done = "", start
    for found in _ACTIVE.finditer(text, start):
        if found.start() >= end:
            break
        shown += text[done : found.start()] + _ENTITIES[found[0]]
        done = found.end()
    return shown + text[done:end]


def footnotes(answer: Answer) -> str:
    """Return what each marker stands for, title, page and quote, and what is to be known of the answer, to be put below the text.

    Empty without citations.
    """
    if not answer.citations:
        return ""
    language = language_of(answer.question)
    colon = ":" if language == "en" else "："
    lines = [f"{_TITLES[language]}{colon}", *(_line(citation, language) for citation in answer.citations)]
    return inert("\n\n" + "\n\n".join([*lines, *warnings(answer)]))


def warnings(answer: Answer) -> tuple[str, ...]:
    """Return what is to be known of an answer beside its words: that documents disagree, that one is older."""
    disagreement = (message("disagreement", language_of(answer.question)),) if answer.disagreement else ()
    return disagreement + answer.notes


def without_footnotes(text: str) -> str:
    """Return an earlier answer as it was before its footnotes."""
    return _FOOTNOTES.sub("", text)


def _line(citation: Citation, language: str) -> str:
    page = ""
    if citation.page_label or citation.page:
        named = citation.page_label or citation.page
        page = f", page {named}" if language == "en" else f"，第 {named} 页" if language == "zh-Hans" else f"，第 {named} 頁"
    quote = " ".join(citation.quote.split())
    return f"[{citation.marker}] {citation.title} ({citation.document}{page}): “{quote}”"

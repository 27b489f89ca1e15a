"""What belongs to one visit: its language, its turns, the documents it asks about."""

from __future__ import annotations

from dataclasses import dataclass, replace

from qa import Answer, Turn
from ui.page.words import Language

MOST_TURNS = 30
"""Shown and kept; the page is drawn anew with each answer, so it must not grow without end."""
MOST_SCOPE = 500
"""Documents chosen at once."""
MOST_ASKED = 1_000_000
"""Beyond any visit: a number that comes from a page is not to be trusted."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with what became of it: an answer, an error, or, with neither, the step it is at."""

    number: int
    """1-based, never reused within a visit."""
    question: str
    answer: Answer | None = None
    error: str = ""
    stage: str = "start"
    may_ask_again: bool = True
    """Whether the same question may get an answer the next time."""


@dataclass(frozen=True, slots=True)
class Visit:
    """The state of a visit; a new one for each change."""

    language: Language = "zh"
    exchanges: tuple[Exchange, ...] = ()
    scope: tuple[str, ...] = ()
    """Ids of the documents that are searched; empty means all."""
    asked: int = 0

    def history(self) -> list[Turn]:
        """Return the earlier turns that got an answer, oldest first."""
        return [Turn(e.question, e.answer.text) for e in self.exchanges if e.answer is not None]

    def asking(self, question: str) -> Visit:
        """Return the visit with a new question at its end."""
        exchange = Exchange(self.asked + 1, question)
        return replace(self, exchanges=(*self.exchanges, exchange)[-MOST_TURNS:], asked=self.asked + 1)

    def as_shown(self, language: object, scope: object, last: object) -> Visit:
        """Return the visit as its page shows it, which may know more: a server forgets a tab that is open for long.

        :param last: the highest number of a turn in the page.
        """
        known: Language = "en" if language == "en" else "zh" if language == "zh" else self.language
        chosen = tuple(str(name) for name in scope[:MOST_SCOPE]) if isinstance(scope, list) else self.scope
        number = min(last, MOST_ASKED) if isinstance(last, int) else 0
        return replace(self, language=known, scope=chosen, asked=max(self.asked, number))

    def with_last(self, *, answer: Answer | None = None, error: str = "", stage: str = "", may_ask_again: bool = True) -> Visit:
        """Return the visit with news about its last question."""
        last = self.exchanges[-1]
        exchange = replace(last, answer=answer, error=error, stage=stage or last.stage, may_ask_again=may_ask_again)
        return replace(self, exchanges=(*self.exchanges[:-1], exchange))

"""What earlier questions came to, so that a follow-up need not have them asked again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from index import QuestionError
from qa.chat import chat_kind
from qa.followup import Told

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qa.types import Answer, Turn

MOST = 2_000
"""Questions that are remembered; a few hundred bytes each."""
BELONG = 5
"""Turns before a question by which it is known again."""
LOOKED_BACK = 6
"""Turns in which a follow-up looks for what was spoken of."""
ASKED_AGAIN = 2
"""Turns before an earlier question that are looked at where what it came to is not remembered."""


class Memory:
    """The last questions of all conversations by what was said before them. Safe to share between threads."""

    def __init__(self, ask: Callable[[str, Sequence[Turn], Sequence[str] | None], Answer]) -> None:
        """Take what asks a question again that is not remembered; its answer is to be kept by it."""
        self._ask = ask
        self._lock = threading.Lock()
        self._kept: OrderedDict[object, Told] = OrderedDict()

    def keep(self, question: str, history: Sequence[Turn], documents: Sequence[str] | None, answer: Answer) -> Told:
        """Remember what a question came to; the oldest are forgotten."""
        cited = tuple(dict.fromkeys(citation.document for citation in answer.citations))
        return self._put(_key(question, history, documents), Told(answer.standalone_question, answer.short_answer, cited))

    def told(self, question: str, history: Sequence[Turn], documents: Sequence[str] | None) -> list[Told]:
        """Return what the turns before a question came to, oldest first, from the last one on that was answered."""
        found: list[Told] = []
        for place in range(len(history) - 1, max(-1, len(history) - 1 - LOOKED_BACK), -1):
            turn = history[place]
            if chat_kind(turn.question) or turn.question == question:  # said again it means what it meant then
                continue
            found.insert(0, self._recalled(turn.question, history[:place], documents))
            if found[0].documents:
                break
        return found

    def _recalled(self, question: str, history: Sequence[Turn], documents: Sequence[str] | None) -> Told:
        with self._lock:
            told = self._kept.get(_key(question, history, documents))
        if told:
            return told
        try:  # it was asked of another process, or before this one began
            answer = self._ask(question, history[-ASKED_AGAIN:], documents)
        except QuestionError:  # what was sent as a history is no question
            return self._put(_key(question, history, documents), Told(question, "", ()))
        return self.keep(question, history, documents, answer)

    def _put(self, key: object, told: Told) -> Told:
        with self._lock:
            self._kept[key] = told
            self._kept.move_to_end(key)
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return told


def _key(question: str, history: Sequence[Turn], documents: Sequence[str] | None) -> object:
    return question, tuple(history[-BELONG:]), None if documents is None else tuple(documents)

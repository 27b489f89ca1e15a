"""What chat clients ask for in the background: a title, tags, what to ask next. The documents have no answer to that.

Open WebUI sends such a task to the model of the conversation, as one message that begins with ``### Task:``, names the key of the
JSON object that it wants and ends with the conversation. Whatever marked it as a task does not reach the server.
"""

from __future__ import annotations

import json
import re

from qa import Answer

LONGEST_TITLE = 40
"""Characters; the list of conversations shows no more."""
_TASK = re.compile(r"\s*#+ *Task:")
_KEY = re.compile(r'\{\s*"(title|tags|follow_ups|queries|prompt|text)"\s*:')
_HISTORY = re.compile(r"<chat_history>(.*?)(?:</chat_history>|\Z)", re.DOTALL)
_ASKED = re.compile(r"^USER: *(.*)$", re.MULTILINE)
_NOTHING: dict[str, object] = {"tags": [], "follow_ups": [], "queries": [], "prompt": "", "text": ""}


def task_answer(message: str) -> Answer | None:
    """Return what a background task is told, or ``None`` where a person asks.

    The title is the first question of the conversation. There is nothing here that could make up the rest, and an empty list or
    text is what these tasks take for "nothing".
    """
    if not _TASK.match(message):
        return None
    key = _KEY.search(message)
    if key is None:
        return None
    name = key[1]
    found = _title(message) if name == "title" else _NOTHING[name]
    text = json.dumps({name: found}, ensure_ascii=False)
    return Answer(message, message, "chat", text, "", 0.0)


def _title(message: str) -> str:
    history = _HISTORY.search(message)
    asked = _ASKED.search(history[1]) if history else None
    title = " ".join(asked[1].split()) if asked else ""
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"

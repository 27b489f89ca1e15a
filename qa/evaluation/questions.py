"""A person's own questions: one JSON object a line."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING

from qa.evaluation.judging import bare
from qa.evaluation.types import EvaluationError, GoldQuestion

if TYPE_CHECKING:
    from pathlib import Path

    from qa.evaluation.types import Kind

EXAMPLE = '{"question": "会议由谁主持？", "answer": "宁云"}'
HELP = f"Write one JSON object a line, such as {EXAMPLE}; docs/evaluation.md shows every form."


def read_questions(path: Path) -> list[GoldQuestion]:
    """Read a file of questions; empty lines and keys of other tools are passed over.

    :raises EvaluationError: naming the file, the line and the next step.
    """
    found: list[GoldQuestion] = []
    seen: dict[str, str] = {}
    # not splitlines: the line separators of Unicode may stand inside a JSON text
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        place = f"{path}, line {number}"
        question = _question(_object(line, place), place, seen)
        seen[question.id] = place
        found.append(question)
    if not found:
        raise EvaluationError(f"{path} holds no question. {HELP}")
    return found


def read_text(path: Path) -> str:
    """Return what a file in UTF-8 holds, without a byte order mark.

    :raises EvaluationError: it is missing, cannot be read, or is in another encoding.
    """
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise EvaluationError(f"{path} does not exist. Give the path of a file with one question a line.") from error
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read: {error.strerror}. Give a file that you may read.") from error
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        raise EvaluationError(f"{path}, line {number}: not UTF-8. Save the file in the encoding UTF-8.") from error


def _object(line: str, place: str) -> dict[str, object]:
    try:
        content = json.loads(line)
    except json.JSONDecodeError as error:
        raise EvaluationError(f"{place}: not JSON ({error.msg}, column {error.colno}). {HELP}") from error
    except (ValueError, RecursionError) as error:  # a number of too many digits, brackets nested without end
        raise EvaluationError(f"{place}: not JSON that can be read ({error}). {HELP}") from error
    if not isinstance(content, dict):
        raise EvaluationError(f"{place}: not a JSON object in braces. {HELP}")
    return content


def _question(content: dict[str, object], place: str, seen: dict[str, str]) -> GoldQuestion:
    text = content.get("question")
    if not isinstance(text, str) or not text.strip():
        raise EvaluationError(f'{place}: "question" is missing or empty. {HELP}')
    documents = tuple(unicodedata.normalize("NFC", name) for name in _texts(content, "document", place))
    answers = _golds(content, "answers", place) + _golds(content, "answer", place)
    quotes = _golds(content, "quote", place)
    kind = _kind(content, place, has_gold=bool(documents or answers or quotes))
    if kind != "answerable" and (answers or quotes):
        raise EvaluationError(f"{place}: the question has an answer and is said to have none. Take one of the two out.")
    question = GoldQuestion(_id(content, text, place, seen), text, kind, documents, tuple(dict.fromkeys(answers)), quotes, place)
    _check_encodable(question)
    return question


def _kind(content: dict[str, object], place: str, *, has_gold: bool) -> Kind:
    flags = {name: content.get(name) for name in ("chat", "answerable")}
    for name, flag in flags.items():
        if flag not in (None, True, False) or isinstance(flag, int) and not isinstance(flag, bool):
            raise EvaluationError(f'{place}: "{name}" is {flag!r}. Write true or false, without quotation marks.')
    if flags["chat"]:
        return "chat"
    if flags["answerable"] is False:
        return "unanswerable"
    if not has_gold and not flags["answerable"]:
        raise EvaluationError(
            f'{place}: nothing says what the answer is. Add "answer", "quote" or "document", '
            'or "answerable": false where the documents do not answer it.'
        )
    return "answerable"


def _id(content: dict[str, object], text: str, place: str, seen: dict[str, str]) -> str:
    """Return the id given, else the question itself, so that runs stay comparable when lines are added or moved."""
    given = content.get("id")
    if given is None:
        name, count = text, 1
        while name in seen:
            count += 1
            name = f"{text} #{count}"
        return name
    if isinstance(given, bool) or not isinstance(given, str | int) or given == "":
        raise EvaluationError(f'{place}: "id" is {given!r}. Write a text or a whole number, or leave it out.')
    if str(given) in seen:
        raise EvaluationError(f'{place}: "id" {given!r} has been used before ({seen[str(given)]}). Give each its own.')
    return str(given)


def _golds(content: dict[str, object], key: str, place: str) -> tuple[str, ...]:
    golds = _texts(content, key, place)
    for gold in golds:
        if not bare(gold):
            raise EvaluationError(f'{place}: "{key}" holds {gold!r}, without a letter or digit. Write words to look for.')
    return golds


def _texts(content: dict[str, object], key: str, place: str) -> tuple[str, ...]:
    value = content.get(key)
    if value is None:
        return ()
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise EvaluationError(f'{place}: "{key}" is {value!r}. Write a text in quotation marks, or a list of such texts.')
    return tuple(texts)


def _check_encodable(question: GoldQuestion) -> None:
    """Refuse half of a surrogate pair, which JSON can write and no encoder or file can take."""
    try:
        json.dumps(question.to_dict(), ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise EvaluationError(f"{question.place}: half of a character ({error.object[error.start]!r}). Take it out.") from error

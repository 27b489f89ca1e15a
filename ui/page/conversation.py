"""The chat as HTML: questions, answers with markers, the states that must not be confused."""

from __future__ import annotations

import re
from secrets import token_hex
from typing import TYPE_CHECKING

from ui.page.evidence import grouped
from ui.page.markup import foreign, safe
from ui.page.visit import Exchange
from ui.page.words import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa import Answer
    from ui.page.visit import Visit
    from ui.page.words import Language

_MARKERS = re.compile(r"[ \u00a0]?(?:\[\d{1,3}\])+")
"""What the answer's text has directly behind a statement that has markers."""
_STAGES = ("search", "read", "write")
_COPIED: dict[Language, tuple[str, str, str]] = {
    "zh": ("出处：", "[{marker}] {title}（{where}）：“{quote}”", "，"),
    "en": ("Sources:", "[{marker}] {title} ({where}): “{quote}”", ", "),
}
"""What is copied of the sources: the heading, a source, and what stands between its file and its page."""


def conversation(visit: Visit, samples: Sequence[str], documents: int, *, are_all: bool = True) -> str:
    """Return the whole conversation, or the welcome where nothing was asked yet.

    With it come two turns that the script fills in: of a question that is on its way, and of one that did not arrive.
    """
    turns = "".join(turn(exchange, visit.language) for exchange in visit.exchanges)
    inner = turns or _welcome(visit.language, samples, documents, are_all=are_all)
    on_its_way = turn(Exchange(0, ""), visit.language)
    lost = turn(Exchange(0, "", error=words("offline", visit.language)), visit.language)
    # the mark makes each drawing another value: the framework leaves a value alone that it has drawn before
    return (
        f'<div class="turns" data-drawn="{token_hex(4)}" data-working="{safe(on_its_way)}" data-lost="{safe(lost)}">{inner}</div>'
    )


def _welcome(language: Language, samples: Sequence[str], documents: int, *, are_all: bool) -> str:
    more = words("welcome_more", language, count=f"{documents:,}") if documents else words("welcome_empty", language)
    return (
        f'<div class="welcome"><h1>{safe(words("welcome", language))}</h1><p>{safe(more)}</p>'
        f'<div id="samples">{sample_list(samples, language, are_all=are_all)}</div></div>'
    )


def sample_list(samples: Sequence[str], language: Language, *, are_all: bool = True) -> str:
    """Return questions to begin with; while more are being made, the script asks again."""
    chips = "".join(
        f'<li><button type="button" class="sample" data-question="{safe(sample)}">{foreign(sample)}</button></li>'
        for sample in samples
    )
    more = "" if are_all else '<span class="more" hidden></span>'
    return (f'<h2 class="quiet">{safe(words("samples", language))}</h2><ul class="samples">{chips}</ul>' if chips else "") + more


def turn(exchange: Exchange, language: Language) -> str:
    """Return one question with what became of it."""
    state, body = _state_and_body(exchange, language)
    question = f'<h2 class="question"><span class="sr">{safe(words("you", language))}: </span>{foreign(exchange.question)}</h2>'
    name = f'id="turn-{exchange.number}" data-turn="{exchange.number}"'
    return f'<article class="turn" {name} data-state="{state}">{question}{body}</article>'


def _state_and_body(exchange: Exchange, language: Language) -> tuple[str, str]:
    if exchange.error:
        return "error", _reply("error", f'<p class="text">{foreign(exchange.error)}</p>{_again(exchange, language)}', language)
    if exchange.answer is None:
        return "working", _steps(exchange.stage, language)
    answer = exchange.answer
    text = f'<div class="text">{_text(answer, exchange.number, language)}</div>'
    body = _notes(answer, language) + text + _tools(exchange, answer, language)
    if answer.disagreement:
        return answer.status, _reply("disagreement", body, language)
    sure = ""
    if answer.status == "answered":
        said = words("confidence", language, value=f"{answer.confidence:.0%}")
        sure = f'<span class="quiet" title="{safe(words("confidence_about", language))}">{safe(said)}</span>'
    return answer.status, _reply(answer.status, body, language, sure)


def _reply(state: str, body: str, language: Language, sure: str = "") -> str:
    label = f'<span class="badge">{safe(words(f"state_{state}", language))}</span>{sure}'
    return f'<div class="reply {state}"><p class="state">{label}</p>{body}</div>'


def _again(exchange: Exchange, language: Language) -> str:
    if not exchange.may_ask_again:
        return ""
    said = safe(words("ask_again", language))
    return f'<p class="tools"><button type="button" class="line" data-act="ask-again">{said}</button></p>'


def _steps(stage: str, language: Language) -> str:
    if stage not in _STAGES:
        return f'<ol class="steps"><li class="now">{safe(words(f"stage_{stage}", language))}</li></ol>'
    reached = _STAGES.index(stage)
    items = "".join(
        f'<li class="{"now" if number == reached else "done"}">{safe(words(f"stage_{name}", language))}</li>'
        for number, name in enumerate(_STAGES[: reached + 1])
    )
    return f'<ol class="steps">{items}</ol>'


def _text(answer: Answer, turn: int, language: Language) -> str:
    """Return the answer's text; only markers that stand behind a statement become buttons, never a ``[1]`` inside a quote."""
    if _is_refusal(answer):
        return f"<p>{safe(words('not_found', language))}</p>"
    short = "" if answer.disagreement else answer.short_answer  # no side of a disagreement is set apart
    shown, at = [], 0
    for number, statement in enumerate(answer.statements):
        shown.append(safe(answer.text[at : statement.start]).strip())
        body = answer.text[statement.start : statement.end]
        inner = _with_short(body, short) if number == 0 else safe(body)
        buttons = "".join(_marker(answer, turn, marker, language) for marker in statement.markers)
        note = "" if statement.supported else f'<em class="unsupported">{safe(words("unsupported", language))}</em>'
        # the paragraph takes the direction of its words, so that its markers stand at their end
        shown.append(f'<p dir="auto"><span class="statement">{inner}</span>{note}{buttons}</p>')
        at = statement.end
        behind = _MARKERS.match(answer.text, at) if statement.markers else None
        at = behind.end() if behind else at
    rest = answer.text[at:].strip()
    return "".join(shown) + (f"<p>{foreign(rest)}</p>" if rest else "")


def _is_refusal(answer: Answer) -> bool:
    """Tell whether documents were searched and do not answer, which the page says in its own language."""
    return answer.status == "not_found" and bool(answer.evidence)


def _with_short(text: str, short: str) -> str:
    """Return a statement with the words that answer the question set apart, where they are less than the whole."""
    at = text.find(short) if short else -1
    if at < 0 or len(short) >= len(text.rstrip("。.!？?！ ")):
        return safe(text)
    return f"{safe(text[:at])}<strong>{safe(short)}</strong>{safe(text[at + len(short) :])}"


def _marker(answer: Answer, turn: int, marker: int, language: Language) -> str:
    citation = next((c for c in answer.citations if c.marker == marker), None)
    if citation is None:
        return ""
    name = safe(words("marker", language, number=marker, title=citation.title))
    return (
        f'<button type="button" class="marker" id="marker-{turn}-{marker}" data-turn="{turn}" data-marker="{marker}" '
        f'aria-label="{name}" aria-describedby="quote-{turn}-{marker}" aria-controls="card-{turn}-{marker}">{marker}</button>'
    )


def _notes(answer: Answer, language: Language) -> str:
    """Return what is to be known before the statements are read."""
    disagreement = f'<p class="note">{safe(words("disagreement", language))}</p>' if answer.disagreement else ""
    return disagreement + "".join(f'<p class="note">{foreign(note)}</p>' for note in answer.notes)


def _tools(exchange: Exchange, answer: Answer, language: Language) -> str:
    buttons = ""
    count = len(answer.citations) if answer.status == "answered" else len(grouped(answer.evidence))
    if answer.status != "chat" and count:
        name = "show_evidence" if answer.status == "answered" else "show_nearest"
        buttons += (
            f'<button type="button" class="plain show-evidence" data-turn="{exchange.number}">'
            f"{safe(words(name, language, count=count))}</button>"
        )
    if answer.status == "answered":
        buttons += (
            f'<button type="button" class="plain copy" data-copy="{safe(plain_text(answer, language))}" '
            f'data-done="{safe(words("copied", language))}">{safe(words("copy", language))}</button>'
        )
    return f'<p class="tools">{buttons}</p>' if buttons else ""


def plain_text(answer: Answer, language: Language) -> str:
    """Return the answer with its sources, for the clipboard."""
    heading, source, between = _COPIED[language]
    said = words("not_found", language) if _is_refusal(answer) else answer.text
    lines = [answer.question, "", said, "", heading]
    for c in answer.citations:
        where = c.page_label or (words("page", language, page=c.page) if c.page is not None else "")
        where = between.join(part for part in (c.document, where) if part)
        lines.append(source.format(marker=c.marker, title=c.title, where=where, quote=c.quote.strip()))
    return "\n".join(lines)

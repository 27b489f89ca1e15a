"""The evidence beside the chat: numbered cards in the order of the markers, or the nearest passages, plainly called so."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING

from index import repeats
from ui.page.markup import foreign, marked, original_link, place_of, safe
from ui.page.words import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index import Hit
    from qa import Answer, Citation
    from ui.page.visit import Exchange, Visit
    from ui.page.words import Language

NEAREST_SHOWN = 3
LEAST_BAR = 0.06
"""Share of a bar that the weakest passage still shows, so that it reads as little and not as missing."""


def evidence(visit: Visit) -> str:
    """Return the evidence of every turn, only the last of them shown."""
    answered = [exchange for exchange in visit.exchanges if exchange.answer is not None]
    language = visit.language
    close = (
        f'<button type="button" class="plain close-evidence" aria-label="{safe(words("close", language))}">'
        f'<span aria-hidden="true">✕</span></button>'
    )
    last = answered[-1].number if answered else 0
    sections = "".join(section(exchange, language, shown=exchange.number == last) for exchange in answered)
    empty = f'<p class="quiet empty"{" hidden" if answered else ""}>{safe(words("evidence_none", language))}</p>'
    shown = _pending(language) + empty + sections
    return f'<p class="panel-head">{close}</p><div class="sections" data-drawn="{token_hex(4)}">{shown}</div>'


def _pending(language: Language) -> str:
    """Return what the script shows while an answer is on its way."""
    return (
        f'<section class="evidence" data-turn="pending" hidden><h2>{safe(words("evidence", language))}</h2>'
        f'<p class="quiet empty">{safe(words("evidence_pending", language))}</p></section>'
    )


def section(exchange: Exchange, language: Language, *, shown: bool = True) -> str:
    """Return the evidence of one turn, nothing where it has no answer."""
    answer = exchange.answer
    if answer is None:
        return ""
    heading = words("nearest" if answer.status == "not_found" else "evidence", language)
    about = words("evidence_for", language, question=exchange.question)
    if answer.status == "answered":
        cards = _cited(exchange.number, answer, language)
    elif answer.status == "not_found":
        cards = _nearest(exchange.number, answer.evidence, language)
    else:
        cards = f'<p class="quiet empty">{safe(words("evidence_chat", language))}</p>'
    return (
        f'<section class="evidence {answer.status}" id="evidence-{exchange.number}" data-turn="{exchange.number}" '
        f'aria-labelledby="evidence-head-{exchange.number}"{"" if shown else " hidden"}>'
        f'<h2 id="evidence-head-{exchange.number}" tabindex="-1">{safe(heading)}</h2>'
        f'<p class="quiet about">{foreign(about)}</p>{cards}</section>'
    )


def _cited(turn: int, answer: Answer, language: Language) -> str:
    hits = {str(hit.passage.id): hit for hit in answer.evidence}
    cards = "".join(_card(turn, c, hits.get(c.passage), answer.evidence, language) for c in answer.citations)
    cited = {c.passage for c in answer.citations}
    shown = [hit for hit in answer.evidence if str(hit.passage.id) in cited]
    others = [hit for hit in answer.evidence if str(hit.passage.id) not in cited]
    new = repeats([hit.passage.text for hit in (*shown, *others)])[len(shown) :]
    once = [hit for hit, repeated in zip(others, new, strict=True) if repeated is None or repeated >= len(shown)]
    return f'<ol class="cards">{cards}</ol>' + _folded("also_found", turn, grouped(once), answer.evidence, language)


def _nearest(turn: int, hits: Sequence[Hit], language: Language) -> str:
    groups = grouped(hits)
    # without bars: a full one would speak for a passage that is no answer
    first = "".join(_uncited(turn, group, (), language) for group in groups[:NEAREST_SHOWN])
    return f'<ul class="cards">{first}</ul>' + _folded("more_nearest", turn, groups[NEAREST_SHOWN:], (), language)


def grouped(hits: Sequence[Hit]) -> list[list[Hit]]:
    """Put hits that say nearly the same together, in the order of the first of each."""
    groups: dict[int, list[Hit]] = {}
    for place, (hit, repeated) in enumerate(zip(hits, repeats([hit.passage.text for hit in hits]), strict=True)):
        groups.setdefault(place if repeated is None else repeated, []).append(hit)
    return list(groups.values())


def _folded(name: str, turn: int, groups: Sequence[Sequence[Hit]], all_hits: Sequence[Hit], language: Language) -> str:
    if not groups:
        return ""
    cards = "".join(_uncited(turn, group, all_hits, language) for group in groups)
    summary = safe(words(name, language, count=len(groups)))
    return f'<details><summary>{summary}</summary><ul class="cards">{cards}</ul></details>'


def _card(turn: int, citation: Citation, hit: Hit | None, hits: Sequence[Hit], language: Language) -> str:
    number = citation.marker
    if hit is None:  # an answer may rest on more than the passages shown beside it
        text, start, date, recognised = citation.quote, 0, None, None
    else:
        shown = hit.passage
        text, start, date, recognised = shown.text, citation.start - shown.start, shown.date, shown.recognised
    passage = _passage(text, citation.title, start, start + citation.end - citation.start, f"quote-{turn}-{number}")
    back = safe(words("back_to_answer", language, number=number))
    return (
        f'<li class="card" id="card-{turn}-{number}" tabindex="-1" aria-labelledby="title-{turn}-{number}">'
        f'<header><button type="button" class="number" data-turn="{turn}" data-marker="{number}" '
        f'aria-label="{back}">{number}</button>'
        f'<h3 id="title-{turn}-{number}">{foreign(citation.title)}</h3></header>'
        + place_of(citation.document, citation.page, citation.page_label, date, recognised, language)
        + f'<blockquote class="passage" dir="auto">{passage}</blockquote>'
        + _foot(citation.document, citation.title, citation.start, citation.end, hit, hits, language)
        + "</li>"
    )


def _uncited(turn: int, group: Sequence[Hit], hits: Sequence[Hit], language: Language) -> str:
    """Return the card of the first of a group, which names where the others stand.

    :param hits: what its bars compare it with; empty for none.
    """
    hit, *again = group
    passage = hit.passage
    name = f"near-{turn}-{hit.rank}"
    return (
        f'<li class="card near" aria-labelledby="{name}"><header><h3 id="{name}">{foreign(passage.title)}</h3></header>'
        + place_of(passage.document_id, passage.page, passage.page_label, passage.date, passage.recognised, language)
        + f'<blockquote class="passage" dir="auto">{_passage(passage.text, passage.title)}</blockquote>'
        + _again(again, language)
        + _foot(passage.document_id, passage.title, passage.start, passage.end, hit, hits, language)
        + "</li>"
    )


def _passage(text: str, title: str, start: int = 0, end: int = 0, mark_id: str = "") -> str:
    """Return a passage with what is quoted marked, without a first line that only says the title again."""
    first = text.partition("\n")[0]
    size = len(first)
    if first.strip() != title.strip() or not text[size:].strip() or start < min(size, end):
        return marked(text, start, end, mark_id)
    size += len(text[size:]) - len(text[size:].lstrip("\n"))
    return marked(text[size:], start - size, end - size, mark_id)


def _again(hits: Sequence[Hit], language: Language) -> str:
    if not hits:
        return ""
    places = "".join(f"<li>{foreign(hit.passage.document_id)}</li>" for hit in hits)
    return f'<p class="quiet">{safe(words("again", language))}</p><ul class="quiet again">{places}</ul>'


def _foot(document: str, title: str, start: int, end: int, hit: Hit | None, hits: Sequence[Hit], language: Language) -> str:
    bars = ""
    if hit is not None and hits:
        dense = _bar("by_meaning", hit.dense, [h.dense for h in hits], f"{hit.dense:.2f}", language)
        keyword = _bar("by_keywords", hit.keyword, [0.0, *(h.keyword for h in hits)], f"{hit.keyword:.1f}", language)
        bars = f'<div class="bars" title="{safe(words("bars_about", language))}">{dense}{keyword}</div>'
    link = (
        f'<a class="original" href="{safe(original_link(document, start, end, language))}" target="_blank" rel="noopener" '
        f'data-title="{safe(title)}" aria-label="{safe(words("original_of", language, title=title))}">'
        f"{safe(words('original', language))}</a>"
    )
    return f"<footer>{bars}{link}</footer>"


def _bar(name: str, value: float, values: Sequence[float], shown: str, language: Language) -> str:
    low, high = min(values), max(values)
    share = LEAST_BAR + (1 - LEAST_BAR) * ((value - low) / (high - low) if high > low else 1.0)
    label = safe(words(name, language))
    return (
        f'<span class="bar"><span>{label}</span><span class="track" aria-hidden="true">'
        f'<i style="width:{share:.0%}"></i></span><span class="value">{safe(shown)}</span></span>'
    )

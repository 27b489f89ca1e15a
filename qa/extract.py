"""An Answer from what the reader found: the sentences that answer, each with its marker, each word for word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index import likeness, words_of
from qa.numbers import numbers_in, with_values
from qa.types import Citation, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qa.reader import Finding, Reading

MOST_STATEMENTS = 2
NEARLY_AS_GOOD = 0.85
"""Share of the best score from which another sentence may be added, if it holds words of the question that are still missing."""
AS_CREDIBLE = 0.5
"""Share of the best score from which another document counts as saying the same, or something else."""
MOST_MARKERS = 3
"""Documents named for one statement; more say no more."""
OF_ONE_DOCUMENT = 0.5
"""Likeness of two passages from which they are taken for two versions of one."""


@dataclass(frozen=True, slots=True)
class Composed:
    """The text of an answer with what it rests on."""

    text: str
    short_answer: str
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    disagreement: bool = False
    """Two documents answer with different numbers."""
    older: Citation | None = None
    """Of two versions of a document that disagree, the older; it comes second."""


def compose(reading: Reading) -> Composed:
    """Put the best findings together as a short text; one that says the same as another becomes a marker of it."""
    best, *others = reading.findings
    against = next((other for other in others if _disagrees(other, best)), None)
    are_versions = against is not None and _are_versions(against, best)
    if against and are_versions and _date(against) > _date(best):
        best, against = against, best
    groups = _grouped([best, against] if against else _chosen(reading.findings), reading.findings)
    text = ""
    statements: list[Statement] = []
    citations: list[Citation] = []
    for group in groups:
        markers = tuple(range(len(citations) + 1, len(citations) + 1 + len(group)))
        citations += [_citation(marker, finding) for marker, finding in zip(markers, group, strict=True)]
        start = len(text) + (1 if text else 0)
        quote = group[0].quote
        text += ("\n" if text else "") + quote + " " + "".join(f"[{marker}]" for marker in markers)
        statements.append(Statement(start, start + len(quote), markers, supported=True))
    older = next((c for c in citations if against and c.document == against.hit.passage.document_id), None)
    return Composed(text, best.short, tuple(statements), tuple(citations), against is not None, older if are_versions else None)


def _chosen(findings: Sequence[Finding]) -> list[Finding]:
    """Return the best finding and, where it leaves words of the question open, the next that holds some of them."""
    best = findings[0]
    chosen, held = [best], set(best.coverage)
    for finding in findings[1:]:
        if len(chosen) == MOST_STATEMENTS or finding.score < NEARLY_AS_GOOD * best.score:
            break
        if finding.coverage - held and not any(_repeats(finding, other) for other in chosen):
            chosen.append(finding)
            held |= finding.coverage
    return chosen


def _grouped(chosen: Sequence[Finding], findings: Sequence[Finding]) -> list[list[Finding]]:
    groups = []
    for finding in chosen:
        documents = {finding.hit.passage.document_id}
        group = [finding]
        for other in findings:
            document = other.hit.passage.document_id
            if document not in documents and len(group) < MOST_MARKERS and _says_the_same(other, finding):
                group.append(other)
                documents.add(document)
        groups.append(group)
    return groups


def _repeats(one: Finding, other: Finding) -> bool:
    """Tell whether one of the two says nothing that the other does not."""
    shorter, longer = sorted((one.quote, other.quote), key=len)
    place, place_of_other = one.hit.passage.document_id, other.hit.passage.document_id
    says_no_more = _bare(shorter) in _bare(longer) and numbers_in(shorter) <= numbers_in(longer)
    return says_no_more or (place == place_of_other and one.start < other.end and other.start < one.end)


def _says_the_same(one: Finding, other: Finding) -> bool:
    if _are_the_same(one.quote, other.quote):
        return True
    return _is_about_the_same(one, other) and _are_the_same(one.short, other.short)


def _disagrees(one: Finding, best: Finding) -> bool:
    """Tell whether another document gives other numbers for the same thing; other words may well mean the same."""
    if one.hit.passage.document_id == best.hit.passage.document_id or not _is_about_the_same(one, best):
        return False
    said, known = (numbers_in(finding.short) for finding in (one, best))
    return bool(said and known) and said.isdisjoint(known) and said.isdisjoint(numbers_in(best.quote))


def _are_versions(one: Finding, other: Finding) -> bool:
    """Tell whether two findings are from versions of one document, made on different days."""
    if not _date(one) or not _date(other) or _date(one) == _date(other):
        return False
    return likeness(one.hit.passage.text, other.hit.passage.text) >= OF_ONE_DOCUMENT


def _date(finding: Finding) -> str:
    return finding.hit.passage.date or ""


def _is_about_the_same(one: Finding, best: Finding) -> bool:
    return one.score >= AS_CREDIBLE * best.score and one.coverage >= best.coverage


def _are_the_same(one: str, other: str) -> bool:
    return _bare(one) == _bare(other) and numbers_in(one) == numbers_in(other)


def _bare(text: str) -> str:
    """Return the words alone: without the point of 3.5, the sign of -5, so that numbers are to be compared beside them."""
    return "".join(words_of(with_values(text)))


def _citation(marker: int, finding: Finding) -> Citation:
    passage = finding.hit.passage
    return Citation(
        marker=marker,
        document=passage.document_id,
        title=passage.title,
        page=passage.page,
        page_label=passage.page_label,
        start=finding.start,
        end=finding.end,
        quote=finding.quote,
        passage=str(passage.id),
    )

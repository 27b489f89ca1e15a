"""A run as one HTML file that needs nothing else: no script, no font, no address outside itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.evaluation_pictures import reliability_picture, risk_picture
from ui.evaluation_style import STYLE
from ui.evaluation_words import GROUPS, MISSES, VERDICTS, label, likelihood, notes, outcome_of, shown
from ui.page.markup import foreign, safe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from index import Hit
    from qa import Answer, Citation
    from qa.evaluation import Comparison, Evaluation, Row
    from ui.evaluation_words import Words

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""A browser that obeys it asks no other place for anything, whatever a document's words look like."""


def report(evaluation: Evaluation, comparison: Comparison | None = None, name: str = "") -> str:
    """Return the whole page.

    :param name: the file of questions.
    """
    parts = [_head(evaluation, name), _table(evaluation)]
    if comparison:
        parts.append(_comparison(comparison))
    parts += [_pictures(evaluation), _misses(evaluation)]
    return (
        '<!DOCTYPE html>\n<html lang="zh"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
        # without an icon of its own a page that is served has the browser ask for one
        '<link rel="icon" href="data:,"><title>有据评测 Youju evaluation</title>'
        f"<style>{STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>\n"
    )


def _both(words: Words) -> str:
    return f'{safe(words[0])} <span lang="en">{safe(words[1])}</span>' if words[1] else safe(words[0])


def _head(evaluation: Evaluation, name: str) -> str:
    counts, about = evaluation.counts, evaluation.about
    asked = (
        f"{counts['asked']} 道题：{counts['answerable']} 道有答案，{counts['unanswerable']} 道无答案，{counts['chat']} 道寒暄",
        f"{counts['asked']} questions: {counts['answerable']} answerable, {counts['unanswerable']} not, "
        f"{counts['chat']} small talk",
    )
    place = f"{name} · {about.get('index', '')} · {about.get('documents', '')} documents, {about.get('passages', '')} passages"
    place += f" · {about.get('encoder', '')} · {evaluation.finished}"
    noted = "".join(f'<p class="note">{_both(words)}</p>' for words in notes(evaluation))
    title = _both(("有据评测", "Youju evaluation"))
    return f'<header><h1>{title}</h1><p>{_both(asked)}</p><p class="soft">{foreign(place)}</p>{noted}</header>'


def _table(evaluation: Evaluation) -> str:
    rows = []
    for group, names in GROUPS:
        rows.append(f'<tr><th colspan="3" scope="rowgroup">{_both(group)}</th></tr>')
        for name in names:
            measured = evaluation.measures[name]
            value = shown(name, measured.value)
            rows.append(f'<tr><th scope="row">{_both(label(name))}</th><td>{value}</td><td>{measured.questions}</td></tr>')
    head = "".join(
        f'<th scope="col">{_both(words)}</th>' for words in (("指标", "Measure"), ("值", "Value"), ("题数", "Questions"))
    )
    return (
        f'<section id="measures"><h2>{_both(("指标", "Measures"))}</h2><div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
        f'<p class="soft">{_both(("↓ 越小越好；– 没有可量的题", "↓ less is better; – nothing to measure"))}</p></section>'
    )


def _comparison(comparison: Comparison) -> str:
    rows = []
    for name, found in comparison.differences.items():
        words = outcome_of(name, found)
        low, high = (shown(name, end, signed=True).removesuffix(" %") for end in (found.low, found.high))
        cells = (
            shown(name, found.this),
            shown(name, found.other),
            f'{shown(name, found.this - found.other, signed=True)} <span class="soft">({low} … {high})</span>',
            "–" if found.only_this is None else f"{found.only_this} : {found.only_other}",
            safe(likelihood(found.p)),
        )
        rows.append(
            f'<tr><th scope="row">{_both((label(name)[0], name))}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}'
            f'<td class="{"chance" if found.is_chance else words[1]}">{_both(words)}</td></tr>'
        )
    columns = (
        ("指标", "measure"),
        ("本次", "this"),
        ("另一次", "other"),
        ("差与 95 % 区间", "difference"),
        ("分歧", "disagree"),
        ("p", ""),
        ("结论", "verdict"),
    )
    head = "".join(f'<th scope="col">{_both(words)}</th>' for words in columns)
    said = (
        f"两次共有 {comparison.common} 道题；仅本次 {comparison.only_this} 道，仅另一次 {comparison.only_other} 道，不计",
        f"{comparison.common} questions in both; {comparison.only_this} only here and {comparison.only_other} only there, "
        "left out",
    )
    return (
        f'<section id="comparison"><h2>{_both(("对比", "Comparison"))} <bdi>{safe(comparison.other)}</bdi></h2>'
        f'<p class="soft">{_both(said)}</p><div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div></section>"
    )


def _pictures(evaluation: Evaluation) -> str:
    risk = (
        "只答最有把握的题时，答错的占多少；曲线止于实际作答的比例（空心点）",
        "how many answers are wrong when only the surest are given; the ring is where Youju stops answering",
    )
    reliable = (
        "柱高是该段把握下答对的比例，数字是题数；贴着虚线说明把握可信",
        "share of right answers by confidence, with their number; on the dashed line the confidence is true",
    )
    figures = (
        (("风险与覆盖", "Risk against coverage"), risk, risk_picture(evaluation.risk_coverage)),
        (("把握与正确", "Reliability"), reliable, reliability_picture(evaluation.reliability)),
    )
    drawn = "".join(
        f"<figure>{picture}<figcaption><b>{_both(title)}</b><br>{_both(said)}</figcaption></figure>"
        for title, said, picture in figures
    )
    return f'<section id="pictures"><h2>{_both(("图", "Pictures"))}</h2><div class="pictures">{drawn}</div></section>'


def _misses(evaluation: Evaluation) -> str:
    parts = []
    for verdict in MISSES:
        rows = [row for row in evaluation.rows if row.outcome.verdict == verdict]
        if rows:
            parts.append(f"<h3>{_both(VERDICTS[verdict])} · {len(rows)}</h3>{''.join(map(_miss, rows))}")
    unlike = [row for row in evaluation.rows if not all(row.verbatim)]
    if unlike:
        title = _both(("引文与原文不同", "quotes that differ from their document"))
        parts.append(f"<h3>{title} · {len(unlike)}</h3>{''.join(map(_miss, unlike))}")
    body = "".join(parts) or f"<p>{_both(('没有', 'none'))}</p>"
    return f'<section id="misses"><h2>{_both(("没有答对的题", "Misses"))}</h2>{body}</section>'


def _miss(row: Row) -> str:
    gold, answer = row.outcome.gold, row.answer
    about = f"{gold.id} · " if gold.id != gold.text else ""
    about += f"把握 confidence {answer.confidence:.2f} · {answer.status}"
    said = foreign(answer.text) + "".join(_quote(c, answer, v) for c, v in zip(answer.citations, row.verbatim, strict=True))
    found = (
        (f"答案在第 {row.rank} 段", f"the answer stands in passage {row.rank}")
        if row.rank
        else ("答案不在其中", "the answer is not among them")
        if gold.kind == "answerable"
        else ("最接近的段落", "the nearest")
    )
    passages = "".join(_passage(hit, is_gold=row.is_gold(hit)) for hit in answer.evidence)
    return (
        f'<article><h4>{foreign(gold.text)}</h4><p class="soft">{foreign(about)}</p><dl>'
        f"<dt>{_both(('应答', 'expected'))}</dt><dd>{_expected(row)}</dd>"
        f"<dt>{_both(('实答', 'answered'))}</dt><dd>{said}</dd></dl>"
        f"<details><summary>{_both(('检索到的段落', 'passages'))} · {_both(found)}</summary><ol>{passages}</ol></details>"
        "</article>"
    )


def _expected(row: Row) -> str:
    gold = row.outcome.gold
    if gold.kind == "unanswerable":
        return _both(("文档里没有答案", "the documents do not answer it"))
    if gold.kind == "chat":
        return _both(("一句寒暄", "small talk"))
    lines = [*_lines(gold.answers), *(f"“{line}”" for line in _lines(gold.quotes))]
    lines += [f'<span class="soft">{line}</span>' for line in _lines(gold.documents)]
    return "\n".join(lines)


def _lines(texts: Iterable[str]) -> list[str]:
    return [foreign(text) for text in texts]


def _quote(citation: Citation, answer: Answer, is_verbatim: bool) -> str:
    place = (
        f"[{citation.marker}] {citation.document}{_page(citation.page, citation.page_label)} · {citation.start}–{citation.end}"
    )
    flag = "" if is_verbatim else f' <span class="worse">{_both(("与原文不同", "differs from the document"))}</span>'
    quote = "" if citation.quote in answer.text else foreign(citation.quote)  # mostly the answer is made of its quotes
    return f'<blockquote>{quote}<p class="soft">{foreign(place)}{flag}</p></blockquote>'


def _passage(hit: Hit, *, is_gold: bool) -> str:
    passage = hit.passage
    place = f"{passage.document_id}{_page(passage.page, passage.page_label)} · {passage.start}–{passage.end} · {hit.score:.3f}"
    kind = ' class="gold"' if is_gold else ""
    return f'<li{kind}><p class="soft">{foreign(place)}</p><div class="text">{foreign(passage.text.strip())}</div></li>'


def _page(number: int | None, name: str | None) -> str:
    return f" · {name}" if name else f" · p. {number}" if number else ""

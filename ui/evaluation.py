"""The command ``youju eval``."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from qa.evaluation import EvaluationError, compare, evaluate, in_common, read_outcomes, read_questions
from ui.evaluation_report import report
from ui.evaluation_words import GROUPS, MISSES, VERDICTS, label, likelihood, notes, outcome_of, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rich.console import Console

    from qa import Assistant
    from qa.evaluation import Comparison, Evaluation
    from ui.evaluation_words import Words

_STYLES = {"better": "green", "worse": "red"}


def run(
    open_assistant: Callable[[], Assistant],
    questions: Path,
    html: Path | None,
    other: Path | None,
    *,
    as_json: bool,
    out: Console,
    err: Console,
) -> None:
    """Ask the questions and show what they came to; what can be refused is refused before the first is asked.

    :param html: where the report is written.
    :param other: what an earlier run printed with ``--json``.
    :raises YoujuError: a file or the index cannot be used.
    """
    golds = read_questions(questions)
    earlier = read_outcomes(other) if other else None
    if other and earlier is not None:
        in_common(golds, earlier, str(other))
    if html:
        _check_writable(html, questions, other)
    assistant = open_assistant()
    with _progress(err) as on_progress:
        evaluation = evaluate(assistant, golds, on_progress)
    comparison = compare(evaluation.outcomes, earlier, str(other)) if earlier is not None else None
    if html:
        _write(html, report(evaluation, comparison, questions.name))
    if as_json:
        content = evaluation.to_dict() | ({"comparison": comparison.to_dict()} if comparison else {})
        click.echo(json.dumps(content, ensure_ascii=False, indent=1))
    else:
        _show(out, evaluation, comparison)
    if html:
        err.print(Text(f"{html}", style="dim"))


def _check_writable(html: Path, *sources: Path | None) -> None:
    if html.is_dir() or not html.parent.is_dir():
        raise EvaluationError(
            f"{html} cannot be written: {html.parent} is no folder, or it is a folder itself. Give a file's path."
        )
    if any(source and html.resolve() == source.resolve() for source in sources):
        raise EvaluationError(f"{html} would be written over, and it is read from. Give the report another name.")


def _write(html: Path, page: str) -> None:
    try:
        html.write_text(page, encoding="utf-8")
    except OSError as error:
        raise EvaluationError(f"{html} cannot be written: {error.strerror}. Give another path.") from error


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[int, int], None]]:
    """Show a bar while the block runs; nothing where nobody watches."""
    columns = (TextColumn("asking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _show(console: Console, evaluation: Evaluation, comparison: Comparison | None) -> None:
    counts = evaluation.counts
    console.print(
        f"{counts['asked']} questions: {counts['answerable']} answerable, {counts['unanswerable']} unanswerable, "
        f"{counts['chat']} small talk"
    )
    table = Table("指标 measure", box=None, pad_edge=False, header_style="dim")
    table.add_column("值 value", justify="right")
    table.add_column("题数 questions", justify="right")
    for title, names in GROUPS:
        table.add_row(Text(_both(title), style="cyan"))
        for name in names:
            measured = evaluation.measures[name]
            table.add_row(f"  {_both(label(name))}", shown(name, measured.value), str(measured.questions))
    console.print(table)
    verdicts = [row.outcome.verdict for row in evaluation.rows]
    missed = [f"{_both(VERDICTS[verdict])} {verdicts.count(verdict)}" for verdict in MISSES if verdict in verdicts]
    console.print(Text("; ".join(missed) or "没有答错的题 no misses"))
    for note in notes(evaluation):
        console.print(Text(_both(note), style="yellow"))
    if comparison:
        _show_comparison(console, comparison)


def _show_comparison(console: Console, comparison: Comparison) -> None:
    console.print()
    console.print(Text(f"对比 against {comparison.other}: {comparison.common} questions in both", style="cyan"))
    left_out = comparison.only_this + comparison.only_other
    if left_out:
        console.print(Text(f"{comparison.only_this} only here, {comparison.only_other} only there: left out", style="dim"))
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")  # has to fit into 80 columns
    table.add_column("measure", no_wrap=True)
    for title in ("this", "other", "差 difference (95 %)", "p"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for name, found in comparison.differences.items():
        low, high = (shown(name, end, signed=True).removesuffix(" %") for end in (found.low, found.high))
        apart = shown(name, found.this - found.other, signed=True).removesuffix(" %")
        chinese, english = ("偶然", "chance") if found.is_chance else outcome_of(name, found)
        verdict = Text(f"{chinese} {english}", style=_STYLES.get(english, ""))
        table.add_row(
            name, shown(name, found.this), shown(name, found.other), f"{apart} ({low} … {high})", likelihood(found.p), verdict
        )
    console.print(table)
    if any(found.is_chance for found in comparison.differences.values()):
        said = "偶然 chance: 差别在偶然范围之内 the difference is within chance"
        console.print(Text(said, style="dim"))


def _both(words: Words) -> str:
    return " ".join(words)

"""Answers, hits, reports and progress on a terminal."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from index import is_doubtful
from qa.language import language_of
from ui.footnotes import warnings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from rich.console import Console

    from index import Hit, SyncReport
    from index.types import OnProgress
    from index.types import Progress as Step
    from qa import Answer

NEAREST_SHOWN = 3
EXCERPT = 120
"""Characters."""
SKIPPED_SHOWN = 20
_CONTROLS = {code: "\ufffd" for code in (*range(9), *range(11, 32), *range(127, 160))}
"""All but tab and line feed: what comes from a document or a file name must not steer the terminal."""
_STAGES = {"model": "preparing the model (once)", "read": "reading", "embed": "indexing", "write": "writing"}


def _shown(text: str, style: str = "") -> Text:
    return Text(text.replace("\r\n", "\n").translate(_CONTROLS), style=style)


def show_answer(console: Console, answer: Answer) -> None:
    """Print the answer with what each marker stands for, or the nearest passages, plainly called so."""
    chinese = language_of(answer.question) != "en"
    console.print(_shown(answer.text, style="" if answer.status != "not_found" else "yellow"))
    for warning in warnings(answer):
        console.print(_shown(warning, "yellow"))
    if answer.citations:
        console.print()
        console.print("出处" if chinese else "Sources", style="bold")
    for citation in answer.citations:
        page = f"，第 {citation.page} 页" if chinese and citation.page else f", page {citation.page}" if citation.page else ""
        label = f" “{citation.page_label}”" if citation.page_label else ""
        where = f"[{citation.marker}] {citation.title} ({citation.document}{page}{label}, {citation.start}–{citation.end})"
        console.print(_shown(where, style="cyan"))
    if answer.status == "answered":
        console.print(_shown(f"{'把握' if chinese else 'confidence'} {answer.confidence:.0%}", style="dim"))
    if answer.status == "not_found":
        for hit in answer.evidence[:NEAREST_SHOWN]:
            show_hit(console, hit)


def show_hit(console: Console, hit: Hit) -> None:
    """Print one passage with the parts of its score."""
    passage = hit.passage
    console.print()
    console.print(
        _shown(f"{hit.rank}. {passage.title} ({passage.document_id}, {passage.start}–{passage.end})", style="cyan"),
        _shown(f"{hit.score:.3f} = dense {hit.dense:.3f}, keyword {hit.keyword:.1f}", style="dim"),
    )
    text = " ".join(passage.text.split())
    console.print(_shown(text[:EXCERPT] + ("…" if len(text) > EXCERPT else "")))


def show_report(console: Console, report: SyncReport) -> None:
    """Print what a sync did, with every skipped file and its reason."""
    counts = ", ".join(f"{getattr(report, name)} {name}" for name in ("added", "changed", "removed", "renamed", "unchanged"))
    console.print(f"{counts}; {report.passages} passages, {report.embedded} of them embedded now")
    for one in report.recognised:
        doubt = "，不太可靠，请核对 doubtful, check it" if is_doubtful(one.confidence) else ""
        words = f"  {one.document}: 识别 {one.pages} 页，把握 {one.confidence:.0%}{doubt} (pages recognised from pictures)"
        console.print(_shown(words, style="yellow" if doubt else "dim"))
    if report.skipped:
        console.print(f"{len(report.skipped)} files skipped:", style="yellow")
    for skipped in report.skipped[:SKIPPED_SHOWN]:
        console.print(_shown(f"  {skipped.document}: {skipped.reason}"))
    if len(report.skipped) > SKIPPED_SHOWN:
        console.print(f"  … and {len(report.skipped) - SKIPPED_SHOWN} more (all of them with --json)")


class WatchReport:
    """Tells what happens while a folder is watched: a line where something changed, and nothing otherwise."""

    def __init__(self, out: Console, err: Console, *, as_json: bool = False) -> None:
        """Take the consoles; with ``as_json`` each report is one JSON object a line."""
        self._out = out
        self._err = err
        self._as_json = as_json
        self._skipped: object = None

    def begun(self, folder: Path) -> None:
        """Say what is watched and how to end it."""
        self._say(f"正在照看 {folder}，按 Ctrl-C 结束。 Watching it; Ctrl-C ends this.", "dim")

    def synced(self, report: SyncReport) -> None:
        """Show a report that says anything new."""
        is_news = self._skipped != report.skipped or report.added or report.changed or report.removed or report.renamed
        self._skipped = report.skipped
        if is_news and self._as_json:
            self._out.file.write(json.dumps(report.to_dict(), ensure_ascii=False) + "\n")
            self._out.file.flush()
        elif is_news:
            self._out.print(_shown(_now(), "dim"), end=" ")
            show_report(self._out, report)

    def busy(self, reason: str) -> None:
        """Say that another sync has to end first."""
        self._say(f"{_now()} 另一个同步正在进行，等它结束。 Waiting: {reason}", "yellow")

    def gone(self, folder: Path) -> None:
        """Say that the folder is not there, and that nothing is lost."""
        self._say(
            f"{_now()} {folder} 不见了；索引保持原样，等它回来。 The folder is gone: the index stays, waiting for it.", "yellow"
        )

    def failed(self, reason: str) -> None:
        """Say why a sync failed."""
        self._say(f"{_now()} 同步未成，下次变动时再试。 Not synced, to be tried again at the next change: {reason}", "red")

    def ended(self) -> None:
        """Say that nothing is watched any more."""
        self._say("已结束。 Ended.", "dim")

    def progress(self) -> AbstractContextManager[OnProgress]:
        """Show how far a long sync is."""
        return progress(self._err)

    def _say(self, words: str, style: str) -> None:
        self._err.print(_shown(words, style=style))


def _now() -> str:
    return time.strftime("%H:%M:%S")


def show_error(console: Console, error: Exception) -> None:
    """Print what went wrong; a file's name may be part of it."""
    console.print(_shown(str(error), "red"))


@contextmanager
def progress(console: Console) -> Iterator[OnProgress]:
    """Show a bar with the rate and the time left while the block runs; nothing where nobody watches."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None, rate="")

        def on_progress(step: Step) -> None:
            rate = ""
            elapsed = bar.tasks[0].elapsed
            if step.passages and elapsed:
                rate = f"{step.passages / elapsed:.0f} passages/s"
            bar.update(task, description=_STAGES[step.stage], completed=step.done, total=step.total, rate=rate)

        yield on_progress


def report_model(console: Console) -> Callable[[Step], None]:
    """Return what tells, once, that the model is being prepared."""

    def on_progress(step: Step) -> None:
        if step.done == 0:
            console.print("正在准备模型（只需一次）… preparing the model (once) …", style="dim")

    return on_progress

"""The command ``youju``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from index import YoujuError, load_settings
from ui import options, terminal

if TYPE_CHECKING:
    from qa import Assistant

OUT = Console(highlight=False, soft_wrap=True)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)


class _Group(click.Group):
    """Turns what the library raises into one line on the terminal and exit code 1."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except YoujuError as error:
            terminal.show_error(ERR, error)
            context.exit(1)


def _assistant(index: Path, flags: dict[str, str]) -> Assistant:
    from index import encoder_for
    from qa import Assistant

    settings = load_settings(index, **flags)
    return Assistant.open(index, settings=settings, encoder=encoder_for(index, settings, terminal.report_model(ERR)))


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="youju")
def main() -> None:
    """Youju 有据: answers over your own documents, with the exact words each statement rests on."""


@main.command()
@click.argument("docs", type=click.Path(path_type=Path))
@options.common
@click.option("--allow-removals", is_flag=True, help="Accept another or an empty folder, or that most documents are gone.")
@click.option("--re-embed", is_flag=True, help="Start anew with another encoder.")
@click.option("--rehash", is_flag=True, help="Look into every file, whatever its size and times say.")
@options.as_json
def sync(
    docs: Path,
    index: Path,
    flags: dict[str, str],
    allow_removals: bool,
    re_embed: bool,
    rehash: bool,
    as_json: bool,
) -> None:
    """Bring the index into step with the folder DOCS."""
    from index import sync as bring_into_step

    with terminal.progress(ERR) as on_progress:
        report = bring_into_step(
            docs,
            index,
            settings=load_settings(index, **flags),
            allow_removals=allow_removals,
            re_embed=re_embed,
            rehash=rehash,
            on_progress=on_progress,
        )
    if as_json:
        _print_json(report.to_dict())
    else:
        terminal.show_report(OUT, report)


@main.command()
@click.argument("docs", type=click.Path(path_type=Path))
@options.common
@options.as_json
def watch(docs: Path, index: Path, flags: dict[str, str], as_json: bool) -> None:
    """Bring the index into step with the folder DOCS, now and at every change, until Ctrl-C."""
    from index import encoder_for
    from ui.watching import Watcher

    settings = load_settings(index, **flags)
    encoder = encoder_for(index, settings, terminal.report_model(ERR))
    Watcher(docs, index, settings, encoder, terminal.WatchReport(OUT, ERR, as_json=as_json)).run()


@main.command()
@click.argument("question")
@options.common
@options.documents
@options.as_json
def ask(question: str, index: Path, flags: dict[str, str], documents: tuple[str, ...], as_json: bool) -> None:
    """Answer QUESTION from the documents."""
    answer = _assistant(index, flags).ask(question, documents=documents or None)
    if as_json:
        _print_json(answer.to_dict())
    else:
        terminal.show_answer(OUT, answer)


@main.command()
@click.argument("question")
@options.common
@options.documents
@click.option("--top-k", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many passages.")
@options.as_json
def search(question: str, index: Path, flags: dict[str, str], documents: tuple[str, ...], top_k: int, as_json: bool) -> None:
    """Show the passages nearest to QUESTION, without an answer."""
    hits = _assistant(index, flags).search(question, top_k=top_k, documents=documents or None)
    for hit in hits:
        if as_json:
            _print_json(hit.to_dict(), lines=True)
        else:
            terminal.show_hit(OUT, hit)


@main.command()
@options.common
def chat(index: Path, flags: dict[str, str]) -> None:
    """Ask one question after the other; an empty line ends it."""
    from qa import Turn

    assistant = _assistant(index, flags)
    history: list[Turn] = []
    OUT.print("请输入问题，直接回车结束。 Type a question; an empty line ends.", style="dim")
    while True:
        try:
            question = input("\n? ")
        except EOFError:
            return
        if not question.strip():
            return
        try:
            answer = assistant.ask(question, history)
        except YoujuError as error:  # one bad question does not end the conversation
            terminal.show_error(ERR, error)
            continue
        terminal.show_answer(OUT, answer)
        history.append(Turn(question, answer.text))


@main.command()
@options.common
@click.option("--docs", type=click.Path(path_type=Path), help="The folder of documents; without it the page changes nothing.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=7860, show_default=True, help="The port to listen on.")
@click.option("--watch", is_flag=True, help="Follow every change of the folder of documents.")
@click.option("--root-path", default="", help="The sub-path, where a proxy serves the page below one.")
@click.option("--allow-remote", is_flag=True, help="Let other computers in without a password.")
def serve(
    index: Path,
    flags: dict[str, str],
    docs: Path | None,
    host: str,
    port: int,
    watch: bool,
    root_path: str,
    allow_remote: bool,
) -> None:
    """Serve the page in the browser."""
    from ui.server import serve as serve_page

    if watch and docs is None:
        raise click.UsageError("--watch needs the folder of documents: --docs DOCS")
    settings = load_settings(index, **flags)
    ERR.print(f"有据 Youju: http://{host}:{port}{root_path}  (Ctrl-C ends it)")
    serve_page(docs, index, host, port, settings.password, allow_remote, root_path, settings, watch=watch)


@main.command()
@options.common
def mcp(index: Path, flags: dict[str, str]) -> None:
    """Serve an agent over standard input and output (Model Context Protocol)."""
    from ui.engine import Engine
    from ui.mcp import serve_stdio

    serve_stdio(Engine(index, load_settings(index, **flags)))


@main.command()
@click.password_option(prompt="Password")
def password(password: str) -> None:
    """Print a password in the form to keep it in: set YOUJU_PASSWORD to what is printed."""
    from ui.passwords import hash_password

    click.echo(hash_password(password))


@main.command("eval")
@click.argument("questions", type=click.Path(path_type=Path))
@options.common
@click.option(
    "--html", type=click.Path(path_type=Path), metavar="REPORT.html", help="Write a report with every miss as one file."
)
@click.option("--compare", "other", type=click.Path(path_type=Path), metavar="OTHER.json", help="An earlier run's --json.")
@options.as_json
def evaluate(questions: Path, index: Path, flags: dict[str, str], html: Path | None, other: Path | None, as_json: bool) -> None:
    """Ask your own QUESTIONS (one JSON object a line; see docs/evaluation.md) and measure the answers."""
    from ui.evaluation import run

    run(lambda: _assistant(index, flags), questions, html, other, as_json=as_json, out=OUT, err=ERR)


@main.command()
@options.common
@options.as_json
def info(index: Path, flags: dict[str, str], as_json: bool) -> None:
    """Say what the index holds and what it was made with."""
    facts = _assistant(index, flags).info()
    if as_json:
        _print_json(facts)
        return
    for name, value in facts.items():
        OUT.print(f"{name:12} {value}", markup=False)


def _print_json(content: dict[str, Any], *, lines: bool = False) -> None:
    click.echo(json.dumps(content, ensure_ascii=False, indent=None if lines else 1))


if __name__ == "__main__":
    sys.exit(main())

"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def common(command: Callable[..., None]) -> Callable[..., None]:
    """Add the index folder and settings for one run."""
    for option in (
        click.option(
            "--set",
            "flags",
            multiple=True,
            metavar="NAME=VALUE",
            callback=_parsed_flags,
            help="A setting for this run; see docs/settings.md.",
        ),
        click.option(
            "--index",
            "index",
            type=click.Path(path_type=Path),
            envvar="YOUJU_INDEX",
            default=Path("data/index"),
            show_default="$YOUJU_INDEX, else data/index",
            help="The index folder.",
        ),
    ):
        command = option(command)
    return command


def _parsed_flags(context: click.Context, parameter: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    flags = {}
    for value in values:
        name, equals, given = value.partition("=")
        if not equals:
            raise click.BadParameter(f"{value!r} is not of the form NAME=VALUE", context, parameter)
        flags[name.strip().replace("-", "_")] = given
    return flags


documents = click.option(
    "--documents", multiple=True, metavar="GLOB", help="Search only documents whose name matches; can be given more than once."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

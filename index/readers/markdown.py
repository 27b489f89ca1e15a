"""Markdown to readable text without markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from index.readers.decoding import decode
from index.readers.html import html_to_text
from index.readers.parsed import Parsed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^(title|date)\s*:\s*[\"']?(.*?)[\"']?\s*$", re.MULTILINE | re.IGNORECASE)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def read_markdown(content: bytes) -> Parsed:
    """Return headings, paragraphs, lists and tables as lines of text; links keep their words."""
    source, encoding = decode(content)
    fields: dict[str, str] = {}
    if front := _FRONT_MATTER.match(source):
        fields = {name.lower(): value for name, value in _FIELD.findall(front.group(1))}
        source = source[front.end() :]
    tokens = MarkdownIt("commonmark").enable("table").parse(source)
    title = fields.get("title") or _first_heading(tokens)
    date = _ISO_DATE.match(fields.get("date", ""))
    return Parsed(_render(tokens), title, encoding=encoding, date=date.group() if date else None)


def _first_heading(tokens: list[Token]) -> str | None:
    for opened, inline in zip(tokens, tokens[1:], strict=False):
        if opened.type == "heading_open":
            return _inline_text(inline.children or ())
    return None


def _render(tokens: list[Token]) -> str:
    """Put every block on lines of its own; blocks are parted by an empty line, the rows and items of one are not."""
    text = ""
    cells: list[str] | None = None
    prefix = ""
    tight = False
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            tight = False
        elif token.type == "list_item_open":
            prefix = f"{token.info}{token.markup} " if token.info else "- "
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close" and cells is not None:
            text = _added(text, " | ".join(cells), tight=tight)
            cells, tight = None, True
        elif token.type == "table_close":
            tight = False
        elif token.type == "inline":
            piece = _inline_text(token.children or ())
            if cells is not None:
                cells.append(piece)
            else:
                text = _added(text, prefix + piece, tight=tight)
                tight, prefix = bool(prefix), ""
        elif token.type in ("fence", "code_block"):
            text, tight = _added(text, token.content.rstrip("\n"), tight=False), False
        elif token.type == "html_block":
            text, tight = _added(text, html_to_text(token.content), tight=False), False
    return text


def _added(text: str, piece: str, *, tight: bool) -> str:
    if not piece.strip():
        return text
    if not text:
        return piece
    return text + ("\n" if tight else "\n\n") + piece


def _inline_text(children: Iterable[Token]) -> str:
    pieces = []
    for child in children:
        if child.type in ("text", "code_inline"):
            pieces.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            pieces.append("\n")
        elif child.type == "image":
            pieces.append(_inline_text(child.children or ()))
    return "".join(pieces)

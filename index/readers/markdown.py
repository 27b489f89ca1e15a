"""Markdown to readable text without markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from index.readers.decoding import decode
from index.readers.html import html_to_text
from index.readers.parsed import Parsed
from index.readers.table_headers import HeaderRows
from index.readers.tables import Table, table_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_KEY = re.compile(r"[\w-][\w .-]*:(\s|$)|#")
_OF_A_FIELD = re.compile(rf"{_KEY.pattern}|\s|- |-$|[\])}}]")
_FIELD = re.compile(r"^(title|date)\s*:\s*[\"']?(.*?)[\"']?\s*$", re.MULTILINE | re.IGNORECASE)
_PARTED = {f"{block}_{edge}" for block in ("bullet_list", "ordered_list") for edge in ("open", "close")}
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def read_markdown(content: bytes) -> Parsed:
    """Return headings, paragraphs, lists and tables as lines of text; links keep their words."""
    source, encoding = decode(content)
    fields: dict[str, str] = {}
    front = _FRONT_MATTER.match(source)
    if front and _is_front_matter(front.group(1)):
        fields = {name.lower(): value for name, value in _FIELD.findall(front.group(1))}
        source = source[front.end() :]
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(source)
    title = fields.get("title") or _first_heading(tokens)
    date = _ISO_DATE.match(fields.get("date", ""))
    renderer = _Renderer()
    for token in tokens:
        renderer.take(token)
    return Parsed(renderer.text, title, encoding=encoding, date=date.group() if date else None)


def _is_front_matter(block: str) -> bool:
    """Tell fields from what stands between two rules: every line is a key, belongs to one, or is a comment."""
    lines = block.splitlines()
    return bool(lines and _KEY.match(lines[0])) and all(not line.strip() or _OF_A_FIELD.match(line) for line in lines)


def _first_heading(tokens: list[Token]) -> str | None:
    for opened, inline in zip(tokens, tokens[1:], strict=False):
        if opened.type == "heading_open":
            return _inline_text(inline.children or ())
    return None


class _Renderer:
    """Puts every block on lines of its own, parted by an empty line; the rows and items of one block are not parted."""

    def __init__(self) -> None:
        self.text = ""
        self._rows: list[list[str]] = []
        self._in_table = False
        self._item = ""
        self._tight = False

    def take(self, token: Token) -> None:
        """Take up the next token."""
        if token.type == "inline":
            self._inline(_inline_text(token.children or ()))
        elif token.type in ("fence", "code_block"):
            self._block(token.content.rstrip("\n"))
        elif token.type == "html_block":
            self._block(html_to_text(token.content))
        elif token.type == "list_item_open":
            self._item = f"{token.info}{token.markup} " if token.info else "- "
        elif token.type == "table_open":
            self._rows, self._in_table = [], True
        elif token.type == "tr_open":
            self._rows.append([])
        elif token.type == "table_close":
            self._in_table = False
            self._block("\n".join(table_lines(Table(self._rows, header=HeaderRows(0, 1) if any(self._rows[0]) else None))))
        elif token.type in _PARTED and token.level == 0:  # a list within a list belongs to it
            self._tight = False

    def _inline(self, piece: str) -> None:
        if self._in_table:
            self._rows[-1].append(piece)
            return
        self._add(self._item + piece)
        self._tight, self._item = bool(self._item), ""

    def _block(self, piece: str) -> None:
        self._tight = False
        self._add(piece)

    def _add(self, piece: str) -> None:
        if not piece.strip():
            return
        if self.text:
            self.text += "\n" if self._tight else "\n\n"
        self.text += piece


def _inline_text(children: Iterable[Token]) -> str:
    pieces = []
    for child in children:
        if child.type in ("text", "code_inline"):
            pieces.append(child.content)
        elif child.type in ("softbreak", "hardbreak") or (child.type == "html_inline" and _LINE_BREAK.match(child.content)):
            pieces.append("\n")
        elif child.type == "image":
            pieces.append(_inline_text(child.children or ()))
    return "".join(pieces)

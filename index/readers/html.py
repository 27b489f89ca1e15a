"""HTML to readable text: the article without its navigation, tables as lines."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import lxml.etree
import lxml.html
import trafilatura

from index.errors import ReadError
from index.readers.decoding import decode
from index.readers.parsed import Parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?([\w-]+)|<\?xml[^>]+encoding\s*=\s*["']([\w-]+)""", re.IGNORECASE)
SMALL_PAGE = 3_000
"""Characters. A page as short as this has hardly any navigation, and the extractor may take much of a notice for some."""
_SILENT = {"script", "style", "noscript", "template", "head", "svg", "iframe", "object", "select", "button"}
_INLINE = {
    *("a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "kbd", "label", "mark", "q", "ruby", "rb", "rt"),
    *("s", "small", "span", "strong", "sub", "sup", "time", "u", "var", "tt", "del", "ins", "wbr"),
}


def read_html(content: bytes) -> Parsed:
    """Return the page's main text.

    :raises ReadError: it holds no markup that can be parsed.
    """
    source, encoding = decode(content, _declared_encoding(content))
    tree = _tree(source)
    plain = "\n".join(_lines(tree))
    main = trafilatura.extract(source, include_tables=True, favor_recall=True, include_comments=False, deduplicate=False)
    if not main or (len(plain) < SMALL_PAGE and len(main) < 0.8 * len(plain)):
        main = plain
    return Parsed(_tidy(main), _title(tree), encoding=encoding)


def read_xml(content: bytes) -> Parsed:
    """Return the text of every element, one line each."""
    source, encoding = decode(content, _declared_encoding(content))
    tree = _tree(re.sub(r"<!\[CDATA\[(.*?)\]\]>", lambda cdata: html.escape(html_to_text(cdata[1])), source, flags=re.DOTALL))
    return Parsed("\n".join(_lines(tree)), _title(tree), encoding=encoding)


def _declared_encoding(content: bytes) -> str | None:
    declared = _CHARSET.search(content[:4096])
    name = next((part.decode("ascii").lower() for part in declared.groups() if part), None) if declared else None
    # a page that says GB2312 mostly uses characters of its superset
    return "gb18030" if name in ("gb2312", "gbk") else name


def html_to_text(source: str) -> str:
    """Return the words of a piece of HTML, without its markup, scripts and styles."""
    return "\n".join(_lines(lxml.html.fragment_fromstring(source, create_parent="div")))


def _tree(source: str) -> lxml.html.HtmlElement:
    without_declaration = re.sub(r"\A\s*<\?xml[^>]*\?>", "", source)  # lxml refuses one in text that is decoded already
    try:
        return lxml.html.document_fromstring(without_declaration or "<p></p>")
    except (lxml.etree.ParserError, ValueError) as error:
        raise ReadError("it holds no readable HTML") from error


def _title(tree: lxml.html.HtmlElement) -> str | None:
    heading = " ".join(tree.xpath("string(//h1[1])").split())
    return " ".join(tree.xpath("string(//title[1])").split()) or heading or None


def _lines(tree: lxml.html.HtmlElement) -> Iterator[str]:
    """Yield one line a block; the cells of a table's row stand on one line."""
    line: list[str] = []
    for kind, value in _walk(tree, in_row=False):
        if kind == "text":
            line.append(value)
        elif text := " ".join("".join(line).split()).strip(" |"):
            yield text
            line = []
        else:
            line = []
    if text := " ".join("".join(line).split()).strip(" |"):
        yield text


def _walk(node: lxml.html.HtmlElement, *, in_row: bool) -> Iterator[tuple[str, str]]:
    if not isinstance(node.tag, str) or node.tag in _SILENT:
        return
    is_cell = node.tag in ("td", "th")
    breaks = node.tag not in _INLINE and not is_cell and (not in_row or node.tag == "tr")
    if breaks:
        yield "break", ""
    if is_cell:
        yield "text", " | "
    if in_row and node.tag not in _INLINE:
        yield "text", " "
    if node.text:
        yield "text", node.text
    for child in node:
        yield from _walk(child, in_row=in_row or node.tag == "tr")
        if child.tail:
            yield "text", child.tail
    if breaks:
        yield "break", ""


def _tidy(text: str) -> str:
    """Turn the extractor's table marks into the form that all tables have here: ``a | b``."""
    rows = (line.strip().strip("|").strip() if line.lstrip().startswith("|") else line for line in text.splitlines())
    return "\n".join(row for row in rows if not re.fullmatch(r"[\s|:-]*-{3,}[\s|:-]*", row)).strip()

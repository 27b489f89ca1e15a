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
from index.readers.html_tables import spell_tables
from index.readers.parsed import Parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?([\w-]+)|<\?xml[^>]+encoding\s*=\s*["']([\w-]+)""", re.IGNORECASE)
SMALL_PAGE = 3_000
"""Characters. A page as short as this has hardly any navigation, and the extractor may take much of a notice for some."""
TOO_LITTLE = 0.25
"""Share of the page's words; when the extractor keeps less it has mistaken the content, a big table mostly, for clutter."""
MENU_LINKS, MENU_WORDS = 5, 12
"""A block of at least so many links and nothing else, of so few characters each on average, is a menu."""
_SILENT = {"script", "style", "noscript", "template", "head", "svg", "iframe", "object", "select", "button"}
_MARKUP = re.compile(r"</?(p|br|a|img|div|b|i|em|strong|span|table|tr|td|ul|ol|li|h[1-6]|font)\b[^<>]*>", re.IGNORECASE)
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
    title = _title(tree)
    spell_tables(tree)
    spelled = lxml.html.tostring(tree, encoding="unicode")
    plain = _without_navigation(tree)
    if len(plain) < SMALL_PAGE:
        return Parsed(plain, title, encoding=encoding)
    main = trafilatura.extract(spelled, include_tables=True, favor_recall=True, include_comments=False, deduplicate=False)
    if not main or len(main) < TOO_LITTLE * len(plain):
        return Parsed(plain, title, encoding=encoding)
    return Parsed(_tidy(main), title, encoding=encoding)


def read_xml(content: bytes) -> Parsed:
    """Return the text of every element, one line each."""
    source, encoding = decode(content, _declared_encoding(content))
    tree = _tree(re.sub(r"<!\[CDATA\[(.*?)\]\]>", lambda cdata: html.escape(cdata[1]), source, flags=re.DOTALL))
    lines = (html_to_text(line) if _MARKUP.search(line) else line for line in _lines(tree))  # feeds hold escaped HTML
    return Parsed("\n".join(lines), _title(tree), encoding=encoding)


def _declared_encoding(content: bytes) -> str | None:
    declared = _CHARSET.search(content[:4096])
    name = next((part.decode("ascii").lower() for part in declared.groups() if part), None) if declared else None
    # a page that says GB2312 mostly uses characters of its superset
    return "gb18030" if name in ("gb2312", "gbk") else name


def html_to_text(source: str) -> str:
    """Return the words of a piece of HTML, without its markup, scripts and styles."""
    try:
        tree = lxml.html.fragment_fromstring(source, create_parent="div")
        spell_tables(tree)
        return "\n".join(_lines(tree))
    except (lxml.etree.ParserError, ValueError):  # a stray end tag or a declaration alone
        return ""


def _tree(source: str) -> lxml.html.HtmlElement:
    without_declaration = re.sub(r"\A\s*<\?xml[^>]*\?>", "", source)  # lxml refuses one in text that is decoded already
    try:
        return lxml.html.document_fromstring(without_declaration or "<p></p>")
    except (lxml.etree.ParserError, ValueError) as error:
        raise ReadError("it holds no readable HTML") from error


def _without_navigation(tree: lxml.html.HtmlElement) -> str:
    """Return the page's words without its menus; all of them where nothing would be left."""
    everything = "\n".join(_lines(tree))
    for node in [node for node in tree.iter("nav", "footer", "ul", "ol", "div") if _is_menu(node)]:
        if node.getparent() is not None:
            node.drop_tree()
    return "\n".join(_lines(tree)) or everything


def _is_menu(node: lxml.html.HtmlElement) -> bool:
    if node.tag == "nav":
        return True
    links = [" ".join(link.text_content().split()) for link in node.iter("a")]
    words = len("".join(node.text_content().split()))
    linked = sum(len("".join(link.split())) for link in links)
    return len(links) >= MENU_LINKS and linked >= 0.9 * words and linked <= MENU_WORDS * len(links)


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

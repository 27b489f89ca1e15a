"""EPUB books: one page a chapter, named as the table of contents does."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from typing import TYPE_CHECKING
from urllib.parse import unquote

from lxml import etree

from index.errors import ReadError
from index.readers.html import html_to_text
from index.readers.parsed import Parsed, join_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

_ANY = "{*}"
_PICTURE = re.compile(r"\[Image(: [^\]\n]*| unavailable\.)\]")
"""What digitised books write where a picture was."""


def read_epub(content: bytes) -> Parsed:
    """Return the chapters in their order.

    :raises ReadError: encrypted or broken.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            names = set(book.namelist())
            package = _parse(book.read("META-INF/container.xml")).find(f".//{_ANY}rootfile")
            path = package.get("full-path", "") if package is not None else ""
            root = _parse(book.read(path))
            folder = posixpath.dirname(path)
            files = {item.get("id"): _place(folder, item.get("href", "")) for item in root.iter(f"{_ANY}item")}
            if "META-INF/encryption.xml" in names and _is_locked(book, set(files.values())):
                raise ReadError("it is encrypted: save a copy without a password")
            labels = _labels(book, root, folder, names)
            chapters = [files.get(item.get("idref"), "") for item in root.iter(f"{_ANY}itemref")]
            parts = [(_chapter(book.read(name)), labels.get(name)) for name in chapters if name in names]
    except (zipfile.BadZipFile, KeyError, ValueError, etree.XMLSyntaxError) as error:
        raise ReadError("it is not a valid EPUB book, or it is damaged: save it again") from error
    text, pages = join_pages(parts)
    return Parsed(text, " ".join((root.findtext(f".//{_ANY}title") or "").split()) or None, pages)


def _chapter(source: bytes) -> str:
    """Return the words of a chapter; of an empty file or a picture, which books have in their order too, none."""
    try:
        root = _parse(source)
    except (etree.XMLSyntaxError, ValueError):
        return ""
    return _PICTURE.sub("", html_to_text(etree.tostring(root, encoding="unicode", method="html"))).strip()


def _labels(book: zipfile.ZipFile, root: etree._Element, folder: str, names: set[str]) -> dict[str, str]:
    """Return what the table of contents calls each file; where it points into one several times, the first name."""
    labels: dict[str, str] = {}
    for item in root.iter(f"{_ANY}item"):
        name = _place(folder, item.get("href", ""))
        is_contents = item.get("media-type") == "application/x-dtbncx+xml" or "nav" in item.get("properties", "").split()
        if is_contents and name in names:
            for target, label in _entries(_parse(book.read(name))):
                labels.setdefault(_place(posixpath.dirname(name), target), label)
    return labels


def _entries(contents: etree._Element) -> Iterator[tuple[str, str]]:
    for point in contents.iter(f"{_ANY}navPoint"):
        target, label = point.find(f"{_ANY}content"), point.findtext(f"{_ANY}navLabel/{_ANY}text")
        if target is not None and label and label.strip():
            yield target.get("src", ""), " ".join(label.split())
    for link in contents.iterfind(f".//{_ANY}nav//{_ANY}a"):
        if label := " ".join("".join(link.itertext()).split()):
            yield link.get("href", ""), label


def _is_locked(book: zipfile.ZipFile, files: set[str]) -> bool:
    """Tell encrypted chapters from fonts that are only made hard to copy."""
    targets = {
        unquote(node.get("URI", "")) for node in _parse(book.read("META-INF/encryption.xml")).iter(f"{_ANY}CipherReference")
    }
    return any(target.endswith((".xhtml", ".html", ".htm")) for target in targets & files)


def _place(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(target.split("#")[0])))


def _parse(content: bytes) -> etree._Element:
    """Return the root of what can be read.

    :raises ValueError: nothing can.
    """
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, recover=True, huge_tree=True, no_network=True))
    if root is None:
        raise ValueError("it is not XML")
    return root

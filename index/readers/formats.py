"""Which parser reads which file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib import import_module
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from index.errors import ReadError
from index.readers.titles import title_of
from index.types import Document

if TYPE_CHECKING:
    from index.readers.parsed import Parsed

_PARSERS = {
    **dict.fromkeys((".txt", ".text", ".log"), "text:read_text"),
    **dict.fromkeys((".md", ".markdown"), "markdown:read_markdown"),
    **dict.fromkeys((".html", ".htm", ".xhtml"), "html:read_html"),
    **dict.fromkeys((".xml", ".rss", ".atom"), "html:read_xml"),
    ".pdf": "pdf:read_pdf",
    **dict.fromkeys((".docx", ".docm"), "word:read_docx"),
    **dict.fromkeys((".pptx", ".pptm"), "slides:read_pptx"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".et"), "sheets:read_workbook"),
    **dict.fromkeys((".csv", ".tsv"), "sheets:read_delimited"),
}
_KREUZBERG = {
    ".odt": "application/vnd.oasis.opendocument.text",
    ".epub": "application/epub+zip",
    ".eml": "message/rfc822",
    ".msg": "application/vnd.ms-outlook",
    ".rtf": "application/rtf",
    ".doc": "application/msword",
    ".ppt": "application/vnd.ms-powerpoint",
    ".json": "application/json",
    ".rst": "text/x-rst",
    ".tex": "application/x-latex",
    ".org": "text/x-org",
    ".ipynb": "application/x-ipynb+json",
}
_PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".heic"}


def check_supported(document_id: str) -> None:
    """Make sure that some parser reads files of this name; loads none.

    :raises ReadError: no parser does.
    """
    suffix = PurePosixPath(document_id).suffix.lower()
    if suffix in _PICTURES:
        raise ReadError("it is a picture, and pictures are not read: put its text into a text file beside it")
    if suffix not in _PARSERS and suffix not in _KREUZBERG:
        raise ReadError(
            f"files {f'of the type {suffix}' if suffix else 'without an ending'} are not read: save it as txt, docx or pdf"
        )


def _parser_of(document_id: str) -> Callable[[bytes], Parsed]:
    suffix = PurePosixPath(document_id).suffix.lower()
    if suffix in _PARSERS:
        module, function = _PARSERS[suffix].split(":")
        parser: Callable[[bytes], Parsed] = getattr(import_module(f"index.readers.{module}"), function)
        return parser
    other = import_module("index.readers.other")
    return lambda content: other.read_other(content, _KREUZBERG[suffix])


def read_document(document_id: str, content: bytes, longest_text: int) -> Document:
    """Turn one file's bytes into a document.

    :param longest_text: characters.
    :raises ReadError: with the reason why it cannot be done.
    """
    check_supported(document_id)
    if not content.strip():
        raise ReadError("it is empty")
    parsed = _parser_of(document_id)(content)
    if not parsed.text.strip():
        raise ReadError("it holds no text")
    if len(parsed.text) > longest_text:
        raise ReadError(f"its text has {len(parsed.text):,} characters, more than the limit of {longest_text:,} (max_text_mb)")
    text = parsed.text.encode("utf-8", "replace").decode("utf-8")  # no lone surrogates: they cannot be stored or shown
    title = title_of(document_id, text, parsed.title)
    content_hash = hashlib.sha256(content).hexdigest()
    return Document(document_id, title, text, parsed.pages, content_hash, parsed.encoding, parsed.date)

"""Which parser reads which file."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from importlib import import_module
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from index.errors import ReadError
from index.readers.dates import date_of
from index.readers.scans import ADVICE, recogniser
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
    ".eml": "mail:read_mail",
    ".epub": "epub:read_epub",
    **dict.fromkeys((".docx", ".docm"), "word:read_docx"),
    **dict.fromkeys((".pptx", ".pptm"), "slides:read_pptx"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".et"), "sheets:read_workbook"),
    **dict.fromkeys((".csv", ".tsv"), "sheets:read_delimited"),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"), "pictures:read_picture"),
}
_KREUZBERG = {
    ".odt": "application/vnd.oasis.opendocument.text",
    ".msg": "application/vnd.ms-outlook",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".rtf": "application/rtf",
    ".doc": "application/msword",
    ".ppt": "application/vnd.ms-powerpoint",
    ".json": "application/json",
    ".rst": "text/x-rst",
    ".tex": "application/x-latex",
    ".org": "text/x-org",
    ".ipynb": "application/x-ipynb+json",
}
_UNSHOWABLE = re.compile(r"[\x00\ud800-\udfff]")
_OTHER_PICTURES = {".gif", ".heic"}


def is_supported(document_id: str) -> bool:
    """Tell whether some parser reads files of this name."""
    suffix = PurePosixPath(document_id).suffix.lower()
    return (suffix in _PARSERS or suffix in _KREUZBERG) and (not _is_picture(suffix) or bool(recogniser()))


def _is_picture(suffix: str) -> bool:
    return _PARSERS.get(suffix) == "pictures:read_picture"


def check_supported(document_id: str) -> None:
    """Make sure that some parser reads files of this name; loads none.

    :raises ReadError: no parser does.
    """
    suffix = PurePosixPath(document_id).suffix.lower()
    if suffix in _OTHER_PICTURES:
        raise ReadError(f"pictures of the type {suffix} are not read: save it as png or jpg")
    if _is_picture(suffix) and not recogniser():
        raise ReadError(f"it is a picture: {ADVICE}")
    if not is_supported(document_id):
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


def parse(name: str, content: bytes) -> Parsed:
    """Return the text of one file, or of one that lies within another.

    :raises ReadError: with the reason why it cannot be done.
    """
    check_supported(name)
    if not content.strip():
        raise ReadError("it is empty")
    return _parser_of(name)(content)


def check_unpacked(content: bytes, most: int) -> None:
    """Refuse a packed file that says itself that it swells, before anything is unpacked; parsers do not read past what it says.

    :param most: bytes of all its parts together.
    :raises ReadError: it is larger.
    """
    if not content.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return  # its own parser tells what is wrong with it
    if size > most:
        raise ReadError(f"unpacked it has {size / 1e6:,.0f} MB, more than the limit of {most / 1e6:,.0f} (max_unpacked_mb)")


def read_document(document_id: str, content: bytes, longest_text: int) -> Document:
    """Turn one file's bytes into a document.

    :param longest_text: characters.
    :raises ReadError: with the reason why it cannot be done.
    """
    parsed = parse(document_id, content)
    if not parsed.text.strip():
        raise ReadError("it holds no text")
    if len(parsed.text) > longest_text:
        raise ReadError(f"its text has {len(parsed.text):,} characters, more than the limit of {longest_text:,} (max_text_mb)")
    # no lone surrogates and no NULs: they cannot be stored or shown. One character for one, so that pages keep their places
    text = _UNSHOWABLE.sub("\ufffd", parsed.text)
    title = title_of(document_id, text if parsed.opens_with_title else "", parsed.title)
    content_hash = hashlib.sha256(content).hexdigest()
    date = date_of(document_id, text) or parsed.date  # what people read there; a format's own is often that of a template
    recognised = (parsed.recognition.pages, parsed.recognition.confidence) if parsed.recognition else (0, 1.0)
    return Document(document_id, title, text, parsed.pages, content_hash, parsed.encoding, date, *recognised)

"""Formats that kreuzberg reads: OpenDocument texts, Outlook messages, RTF, legacy Office."""

from __future__ import annotations

import re

import kreuzberg

from index.errors import ReadError
from index.readers.parsed import Parsed

_MASTER = re.compile(
    r"\A\s*(Click to edit Master|单击此处编辑母版|按一下以編輯母片|按一下以編輯)[^\n]*"
    r"(\s*\n\s*((Second|Third|Fourth|Fifth) level|第[二三四五][级級层層]|Click to edit Master[^\n]*|单击此处编辑母版[^\n]*))*"
)
"""The placeholders of the slide master, which stand in front of the slides."""
_FIELD = re.compile(r"\s?SEQ \S+ \\\* ARABIC|\s?HYPERLINK \"[^\"\n]*\"( \\o \"[^\"\n]*\")?|\s?PAGEREF \S+( \\h)?")
"""Codes of fields, whose results follow."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
_CONFIG = kreuzberg.ExtractionConfig(
    use_cache=False,  # it would keep everybody's texts in a folder of its own
    enable_quality_processing=False,  # it rewrites words
)


def read_other(content: bytes, mime_type: str) -> Parsed:
    """Return the text that kreuzberg finds.

    :raises ReadError: it cannot read the file.
    """
    try:
        result = kreuzberg.extract_bytes_sync(content, mime_type, config=_CONFIG)
    except kreuzberg.KreuzbergError as error:
        if "password" in str(error).lower() or "encrypt" in str(error).lower():
            raise ReadError("it is encrypted: save a copy without a password") from error
        raise ReadError(f"it cannot be read as {mime_type}: it is damaged or of another kind than its name says") from error
    title = result.metadata.get("title") or result.metadata.get("subject")
    return Parsed(_tidy(result.content, mime_type), str(title) if title else None)


def _tidy(text: str, mime_type: str) -> str:
    """Take out what kreuzberg leaves of the format itself."""
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if mime_type == "application/vnd.ms-powerpoint":
        text = _MASTER.sub("", text)
    elif mime_type == "application/msword":
        text = _FIELD.sub("", text)
        text = "\n".join(_table_rows(line) if line.startswith("\t") else line for line in text.split("\n"))
    return re.sub(r"\n[ \t\u00a0]*(?:\n[ \t\u00a0]*)+", "\n\n", text).strip()


def _table_rows(line: str) -> str:
    """Part a table of the old Word format, whose cells and rows all end in tabs, into lines."""
    rows = (" | ".join(cell.strip() for cell in row.split("\t") if cell.strip()) for row in line.split("\t\t"))
    return "\n".join(row for row in rows if row)

"""What to call a document."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

SHORT_LINE = 60
"""Characters; a longer first line is a paragraph, not a title."""
LONGEST_TITLE = 120
_SENTENCE_END = ("。", "；", "，", ".", ";", ",", "、", ":", "：")


def title_of(document_id: str, text: str, stated: str | None) -> str:
    """Return the title that the format states, else the first short line, else the file's name without its ending."""
    if stated and (title := _one_line(stated)):
        return title
    first = next((line for line in text.splitlines() if line.strip()), "")
    line = _one_line(first)
    if line and len(line) <= SHORT_LINE and not line.endswith(_SENTENCE_END) and any(char.isalpha() for char in line):
        return line
    return _one_line(PurePosixPath(document_id).stem) or document_id


def _one_line(text: str) -> str:
    return unicodedata.normalize("NFC", re.sub(r"[\s\x00-\x1f]+", " ", text)).strip()[:LONGEST_TITLE]

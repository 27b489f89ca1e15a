"""What to call a document."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

SHORT_LINE = 60
"""Characters; a longer first line is a paragraph, not a title."""
LONGEST_TITLE = 120
_SENTENCE_END = ("。", "；", "，", ".", ";", ",", "、", ":", "：")

_PROGRAM = re.compile(r"^Microsoft (Word|PowerPoint|Excel) - ")
_MEANINGLESS = re.compile(
    r"(untitled|document|presentation|slide|no slide title|powerpoint (presentation|演示文稿)|演示文稿|幻灯片"
    r"|无标题|未命名|無標題|(新建 ?)?(microsoft )?(word )?文档)[ \d-]*$"
    r"|.*\.(docx?|txt|pptx?|xlsx?|wps|pdf|indd|tex|html?)$",
    re.IGNORECASE,
)
"""What programs put there when nobody gave a title."""


def title_of(document_id: str, text: str, stated: str | None) -> str:
    """Return the title that the format states, else the first short line, else the file's name without its ending."""
    if stated and (title := _one_line(_PROGRAM.sub("", stated))) and not _MEANINGLESS.match(title) and _is_readable(title):
        return title
    first = next((line for line in text.splitlines() if line.strip()), "")
    line = _one_line(first)
    if line and len(line) <= SHORT_LINE and not line.endswith(_SENTENCE_END) and any(char.isalpha() for char in line):
        return line
    return _one_line(PurePosixPath(document_id).stem) or document_id


def _is_readable(title: str) -> bool:
    """Tell a title from one whose bytes a program took for Latin-1."""
    return sum("\x80" <= char <= "\xff" for char in title) <= len(title) // 2 and any(char.isalnum() for char in title)


def _one_line(text: str) -> str:
    return unicodedata.normalize("NFC", re.sub(r"[\s\x00-\x1f]+", " ", text)).strip()[:LONGEST_TITLE]

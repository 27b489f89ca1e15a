"""Plain text: unchanged."""

from __future__ import annotations

from index.readers.decoding import decode
from index.readers.parsed import Parsed


def read_text(content: bytes) -> Parsed:
    """Return the decoded text as it is, line ends included."""
    text, encoding = decode(content)
    return Parsed(text, encoding=encoding)

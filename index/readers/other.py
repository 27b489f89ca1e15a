"""Formats that kreuzberg reads: OpenDocument, EPUB, e-mail, RTF, legacy Office."""

from __future__ import annotations

import kreuzberg

from index.errors import ReadError
from index.readers.parsed import Parsed

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
    return Parsed(result.content, str(title) if title else None)

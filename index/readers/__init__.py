"""Bytes to Document text and pages, one file a family of formats, each parser in a process of its own."""

from __future__ import annotations

from index.readers.formats import is_supported
from index.readers.pool import ReaderPool
from index.readers.scans import recogniser

READER_VERSION = 6
"""Part of a document's fingerprint; raise it when the text of any format changes."""

__all__ = ["READER_VERSION", "ReaderPool", "is_supported", "recogniser"]

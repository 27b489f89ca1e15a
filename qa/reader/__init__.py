"""Readers find the words in the evidence that answer a question, and say how sure they are that there are any."""

from __future__ import annotations

from qa.reader.choosing import reader_for
from qa.reader.types import Finding, Reader, Reading

__all__ = ["Finding", "Reader", "Reading", "reader_for"]

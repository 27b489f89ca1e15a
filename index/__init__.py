"""Documents to passages, passages to an index that is kept in step with its folder, and the search over it.

Names are loaded on first use: a worker process that only reads files must not pay for FAISS, nor a sync with nothing to do
for an encoder.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index import adapter
    from index.encoder import ModelEncoder
    from index.errors import (
        EncoderError,
        EncoderMismatchError,
        FolderError,
        IndexBusyError,
        IndexFolderError,
        IndexNotFoundError,
        QuestionError,
        ReadError,
        SettingsError,
        YoujuError,
    )
    from index.made_with import encoder_for
    from index.readers.pdf import boxes_of
    from index.records import DocumentInfo
    from index.scanning import is_ignored
    from index.search import IndexReader, SearchResult
    from index.sentences import Sentence, sentences_of
    from index.settings import Settings, load_settings
    from index.similar import likeness, repeats
    from index.syncing import sync
    from index.terms import normalize, terms_of, words_of
    from index.types import (
        Box,
        Document,
        Encoder,
        EncoderIdentity,
        Hit,
        Page,
        PageBoxes,
        Passage,
        Progress,
        Skipped,
        SyncReport,
        is_doubtful,
    )
    from index.watching import watch
    from index.weights import coverage

_HOME = {
    "DocumentInfo": "records",
    "ModelEncoder": "encoder",
    "adapter": "adapter",
    "boxes_of": "readers.pdf",
    "IndexReader": "search",
    "SearchResult": "search",
    "Settings": "settings",
    "is_ignored": "scanning",
    "load_settings": "settings",
    "Sentence": "sentences",
    "sentences_of": "sentences",
    "sync": "syncing",
    "watch": "watching",
    "coverage": "weights",
    "encoder_for": "made_with",
    "likeness": "similar",
    "normalize": "terms",
    "repeats": "similar",
    "terms_of": "terms",
    "words_of": "terms",
    **dict.fromkeys(
        (
            "Box",
            "Document",
            "Encoder",
            "EncoderIdentity",
            "Hit",
            "Page",
            "PageBoxes",
            "Passage",
            "Progress",
            "Skipped",
            "SyncReport",
            "is_doubtful",
        ),
        "types",
    ),
    **dict.fromkeys(
        (
            "EncoderError",
            "EncoderMismatchError",
            "FolderError",
            "IndexBusyError",
            "IndexFolderError",
            "IndexNotFoundError",
            "QuestionError",
            "ReadError",
            "SettingsError",
            "YoujuError",
        ),
        "errors",
    ),
}

__all__ = [
    "Box",
    "Document",
    "DocumentInfo",
    "Encoder",
    "EncoderError",
    "EncoderIdentity",
    "EncoderMismatchError",
    "FolderError",
    "Hit",
    "IndexBusyError",
    "IndexFolderError",
    "IndexNotFoundError",
    "IndexReader",
    "ModelEncoder",
    "Page",
    "PageBoxes",
    "Passage",
    "Progress",
    "QuestionError",
    "ReadError",
    "SearchResult",
    "Sentence",
    "Settings",
    "SettingsError",
    "Skipped",
    "SyncReport",
    "YoujuError",
    "adapter",
    "boxes_of",
    "coverage",
    "encoder_for",
    "is_doubtful",
    "is_ignored",
    "likeness",
    "load_settings",
    "normalize",
    "repeats",
    "sentences_of",
    "sync",
    "terms_of",
    "watch",
    "words_of",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'index' has no attribute {name!r}")
    module = import_module(f"index.{_HOME[name]}")
    value: object = module if name == _HOME[name] else getattr(module, name)
    globals()[name] = value
    return value

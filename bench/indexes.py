"""Indexes of chosen documents for a measurement, without embedding the same text twice."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index import IndexReader, load_settings, sync
from index.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from index import Encoder


class RememberingEncoder:
    """An encoder that takes the vectors of texts from indexes that were made before."""

    def __init__(self, encoder: Encoder, indexes: Sequence[Path]) -> None:
        self._encoder = encoder
        self.identity = encoder.identity
        self.tokenizer = encoder.tokenizer
        self._rows: dict[str, np.ndarray] = {}
        for index in indexes:
            catalog = Catalog.open(index / "catalog.sqlite")
            if catalog.encoder_identity() != encoder.identity:
                continue
            ids, rows = catalog.vectors_above(0, 10**9)
            texts = {i: text for i, _, text in catalog.passage_texts_above(0)}
            self._rows.update((texts[int(i)], row) for i, row in zip(ids, rows, strict=True))

    def encode_query(self, texts: Sequence[str]) -> np.ndarray:
        return self._encoder.encode_query(texts)

    def encode_document(self, texts: Sequence[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in self._rows]
        if new:
            self._rows.update(zip(new, self._encoder.encode_document(new), strict=True))
        return np.stack([self._rows[text] for text in texts])


@contextmanager
def index_folder_of(documents: Mapping[str, str], encoder: Encoder) -> Iterator[Path]:
    """Make an index of documents given by file name and text, for as long as the block lasts."""
    with tempfile.TemporaryDirectory() as home:
        folder, index = Path(home) / "documents", Path(home) / "index"
        folder.mkdir()
        for name, text in documents.items():
            (folder / name).write_bytes(text.encode("utf-8"))
        sync(folder, index, encoder=encoder)
        yield index


@contextmanager
def index_of(documents: Mapping[str, str], encoder: Encoder) -> Iterator[IndexReader]:
    """Make an index of documents and open it."""
    with index_folder_of(documents, encoder) as index:
        yield IndexReader.open(index, load_settings(index))

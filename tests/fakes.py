"""Stand-ins that any test, and the processes that tests start, can import."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from index.types import EncoderIdentity

Rows = NDArray[np.float32]
Texts = dict[str, str | bytes]


def character_tokenizer() -> Tokenizer:
    """Return a tokenizer that makes one token of each code point, so that a test can count passages by hand."""
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    return tokenizer


class FakeEncoder:
    """Rows that depend on nothing but the text: ``(n_texts, dimension)`` float32 of unit length; equal texts, equal rows."""

    def __init__(
        self,
        name: str = "fake",
        dimension: int = 32,
        delay_s: float = 0.0,
        before_encoding: Callable[[], object] | None = None,
    ) -> None:
        self.identity = EncoderIdentity(name, dimension, "", "")
        self.tokenizer = character_tokenizer()
        self.embedded: list[str] = []
        """Every text that was embedded as a document, in order."""
        self.asked: list[str] = []
        self._delay_s = delay_s
        self._before_encoding = before_encoding

    def encode_query(self, texts: Sequence[str]) -> Rows:
        self.asked += texts
        return self._rows(texts)

    def encode_document(self, texts: Sequence[str]) -> Rows:
        self.embedded += texts
        if self._before_encoding:
            self._before_encoding()
        time.sleep(self._delay_s)
        return self._rows(texts)

    def _rows(self, texts: Sequence[str]) -> Rows:
        seeds = [int.from_bytes(hashlib.sha256(f"{self.identity.name}\0{text}".encode()).digest()[:8], "big") for text in texts]
        rows = np.array([np.random.default_rng(seed).standard_normal(self.identity.dimension) for seed in seeds])
        rows = rows.reshape(len(texts), self.identity.dimension)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def write_folder(folder: Path, texts: Texts) -> Path:
    """Write files by their names below a folder, and return the folder."""
    for name, content in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def replace_file(path: Path, content: bytes) -> None:
    """Put other content in a file's place; writing into one that is mapped into memory would end the process (SIGBUS)."""
    path.unlink()
    path.write_bytes(content)

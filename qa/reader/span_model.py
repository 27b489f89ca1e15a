"""The trained span reader over a batch of passages: where each would answer a question, and whether it does."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Protocol

import numpy as np

from index import EncoderError
from qa.reader.pairs import padding_of, pair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index import ModelEncoder
    from qa.reader.network import SpanNetwork
    from qa.reader.pairs import Pair

ADAPTER = "span_reader.safetensors"
LONGEST_SPAN = 120
"""Tokens; the reasons and lists that people ask for are rarely longer."""
BEST_ENDS = 6
"""Beginnings, and ends, of which every pair is looked at."""
SPANS = 3
"""Kept for a passage, none within another."""


@dataclass(frozen=True, slots=True)
class Span:
    """``passage[start:end]`` may answer."""

    start: int
    """Code points of the passage."""
    end: int
    logit: float
    """Sum of the logits of its two ends, above that of no answer."""


@dataclass(frozen=True, slots=True)
class PassageReading:
    """What the network made of one passage."""

    answerable: float
    """Logit of the passage answering the question."""
    spans: tuple[Span, ...]
    """Best first; empty for a passage without words."""


class PassageReader(Protocol):
    """Reads a question over passages."""

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[PassageReading]:
        """Read each passage, given as title and text; the title may be empty."""


class SpanModel:
    """The network on the encoder's own weights, loaded when the first question is read. Safe to share between threads."""

    def __init__(self, encoder: ModelEncoder) -> None:
        """Take the encoder that the adapter was trained on."""
        self._encoder = encoder
        self._lock = threading.Lock()

    @cached_property
    def _loaded(self) -> SpanNetwork:
        from qa.reader.network import load  # PyTorch takes a second to import

        try:
            transformer = self._encoder.transformer
        except EncoderError as error:
            raise EncoderError(f"{error} The span reader needs that model; YOUJU_READER=sentence reads without it.") from error
        with as_file(files("qa.reader").joinpath(ADAPTER)) as path:
            return load(transformer, path, self._encoder.adapter)

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[PassageReading]:
        """Read each passage, given as title and text; the title may be empty.

        :raises EncoderError: the encoder cannot be loaded.
        """
        if not passages:
            return []
        import torch

        with self._lock:
            network = self._loaded
        tokenizer = self._encoder.tokenizer
        pairs = [pair(tokenizer, question, text, title) for title, text in passages]
        with self._lock, torch.inference_mode():
            spans, answerable = network.read([one.ids for one in pairs], padding_of(tokenizer))
        return [
            PassageReading(verdict, _spans(one, logits.cpu().numpy()))
            for one, logits, verdict in zip(pairs, spans, answerable, strict=True)
        ]


def _spans(read: Pair, logits: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> tuple[Span, ...]:
    """Return the best spans of a passage, none of which lies within another.

    :param logits: ``(n_tokens, 2)``, of beginning and end.
    """
    none = float(logits[0].sum())
    begins, ends = logits[read.first : read.first + len(read.offsets)].T
    if not len(begins):
        return ()
    pairs = [
        (float(begins[i] + ends[j]) - none, int(i), int(j))
        for i in np.argsort(-begins)[:BEST_ENDS]
        for j in np.argsort(-ends)[:BEST_ENDS]
        if i <= j < i + LONGEST_SPAN
    ]
    if not pairs:  # the likeliest ends lie before the likeliest beginnings: take the likeliest single token
        both = begins + ends
        pairs = [(float(both.max()) - none, int(both.argmax()), int(both.argmax()))]
    kept: list[tuple[float, int, int]] = []
    for logit, i, j in sorted(pairs, reverse=True):
        if len(kept) < SPANS and all(j < left or i > right for _, left, right in kept):
            kept.append((logit, i, j))
    return tuple(Span(read.offsets[i][0], read.offsets[j][1], logit) for logit, i, j in kept)

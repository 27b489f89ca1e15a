"""Which reader an index is read with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index import ModelEncoder
from qa.reader.sentence_reader import SentenceReader
from qa.reader.span_model import SpanModel
from qa.reader.span_reader import SpanReader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from index import Encoder, Settings
    from qa.reader.types import Reader


def reader_for(encoder: Encoder, settings: Settings, term_weights: Callable[[Sequence[str]], Mapping[str, float]]) -> Reader:
    """Return the span reader, on the encoder's own weights where those are the bundled ones; else as the settings say.

    An encoder that is not a sentence-transformers model is one that a program brought along: the sentence reader needs no more of
    it than every encoder has.
    """
    if settings.reader == "sentence" or not isinstance(encoder, ModelEncoder):
        return SentenceReader(encoder, term_weights, settings.refuse_below)
    base = encoder if encoder.has_bundled_weights else ModelEncoder(settings.model_copy(update={"encoder": "bundled"}))
    return SpanReader(SpanModel(base), encoder.identity.name, term_weights, settings.refuse_below)

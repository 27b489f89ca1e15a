"""Texts to unit-length rows with sentence-transformers: precision, batching and prompts."""

from __future__ import annotations

import logging
import threading
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer

from index import bundled_model
from index.errors import EncoderError
from index.types import EncoderIdentity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import torch
    from sentence_transformers import SentenceTransformer
    from transformers import BertModel

    from index.settings import Settings
    from index.types import OnProgress, Rows

BUNDLED = "bundled"
ADAPTER = "adapter.safetensors"
ADAPTED = "+youju1"
"""Behind the name of an encoder that has the adapter; raise the number with every new one."""
BATCH_BYTES = 18_000
"""UTF-8 bytes of a batch, padding included: about 4,000 tokens in any script, where a processor without AMX is fastest."""


class ModelEncoder:
    """A sentence-transformers model that is loaded when the first text has to be encoded.

    Safe to share between threads: tokenizers are not, so encoding takes a lock.
    """

    def __init__(self, settings: Settings, on_progress: OnProgress | None = None, *, plain: bool = False) -> None:
        """Take the settings.

        :param plain: leave the bundled model without the adapter that was trained for it.
        """
        self._settings = settings
        self._plain = plain
        self._on_progress = on_progress
        self._lock = threading.RLock()

    @property
    def is_bundled(self) -> bool:
        """Whether this is the encoder that comes with the install."""
        return self._settings.encoder == BUNDLED

    @property
    def has_bundled_weights(self) -> bool:
        """Whether this is the bundled model, from the install or under its name in a folder or on the hub."""
        return self.is_bundled or Path(self._settings.encoder).name == Path(bundled_model.HUB_NAME).name

    @property
    def is_adapted(self) -> bool:
        """Whether the model has the adapter that was trained for it (``qa.encoder_training``)."""
        return self.has_bundled_weights and not self._plain

    @property
    def name(self) -> str:
        """What an index remembers the encoder by."""
        own = bundled_model.HUB_NAME if self.is_bundled else self._settings.encoder
        return own + ADAPTED if self.is_adapted else own

    @cached_property
    def identity(self) -> EncoderIdentity:
        """Name, dimension and prompts; known without loading for the bundled encoder."""
        query, document = self._settings.query_prompt, self._settings.document_prompt
        if self.is_bundled or self.is_adapted:
            dimension, prompts = 384, bundled_model.PROMPTS
        else:
            dimension = self.model.get_embedding_dimension()
            stated = {key: value or "" for key, value in self.model.prompts.items()}
            prompts = {
                "query": stated.get("query", ""),
                "document": stated.get("document") or stated.get("passage", ""),
            }
        return EncoderIdentity(
            name=self.name,
            dimension=dimension,
            query_prompt=prompts["query"] if query is None else query,
            document_prompt=prompts["document"] if document is None else document,
        )

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """A copy of the model's tokenizer without truncation, for measuring passages."""
        with self._lock:
            if self.is_bundled and bundled_model.is_bundled():
                return Tokenizer.from_file(str(self._folder / "tokenizer.json"))
            own = Tokenizer.from_str(self.model.tokenizer.backend_tokenizer.to_str())
            own.no_truncation()
            own.no_padding()
            return own

    def encode_query(self, texts: Sequence[str]) -> Rows:
        """Return ``(n_texts, dimension)`` float32 rows of unit length."""
        return self._encode(texts, self.identity.query_prompt)

    def encode_document(self, texts: Sequence[str]) -> Rows:
        """Return ``(n_texts, dimension)`` float32 rows of unit length."""
        return self._encode(texts, self.identity.document_prompt)

    @cached_property
    def _folder(self) -> Path:
        return bundled_model.prepare(self._settings.cache_dir, self._on_progress)

    @cached_property
    def model(self) -> SentenceTransformer:
        """The loaded sentence-transformers model.

        :raises EncoderError: it cannot be found or loaded.
        """
        with self._lock:
            if self.is_bundled:
                name = str(self._folder) if bundled_model.is_bundled() else bundled_model.HUB_NAME
            else:
                name = self._settings.encoder
            model = _load(name, self._settings)
            if self.adapter is not None:
                from index.adapter import merge  # PyTorch takes a second to import

                merge(model[0].auto_model.encoder, (self.adapter, 1.0))
            return model

    @cached_property
    def adapter(self) -> dict[str, torch.Tensor] | None:
        """What is merged into the layers of the model, by name; nothing where it is plain."""
        if not self.is_adapted:
            return None
        from safetensors.torch import load_file

        with as_file(files("index").joinpath(ADAPTER)) as path:
            return load_file(path)

    @property
    def transformer(self) -> BertModel:
        """The network below the pooling, the adapter in it, for a reader that shares its weights.

        :raises EncoderError: the model cannot be found or loaded.
        """
        return self.model[0].auto_model  # type: ignore[no-any-return]

    def _encode(self, texts: Sequence[str], prompt: str) -> Rows:
        rows = np.empty((len(texts), self.identity.dimension), np.float32)
        with self._lock:
            for batch in _batches(texts):
                rows[batch] = self.model.encode(
                    [texts[i] for i in batch],
                    prompt=prompt,
                    batch_size=len(batch),
                    show_progress_bar=False,
                    convert_to_numpy=True,
                )
        # half-precision arithmetic leaves rows that are not quite of unit length
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        rows /= np.maximum(norms, 1e-12)
        return rows


def _batches(texts: Sequence[str]) -> Iterator[list[int]]:
    """Group positions of texts of like length, so that little is padding."""
    sizes = [len(text.encode("utf-8", "ignore")) + 1 for text in texts]
    batch: list[int] = []
    for position in sorted(range(len(texts)), key=sizes.__getitem__):
        if batch and sizes[position] * (len(batch) + 1) > BATCH_BYTES:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch


def _load(name: str, settings: Settings) -> SentenceTransformer:
    import torch
    import transformers
    from sentence_transformers import SentenceTransformer

    if settings.threads:
        torch.set_num_threads(settings.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    precision = settings.precision if settings.precision != "auto" else _best_precision(device)
    quiet = transformers.logging.get_verbosity()
    transformers.logging.set_verbosity(logging.ERROR)  # its load report is not for the person at the terminal
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model = SentenceTransformer(name, device=device, model_kwargs={"dtype": getattr(torch, precision)})
    except (OSError, ValueError, ImportError, RuntimeError) as error:
        raise EncoderError(
            f"the encoder {name!r} cannot be loaded: {str(error).splitlines()[0] if str(error) else type(error).__name__}. "
            "Give the name of a sentence-transformers model or a folder that holds one (YOUJU_ENCODER), or `bundled`."
        ) from error
    finally:
        transformers.logging.set_verbosity(quiet)
    return model.eval()


def _best_precision(device: str) -> str:
    if device != "cpu":
        return "float16"
    # without these instructions bfloat16 is emulated, several times slower than float32
    return "bfloat16" if _processor_flags() & {"amx_bf16", "avx512_bf16"} else "float32"


def _processor_flags() -> set[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        return set()
    return next((set(line.split(":", 1)[1].split()) for line in lines if line.startswith("flags")), set())

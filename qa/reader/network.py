"""The span reader's network: the encoder's own transformer with a low-rank adapter, and two heads.

At run time the adapter is merged into a copy of the layers, while the table of word embeddings, five sixths of the weights,
stays shared with the encoder. The span head gives each token the chance of
beginning and of ending the answer (Devlin et al. 2019), the first token standing for "no answer here"; the answerable head reads
the first token alone.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, cast

import torch
from safetensors.torch import load_file
from torch import nn

from index import adapter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from transformers import BertModel
    from transformers.models.bert.modeling_bert import BertLayer, BertSelfAttention

ROW_STEP = 32
"""Tokens; PyTorch compiles and keeps kernels for every length of a row it meets, about 2 MB each, so that lengths must be few."""
HEADS = ("span.weight", "span.bias", "answerable.weight", "answerable.bias")


class SpanNetwork(nn.Module):
    """A transformer with the two heads."""

    def __init__(self, transformer: BertModel) -> None:
        super().__init__()
        self.transformer = transformer
        hidden = transformer.config.hidden_size
        self.span = nn.Linear(hidden, 2)
        self.answerable = nn.Linear(hidden, 1)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Read a batch of question-and-passage pairs.

        :param ids: ``(n_pairs, n_tokens)`` token ids.
        :param mask: the same shape, 0 where there is padding.
        :returns: ``(n_pairs, n_tokens, 2)`` logits of beginning and end, and ``(n_pairs,)`` logits of answerable, float32.
        """
        states = self.transformer(input_ids=ids, attention_mask=mask).last_hidden_state
        states = states.to(self.span.weight.dtype)
        return self.span(states).float(), self.answerable(states[:, 0]).squeeze(-1).float()

    def read(self, pairs: Sequence[Sequence[int]], padding: int) -> tuple[list[torch.Tensor], list[float]]:
        """Read pairs of different length as one row of tokens, of which each pair attends to itself alone.

        The same as :meth:`forward`, a quarter faster: nothing is padded but the end of the row.

        :param pairs: token ids.
        :param padding: the token that the row is filled up with.
        :returns: ``(n_tokens, 2)`` logits of beginning and end for each pair, and the logit of answerable, float32.
        """
        lengths = [len(one) for one in pairs]
        if filling := -sum(lengths) % ROW_STEP:
            pairs, lengths = [*pairs, [padding] * filling], [*lengths, filling]
        device = self.span.weight.device
        ids = torch.tensor([[token for one in pairs for token in one]], device=device)
        places = torch.cat([torch.arange(length, device=device) for length in lengths])[None]
        states = self.transformer.embeddings(input_ids=ids, position_ids=places)[0]
        for layer in cast("Iterable[BertLayer]", self.transformer.encoder.layer):
            taken = _taken(cast("BertSelfAttention", layer.attention.self), states, lengths)
            attended = layer.attention.output(taken, states)
            states = layer.output(layer.intermediate(attended), attended)
        rows = states.to(self.span.weight.dtype).split(lengths)[: len(pairs) - bool(filling)]
        return [self.span(row).float() for row in rows], [float(self.answerable(row[0])) for row in rows]


def _taken(attention: BertSelfAttention, states: torch.Tensor, lengths: Sequence[int]) -> torch.Tensor:
    """Return what each token of a row takes from those of its own pair, ``(n_tokens, hidden)``."""
    heads = (len(states), attention.num_attention_heads, -1)
    sides = [side(states).view(heads).split(lengths) for side in (attention.query, attention.key, attention.value)]
    taken = [
        # as a batch of one: without one PyTorch takes its slowest way, two and a half times as slow
        nn.functional.scaled_dot_product_attention(*(side.transpose(0, 1)[None] for side in pair))[0].transpose(0, 1).flatten(1)
        for pair in zip(*sides, strict=True)
    ]
    return torch.cat(taken)


def for_training(transformer: BertModel) -> SpanNetwork:
    """Put a fresh adapter on a transformer and freeze all the rest but the heads."""
    adapter.put_on(transformer)
    return SpanNetwork(transformer)


def load(transformer: BertModel, path: Path, merged: Mapping[str, torch.Tensor] | None = None) -> SpanNetwork:
    """Return a network for reading: the adapter merged into a copy of the layers, the embeddings shared.

    :param merged: the adapter that was merged into the transformer before, to be taken out of the copy.
    :raises ValueError: the adapter belongs to another transformer.
    """
    state = load_file(path)
    heads = {name: state.pop(name).to(transformer.device).float() for name in HEADS if name in state}
    layers = copy.deepcopy(transformer.encoder)
    adapter.merge(layers, (state, 1.0), *([(merged, -1.0)] if merged else []))
    reading = copy.copy(transformer)
    reading._modules = {**transformer._modules, "encoder": layers}
    network = SpanNetwork(reading).to(transformer.device)
    if set(network.load_state_dict(heads, strict=False).missing_keys) & set(HEADS):
        raise ValueError(f"{path.name} has no heads")
    return network.eval().requires_grad_(requires_grad=False)

"""The span reader's network: the encoder's own transformer with a low-rank adapter, and two heads.

The adapter (Hu et al. 2021, LoRA) lies on every dense layer; at run time it is merged into a copy of the layers, while the table
of word embeddings, five sixths of the weights, stays shared with the encoder. The span head gives each token the chance of
beginning and of ending the answer (Devlin et al. 2019), the first token standing for "no answer here"; the answerable head reads
the first token alone.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file, save_file
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from transformers import BertModel

RANK = 32
SCALE = 2.0
"""What the product of the two low-rank matrices is multiplied by."""
HEADS = ("span.weight", "span.bias", "answerable.weight", "answerable.bias")


class Adapted(nn.Module):
    """A dense layer that stays as it is, and what is learnt on top of it."""

    def __init__(self, dense: nn.Linear) -> None:
        super().__init__()
        self.dense = dense.requires_grad_(requires_grad=False)
        self.down = nn.Parameter(torch.empty(RANK, dense.in_features).uniform_(-1, 1) / dense.in_features**0.5)
        self.up = nn.Parameter(torch.zeros(dense.out_features, RANK))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Apply both."""
        learnt = nn.functional.linear(nn.functional.linear(values, self.down), self.up)
        return self.dense(values) + SCALE * learnt  # type: ignore[no-any-return]


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


def for_training(transformer: BertModel) -> SpanNetwork:
    """Put a fresh adapter on a transformer and freeze all the rest."""
    transformer.requires_grad_(requires_grad=False)
    for parent in list(transformer.encoder.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Linear):
                setattr(parent, name, Adapted(child))
    return SpanNetwork(transformer)


def learnt(network: SpanNetwork) -> dict[str, torch.Tensor]:
    """Return what training changes, by name."""
    return {
        name.removeprefix("transformer.encoder."): parameter.detach()
        for name, parameter in network.named_parameters()
        if parameter.requires_grad
    }


def save(state: dict[str, torch.Tensor], path: Path) -> None:
    """Write what was learnt in half precision."""
    save_file({name: tensor.to(torch.float16).contiguous() for name, tensor in state.items()}, path)


def mean_of(paths: Sequence[Path]) -> dict[str, torch.Tensor]:
    """Return the mean of adapters that were trained one from the other (Wortsman et al. 2022, model soups)."""
    states = [load_file(path) for path in paths]
    return {name: torch.stack([state[name].float() for state in states]).mean(0) for name in states[0]}


def load(transformer: BertModel, path: Path) -> SpanNetwork:
    """Return a network for reading: the adapter merged into a copy of the layers, the embeddings shared.

    :raises ValueError: the adapter belongs to another transformer.
    """
    state = {name: tensor.to(transformer.device) for name, tensor in load_file(path).items()}
    layers = copy.deepcopy(transformer.encoder)
    dense = {name: module for name, module in layers.named_modules() if isinstance(module, nn.Linear)}
    if {f"{name}.{part}" for name in dense for part in ("down", "up")} | set(HEADS) != set(state):
        raise ValueError(f"{path.name} was not trained for this transformer")
    with torch.no_grad():
        for name, module in dense.items():
            change = SCALE * (state[f"{name}.up"].float() @ state[f"{name}.down"].float())
            module.weight.copy_((module.weight.float() + change).to(module.weight.dtype))
    reading = copy.copy(transformer)
    reading._modules = {**transformer._modules, "encoder": layers}
    network = SpanNetwork(reading).to(transformer.device)
    network.load_state_dict({name: state[name].float() for name in HEADS}, strict=False)
    return network.eval().requires_grad_(requires_grad=False)

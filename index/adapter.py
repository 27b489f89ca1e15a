"""A low-rank adapter (Hu et al. 2021, LoRA) on every dense layer of a transformer: put on for training, merged for use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file, save_file
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from transformers import BertModel

RANK = 32
SCALE = 2.0
"""What the product of the two low-rank matrices is multiplied by."""


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


def put_on(transformer: BertModel, first: int = 0) -> None:
    """Put a fresh adapter on a transformer and freeze all the rest.

    :param first: the first layer that gets one; those below it stay as they are.
    """
    transformer.requires_grad_(requires_grad=False)
    for parent in [module for layer in transformer.encoder.layer[first:] for module in layer.modules()]:
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Linear):
                setattr(parent, name, Adapted(child))


def learnt(network: nn.Module) -> dict[str, nn.Parameter]:
    """Return what training changes, by name; names of layers are those within the transformer's encoder."""
    return {
        name.removeprefix("transformer.").removeprefix("encoder."): parameter
        for name, parameter in network.named_parameters()
        if parameter.requires_grad
    }


def save(state: Mapping[str, torch.Tensor], path: Path) -> None:
    """Write what was learnt in half precision."""
    save_file({name: tensor.detach().to(torch.float16).contiguous() for name, tensor in state.items()}, path)


def mean_of(paths: Sequence[Path]) -> dict[str, torch.Tensor]:
    """Return the mean of adapters that were trained one from the other (Wortsman et al. 2022, model soups)."""
    states = [load_file(path) for path in paths]
    return {name: torch.stack([state[name].float() for state in states]).mean(0) for name in states[0]}


def merge(layers: nn.Module, *changes: tuple[Mapping[str, torch.Tensor], float]) -> None:
    """Add adapters to the dense layers of a transformer's encoder, in place and rounded once.

    :param changes: adapters, each an ``up`` and a ``down`` for dense layers by their name, and how much of each to add: 1 adds
        all of it, -1 takes it out again.
    :raises ValueError: an adapter belongs to another transformer.
    """
    dense = {name: module for name, module in layers.named_modules() if isinstance(module, nn.Linear)}
    if any(name.rpartition(".")[0] not in dense for state, _ in changes for name in state):
        raise ValueError("the adapter was not trained for this transformer")
    with torch.no_grad():
        for name, module in dense.items():
            weight = module.weight.float()
            for state, share in changes:
                if f"{name}.up" in state:
                    up, down = (state[f"{name}.{part}"].to(weight.device).float() for part in ("up", "down"))
                    weight = weight + share * SCALE * (up @ down)
            module.weight.copy_(weight.to(module.weight.dtype))

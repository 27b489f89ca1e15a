"""What both trainings share: steps that may be stopped at any moment, and a running mean of what was learnt."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from index import adapter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

WARM_UP = 0.05
"""Share of the steps in which the rate grows; in the others it falls to 0."""


class Learning:
    """The state of a training: what was learnt, its running mean, the optimizer.

    It goes on from what is kept in a folder as ``<name>-state.safetensors``; what it made last is beside that as
    ``<name>.safetensors``.
    """

    def __init__(
        self, learnt: Mapping[str, torch.nn.Parameter], work: Path, name: str, *, steps: int, rate: float, averaging: float
    ) -> None:
        """Take what is to be learnt, by name.

        :param steps: after so many the rate is 0.
        :param rate: the highest rate.
        :param averaging: how much of the mean stays at each step, once there were enough steps.
        """
        self.step = 0
        self._learnt, self._steps, self._rate, self._averaging = dict(learnt), steps, rate, averaging
        self.mean = {name: tensor.detach().clone() for name, tensor in learnt.items()}
        self._optimizer = torch.optim.AdamW(self._learnt.values(), lr=rate, betas=(0.9, 0.98), weight_decay=0.01)
        self._state, self._made = work / f"{name}-state.safetensors", work / f"{name}.safetensors"
        if self._state.is_file():
            self._resume()

    def learn(self, loss: torch.Tensor) -> None:
        """Take one step down a loss."""
        done = self.step / self._steps
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate * min(done / WARM_UP, (1 - done) / (1 - WARM_UP))
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._learnt.values(), 1.0)
        self._optimizer.step()
        self.step += 1
        keep = min(self._averaging, self.step / (self.step + 10))
        for name, tensor in self.mean.items():
            tensor.lerp_(self._learnt[name].detach(), 1 - keep)

    def keep(self) -> None:
        """Write everything that is needed to go on, and the mean as an adapter."""
        tensors = {f"learnt/{n}": p.detach() for n, p in self._learnt.items()} | {f"mean/{n}": t for n, t in self.mean.items()}
        for name, parameter in self._learnt.items():
            kept = self._optimizer.state[parameter]
            tensors |= {f"first/{name}": kept["exp_avg"], f"second/{name}": kept["exp_avg_sq"]}
        beside = self._state.with_suffix(".new")
        save_file(tensors, beside, metadata={"step": json.dumps(self.step)})
        os.replace(beside, self._state)
        adapter.save(self.mean, self._made)

    def _resume(self) -> None:
        with safe_open(self._state, "pt") as kept:
            self.step = json.loads(kept.metadata()["step"])
        tensors = load_file(self._state)
        for name, parameter in self._learnt.items():
            parameter.data.copy_(tensors[f"learnt/{name}"])
            self.mean[name].copy_(tensors[f"mean/{name}"])
            self._optimizer.state[parameter] = {
                "step": torch.tensor(float(self.step)),
                "exp_avg": tensors[f"first/{name}"],
                "exp_avg_sq": tensors[f"second/{name}"],
            }

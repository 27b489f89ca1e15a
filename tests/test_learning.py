from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file

from qa.learning import Learning


def some(work: Path, steps: int, parameter: torch.nn.Parameter) -> Learning:
    """Learn to come near 3, some steps of ten."""
    learning = Learning({"layer.up": parameter}, work, "some", steps=10, rate=0.5, averaging=0.9)
    while learning.step < steps:
        learning.learn(((parameter - 3) ** 2).sum())
    learning.keep()
    return learning


def fresh() -> torch.nn.Parameter:
    return torch.nn.Parameter(torch.zeros(2, 2))


def test_a_training_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    at_once, stopped, resumed = fresh(), fresh(), fresh()
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    whole = some(tmp_path / "a", 10, at_once)
    some(tmp_path / "b", 4, stopped)
    again = some(tmp_path / "b", 10, resumed)
    assert torch.equal(at_once, resumed)
    assert torch.equal(whole.mean["layer.up"], again.mean["layer.up"])
    assert not torch.equal(stopped, resumed)


def test_what_is_kept_for_use_is_the_mean(tmp_path: Path) -> None:
    parameter = fresh()
    learning = some(tmp_path, 10, parameter)
    kept = load_file(tmp_path / "some.safetensors")["layer.up"].float()
    assert torch.allclose(kept, learning.mean["layer.up"], atol=1e-2)
    assert not torch.allclose(kept, parameter.detach(), atol=1e-2)
    assert (kept > 0).all()
    assert (kept < parameter.detach()).all()  # behind what was learnt last

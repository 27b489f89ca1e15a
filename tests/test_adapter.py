from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import BertConfig, BertModel

import index
from index import adapter
from index.encoder import ADAPTER


def transformer(layers: int = 3) -> BertModel:
    torch.manual_seed(3)
    return BertModel(
        BertConfig(
            vocab_size=50, hidden_size=16, num_hidden_layers=layers, num_attention_heads=2, intermediate_size=24,
            max_position_embeddings=32, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        ),
        add_pooling_layer=False,
    ).eval()  # fmt: skip


def trained(first: int = 0) -> tuple[BertModel, dict[str, torch.Tensor]]:
    net = transformer()
    adapter.put_on(net, first)
    with torch.no_grad():
        for parameter in adapter.learnt(net).values():
            parameter.copy_(torch.randn_like(parameter) * 0.2)
    return net, {name: parameter.detach() for name, parameter in adapter.learnt(net).items()}


IDS = torch.tensor([[1, 5, 7, 9, 2, 4], [1, 8, 8, 4, 3, 2]])


def states(net: BertModel) -> torch.Tensor:
    with torch.no_grad():
        return net(input_ids=IDS).last_hidden_state


@pytest.mark.parametrize("first", [0, 2])
def test_a_merged_adapter_does_what_it_did_in_training(first: int) -> None:
    net, state = trained(first)
    merged = transformer()
    adapter.merge(merged.encoder, (state, 1.0))
    torch.testing.assert_close(states(merged), states(net), atol=1e-4, rtol=1e-4)
    assert not torch.allclose(states(merged), states(transformer()), atol=1e-2)


def test_layers_below_the_first_stay_as_they_are() -> None:
    _, state = trained(2)
    assert {name.split(".")[1] for name in state} == {"2"}
    merged = transformer()
    before = copy.deepcopy(merged.encoder.layer[:2].state_dict())
    adapter.merge(merged.encoder, (state, 1.0))
    assert all(torch.equal(tensor, before[name]) for name, tensor in merged.encoder.layer[:2].state_dict().items())


def test_one_adapter_is_taken_out_and_another_put_in() -> None:
    _, state = trained()
    _, other = trained(2)
    exchanged, direct = transformer(), transformer()
    adapter.merge(exchanged.encoder, (state, 1.0))
    adapter.merge(exchanged.encoder, (other, 1.0), (state, -1.0))
    adapter.merge(direct.encoder, (other, 1.0))
    torch.testing.assert_close(states(exchanged), states(direct), atol=1e-4, rtol=1e-4)


def test_an_adapter_of_another_transformer_is_refused() -> None:
    _, state = trained()
    with pytest.raises(ValueError, match="was not trained for this transformer"):
        adapter.merge(transformer(layers=2).encoder, (state, 1.0))


def test_the_adapter_that_comes_along_is_small() -> None:
    file = Path(index.__file__).parent / ADAPTER
    assert file.stat().st_size < 5_000_000
    assert len(load_file(file)) > 0

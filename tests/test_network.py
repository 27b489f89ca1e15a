from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel

from index import adapter
from qa.reader import network


def transformer(hidden: int = 16) -> BertModel:
    torch.manual_seed(3)
    return BertModel(
        BertConfig(
            vocab_size=50, hidden_size=hidden, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
            max_position_embeddings=64, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        ),
        add_pooling_layer=False,
    ).eval()  # fmt: skip


def trained(path: Path) -> tuple[network.SpanNetwork, Path]:
    """An adapter that changes something, as a network under training and as a file."""
    net = network.for_training(transformer())
    with torch.no_grad():
        for parameter in net.parameters():
            if parameter.requires_grad:
                parameter.copy_((torch.randn_like(parameter) * 0.2).half().float())
    adapter.save(adapter.learnt(net), path / "adapter.safetensors")
    return net.eval(), path / "adapter.safetensors"


IDS, MASK = torch.tensor([[1, 5, 7, 9, 2, 0], [1, 8, 8, 4, 3, 2]]), torch.tensor([[1, 1, 1, 1, 1, 0], [1] * 6])


def test_the_merged_adapter_reads_as_the_trained_one(tmp_path: Path) -> None:
    net, path = trained(tmp_path)
    loaded = network.load(transformer(), path)
    for ours, theirs in zip(loaded(IDS, MASK), net(IDS, MASK), strict=True):
        torch.testing.assert_close(ours, theirs.detach(), atol=1e-4, rtol=1e-4)


def test_pairs_read_as_one_row_are_read_as_each_by_itself(tmp_path: Path) -> None:
    net, path = trained(tmp_path)
    loaded = network.load(transformer(), path)
    pairs = [ids[mask > 0].tolist() for ids, mask in zip(IDS, MASK, strict=True)]
    spans, verdicts = loaded.read(pairs, padding=0)
    expected, answerable = loaded(IDS, MASK)
    for ours, theirs, length in zip(spans, expected, map(len, pairs), strict=True):
        torch.testing.assert_close(ours, theirs[:length], atol=1e-4, rtol=1e-4)
    assert verdicts == pytest.approx(answerable.tolist(), abs=1e-4)
    full, _ = loaded.read([[3] * network.ROW_STEP], padding=0)  # a row that needs no filling
    assert [len(one) for one in full] == [network.ROW_STEP]


def test_rows_have_few_lengths(tmp_path: Path) -> None:
    """The memory of a server grows with every length of a row that it has not met before."""
    _, path = trained(tmp_path)
    loaded = network.load(transformer(), path)
    lengths = set()
    loaded.transformer.encoder.layer[0].intermediate.register_forward_pre_hook(lambda _, given: lengths.add(len(given[0])))
    for length in range(1, 2 * network.ROW_STEP, 5):
        loaded.read([[3] * length, [4] * 3], padding=0)
    assert lengths == {network.ROW_STEP, 2 * network.ROW_STEP}


def test_the_encoder_stays_as_it_was_and_lends_its_embeddings(tmp_path: Path) -> None:
    _, path = trained(tmp_path)
    base = transformer()
    before = base(input_ids=IDS, attention_mask=MASK).last_hidden_state
    loaded = network.load(base, path)
    assert loaded.transformer.embeddings is base.embeddings
    assert not torch.allclose(loaded.transformer(input_ids=IDS, attention_mask=MASK).last_hidden_state, before, atol=1e-2)
    torch.testing.assert_close(base(input_ids=IDS, attention_mask=MASK).last_hidden_state, before)


def test_only_the_adapter_and_the_heads_learn() -> None:
    net = network.for_training(transformer())
    spans, answerable = net(IDS, MASK)
    (spans.sum() + answerable.sum()).backward()
    moved = {name for name, parameter in net.named_parameters() if parameter.grad is not None}
    assert moved
    assert all(name.endswith((".up", ".down")) or name in network.HEADS for name in moved)
    assert spans.shape == (2, 6, 2)
    assert answerable.shape == (2,)


def test_an_adapter_of_another_transformer_is_refused(tmp_path: Path) -> None:
    _, path = trained(tmp_path)
    other = transformer()
    del other.encoder.layer[1]
    with pytest.raises(ValueError, match="was not trained for this transformer"):
        network.load(other, path)


def test_the_network_is_on_the_device_of_the_encoder(tmp_path: Path) -> None:
    """Where there is a GPU the encoder is on it; ``meta`` stands for any device that is not the processor."""
    _, path = trained(tmp_path)
    loaded = network.load(transformer().to("meta"), path)
    assert {parameter.device.type for parameter in loaded.parameters()} == {"meta"}


def test_the_mean_of_adapters_is_the_mean_of_every_weight(tmp_path: Path) -> None:
    names = ("a", "b")
    for name, value in zip(names, (1.0, 2.0), strict=True):
        adapter.save({"span.bias": torch.full((2,), value)}, tmp_path / name)
    assert adapter.mean_of([tmp_path / name for name in names])["span.bias"].tolist() == [1.5, 1.5]

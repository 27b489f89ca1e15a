from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast
from unittest.mock import patch

import numpy as np
import pytest
from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from index import EncoderError, EncoderIdentity, Hit, ModelEncoder, Passage, load_settings
from qa.reader.choosing import reader_for
from qa.reader.pairs import PAIR_TOKENS, QUESTION_TOKENS, padded, pair, span_of, title_before
from qa.reader.span_model import LONGEST_SPAN, PassageReading, Span, SpanModel, _spans
from qa.reader.span_reader import PASSAGES_READ, SpanReader

ENCODER = "intfloat/multilingual-e5-small"


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    """One token for each code point, with the marks that a pair needs."""
    made = Tokenizer(models.WordLevel({"<s>": 0, "<pad>": 1, "</s>": 2, "[UNK]": 3}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    return made


def test_a_pair_knows_where_each_token_of_the_passage_stands(tokenizer: Tokenizer) -> None:
    read = pair(tokenizer, "谁？", "由张三主持。")
    assert read.ids == (0, 3, 3, 2, 2, 3, 3, 3, 3, 3, 3, 2)
    assert read.first == 5
    assert read.offsets[1] == (1, 2)
    assert span_of(read, 1, 3) == (6, 7)


def test_a_title_stands_before_the_passage_and_is_never_part_of_it(tokenizer: Tokenizer) -> None:
    read = pair(tokenizer, "谁？", "由张三主持。", "通知")
    assert read.ids == (0, 3, 3, 2, 2, 3, 3, 2, 3, 3, 3, 3, 3, 3, 2)
    assert span_of(read, 0, 1) == (8, 8)


def test_what_is_too_long_loses_its_end_and_an_answer_there_is_none(tokenizer: Tokenizer) -> None:
    read = pair(tokenizer, "问" * 500, "文" * 1000)
    assert len(read.ids) == PAIR_TOKENS
    assert read.first == QUESTION_TOKENS + 3
    assert span_of(read, 990, 1000) is None
    assert span_of(read, 0, 3) == (read.first, read.first + 2)


def test_padding_is_masked(tokenizer: Tokenizer) -> None:
    ids, mask = padded([pair(tokenizer, "一", "二"), pair(tokenizer, "一", "二三四")], tokenizer)
    assert [len(row) for row in ids] == [8, 8]
    assert (ids[0][-2:], mask[0], mask[1]) == ([1, 1], [1] * 6 + [0] * 2, [1] * 8)


def test_a_title_is_read_only_where_the_passage_does_not_show_it() -> None:
    assert title_before("通知", "第二段", opens_document=False) == "通知"
    assert title_before("通知", "第二段", opens_document=True) == ""
    assert title_before("通知", "这份通知", opens_document=False) == ""


def logits(tokens: int, first: int, peaks: dict[tuple[int, int], float]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    values = np.full((first + tokens, 2), -5.0, np.float32)
    values[0] = 0.0
    for (begin, end), height in peaks.items():
        values[first + begin, 0] = values[first + end, 1] = height
    return values


def test_spans_are_told_best_first_against_no_answer_and_none_within_another(tokenizer: Tokenizer) -> None:
    read = pair(tokenizer, "谁？", "由张三主持李四记录。")
    best, second, *_ = _spans(read, logits(10, read.first, {(1, 2): 3.0, (5, 6): 2.0}))
    assert (best.start, best.end, best.logit) == (1, 3, pytest.approx(6.0))
    assert (second.start, second.end) == (5, 7)
    assert second.logit == pytest.approx(4.0)


def test_a_span_never_ends_before_it_begins_nor_grows_beyond_measure(tokenizer: Tokenizer) -> None:
    text = "字" * 300
    read = pair(tokenizer, "问", text)
    values = logits(300, read.first, {})
    values[read.first + 250, 0] = values[read.first + 10, 1] = 5.0  # the likeliest end lies before the likeliest beginning
    for span in _spans(read, values):
        assert 0 < span.end - span.start <= LONGEST_SPAN


class Scripted:
    """A network that answers by passage: the words it finds and how sure it is."""

    def __init__(self, answers: Mapping[str, tuple[str, float]]) -> None:
        self.answers = answers
        self.read_passages: list[tuple[str, str]] = []

    def read(self, question: str, passages: Sequence[tuple[str, str]]) -> list[PassageReading]:
        self.read_passages += passages
        found = []
        for _, text in passages:
            words, sure = self.answers.get(text, (text[:1], -6.0))
            at = text.index(words)
            found.append(PassageReading(sure, (Span(at, at + len(words), 2 * sure),)))
        return found


def hit(rank: int, document: str, text: str, start: int = 100) -> Hit:
    passage = Passage(rank, document, start, start + len(text), text, "标题")
    return Hit(rank, 1.0 - 0.05 * rank, 0.9, 5.0, passage)


def reader(model: Scripted, refuse_below: float | None = None) -> SpanReader:
    return SpanReader(model, ENCODER, lambda words: dict.fromkeys(words, 1.0), refuse_below)


ROW = np.zeros(384, np.float32)
FIRST, SECOND = "会议在三楼举行。无关的话。", "今年的大会由张三主持。其他人员列席。"


def test_the_span_comes_with_its_whole_sentence_from_the_passage_that_answers() -> None:
    model = Scripted({SECOND: ("张三", 6.0)})
    reading = reader(model).read("今年的大会由谁主持？", ROW, [hit(1, "a.txt", FIRST), hit(2, "b.txt", SECOND)])
    best = reading.findings[0]
    assert reading.answered
    assert reading.confidence > 0.5
    assert (best.short, best.quote) == ("张三", "今年的大会由张三主持。")
    assert (best.short_start, best.start) == (100 + SECOND.index("张三"), 100)


@pytest.mark.parametrize("words", ["：59元；", " 59元", "59元。", "：59元"])
def test_the_marks_around_a_cell_are_no_part_of_it(words: str) -> None:
    row = "品名：鼠标；单价： 59元；库存：33个。"
    text = row if words in row else f"鼠标{words}"
    found = reader(Scripted({text: (words, 6.0)})).read("鼠标多少钱？", ROW, [hit(1, "价格.csv", text)])
    assert found.findings[0].short == "59元"
    assert text[found.findings[0].short_start - 100 :].startswith("59元")


def test_it_refuses_where_no_passage_answers_and_says_so_with_low_confidence() -> None:
    reading = reader(Scripted({})).read("今年的大会由谁主持？", ROW, [hit(1, "a.txt", FIRST)])
    assert not reading.answered
    assert reading.confidence < 0.3


def test_the_threshold_can_be_set_and_no_evidence_is_no_answer() -> None:
    hits = [hit(1, "a.txt", FIRST)]
    assert reader(Scripted({}), 0.0).read("谁主持？", ROW, hits).answered
    assert not reader(Scripted({SECOND: ("张三", 6.0)}), 1.0).read("谁主持？", ROW, [hit(1, "b.txt", SECOND)]).answered
    assert reader(Scripted({})).read("谁主持？", ROW, []).findings == ()


def test_only_the_best_passages_are_read_each_with_its_title() -> None:
    model = Scripted({})
    reader(model).read("谁？", ROW, [hit(i, "a.txt", f"第{i}段。") for i in range(1, 11)])
    assert model.read_passages == [("标题", f"第{i}段。") for i in range(1, PASSAGES_READ + 1)]


def test_the_same_text_in_several_documents_is_read_once_and_found_in_each() -> None:
    model = Scripted({SECOND: ("张三", 6.0)})
    hits = [hit(1, "a.txt", SECOND), *(hit(i, f"copy-{i}.txt", SECOND) for i in range(2, 6)), hit(6, "b.txt", FIRST)]
    findings = reader(model).read("今年的大会由谁主持？", ROW, hits).findings
    assert model.read_passages == [("标题", SECOND), ("标题", FIRST)]
    saying = [f.hit.passage.document_id for f in findings if f.short == "张三"]
    assert saying == ["a.txt", "copy-2.txt", "copy-3.txt", "copy-4.txt", "copy-5.txt"]


@pytest.mark.parametrize(
    ("encoder", "is_shared"),
    [
        ("bundled", True),
        ("/models/multilingual-e5-small", True),
        ("intfloat/multilingual-e5-small", True),
        ("BAAI/bge-m3", False),
    ],
)
def test_the_reader_reads_with_the_weights_of_an_encoder_that_has_the_bundled_ones(encoder: str, is_shared: bool) -> None:
    given = ModelEncoder(load_settings(encoder=encoder))
    with patch("qa.reader.choosing.SpanModel") as made, patch.object(ModelEncoder, "identity", EncoderIdentity("e", 384, "", "")):
        reader_for(given, load_settings(encoder=encoder), lambda words: dict.fromkeys(words, 1.0))
    ((base,), _) = made.call_args
    assert (base is given) == is_shared
    assert base.is_bundled or is_shared


def test_a_reader_without_its_model_says_how_to_go_on() -> None:
    class Missing:
        @property
        def transformer(self) -> None:
            raise EncoderError("the encoder 'intfloat/multilingual-e5-small' cannot be loaded: offline.")

    with pytest.raises(EncoderError, match="YOUJU_READER=sentence"):
        SpanModel(cast("ModelEncoder", Missing())).read("谁主持？", [("", "张三主持。")])

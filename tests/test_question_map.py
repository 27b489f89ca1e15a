"""The map of questions: what it does to vectors, and that only questions of the bundled model are mapped."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from index import ModelEncoder, Settings
from index.bundled_model import PROMPTS
from index.question_map import QuestionMap, bundled_map

LAY = Path(__file__).parents[1] / "bench" / "lay"


def test_rows_stay_of_unit_length_and_are_moved_by_what_the_map_holds() -> None:
    down, up = np.zeros((4, 1), np.float32), np.zeros((1, 4), np.float32)
    down[0, 0], up[0, 1] = 1.0, 1.0  # what points to the first axis is moved to the second
    rows = np.eye(4, dtype=np.float32)[:3]
    moved = QuestionMap(down, up, np.zeros(4, np.float32))(rows)
    np.testing.assert_allclose(moved[0], [0.5**0.5, 0.5**0.5, 0, 0], atol=1e-6)
    np.testing.assert_array_equal(moved[1:], rows[1:])
    assert moved.dtype == np.float32
    assert QuestionMap(down, up, np.zeros(4, np.float32))(rows[:0]).shape == (0, 4)


def test_questions_are_mapped_and_passages_are_not(bundled_encoder: ModelEncoder, real_cache_dir: Path) -> None:
    plain = ModelEncoder(Settings(cache_dir=real_cache_dir, document_prompt=PROMPTS["query"]))
    plain.model = bundled_encoder.model
    text = ["房东一直不退我押金，我该怎么办？"]
    unmapped, question = plain.encode_document(text), bundled_encoder.encode_query(text)
    np.testing.assert_allclose(question, bundled_map()(unmapped), atol=1e-3)
    assert 0.9 < float(question[0] @ unmapped[0]) < 0.998


def test_another_encoder_has_no_map(bundled_encoder: ModelEncoder) -> None:
    class Other(ModelEncoder):
        has_bundled_weights = False  # type: ignore[assignment]

    other = Other(Settings(encoder="some/other"))
    other.model = bundled_encoder.model
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.encoder.bundled_map", lambda: pytest.fail("mapped"))
        assert other.encode_query(["问"]).shape == (1, 384)


def test_every_lay_question_names_what_answers_it() -> None:
    documents = [json.loads(line) for line in (LAY / "documents.jsonl").read_text("utf-8").splitlines()]
    known = {document["id"] for document in documents}
    assert len(known) == len(documents) > 400
    questions = [json.loads(line) for line in (LAY / "questions.jsonl").read_text("utf-8").splitlines()]
    assert len(questions) > 8000
    for question in questions:
        assert question["question"].strip()
        assert question["documents"]
        assert all(name in known or name.startswith("statute-") for name in question["documents"])

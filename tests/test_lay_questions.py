"""The lay questions of the encoder's training: each names documents that there are, and no document is in two parts."""

from __future__ import annotations

from bench.lay import PAGES, STATUTES, lay_questions
from qa.encoder_training.sources import lay_pages, lay_part
from qa.encoder_training.sources import lay_questions as all_questions


def test_every_lay_question_names_what_answers_it() -> None:
    pages, asked = lay_pages(), all_questions()
    assert len(pages) > 400
    assert all(page["title"].strip() and page["text"].strip() for page in pages.values())
    over_pages = [documents for _, documents in asked if documents[0].startswith("lay-")]
    over_statutes = [documents for _, documents in asked if not documents[0].startswith("lay-")]
    assert len(over_pages) > 3000
    assert len(over_statutes) > 5000
    assert all(set(documents) <= pages.keys() for documents in over_pages)
    assert all(name.startswith("statute-") for documents in over_statutes for name in documents)
    assert all(question.strip() for question, _ in asked)


def test_the_test_part_is_large_enough_and_nobody_else_s() -> None:
    parts = {document: lay_part(document) for _, documents in all_questions() for document in documents}
    assert 0.05 < sum(part == "test" for part in parts.values()) / len(parts) < 0.12
    for name in (PAGES, STATUTES):
        tested = lay_questions(name)
        assert len(tested) > 150
        assert all(parts[question.document.removesuffix(".txt")] == "test" for question in tested)

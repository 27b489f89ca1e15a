"""The lay questions of the benchmarks: each names documents that there are."""

from __future__ import annotations

from bench.lay import PAGES, STATUTES, lay_pages, lay_questions


def test_every_lay_question_names_what_answers_it() -> None:
    pages = lay_pages()
    assert len(pages) > 400
    assert all(page["title"].strip() and page["text"].strip() for page in pages.values())
    over_pages, over_statutes = lay_questions(PAGES), lay_questions(STATUTES)
    assert len(over_pages) > 3000
    assert len(over_statutes) > 5000
    assert all(set(question.documents) <= pages.keys() for question in over_pages)
    assert all(name.startswith("statute-") for question in over_statutes for name in question.documents)
    assert all(question.text.strip() for question in (*over_pages, *over_statutes))
    assert {question.document for question in over_pages} == set(pages)

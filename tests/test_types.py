"""The domain's words keep their promises as objects and as JSON."""

from __future__ import annotations

import dataclasses

import pytest

from index import Document, Hit, Page, Passage, Progress, Skipped, SyncReport
from index.types import EncoderIdentity

PASSAGE = Passage(7, "部门/a.pdf", 10, 14, "一段文字", "标题", 3, "附表", "2024-05-01")


@pytest.mark.parametrize(
    "value",
    [
        PASSAGE,
        Document("a", "a", "a"),
        Page(1, 0, 1),
        Hit(1, 1.0, 1.0, 1.0, PASSAGE),
        EncoderIdentity("e", 1, "", ""),
        Progress("read", 0, 1),
        Skipped("a", "b"),
        SyncReport(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_they_are_frozen_and_slotted(value: object) -> None:
    name = dataclasses.fields(value)[0].name  # type: ignore[arg-type]
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, None)
    assert not hasattr(value, "__dict__")


def test_a_hit_as_json() -> None:
    assert Hit(1, 0.12345678, -0.5, 14.0, PASSAGE).to_dict() == {
        "rank": 1,
        "document": "部门/a.pdf",
        "title": "标题",
        "page": 3,
        "page_label": "附表",
        "start": 10,
        "end": 14,
        "text": "一段文字",
        "score": 0.123457,
        "dense": -0.5,
        "keyword": 14.0,
        "passage": "7",
    }


def test_a_report_as_json() -> None:
    report = SyncReport(1, 2, 3, 4, 5, 6, 7, (Skipped("a.bin", "it is no text"),))
    assert report.to_dict() == {
        "added": 1,
        "changed": 2,
        "removed": 3,
        "renamed": 4,
        "unchanged": 5,
        "passages": 6,
        "embedded": 7,
        "skipped": [{"document": "a.bin", "reason": "it is no text"}],
        "recognised": [],
    }

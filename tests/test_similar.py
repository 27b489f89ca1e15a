"""Nearly the same texts are told from others."""

from __future__ import annotations

import pytest

from index import likeness, repeats

NEWS = "云岭县第九届开茶节三月二十八日在青澜水库畔开幕，来自省内外的三百多家茶企参加，现场签约金额达到两亿元。"
PRINTED_AGAIN = NEWS.replace("，", ", ") + "（记者 徐曼）"
OTHER = "云岭县防汛工作会议三月二十八日在县行政中心召开，要求各乡镇在汛期之前完成隐患排查，备足防汛物资。"


def test_a_text_printed_again_repeats_the_first_of_its_kind() -> None:
    assert repeats([NEWS, OTHER, PRINTED_AGAIN, OTHER, NEWS]) == [None, None, 0, 1, 0]
    assert repeats([]) == []


def test_script_width_and_punctuation_make_no_difference() -> None:
    assert likeness("云岭县２０２４年的预算", "雲嶺縣 2024 年的「預算」") == 1.0


def test_texts_about_the_same_place_are_not_the_same() -> None:
    assert likeness(NEWS, OTHER) < 0.3
    assert likeness("", NEWS) == pytest.approx(0.0, abs=0.05)

from __future__ import annotations

import pytest

from qa.numbers import numbers_in, with_values


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("试用期三个月", {"3"}),
        ("一万五千元", {"15000"}),
        ("兩百零五人", {"205"}),
        ("一亿二千万", {"120000000"}),
        ("三万亿元", {"3000000000000"}),
        ("二〇二五年三月一日", {"2025", "3", "1"}),
        ("2025-03-01", {"2025", "3", "1"}),
        ("2025.3.1", {"2025", "3", "1"}),
        ("上午八点半", {"8:30"}),
        ("08:30", {"8:30"}),
        ("24小时", {"24"}),
        ("零下五度", {"-5"}),
        ("3-5天，2020-2021年", {"3", "5", "2020", "2021"}),
        ("1,234,567.80元", {"1234567.8"}),
        ("100 万", {"1000000"}),
        ("万一，三四个", set()),
        ("没有数", set()),
    ],
)
def test_numbers_are_told_by_value(text: str, numbers: set[str]) -> None:
    assert numbers_in(text) == numbers


def test_only_the_numbers_of_a_text_are_written_anew() -> None:
    assert with_values("经研究，补助八十元，执行1,000天。") == "经研究,补助80元,执行1000天。"

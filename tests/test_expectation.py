from __future__ import annotations

import pytest

from qa.expectation import expected


@pytest.mark.parametrize(
    ("question", "answering", "other"),
    [
        ("轴承套圈项目总共要投多少钱？", "总投资12.8亿元", "项目落户开发区"),
        ("值班电话是多少？", "值班电话0600-5128890", "请与值班室联系"),
        ("从几点停水到几点？", "6月12日22时起停水", "停水期间请储水"),
        ("大会是哪一年召开的？", "大会于2021年召开", "大会隆重召开"),
        ("图书馆星期几休息？", "週一休館", "图书馆定期休息"),
        ("参赛队伍有多少支？", "共有六十八支队伍参加", "队伍踊跃参加"),
        ("How many visitors came?", "2,316 visitors came", "many visitors came"),
        ("When was it built?", "It was built in March 1978", "It was built by hand"),
    ],
)
def test_answers_of_the_kind_asked_for_are_told_from_others(question: str, answering: str, other: str) -> None:
    kind = expected(question)
    assert kind is not None
    assert kind.search(answering)
    assert not kind.search(other)


@pytest.mark.parametrize("question", ["会议由谁主持？", "为什么取消？", "What is the Aria stool made of?"])
def test_other_questions_expect_nothing(question: str) -> None:
    assert expected(question) is None

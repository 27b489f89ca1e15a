"""What kind of words a question asks for: a number, a time, a person. A sentence without them does not answer it."""

from __future__ import annotations

import re
from typing import NamedTuple

_NUMERAL = r"[\d〇零一二两兩三四五六七八九十百千万萬亿億半]"


class Expectation(NamedTuple):
    """A question of this form is answered by words of that form."""

    asks: re.Pattern[str]
    answers: re.Pattern[str]


def _expectation(asks: str, answers: str) -> Expectation:
    return Expectation(re.compile(asks, re.IGNORECASE), re.compile(answers, re.IGNORECASE))


_COUNTERS = "个個位名人次家所种種项項条條座只隻支部份张張册冊本米公里层層楼樓岁歲天分"
_EXPECTATIONS = (
    _expectation(
        r"多少[钱錢]|几元|幾元|价格|票价|[费費]用是|how much (money|does|did|is|was)|what .*\b(price|cost|fee)\b",
        rf"{_NUMERAL}\s*[余餘多]?\s*(元|块|塊|角|美元|港[币幣])|[$€£¥￥]\s*\d|\d\s*(yuan|dollars?|euros?|pounds?|percent)|\d{{2,}}",
    ),
    _expectation(r"电话|電話|手机|手機|热线|熱線|分机|分機|phone|hotline", r"\d{3,}"),
    _expectation(
        r"几点|幾點|什么时间|什麼時間|what time|at what hour",
        r"\d{1,2}\s*[:：时時点點]|[上下]午|\d\s*(am|pm|o'clock)",
    ),
    _expectation(
        r"哪一?年|何年|几年|幾年|(which|what) year|in what year",
        rf"{_NUMERAL}\s*(年|周年|歲|岁)|\b1\d{{3}}\b|\b20\d\d\b",
    ),
    _expectation(
        r"什[么麼][时時][候後]|何[时時]|哪一?天|[几幾][月号號]|星期[几幾]|日期|截止|期[间間]|\bwhen\b|what (date|day|month)",
        rf"{_NUMERAL}\s*[年月日天号號时時点點周週分]|{_NUMERAL}\s*世[纪紀]|[周週]|星期|[上下今明昨去当當次同][午年月日天]|[时時]期|"
        r"\d{3,4}|january|february|march|april|\bmay\b|june|july|august|september|october|november|december|"
        r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|century|\bago\b|during",
    ),
    _expectation(
        rf"多少|[几幾][{_COUNTERS}]|第[几幾]|多[长長高大远遠重深久快宽寬]|"
        r"how (many|much|long|far|old|tall|high|deep|often|big|large)",
        rf"{_NUMERAL}|\b(one|two|three|four|five|six|seven|eight|nine|ten|dozens?|hundreds?|thousands?|millions?|half|once|twice)\b",
    ),
)


def expected(question: str) -> re.Pattern[str] | None:
    """Return what an answer's words look like, where the question tells."""
    return next((expectation.answers for expectation in _EXPECTATIONS if expectation.asks.search(question)), None)

"""The numbers that a text names, by value: 三个月 and 3个月 say the same, 3.5% and 35% do not."""

from __future__ import annotations

import re
from decimal import Decimal

from index import normalize

_DIGITS = dict(zip("〇零一二两兩三四五六七八九", (0, 0, 1, 2, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_SMALL_UNITS = {"十": 10, "百": 100, "千": 1_000}
_LARGE_UNITS = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
_RUN = "".join([*_DIGITS, *_SMALL_UNITS, *_LARGE_UNITS])
_COUNTERS = "年月日号號天个個位名次倍岁歲元块塊点點时時分小周週人家条條项項页頁层層楼樓公米里度"
_CHINESE = re.compile(rf"[{_RUN}]{{2,}}|[{_RUN}](?=[{_COUNTERS}%])")
_CHINESE_ALL = re.compile(rf"[{_RUN}]+")
_PER_CENT = re.compile(rf"百分之([{_RUN}]+|\d+(?:\.\d+)?)")
_BELOW_ZERO = re.compile(r"(零下|负|負|\bminus )(?=\d)")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})\s*[点點时時](?!间|間)\s*(?:(\d{1,2})\s*分?|(半))?")
_NUMBER = re.compile(r"((?<![0-9a-z.)）])[-−])?(\d+(?:[.,:]\d+)*)\s*([万萬亿億])?")
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")


def with_values(text: str) -> str:
    """Return a text in which every number is written in plain digits, the same value always in the same way."""
    return _NUMBER.sub(lambda match: " ".join(_values(match)), _in_digits(text))


def numbers_in(text: str) -> frozenset[str]:
    """Return the numbers of a text in plain digits: ``3``, ``3.5``, ``-5``, ``15000`` for 1.5万, ``8:30`` for 八点半."""
    return frozenset(value for match in _NUMBER.finditer(_in_digits(text)) for value in _values(match))


def _in_digits(text: str) -> str:
    folded = _PER_CENT.sub(lambda match: f"{_CHINESE_ALL.sub(_converted, match[1])}%", normalize(text))
    folded = _CHINESE.sub(_converted, folded)
    folded = _BELOW_ZERO.sub("-", folded)
    return _CLOCK.sub(lambda match: f"{match[1]}:{30 if match[3] else int(match[2] or 0):02}", folded)


def _converted(match: re.Match[str]) -> str:
    """Return a Chinese numeral in digits; one that is no number, such as 万一 and 三四, stays as it is."""
    run = match.group()
    if not any(char in _SMALL_UNITS or char in _LARGE_UNITS for char in run):
        is_plain = len(run) != 2 or run[0] in "〇零" or run[1] in "〇零"
        return "".join(str(_DIGITS[char]) for char in run) if is_plain else run
    whole = section = digit = 0
    for place, char in enumerate(run):
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _SMALL_UNITS:
            section += (digit or 1) * _SMALL_UNITS[char]
            digit = 0
        elif place == 0 or (digit, section, whole) == (0, 0, 0):
            return run
        else:
            multiplied = whole if char in "亿億" else 0  # 一万亿 is a number too
            whole += (multiplied + section + digit) * _LARGE_UNITS[char] - multiplied
            section = digit = 0
    return str(whole + section + digit)


def _values(match: re.Match[str]) -> list[str]:
    sign, digits, unit = match.groups()
    if _THOUSANDS.fullmatch(digits):
        digits = digits.replace(",", "")
    if ":" in digits:
        return [":".join([digits.split(":")[0].lstrip("0") or "0", *digits.split(":")[1:]])]
    if digits.count(".") > 1 or "," in digits:  # a date, a version, an enumeration
        return [_plain(Decimal(part)) for part in re.split(r"[.,]", digits)]
    value = Decimal(digits) * (_LARGE_UNITS[unit] if unit else 1)
    return [_plain(-value if sign else value)]


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"

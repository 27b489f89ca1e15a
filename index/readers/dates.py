"""The date of a document, as its text or its name states it.

A date anywhere in the text says when something happened; the document's own stands alone on a line at its beginning or its end,
behind a word for it, or opens the text together with the time of day. Minutes are of the day that they name first.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD_LINES = 8
TAIL_LINES = 4
LONGEST_LINE = 60
"""Characters of a line that states a date, with the office or the source beside it."""

_DIGITS = {char: str(value) for value, char in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0"}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_CHINESE_YEAR = "[零一二三四五六七八九〇○]{4}"
_CHINESE_NUMBER = "[一二三四五六七八九十]{1,3}"
_DATE = re.compile(
    rf"""(?<!\d)(?:
        (?P<year>(?:19|20)\d\d|{_CHINESE_YEAR})\s*年\s*(?P<month>\d{{1,2}}|{_CHINESE_NUMBER})\s*月\s*(?P<day>\d{{1,2}}|{_CHINESE_NUMBER})\s*日
      | (?P<year2>(?:19|20)\d\d)(?P<sep>[-./])(?P<month2>\d{{1,2}})(?P=sep)(?P<day2>\d{{1,2}})(?!\d)
      | {_MONTH}\s+(?P<day3>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year3>(?:19|20)\d\d)(?!\d)
      | (?P<day4>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH.replace("name", "name2")},?\s+(?P<year4>(?:19|20)\d\d)(?!\d)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:^|[\s|])(?:(?:(?:发布|發佈|發布|公布|公佈|印发|印發|成文|签发|簽發|制定|更新|发文|發文|编制|編製)(?:日期|时间|時間))|日期"
    r"|date|dated|updated|published)\s*[:：]\s*$",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\d{1,2}[:：]\d{2}(?:[:：]\d{2})?|星期[一二三四五六日天]|(?:上|下)午|(?:来源|來源|作者|记者|記者).*|[a-z]*day", re.IGNORECASE
)
_MADE = re.compile(r"(?:通过|通過|修订|修訂|修正|公布|公佈|发布|發布|印发|印發|制定)[)）]?$")
_OPENING = re.compile(r"[\s(【\[]+$")
_CLOSING = re.compile(r"^[\s)】\]]+")
_MINUTES = re.compile(r"(?:纪要|紀要|会议记录|會議記錄)(?:\s*\(.*\))?$|^minutes\b", re.IGNORECASE)
"""A title: what only speaks of minutes has a date of its own."""
_STAMP = re.compile(r"\s*\d{1,2}[:：]\d{2}")
_NAME_DATE = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)[-_.年]?(?P<month>0[1-9]|1[0-2])[-_.月]?(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"
)


def date_of(document_id: str, text: str) -> str | None:
    """Return the ISO date that a document states of itself, in its text or else in its name; ``None`` where it states none."""
    lines = [line for raw in text.splitlines() if (line := unicodedata.normalize("NFKC", raw).strip())]
    if lines and (stamp := _DATE.match(lines[0])) and _STAMP.match(lines[0], stamp.end()):
        return _iso(stamp)
    head, tail = lines[:HEAD_LINES], lines[max(HEAD_LINES, len(lines) - TAIL_LINES) :]
    if lines and _MINUTES.search(lines[0]) and (held := next((d for line in head for d in _dates(line, _DATE)), None)):
        return held
    for line in [*head[:HEAD_LINES], *reversed(tail)]:
        if len(line) <= LONGEST_LINE and (stated := _stated(line, at_end=line in tail or len(lines) <= HEAD_LINES)):
            return stated
    stem = unicodedata.normalize("NFKC", PurePosixPath(document_id).stem)
    return next(_dates(stem, _NAME_DATE), None) or next(_dates(stem, _DATE), None)


def _stated(line: str, *, at_end: bool) -> str | None:
    """Return the date of a line that says nothing else than when the document was made and by whom."""
    for match in _DATE.finditer(line):
        before, after = _OPENING.sub("", line[: match.start()]), _CLOSING.sub("", line[match.end() :])
        is_alone = not _without_time(before) and not _without_time(after)
        is_made = not before and bool(_MADE.search(after))
        is_signed = at_end and not _without_time(after) and not re.search(r"[,。;,;]|至|于|於|自|从", before)
        if is_alone or is_made or is_signed or _LABEL.search(before):
            return _iso(match)
    return None


def _without_time(text: str) -> str:
    return re.sub(r"[\W_]+", "", _TIME.sub("", text))


def _dates(text: str, pattern: re.Pattern[str]) -> Iterator[str]:
    for match in pattern.finditer(text):
        if found := _iso(match):
            yield found


def _iso(match: re.Match[str]) -> str | None:
    groups = {name.rstrip("1234"): value for name, value in match.groupdict().items() if value}
    month = groups.get("month") or str(_MONTHS.index(groups["name"].lower()) + 1)
    try:
        return date(_number(groups["year"]), _number(month), _number(groups["day"])).isoformat()
    except ValueError:  # the 31st of February
        return None


def _number(text: str) -> int:
    if text.isdigit() and text.isascii():
        return int(text)
    if "十" in text:
        tens, ones = text.split("十", 1)
        return int(_DIGITS.get(tens, "1")) * 10 + int(_DIGITS.get(ones, "0"))
    return int("".join(_DIGITS[char] for char in text))

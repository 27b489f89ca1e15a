"""Where the header of a table stands, if it has one: nothing but the cells themselves tells."""

from __future__ import annotations

import re
import statistics
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SEARCHED = 5
"""The header is looked for among the first rows: a title often stands above it."""
MOST_ROWS = 3
"""Rows of one header."""
SAMPLE = 50
"""Rows that a column is judged by."""
MOSTLY = 0.8
_VALUE = re.compile(r"[¥￥$€£≈约+-]?\s?\d[\d,，.\-/:%~ ()（）]*\s?[^\W\d_]{0,2}|\d{4}[年.-]\d{1,2}[月.-](\d{1,2}日?)?( [\d:]+)?")
_PERIOD = re.compile(
    r"(19|20)\d\d\s?(年度?|财年)?|\d{1,2}\s?月份?|第?[一二三四1-4]季度|Q[1-4]|(FY|H)\s?\d+|(19|20)\d\d[-/年.]\d{1,2}月?", re.I
)
"""Years, months and quarters head columns as often as they fill them."""
_NAMING = re.compile(
    r"(序号|编号|編號|代码|代碼|名称|名稱|姓名|名字|品名|项目|項目|科目|内容|內容|说明|說明|描述|备注|備註|附注|类别|類別|类型|型号|型號|规格|規格|单位|單位|数量|數量"
    r"|单价|單價|价格|價格|售价|报价|金额|金額|合计|总计|总额|费用|标准|標準|电话|電話|手机|手機|分机|传真|邮箱|邮编|地址|地点|地點|部门|部門|科室|处室|职务|職務"
    r"|职位|岗位|职称|性别|性別|年龄|年齡|学历|民族|籍贯|出生年月|日期|时间|時間|期限|年份|月份|星期|负责人|聯絡人|联系人|联系方式|经办人|问题|答案|标题|状态|来源|等级|级别"
    r"|比例|占比|得分|分数|排名|班级|学号|工号|品牌|产地|库存|责任人|要求|措施|结果|条件|范围|方式|频次|周期|份数|人数|面积|产品|商品|服务|客户|供应商|名前|年齢|住所)"
    r"(（.*）|\(.*\)|[/／].*)?$"
    r"|^(no\.?|id|#|name|title|item|product|description|type|category|unit|quantity|qty|count|price|unit price|amount|total|cost"
    r"|date|time|year|month|phone|telephone|tel|extension|ext\.?|mobile|fax|e-?mail|address|department|dept\.?|position|role|notes?|remarks?|question|answer"
    r"|status|source|owner|contact|start|end|value|key|url|file|city|country|age|gender|size|model|brand|stock|sku|code)\b.{0,12}$",
    re.IGNORECASE,
)
"""What columns, and the fields of forms, are called."""

_NO_NAME = re.compile(r"^\W*\d{1,2}[.、)）]\s*\D|[,;，；。.]$")
"""Items of a list and parts of sentences do not name columns."""


class HeaderRows(NamedTuple):
    """The rows ``[start, stop)``; none where they are equal."""

    start: int
    stop: int


def find_header(
    grid: Sequence[Sequence[str]], filled_rows: Sequence[int], wide: Mapping[tuple[int, int], int], is_sheet: bool
) -> HeaderRows:
    """Return the rows that name the columns; where none does, what stands above the table alone is before ``start``.

    :param grid: the first rows, cells of merges over columns filled.
    :param filled_rows: numbers of the rows that are not empty.
    :param wide: cells merged over columns, by row and column.
    """
    rows = [n for n in filled_rows if n < len(grid)]
    filled = [sum(map(bool, grid[n])) for n in rows[:SAMPLE]]
    usual = statistics.median(filled) if filled else 0
    at = next((place for place, count in enumerate(filled[:SEARCHED]) if count >= 0.75 * usual), 0)
    if not rows or max(filled) == 1:
        return HeaderRows(0, 0)
    start = rows[at]
    stop = _last_row(grid, rows[at:], wide) + 1
    body = [grid[n] for n in rows[at:] if n >= stop]
    if not _names_columns([grid[n] for n in rows[at:] if n < stop], body, is_sheet):
        return HeaderRows(start, start)
    return HeaderRows(start, stop)


def is_form(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether cells name the cell to their right: label, value, label, value.

    :param rows: the filled cells of each row.
    """
    rows = [row for row in rows[:SAMPLE] if row]
    if not rows or any(len(row) > 6 for row in rows):
        return False
    if all(len(row) <= 2 for row in rows) and sum(len(row) == 2 for row in rows) >= MOSTLY * len(rows):
        return not any(_VALUE.fullmatch(row[0]) for row in rows) and statistics.median(len(row[0]) for row in rows) <= 12
    return _labels_share(rows) >= 0.6


def is_header_evident(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first of these rows names the columns, by its words or by what stands below."""
    if len(rows) < 2 or sum(map(bool, rows[0])) < 2:
        return False
    heads, data = _votes(rows[0], rows[1:])
    return not data and (heads > 0 or _is_naming(rows[0]))


def _labels_share(rows: Sequence[Sequence[str]]) -> float:
    labels = [cell for row in rows for cell in row[::2] if len(row) > 1]
    values = [cell for row in rows for cell in row[1::2]]
    if sum(map(_is_name, values)) > 0.2 * len(values):
        return 0.0
    return sum(map(_is_name, labels)) / max(1, len(labels))


def _is_name(cell: str) -> bool:
    return bool(_NAMING.search(cell.replace(" ", "").rstrip("：:"))) and len(cell) <= 16 or cell.endswith(("：", ":"))


def _last_row(grid: Sequence[Sequence[str]], rows: Sequence[int], wide: Mapping[tuple[int, int], int]) -> int:
    """Return the last row of a header that begins in the first of ``rows``: one over several columns goes on below."""
    last = rows[0]
    for above, below, after in zip(rows, rows[1:], [*rows[2:], None], strict=False):
        if last != above or below - rows[0] >= MOST_ROWS or any(map(is_value, filter(None, grid[below]))):
            break
        under = {n for (row, left), right in wide.items() if row == above for n in range(left, right + 1)}
        is_over_several = bool(under) and all(
            n in under or not cell or cell == grid[above][n] for n, cell in enumerate(grid[below])
        )
        gaps = [n for n, cell in enumerate(grid[above]) if not cell]
        is_filled_below = bool(gaps) and grid[above][0] != "" and all(grid[below][n] for n in gaps) and not grid[below][0]
        has_values_after = after is not None and any(map(is_value, grid[after]))
        if is_over_several or (is_filled_below and has_values_after):
            last = below
    return last


def _names_columns(header: Sequence[Sequence[str]], body: Sequence[Sequence[str]], is_sheet: bool) -> bool:
    if not body:
        return is_sheet and len(header) == 1 and _is_naming(header[0])
    if len(header) > 1:
        return True
    cells = header[0]
    rows = [[cell for cell in row if cell] for row in (cells, *body)]
    if all(len(row) <= 6 for row in rows[:SAMPLE]) and not _is_naming(cells) and _labels_share(rows[:SAMPLE]) >= 0.6:
        return False
    if _is_naming(cells):
        return True
    if any(map(_NO_NAME.search, cells)):
        return False
    heads, data = _votes(cells, body)
    if heads > data:
        return True
    if data:
        return False
    return is_sheet or len(cells) >= 3


def _votes(header: Sequence[str], body: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Count the columns that speak for a header, text above values, and those that speak for one more row of values."""
    heads = data = 0
    for column, name in enumerate(header):
        below = [row[column] for row in body[:SAMPLE] if column < len(row) and row[column]]
        if not name or not below or sum(map(is_value, below)) < MOSTLY * len(below):
            continue
        if not is_value(name):
            heads += 1
        elif not _PERIOD.fullmatch(name):
            data += 1
    return heads, data


def _is_naming(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return sum(map(_is_name, filled)) > 0.5 * len(filled)


def is_value(cell: str) -> bool:
    """Tell a number, an amount, a date or a telephone number from words."""
    return bool(_VALUE.fullmatch(cell))

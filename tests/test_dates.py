"""A document's own date, told from the dates that it speaks of."""

from __future__ import annotations

import pytest

from index.readers.dates import date_of

BODY = "全县防汛工作会议在县行政中心召开。会议要求，各乡镇要在汛期到来之前完成隐患排查，备足物资，落实人员。\n" * 6


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("防汛会议\n发布时间：2024-05-06 10:20　来源：县政府办\n" + BODY, "2024-05-06"),
        ("2023-07-20 10:02，正文：本报讯　" + BODY, "2023-07-20"),
        ("防汛会议\n2024年5月6日 星期一 来源：县报\n" + BODY, "2024-05-06"),
        (BODY + "云岭县人民政府办公室\n2024年4月11日", "2024-04-11"),
        (BODY + "云岭县人民政府办公室　２０２４年４月１１日", "2024-04-11"),
        (BODY + "云岭县人民政府\n二〇二四年十二月三十一日\n", "2024-12-31"),
        ("管理办法\n（2024年6月3日修订）\n" + BODY, "2024-06-03"),
        ("2020年5月28日 第十三届全国人民代表大会第三次会议通过\n" + BODY, "2020-05-28"),
        ("圖書館公告\n日期：2025年6月3日\n" + BODY, "2025-06-03"),
        ("Minutes\nDate: April 5, 2025\nAll were there.", "2025-04-05"),
        ("Newsletter\n5th April 2025\nAll is well.", "2025-04-05"),
        (
            "Minutes of the export meeting\nRoom 3, 22 April 2025, 14:00\nThe next is on 20 May 2025.",
            "2025-04-22",
        ),
        ("县政府常务会议纪要\n2025年4月22日上午，县长沈若兰主持召开第12次常务会议。\n" + BODY, "2025-04-22"),
    ],
)
def test_a_date_that_stands_for_itself_is_that_of_the_document(text: str, expected: str) -> None:
    assert date_of("会议.txt", text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2024年3月5日，全县召开防汛大会。\n" + BODY,
        "关于规范会议纪要写法的通知\n2024年3月5日的会议要求，纪要应当写明结论。\n" + BODY,
        "李白（701年2月8日—762年12月），字太白。",
        BODY + "第八条 本办法自2024年10月1日起施行。",
        BODY + "报名时间：2024年3月5日至2024年3月9日",
        BODY + "咨询电话：0812-5570021",
        "会议\n2024年2月31日\n" + BODY,
        "",
    ],
)
def test_a_date_that_the_text_speaks_of_is_not(text: str) -> None:
    assert date_of("会议.txt", text) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("通知/通知20240506.txt", "2024-05-06"),
        ("2024-05-06会议.docx", "2024-05-06"),
        ("2024年5月6日纪要.pdf", "2024-05-06"),
        ("13800138000.txt", None),
        ("20249999.txt", None),
    ],
)
def test_the_name_tells_the_date_where_the_text_does_not(name: str, expected: str | None) -> None:
    assert date_of(name, BODY) == expected

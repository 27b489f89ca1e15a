"""Bytes become the text that was written, whatever encoding it was saved in."""

from __future__ import annotations

import random

import pytest

from index.errors import ReadError
from index.readers.decoding import decode

SIMPLIFIED = "关于开展二〇二四年度安全检查工作的通知\n各部门：请于三月十五日前完成自查，并将结果报送办公室。"
TRADITIONAL = "關於開展安全檢查工作的通知\n各部門：請於三月十五日前完成自查，並將結果報送辦公室。"
JAPANESE = "安全点検の実施について\n各部署は三月十五日までに自主点検を完了し、結果を総務部へ報告してください。"
KOREAN = "안전 점검 실시 안내\n각 부서는 삼월 십오일까지 자체 점검을 완료하고 결과를 보고해 주십시오."
FRENCH = "Été à Genève : le café où l'on déjeune près du lac, après la forêt. Voilà une idée."
RUSSIAN = "Сообщаем, что проверка безопасности пройдёт пятнадцатого марта во всех отделах."


@pytest.mark.parametrize("times", [1, 20], ids=["short", "long"])
@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((SIMPLIFIED, encoding) for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")),
        *((TRADITIONAL, encoding) for encoding in ("utf-8", "big5", "gb18030", "utf-16-le")),
        *((JAPANESE, encoding) for encoding in ("cp932", "euc_jp", "iso2022_jp")),
        (KOREAN, "euc_kr"),
        (FRENCH, "cp1252"),
        (RUSSIAN, "cp1251"),
        ("plain words\r\n", "utf-16-le"),
    ],
    ids=lambda value: value if value.isascii() and len(value) < 20 else value[:4],
)
def test_a_text_without_a_mark_is_decoded_as_it_was_written(text: str, encoding: str, times: int) -> None:
    assert decode((text * times).encode(encoding)).text == text * times


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_dropped_and_line_ends_stay(encoding: str) -> None:
    assert decode("甲\r\n乙".encode(encoding)).text == "甲\r\n乙"


@pytest.mark.parametrize(("text", "encoding"), [("通知", "gb18030"), ("放假安排", "gb18030"), ("通知公告", "big5")])
def test_a_few_bytes_are_taken_for_chinese(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)).text == text


def test_the_encoding_is_named() -> None:
    assert decode(SIMPLIFIED.encode()).encoding == "utf-8"
    assert decode(SIMPLIFIED.encode("gb18030")).encoding == "gb18030"
    assert decode("甲".encode("utf-16")).encoding == "utf-16-le"


def test_rare_characters_beyond_gbk_survive() -> None:
    text = SIMPLIFIED + "㐂𠀀"
    assert decode(text.encode("gb18030")).text == text


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_few_damaged_bytes_do_not_turn_the_rest_into_another_language(encoding: str) -> None:
    content = bytearray((SIMPLIFIED * 20).encode(encoding))
    content[60:60] = b"\xff"
    decoded = decode(bytes(content))
    assert decoded.encoding == encoding
    assert decoded.text.endswith(SIMPLIFIED * 18)


def test_a_declaration_is_believed_unless_it_cannot_be_true() -> None:
    assert decode("Привет, как дела".encode("koi8_r"), "KOI8-R").text == "Привет, как дела"
    for wrong in ("utf-16", "iso-8859-1", "no-such-encoding", "idna"):
        assert decode(SIMPLIFIED.encode("gb18030"), wrong).text == SIMPLIFIED
        assert decode("公司年报".encode("gb18030"), wrong).text == "公司年报"  # an even number of bytes, so UTF-16 decodes too


@pytest.mark.parametrize(
    "content",
    [b"\x7fELF" + bytes(500), bytes(range(256)) * 8, random.Random(1).randbytes(5000), b"\x00\x01\x02\x03" * 50],
    ids=["mostly-zero", "every-byte", "random", "pattern"],
)
def test_binary_data_is_refused(content: bytes) -> None:
    with pytest.raises(ReadError, match="binary data"):
        decode(content)

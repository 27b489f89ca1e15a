"""Real files of many origins: every one becomes a document or gets a reason, none hangs or crashes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from index.readers import ReaderPool, recogniser
from index.settings import Settings
from index.types import Document

FORMATS = Path(__file__).parents[2] / "shared" / "formats"
READABLE = {
    "chardet___chromium_Big5_with_no_encoding_specified.html": "台北看守所昨天抽查前總統",
    "chardet___chromium_gb18030_with_no_encoding_specified.html.xml": "中国航天科技集团公司总经理",
    "chardet__acnnewswire.net.xml": "아시아인들에게 널리 알려져",
    "chardet__softsea.net.xml": "清除特洛伊木马",
    "docling__eml_with_attachment.eml": "This is a test attachment file.",
    "docling__invisible_text_layer.pdf": "Invisible OCR text layer",
    "docling__legacy_sample.doc": "Leaves | Ash, Elm, Maple | 50",
    "docling__legacy_sample.ppt": "Some notes on the second slide.",
    "docling__odf_table_with_title_01.ods": "Year: 2019; Freshwater Ducks: 120",
    "docling__powerpoint_sample.pptx": "R2; Class1 C: True; Class2 A: False",
    "docling__right_to_left_01.pdf": "البرمجة بلغة",
    "docling__word_sample.docx": "Leaves | Ash, Elm, Maple | 50",
    "docling__xlsx_06_edge_cases_.xlsx": "Question: What is the main objective?",
    "domainrag__domainrag-html0000.html": "专业名称：经济学类；文史/历史类最高：643；文史/历史类最低：638；理工/物理类最高：650",
    "kreuzberg__china_chinese.html": "新石器时期，中原地区开始出现聚落组织",
    "kreuzberg__scanned.pdf": "STATE UNIVERSITIES ANNUITANTS ASSOCIATION",
    "kreuzberg__trackedChanges.odt": "inserted text",
    "langchain-chatchat__langchain-ChatGLM_closed.xlsx": "title：加油~以及一些建议",
    "langchain-chatchat__langchain-ChatGLM_open.csv": "I got this error in macOS(M1 Max, OS 13.2)",
    "langchain-chatchat__ocr_test.docx": "我是表格1：我是表格2\n我是表格3：我是表格4",
    "langchain-chatchat__ocr_test.pdf": "我是文字",
    "langchain-chatchat__ocr_test.pptx": "我是表格1：我是表格5",
    "langchain-chatchat__test.txt": "ChatGPT是OpenAI开发的一个大型语言模型",
    "laws__合同编.md": "第四百六十三条 本编调整因合同产生的民事关系。",
    "llm-universe__1. 简介 Introduction.docx": "第一章 简介\n欢迎来到面向开发者的提示工程部分",
    "markitdown__test_mskanji.csv": "名前：髙橋淳；年齢：35；住所：名古屋",
    "markitdown__test_outlook_msg.msg": "This is the body of the test email message",
    "maxkb__excel_template_zh.xlsx": "分段标题（选填）：MaxKB产品介绍",
    "mineru__introduction.pdf": "是用化学式来描述各种物质之间的不同化学反应的式子",
    "paper-qa__dummy_jap.docx": "LangGraphはLangChainを拡張し",
    "pdfminer.six__jo.pdf": "ひとつの青い照明です",
    "pdfminer.six__zen_of_python_corrupted.pdf": "Explicit is better than implicit.\nSimple is better",
    "rapidocrpdf__direct_extract.pdf": "The war in Ukraine has pitted offensive cyberattacks that are invisible to the naked eye",
    "unstructured__UDHR_first_article_all.txt": "是人都生而自由，在尊严和权利上一律平等。",
    "unstructured__email-no-utf8-2008-07-16.062410.eml": "סלבה היקר",
    "unstructured__winter-sports.epub": "The Project Gutenberg eBook of Winter Sports in Switzerland",
}
"""Words that the text must hold as they stand here."""
ABSENT = {
    "docling__legacy_sample.ppt": "Click to edit Master",
    "docling__legacy_sample.doc": "ARABIC",
    "domainrag__domainrag-html0000.html": "人大之子",
    "unstructured__winter-sports.epub": "[Image",
}
"""What the format or the page's own menu put there, and a person does not want to read."""
PAGES: dict[str, list[str | None]] = {
    "docling__eml_with_attachment.eml": [None, "test.txt"],
    "docling__odf_table_with_title_01.ods": ["Sheet1"],
    "docling__powerpoint_sample.pptx": [None] * 3,
    "docling__xlsx_06_edge_cases_.xlsx": ["missing_header_head", "Attached_left", "Diagonal"],
    "maxkb__excel_template_zh.xlsx": ["MaxKB产品介绍"],
    "mineru__introduction.pdf": [None],
    "pdfminer.six__jo.pdf": [None],
    "rapidocrpdf__direct_extract.pdf": [None],
}
"""Labels of the pages, slides, sheets and parts of some."""
SKIPPED = {
    "kreuzberg__simple.pdf": "not a valid PDF",
    "pdfminer.six__aes-128.pdf": "encrypted",
    "unstructured__empty.txt": "it is empty",
}
SCANS = {
    "kreuzberg__chi_sim_image.jpeg": "激发细胞活力，帮助肌肤",
    "mineru__small_ocr.pdf": "使用价值只是在使用或消费中得到实现",
    "rapidocrpdf__image.pdf": "from patient 5 are very similar",
}
"""Skipped where no text recognition is installed; with it, the words that must be there (minutes: ``RECOGNISE_SCANS=1``)."""

pytestmark = pytest.mark.skipif(not FORMATS.is_dir(), reason=f"the collection of real files {FORMATS.name!r} is not here")


def test_each_file_has_the_expected_outcome() -> None:
    names = sorted(path.name for path in FORMATS.iterdir() if path.name != "index.md")
    assert names == sorted([*READABLE, *SKIPPED, *SCANS])
    names = [name for name in names if name not in SCANS]
    wrong = []
    with ReaderPool(Settings(parse_seconds=60)) as pool:
        for name, result in pool.read_all((name, FORMATS / name) for name in names):
            if isinstance(result, Document):
                if name not in READABLE or READABLE[name] not in result.text or ABSENT.get(name, "\0") in result.text:
                    wrong.append(f"{name}: {result.text[:200]!r}")
                if name in PAGES and [page.label for page in result.pages] != PAGES[name]:
                    wrong.append(f"{name}: {result.pages}")
                for page in result.pages:
                    assert result.text[page.start : page.end].strip()
            elif name not in SKIPPED or SKIPPED[name] not in str(result):
                wrong.append(f"{name}: {result}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.skipif(not recogniser(), reason="the text recognition is not installed (youju[ocr])")
@pytest.mark.skipif(not os.environ.get("RECOGNISE_SCANS"), reason="it takes minutes: set RECOGNISE_SCANS=1")
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", SCANS)
def test_scans_are_recognised(name: str) -> None:
    with ReaderPool(Settings(parse_seconds=600)) as pool:
        document = pool.read(name, FORMATS / name)
    assert SCANS[name] in document.text
    assert document.recognition_confidence > 0.9

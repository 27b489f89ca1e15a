"""The seed documents and their questions agree; read with the format libraries alone, so that nothing of ours hides a mistake."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from pathlib import Path
from typing import Any

import docx
import pypdfium2
import pytest
from python_calamine import CalamineWorkbook

SEEDS = Path(__file__).parents[1] / "seeds"
DOCUMENTS = SEEDS / "documents"
FORMATS = {".txt", ".md", ".html", ".docx", ".xlsx", ".pdf", ".csv"}
NAMES = sorted(path.relative_to(DOCUMENTS).as_posix() for path in DOCUMENTS.rglob("*") if path.is_file())
QUESTIONS: list[dict[str, Any]] = [json.loads(line) for line in (SEEDS / "questions.jsonl").read_text("utf-8").splitlines()]
ANSWERED = [question for question in QUESTIONS if "document" in question]


def text_of(path: Path) -> str:
    if path.suffix == ".docx":
        word = docx.Document(str(path))
        cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
        return "\n".join([paragraph.text for paragraph in word.paragraphs] + cells)
    if path.suffix == ".xlsx":
        book = CalamineWorkbook.from_path(str(path))
        rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
        return "\n".join(f"{cell:g}" if isinstance(cell, float) else str(cell) for row in rows for cell in row)
    if path.suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as pdf:
            return "\n".join(page.get_textpage().get_text_range() for page in pdf)
    return path.read_text("utf-8")


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {name: text_of(DOCUMENTS / name) for name in NAMES}


def test_every_format_and_enough_documents() -> None:
    assert len(NAMES) >= 24
    assert {Path(name).suffix for name in NAMES} == FORMATS


@pytest.mark.parametrize("question", ANSWERED, ids=lambda question: str(question["question"]))
def test_the_answer_stands_in_its_document(question: dict[str, Any], texts: dict[str, str]) -> None:
    assert question["document"] in texts, "no such document"
    assert question["answer"], "an empty answer stands everywhere"
    assert question["answer"] in texts[question["document"]]


def test_every_document_has_two_questions() -> None:
    counts = Counter(question["document"] for question in ANSWERED)
    assert [name for name in NAMES if counts[name] < 2] == []


def test_each_question_is_of_one_kind_and_asked_once() -> None:
    kinds = Counter(tuple(sorted(set(question) - {"question", "cross"})) for question in QUESTIONS)
    assert set(kinds) == {("answer", "document"), ("answerable",), ("chat",)}
    assert kinds["answer", "document"] >= 60
    assert kinds["answerable",] >= 15
    assert kinds["chat",] >= 3
    assert all(question.get("answerable") is not True and question.get("chat") is not False for question in QUESTIONS)
    repeated = [text for text, times in Counter(question["question"] for question in QUESTIONS).items() if times > 1]
    assert repeated == []


def test_some_questions_cross_languages() -> None:
    assert sum(question.get("cross", False) for question in ANSWERED) >= 3


def test_questions_are_not_copied_from_the_documents(texts: dict[str, str]) -> None:
    bodies = "\n".join(texts.values())
    assert [question["question"] for question in ANSWERED if question["question"].rstrip("？?") in bodies] == []


def test_the_readme_lists_every_document_with_one_of_its_questions() -> None:
    rows = [line for line in (SEEDS / "README.md").read_text("utf-8").splitlines() if line.startswith("| `")]
    cells = {row.split("|")[1].strip().strip("`"): row.split("|")[3].strip() for row in rows}
    assert sorted(cells) == NAMES
    asked = {(question["document"], question["question"]) for question in ANSWERED}
    assert [name for name, question in cells.items() if (name, question) not in asked] == []


def test_the_produced_files_say_what_the_generator_says(texts: dict[str, str]) -> None:
    spec = importlib.util.spec_from_file_location("binary_texts", SEEDS / "binary_texts.py")
    assert spec is not None
    assert spec.loader is not None
    source = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(source)
    produced = {
        "公司制度/员工手册.docx": source.HANDBOOK,
        "english/meeting-minutes-2025-04.docx": source.MINUTES,
        "政府报告/2024年水资源公报.pdf": source.WATER_REPORT,
        "english/visitor-survey-2024.pdf": source.SURVEY,
        "公司制度/产品价格与库存.xlsx": [source.PRICES, source.STOCK],
    }
    for name, blocks in produced.items():
        found = "".join(texts[name].split())  # a PDF breaks its lines anywhere
        for block in blocks:
            cells = [block] if isinstance(block, str) else [str(cell) for row in block for cell in row]
            for cell in cells:
                assert "".join(cell.removeprefix("# ").split()) in found, (
                    f"{name} is older than its text: run seeds/make_binary.py"
                )


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".pdf")])
def test_pdfs_are_small_and_have_pages(name: str) -> None:
    assert (DOCUMENTS / name).stat().st_size < 200_000
    with pypdfium2.PdfDocument(DOCUMENTS / name) as pdf:
        assert len(pdf) >= 2

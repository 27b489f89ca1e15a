"""The page's words: each one used, in every language, and the reasons of the library in Chinese as well."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from ui.page.reasons import reason_in
from ui.page.words import _WORDS, language_from, words

ROOT = Path(__file__).parents[1]
HAN = re.compile("[\u4e00-\u9fff]")


def _strings(*folders: str) -> tuple[set[str], set[str]]:
    """Return the strings of the code, and what stands before the first value in its f-strings."""
    whole: set[str] = set()
    begun: set[str] = set()
    for path in (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))):
        if path.name in ("words.py", "reasons.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                begun.add(str(node.values[0].value))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
    return whole, begun


def _is_used(name: str, own: set[str], begun: set[str], everywhere: set[str]) -> bool:
    if name in own:
        return True
    parts = name.partition("_")
    return f"{parts[0]}_" in begun and parts[2] in everywhere  # as in f"state_{answer.status}"


def test_every_word_is_used() -> None:
    own, begun = _strings("ui")
    everywhere, _ = _strings("ui", "qa", "index")
    assert not _is_used("state_of_nothing", own, begun, everywhere)  # the search can fail
    assert [name for name in _WORDS if not _is_used(name, own, begun, everywhere)] == []


def test_scripts_have_no_words_of_their_own() -> None:
    for path in sorted((ROOT / "ui" / "page" / "assets").glob("*.js")):
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text("utf-8"), flags=re.DOTALL)
        assert HAN.findall(code) == [], path.name


def test_the_words_a_script_uses_are_given_to_it() -> None:
    from ui.page.documents import _SCRIPT_WORDS

    code = (ROOT / "ui" / "page" / "assets" / "uploads.js").read_text("utf-8")
    used = set(re.findall(r"(?:words|said\(\))\.(\w+)", code))
    assert used
    assert used <= set(_SCRIPT_WORDS)
    family = {name for name in _SCRIPT_WORDS if name.startswith("upload_")}
    assert set(_SCRIPT_WORDS) - used - family == set()


def test_every_word_is_there_in_every_language() -> None:
    for name, (chinese, english) in _WORDS.items():
        assert chinese.strip(), name
        assert english.strip(), name
        if name != "other_language":  # says the other language's own name
            assert HAN.search(chinese), name
            assert not HAN.search(english), name


def test_chinese_punctuation_is_full_width() -> None:
    wrong = re.compile("[\u4e00-\u9fff”][,;:!?()]|[,;:!?()][\u4e00-\u9fff“]|[\u4e00-\u9fff]\\.")
    assert wrong.search("错,的")
    assert [text for text, _ in _WORDS.values() if wrong.search(text)] == []


def test_both_languages_take_the_same_values() -> None:
    fields = [tuple(sorted(re.findall(r"\{(\w+)\}", text)) for text in pair) for pair in _WORDS.values()]
    assert [pair for pair in fields if pair[0] != pair[1]] == []
    assert words("page", "en", page=3) == "page 3"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9", "en"),
        ("fr-FR,en;q=0.5", "en"),
        ("ja", "en"),
        ("", "zh"),
        ("zh-TW", "zh"),
    ],
)
def test_the_browser_chooses_the_language(header: str, language: str) -> None:
    assert language_from(header) == language


def _reasons_of_the_library() -> list[str]:
    """Return what can be said of a file or a question, with 7 for each value put in."""
    found = []
    for path in sorted((ROOT / "index").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and node.args
                and getattr(node.func, "id", "") in ("ReadError", "Skipped", "QuestionError")
            ):
                found += _spelled(node.args[-1])
            elif isinstance(node, ast.Dict) and path.name == "worker.py":
                found += [
                    text
                    for key, value in zip(node.keys, node.values, strict=True)
                    if isinstance(key, ast.Constant) and key.value == "error"
                    for text in _spelled(value)
                ]
    return sorted(set(found))


def _spelled(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)]
    return []  # made elsewhere, and seen there


def test_every_reason_of_the_library_is_said_in_chinese() -> None:
    reasons = _reasons_of_the_library()
    assert len(reasons) > 25
    reasons = [r.replace("files 7 are", "files of the type .7z are") for r in reasons]
    assert [
        reason for reason in [*reasons, "files without an ending are not read: x"] if not HAN.search(reason_in("zh", reason))
    ] == []


def test_a_reason_keeps_its_figures() -> None:
    reason = "it has 120 MB, more than the limit of 100 (max_file_mb)"
    assert reason_in("zh", reason) == "文件有 120 MB，超过 100 MB 的上限（max_file_mb）。"
    assert reason_in("en", reason) == reason
    assert reason_in("zh", "something nobody has translated") == "something nobody has translated"

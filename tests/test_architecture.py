"""The import rules of the project, its exported names and its documented settings, as tests."""

from __future__ import annotations

import ast
import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from fakes import write_folder

import index
from index import Settings

ROOT = Path(__file__).parents[1]
PACKAGES = ("index", "qa", "ui")
FILES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
ONE_FILE_EACH = ("faiss", "sentence_transformers", "tantivy", "openai", "sqlite3", "mcp", "rapidocr", "watchfiles", "pdfplumber")
FORMAT_LIBRARIES = (
    "pypdfium2",
    "pdfplumber",
    "docx",
    "pptx",
    "python_calamine",
    "trafilatura",
    "kreuzberg",
    "lxml",
    "markdown_it",
    "rapidocr",
    "PIL",
)


class Import(NamedTuple):
    """``from module import name``; ``name`` is empty for ``import module``."""

    file: str
    module: str
    name: str
    for_typing: bool


class _Imports(ast.NodeVisitor):
    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Import] = []
        self._for_typing = False

    def visit_If(self, node: ast.If) -> None:
        before, self._for_typing = self._for_typing, self._for_typing or ast.unparse(node.test) == "TYPE_CHECKING"
        for child in node.body:
            self.visit(child)
        self._for_typing = before
        for child in node.orelse:
            self.visit(child)

    def visit_Import(self, node: ast.Import) -> None:
        self.found += [Import(self.file, alias.name, "", self._for_typing) for alias in node.names]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        assert node.level == 0, f"{self.file} has a relative import, which these rules do not see through"
        self.found += [Import(self.file, node.module or "", alias.name, self._for_typing) for alias in node.names]


@cache
def imports() -> tuple[Import, ...]:
    found: list[Import] = []
    for path in FILES:
        visitor = _Imports(path.relative_to(ROOT).as_posix())
        visitor.visit(ast.parse(path.read_text("utf-8")))
        found += visitor.found
    return tuple(found)


def top(module: str) -> str:
    return module.split(".")[0]


def users_of(library: str) -> set[str]:
    return {found.file for found in imports() if top(found.module) == library}


def shown(found: Import) -> str:
    return f"{found.file}: from {found.module} import {found.name}" if found.name else f"{found.file}: import {found.module}"


def test_the_rules_see_imports() -> None:
    """A rule that found no imports at all would pass for ever."""
    assert len(FILES) > 30
    assert users_of("faiss") == {"index/vectors.py"}
    assert any(found.for_typing for found in imports())
    assert any(not found.for_typing for found in imports())


def test_imports_go_one_way() -> None:
    allowed = {"index": {"index"}, "qa": {"index", "qa"}, "ui": {"index", "qa", "ui"}}
    wrong = [
        shown(found)
        for found in imports()
        if top(found.module) in PACKAGES and top(found.module) not in allowed[found.file.split("/")[0]]
    ]
    assert wrong == []


def test_only_what_index_exports_is_used_outside() -> None:
    def is_allowed(found: Import) -> bool:
        if found.module == "index.types":
            return found.for_typing
        return found.module == "index" and found.name in index.__all__

    outside = [found for found in imports() if top(found.module) == "index" and not found.file.startswith("index/")]
    assert outside
    assert [shown(found) for found in outside if not is_allowed(found)] == []


@pytest.mark.parametrize("library", ONE_FILE_EACH)
def test_a_library_that_may_be_replaced_is_used_by_one_file(library: str) -> None:
    assert len(users_of(library)) <= 1


@pytest.mark.parametrize("library", FORMAT_LIBRARIES)
def test_format_libraries_are_used_by_readers_only(library: str) -> None:
    assert [file for file in users_of(library) if not file.startswith("index/readers/")] == []


def test_gradio_is_used_by_the_page_only() -> None:
    assert [file for file in users_of("gradio") if not file.startswith("ui/page/")] == []


def _module_name(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _dependencies() -> dict[str, set[str]]:
    """Return module to the modules of ours that it imports when it runs, wherever in the file that is."""
    modules = {_module_name(path.relative_to(ROOT).as_posix()) for path in FILES}
    graph: dict[str, set[str]] = {module: set() for module in modules}
    for found in imports():
        if found.for_typing or top(found.module) not in PACKAGES:
            continue
        name = f"{found.module}.{found.name}"
        graph[_module_name(found.file)].add(name if name in modules else found.module)
    return graph


def _circles(graph: dict[str, set[str]]) -> Iterator[list[str]]:
    done: set[str] = set()

    def visit(module: str, path: list[str]) -> Iterator[list[str]]:
        if module in path:
            yield [*path[path.index(module) :], module]
        elif module not in done:
            for needed in sorted(graph[module]):
                yield from visit(needed, [*path, module])
            done.add(module)

    for module in sorted(graph):
        yield from visit(module, [])


def test_no_import_circles() -> None:
    assert list(_circles({"a": {"b"}, "b": {"c"}, "c": {"a"}}))  # the search finds them
    assert list(_circles(_dependencies())) == []


def test_types_import_nothing_of_ours() -> None:
    assert _dependencies()["index.types"] == set()
    assert _dependencies()["index.errors"] == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_exported_names_resolve(package: str) -> None:
    module = importlib.import_module(package)
    names = getattr(module, "__all__", [])
    assert names == sorted(set(names), key=str.lower) or names == sorted(set(names))
    for name in names:
        assert getattr(module, name) is not None


def test_index_says_where_each_exported_name_lives() -> None:
    assert index.__all__ == sorted(index._HOME)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        index.nothing  # noqa: B018
    stated = {name for found in imports() if found.file == "index/__init__.py" and found.for_typing for name in [found.name]}
    assert stated == set(index.__all__)


def _loaded_by(code: str) -> set[str]:
    """Run code in a new process and return the names of the modules it has loaded in the end."""
    program = (
        f"import json, sys\nsys.path[:0] = {[str(ROOT), str(ROOT / 'tests')]!r}\n{code}\nprint(json.dumps(sorted(sys.modules)))"
    )
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60).stdout
    return set(json.loads(output.splitlines()[-1]))


SLOW = {"torch", "transformers", "sentence_transformers", "gradio"}
"""Each takes a second or more to import."""


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_loads_nothing_slow(package: str) -> None:
    assert SLOW & _loaded_by(f"import {package}") == set()


def test_importing_index_loads_nothing_that_it_may_not_need() -> None:
    """A process that only reads files imports it as well."""
    assert {"faiss", "tantivy", "sqlite3", "tokenizers", "opencc"} & _loaded_by("import index") == set()


def test_a_sync_with_nothing_to_do_loads_no_model(tmp_path: Path, real_cache_dir: Path) -> None:
    write_folder(tmp_path / "docs", {"空.txt": " "})  # a skipped file: the second sync knows it
    folders = f"{str(tmp_path / 'docs')!r}, {str(tmp_path / 'index')!r}"
    code = (
        "from index import Settings, sync\n"
        f"report = sync({folders}, settings=Settings(cache_dir={str(real_cache_dir)!r}))\n"
        "assert len(report.skipped) == 1, report"
    )
    _loaded_by(code)
    assert SLOW & _loaded_by(code) == set()


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", text, re.MULTILINE))
    expected = {}
    for name, field in Settings.model_fields.items():
        default = "not set" if field.default is None else f"`{field.default}`"
        expected[name] = f"`YOUJU_{name.upper()}` | {default} | {field.description}"
    assert rows == expected

"""A file that hangs, crashes or swells costs that file alone; no process is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from index.errors import ReadError
from index.readers import ReaderPool
from index.settings import Settings
from index.types import Document

PROJECT = Path(__file__).parents[1]
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and memory limits of POSIX")
WORKER = """
import ctypes, os, sys, time
from index.readers import worker
from index.readers.formats import read_document

worker.ALARM_GRACE_S = 1

def misbehave(document_id, content, longest_text):
    word = content.decode("utf-8", "replace").strip()
    if word == "hang":
        time.sleep(600)
    if word == "hang and hold the lock":
        ctypes.PyDLL(None).sleep(600)
    if word == "crash":
        os.abort()
    if word == "swell":
        return bytearray(3_000_000_000)
    if word == "chatter":
        os.write(1, b"noise of a library\\n")
        print("more noise", flush=True)
    if word == "raise":
        raise ZeroDivisionError("surprise")
    if word == "pid":
        content = str(os.getpid()).encode()
    return read_document(document_id, content, longest_text)

if __name__ == "__main__":
    worker.main(misbehave)
"""


@pytest.fixture
def misbehaving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "misbehaving_worker.py").write_text(WORKER, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return "misbehaving_worker"


def write(folder: Path, **words: str) -> list[tuple[str, Path]]:
    for name, word in words.items():
        (folder / f"{name}.txt").write_text(word, "utf-8")
    return [(f"{name}.txt", folder / f"{name}.txt") for name in words]


def settings(**limits: Any) -> Settings:
    return Settings(**limits)


def outcomes(pool: ReaderPool, items: list[tuple[str, Path]]) -> list[str]:
    return [result.text if isinstance(result, Document) else f"ERROR {result}" for _, result in pool.read_all(items)]


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"  # dead, and its new parent has not asked for it yet


def wait_until_gone(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.05)
    return not is_running(pid)


@pytest.mark.parametrize("how", ["hang", pytest.param("hang and hold the lock", marks=POSIX)])
def test_a_parser_that_hangs_costs_its_own_file_only(how: str, tmp_path: Path, misbehaving: str) -> None:
    items = write(tmp_path, a="first", b=how, c="third", d="fourth")
    with ReaderPool(settings(parse_seconds=1), misbehaving) as pool:
        texts = outcomes(pool, items)
    assert [texts[0], *texts[2:]] == ["first", "third", "fourth"]
    assert texts[1] == "ERROR reading it took longer than 1 seconds (parse_seconds)"


def test_a_parser_that_crashes_costs_its_own_file_only(tmp_path: Path, misbehaving: str) -> None:
    with ReaderPool(settings(), misbehaving) as pool:
        texts = outcomes(pool, write(tmp_path, a="first", b="crash", c="crash", d="fourth"))
    assert [texts[0], texts[3]] == ["first", "fourth"]
    assert all("its parser crashed" in text for text in texts[1:3])


@POSIX
def test_a_parser_that_swells_is_stopped_by_the_memory_limit(tmp_path: Path, misbehaving: str) -> None:
    with ReaderPool(settings(parse_memory_mb=1024), misbehaving) as pool:
        texts = outcomes(pool, write(tmp_path, a="swell", b="second"))
    assert texts == ["ERROR reading it takes more memory than allowed (parse_memory_mb)", "second"]


def test_whatever_a_parser_raises_becomes_a_reason(tmp_path: Path, misbehaving: str) -> None:
    with ReaderPool(settings(), misbehaving) as pool:
        texts = outcomes(pool, write(tmp_path, a="raise", b="second"))
    assert "ZeroDivisionError: surprise" in texts[0]
    assert texts[1] == "second"


def test_noise_on_standard_output_does_not_reach_the_replies(tmp_path: Path, misbehaving: str) -> None:
    with ReaderPool(settings(), misbehaving) as pool:
        assert outcomes(pool, write(tmp_path, a="chatter", b="chatter", c="third")) == ["chatter", "chatter", "third"]


def test_stopping_early_does_not_mix_up_the_next_files(tmp_path: Path) -> None:
    items = write(tmp_path, **{f"n{number}": f"text {number}" for number in range(20)})
    with ReaderPool(settings()) as pool:
        started = pool.read_all(items)
        next(started)
        assert isinstance(started, Generator)
        started.close()
        assert pool.read(*items[15]).text == "text 15"


def test_documents_come_in_the_order_of_the_items_and_only_a_few_ahead(tmp_path: Path) -> None:
    items = write(tmp_path, **{f"n{number}": f"text {number}" for number in range(100)})
    taken: list[str] = []
    with ReaderPool(settings()) as pool:
        read = pool.read_all((taken.append(name) or (name, path)) for name, path in items)  # type: ignore[func-returns-value]
        next(read)
        assert len(taken) < 20
        assert [name for name, _ in read] == [name for name, _ in items[1:]]


def test_a_file_too_large_is_not_even_opened(tmp_path: Path) -> None:
    items = write(tmp_path, a="x" * 3000)
    with ReaderPool(settings(max_file_mb=0.002)) as pool, pytest.raises(ReadError, match="max_file_mb"):
        pool.read(*items[0])


def test_a_text_too_long_is_refused(tmp_path: Path) -> None:
    items = write(tmp_path, a="字" * 3000)
    with ReaderPool(settings(max_text_mb=0.002)) as pool, pytest.raises(ReadError, match="3,000 characters.*max_text_mb"):
        pool.read(*items[0])


def test_no_process_is_started_for_files_that_nothing_reads(tmp_path: Path) -> None:
    with ReaderPool(settings(), "there_is_no_such_module") as pool:
        for name in ("a.zip", "photo.heic", "Makefile"):
            (tmp_path / name).write_bytes(b"x")
            with pytest.raises(ReadError, match="not read"):
                pool.read(name, tmp_path / name)


def test_a_missing_file_is_a_reason(tmp_path: Path) -> None:
    with ReaderPool(settings()) as pool, pytest.raises(ReadError, match="cannot be opened"):
        pool.read("a.txt", tmp_path / "a.txt")


def test_the_pool_takes_its_process_with_it(tmp_path: Path, misbehaving: str) -> None:
    with ReaderPool(settings(), misbehaving) as pool:
        pid = int(pool.read(*write(tmp_path, a="pid")[0]).text)
        assert is_running(pid)
    assert wait_until_gone(pid, 5)


@POSIX
@pytest.mark.parametrize(("how", "limit"), [("hang", 300), ("hang and hold the lock", 1)])
def test_a_killed_caller_leaves_no_process(how: str, limit: int, tmp_path: Path, misbehaving: str) -> None:
    items = write(tmp_path, a="pid", b=how)
    caller = tmp_path / "caller.py"  # no __main__ guard, as people's scripts are
    caller.write_text(
        textwrap.dedent(f"""
        import sys; sys.path.insert(0, {str(PROJECT)!r})
        from pathlib import Path
        from index.readers import ReaderPool
        from index.settings import Settings
        pool = ReaderPool(Settings(parse_seconds={limit}), {misbehaving!r})
        for name, result in pool.read_all([("a.txt", Path({str(items[0][1])!r})), ("b.txt", Path({str(items[1][1])!r}))]):
            sys.stdout.write(result.text + "\\n"); sys.stdout.flush()
        """),
        "utf-8",
    )
    with subprocess.Popen([sys.executable, str(caller)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        time.sleep(0.3)  # the worker goes on to the second file
        assert is_running(pid)
        process.kill()
    assert wait_until_gone(pid, 10)


def test_the_folder_that_one_works_in_is_not_imported_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('imported')", "utf-8")
    monkeypatch.chdir(tmp_path)
    with ReaderPool(settings()) as pool:
        assert pool.read(*write(tmp_path, a="text")[0]).text == "text"


def test_reading_loads_neither_models_nor_format_libraries() -> None:
    heavy = "{'torch', 'sentence_transformers', 'faiss', 'docx', 'pptx', 'pypdfium2', 'trafilatura', 'kreuzberg', 'lxml'}"
    code = f"import sys, index.readers, index.readers.worker; sys.stdout.write(str({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()"


def test_thousands_of_small_files_take_seconds(tmp_path: Path) -> None:
    items = write(tmp_path, **{f"n{number}": "这是一个测试文件。" * 75 for number in range(1000)})
    begun = time.monotonic()
    with ReaderPool(settings()) as pool:
        assert sum(isinstance(result, Document) for _, result in pool.read_all(items)) == 1000
    assert time.monotonic() - begun < 5

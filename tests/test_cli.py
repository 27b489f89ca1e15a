from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fakes import FakeEncoder, write_folder

import index.encoder
import index.syncing
import ui.watching
from ui.cli import main


@pytest.fixture
def youju(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Youju:
    for module in (index.encoder, index.syncing, index):
        monkeypatch.setattr(module, "ModelEncoder", lambda *_: FakeEncoder(), raising=False)
    write_folder(tmp_path / "docs", {"大会.txt": "县长宁云主持会议。", "english.txt": "Three firms spoke.", "bad.bin": b"\0"})
    return Youju(tmp_path)


class Youju:
    """Runs the command in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.docs, self.index = root / "docs", root / "deep" / "index"

    def __call__(self, *arguments: str, keys: str | None = None) -> Result:
        return CliRunner().invoke(main, [*arguments, "--index", str(self.index)], input=keys)

    def sync(self, *arguments: str) -> Result:
        return self("sync", str(self.docs), *arguments)


def test_sync_reports_what_it_did_and_what_it_skipped(youju: Youju) -> None:
    result = youju.sync()
    assert result.exit_code == 0, result.output
    assert "2 added" in result.output
    assert "bad.bin: " in result.output
    report = json.loads(youju.sync("--json").stdout)
    assert (report["added"], report["unchanged"], report["passages"]) == (0, 2, 2)
    assert [entry["document"] for entry in report["skipped"]] == ["bad.bin"]


def test_watch_tells_what_it_did_until_ctrl_c(youju: Youju, monkeypatch: pytest.MonkeyPatch) -> None:
    def watched_until_ctrl_c(*_: object, **__: object) -> Iterator[str]:
        yield "changed"
        yield "changed"  # nothing new, nothing said
        raise KeyboardInterrupt

    monkeypatch.setattr(ui.watching, "watch", watched_until_ctrl_c)
    result = youju("watch", str(youju.docs))
    assert result.exit_code == 0, result.output
    assert "Ctrl-C" in result.stderr
    assert "已结束" in result.stderr
    assert result.stdout.count("2 added") == 1
    (youju.docs / "bad.bin").unlink()
    (line,) = youju("watch", str(youju.docs), "--json").stdout.splitlines()
    assert json.loads(line)["unchanged"] == 2


def test_ask_prints_the_answer_with_its_sources(youju: Youju) -> None:
    youju.sync()
    result = youju("ask", "宁云主持会议？")
    assert result.exit_code == 0
    assert "县长宁云主持会议。 [1]" in result.output
    assert "大会.txt" in result.output
    answer = json.loads(youju("ask", "宁云主持会议？", "--json").stdout)
    assert answer["status"] == "answered"
    assert answer["citations"][0]["quote"] == "县长宁云主持会议。"


def test_not_found_is_a_result_and_not_an_error(youju: Youju) -> None:
    youju.sync()
    result = youju("ask", "财政收入增长排名如何？")
    assert result.exit_code == 0
    assert "不是答案" in result.output


def test_search_prints_one_json_object_a_line(youju: Youju) -> None:
    youju.sync()
    lines = youju("search", "宁云主持会议", "--json", "--top-k", "2").stdout.splitlines()
    hits = [json.loads(line) for line in lines]
    assert [hit["rank"] for hit in hits] == [1, 2]
    assert hits[0]["document"] == "大会.txt"
    only = youju("search", "宁云主持会议", "--json", "--documents", "eng*").stdout.splitlines()
    assert [json.loads(line)["document"] for line in only] == ["english.txt"]


def test_chat_goes_on_until_an_empty_line(youju: Youju) -> None:
    youju.sync()
    result = youju("chat", keys=f"宁云主持会议？\n{'长' * 5000}\n你好\n\n")
    assert result.exit_code == 0
    assert "县长宁云主持会议。 [1]" in result.output
    assert "我是有据" in result.output


def test_info_counts_documents(youju: Youju) -> None:
    youju.sync()
    assert json.loads(youju("info", "--json").stdout)["documents"] == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ask", "宁云？"], "youju sync"),
        (["sync", "nowhere-at-all"], "does not exist"),
        (["sync", ".", "--set", "passage_tokens=none"], "passage_tokens"),
    ],
)
def test_errors_are_one_line_with_the_next_step_and_exit_code_1(youju: Youju, arguments: list[str], words: str) -> None:
    result = youju(*arguments)
    assert result.exit_code == 1
    assert words in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["ask"], ["search", "x", "--top-k", "0"], ["ask", "x", "--set", "novalue"], ["serve", "--watch"]]
)
def test_wrong_usage_is_exit_code_2(youju: Youju, arguments: list[str]) -> None:
    assert youju(*arguments).exit_code == 2


def test_the_index_can_be_named_by_the_environment(youju: Youju, monkeypatch: pytest.MonkeyPatch) -> None:
    youju.sync()
    monkeypatch.setenv("YOUJU_INDEX", str(youju.index))
    assert CliRunner().invoke(main, ["info"]).exit_code == 0

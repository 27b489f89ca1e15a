from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import cast
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from evaluations import TEXT, ScriptedAssistant, answered, cite, gold, hit, refused
from fakes import FakeEncoder, write_folder

import index.encoder
import index.syncing
from qa import Assistant
from qa.evaluation import MEASURES, Evaluation, compare, evaluate
from qa.evaluation.measures import Bin, CurvePoint
from ui.cli import main
from ui.evaluation_pictures import reliability_picture, risk_picture
from ui.evaluation_report import report
from ui.evaluation_words import GROUPS, LABELS, MISSES, VERDICTS, shown

NASTY = '</p><script src="https://evil.example/x.js"></script><img src=//evil.example/y onerror=alert(1)>&amp;"\'\u202e\x01'


def nasty() -> Evaluation:
    """Return a run in which every text that comes from outside is hostile."""
    answer = answered(NASTY, [cite(NASTY, NASTY)], [hit(1, NASTY, NASTY)], text="另外的话")
    assistant = ScriptedAssistant({NASTY: answer, "你好": answer, "无": answer}, {NASTY: ""})
    questions = [
        gold(NASTY, id=NASTY + "id", answers=[NASTY + "1"], quotes=[NASTY + "2"], documents=[NASTY]),
        gold("你好", kind="chat"),
        gold("无", kind="unanswerable", documents=[NASTY + "gone"]),
    ]
    return evaluate(cast("Assistant", assistant), questions)


class Seen(HTMLParser):
    """Tags, attributes and text of a page; keeps count that every tag is closed."""

    VOID = {"meta", "link", "br", "line", "rect", "circle", "polyline"}

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_hostile_text_is_shown_and_does_nothing() -> None:
    evaluation = nasty()
    page = report(evaluation, compare(evaluation.outcomes, evaluation.outcomes, NASTY), NASTY)
    seen = Seen(page)
    assert not {"script", "img", "iframe", "object"} & set(seen.tags)
    assert not [name for name, _ in seen.attributes if name.startswith("on") or name in ("src", "srcset", "action")]
    shown_text = NASTY.replace("\x01", "\ufffd")
    for part in (shown_text, shown_text + "1", shown_text + "2", shown_text + "id", shown_text + "gone"):
        assert part in seen.text
    assert "\x01" not in page


def test_the_page_asks_no_other_place_for_anything() -> None:
    page = report(nasty())
    addresses = [value for name, value in Seen(page).attributes if name in ("href", "xlink:href", "data", "poster")]
    assert addresses == ["data:,"]
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    assert not re.search(r"url\(|@import|//", style.group(1))
    assert "prefers-color-scheme: dark" in style.group(1)
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page


def test_every_measure_has_a_name_and_a_place() -> None:
    names = [measure.name for measure in MEASURES]
    assert [name for _, some in GROUPS for name in some] == names
    assert list(LABELS) == names
    assert set(MISSES) < set(VERDICTS)
    page = report(nasty())
    for chinese, english in LABELS.values():
        assert chinese in page
        assert english in page


def test_values_are_written_with_their_unit() -> None:
    assert shown("hit@1", 0.8376) == "83.8 %"
    assert shown("mrr@10", 0.8376) == "0.838"
    assert shown("ask_p95", 1234.5) == "1234 ms"
    assert shown("hit@1", -0.0001, signed=True) == "+0.0 %"
    assert shown("citations_right", None) == "–"


def page_of(answers: dict[str, object], *questions: object) -> str:
    assistant = ScriptedAssistant(answers, {"a.txt": TEXT})  # type: ignore[arg-type]
    return report(evaluate(cast("Assistant", assistant), list(questions)))  # type: ignore[arg-type]


def test_a_miss_shows_what_was_expected_answered_and_found() -> None:
    page = page_of(
        {
            "多少人？": refused([hit(1, "b.txt", "别处的话"), hit(2, "a.txt", TEXT)]),
            "谁？": answered("宁云", [cite("a.txt", "宁云", 8)]),
        },
        gold("多少人？", answers=["320人"], documents=["a.txt"]),
        gold("谁？", answers=["宁云"]),
    )
    misses = page[page.index('id="misses"') :]
    assert misses.count("<article>") == 1
    for words in ("多少人？", "320人", "没有找到", "答案在第 2 段", "别处的话"):
        assert words in misses
    assert misses.count('<li class="gold">') == 1
    assert "谁？" not in misses


def test_a_quote_that_differs_from_its_document_is_among_the_misses() -> None:
    page = page_of({"谁？": answered("宁云", [cite("a.txt", "宁云", 0)])}, gold("谁？", answers=["宁云"]))
    assert "与原文不同" in page[page.index('id="misses"') :]


def points(picture: str) -> list[tuple[float, float]]:
    line = ElementTree.fromstring(picture).find("polyline")
    assert line is not None
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in line.attrib["points"].split())]


def test_pictures_are_drawn_where_the_numbers_are() -> None:
    (x1, y1), (x2, y2) = points(risk_picture([CurvePoint(0.25, 0.0), CurvePoint(0.75, 0.4)]))
    assert x1 < x2
    assert y1 > y2  # up is more risk
    bars = ElementTree.fromstring(reliability_picture([Bin(0.2, 0.3, 4, 0.25, 0.5), Bin(0.9, 1.0, 8, 0.95, 1.0)])).findall("rect")
    heights = [float(bar.attrib["height"]) for bar in bars]
    assert heights[1] == pytest.approx(2 * heights[0])
    assert "no answers" in risk_picture([])
    assert "no answers" in reliability_picture([])
    ElementTree.fromstring(risk_picture([]))


# --- the command


@pytest.fixture
def youju(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Youju:
    for module in (index.encoder, index.syncing, index):
        monkeypatch.setattr(module, "ModelEncoder", lambda *_: FakeEncoder(), raising=False)
    write_folder(tmp_path / "docs", {"大会.txt": "县长宁云主持会议。", "停水.txt": "城区6月12日停水。"})
    return Youju(tmp_path)


class Youju:
    """Runs ``youju eval`` over two documents."""

    def __init__(self, root: Path) -> None:
        self.root, self.index, self.questions = root, root / "index", root / "q.jsonl"
        self.ask(
            {"question": "宁云主持会议？", "document": "大会.txt", "answer": "县长宁云主持会议"},
            {"question": "财政收入增长排名如何？", "answerable": False},
            {"question": "你好", "chat": True},
        )
        result = CliRunner().invoke(main, ["sync", str(root / "docs"), "--index", str(self.index)])
        assert result.exit_code == 0, result.output

    def ask(self, *questions: dict[str, object]) -> None:
        self.questions.write_text("\n".join(json.dumps(q, ensure_ascii=False) for q in questions), "utf-8")

    def __call__(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["eval", str(self.questions), "--index", str(self.index), *arguments])


def test_eval_prints_a_table(youju: Youju) -> None:
    result = youju()
    assert result.exit_code == 0, result.output
    assert "3 questions: 1 answerable, 1 unanswerable, 1 small talk" in result.stdout
    assert re.search(r"hit@1\)\s+100\.0 %\s+1\n", result.stdout)
    assert re.search(r"word for word\s+100\.0 %\s+1\n", result.stdout)
    assert re.search(r"unanswerable refused\s+100\.0 %\s+1\n", result.stdout)
    assert "no misses" in result.stdout


def test_eval_prints_json_that_compare_takes_and_writes_a_report(youju: Youju) -> None:
    page, stored = youju.root / "report.html", youju.root / "first.json"
    result = youju("--json", "--html", str(page))
    assert result.exit_code == 0, result.output
    content = json.loads(result.stdout)
    assert content["summary"]["questions"]["asked"] == len(content["rows"]) == 3
    assert content["summary"]["measures"]["hit@1"] == {"value": 1.0, "questions": 1}
    assert content["rows"][0]["citations"][0]["verbatim"] is True
    assert content["rows"][0]["passages"][0]["document"] == "大会.txt"
    assert "有据评测" in page.read_text("utf-8")
    stored.write_text(result.stdout, "utf-8")
    again = youju("--compare", str(stored), "--set", "refuse_below=1", "--html", str(page))
    assert again.exit_code == 0, again.output
    assert "3 questions in both" in again.stdout
    assert "within chance" in again.stdout
    assert 'id="comparison"' in page.read_text("utf-8")
    assert json.loads(youju("--json", "--compare", str(stored)).stdout)["comparison"]["questions"]["common"] == 3


def test_errors_are_one_line_with_exit_code_1_and_nothing_is_written(youju: Youju) -> None:
    page = youju.root / "report.html"
    youju.questions.write_text('{"question": "谁？", "answer": "甲"}\n{"question": "谁？"}', "utf-8")
    result = youju("--html", str(page))
    assert result.exit_code == 1
    assert "q.jsonl, line 2: " in result.stderr
    assert "Traceback" not in result.output
    assert not page.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--html", "{root}"], "it is a folder itself"),
        (["--html", "{root}/nowhere/x.html"], "is no folder"),
        (["--html", "{root}/q.jsonl"], "another name"),
        (["--compare", "{root}/absent.json"], "does not exist"),
        (["--compare", "{root}/q.jsonl"], "is not a result of youju eval"),
        (["--index", "{root}/nothing"], "youju sync"),
    ],
)
def test_what_cannot_be_used_is_said_before_anything_is_asked(
    youju: Youju, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.setattr(Assistant, "ask", lambda *_: pytest.fail("a question was asked"))
    before = youju.questions.read_text("utf-8")
    result = youju(*(argument.format(root=youju.root) for argument in arguments))
    assert result.exit_code == 1, result.output
    assert words in result.stderr
    assert youju.questions.read_text("utf-8") == before


def test_wrong_usage_is_exit_code_2(youju: Youju) -> None:
    assert CliRunner().invoke(main, ["eval"]).exit_code == 2
    assert youju("--nonsense").exit_code == 2

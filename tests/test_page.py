"""The page's HTML: escaped, marked by code points, each state recognisable."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from index import Document, DocumentInfo, Hit, Page, Passage, Skipped, SyncReport
from qa import Answer, Citation, Statement
from ui.library import Work
from ui.page import documents, original
from ui.page.conversation import conversation, plain_text, sample_list, turn
from ui.page.evidence import evidence, section
from ui.page.markup import marked, safe
from ui.page.scope import scope_line
from ui.page.visit import MOST_TURNS, Visit
from ui.page.words import Language

ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![](http://evil.example/x.png) [link](http://evil.example)",
    "[点这里](javascript:alert(1))",
    "\u202egpj.exe\u202c 之后",
    "\"><svg onload=alert(1)>'&amp;",
    "${alert(1)} {{constructor}} `x`",
    "\ud800 lone \x00 null",
)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(html: str) -> _Tags:
    tags = _Tags()
    tags.feed(html)
    tags.close()
    return tags


def assert_harmless(html: str, text: str) -> None:
    """No tag, attribute or address of the attacker's, and the text as it was."""
    found = parsed(html)
    assert not {tag for tag, _ in found.tags} & {"script", "img", "svg", "object", "embed", "base", "meta", "form"} - {"meta"}
    for _, attributes in found.tags:
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "srcdoc", "formaction")]
        assert (attributes.get("href") or "youju/").startswith(("youju/", "#", "original?", "assets/"))
    shown = text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
    assert shown in found.text


def hit(text: str, rank: int = 1, document: str = "甲.txt", title: str = "甲", start: int = 0) -> Hit:
    return Hit(
        rank,
        1 / rank,
        0.9 / rank,
        20.0 / rank,
        Passage(rank, document, start, start + len(text), text, title, 3, None, "2025-01-02"),
    )


def answered(text: str = "会议由沈若兰主持。", question: str = "谁主持？", document: str = "甲.txt", title: str = "甲") -> Answer:
    body = f"{text} [1]"
    citation = Citation(1, document, title, 3, None, 110, 110 + len(text), text, "1")
    evidence_hit = hit("前面十个字的内容啊。" + text + "后面。", 1, document, title, 100)
    hits = (evidence_hit, hit("别的段落", 2))
    statements = (Statement(0, len(text), (1,), True),)
    return Answer(question, question, "answered", body, "沈若兰", 0.93, (citation,), hits, statements)


def visit_of(*answers: Answer) -> Visit:
    visit = Visit()
    for answer in answers:
        visit = visit.asking(answer.question).with_last(answer=answer)
    return visit


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_are_shown_as_text_everywhere(attack: str) -> None:
    visit = visit_of(answered(attack, attack, f"a/{attack}.txt", attack))
    assert_harmless(conversation(visit, (), 0), attack)
    assert_harmless(evidence(visit), attack)
    not_found = replace(answered(attack, attack, attack, attack), status="not_found", citations=(), statements=())
    assert_harmless(evidence(visit_of(not_found)), attack)
    document = Document(f"a/{attack}.txt", attack, f"前{attack}后", (Page(1, 0, 5, attack),))
    assert_harmless(original.original(document, 1, 2, "zh").split("</head>")[1], attack[2:])
    info = DocumentInfo(f"{attack}.txt", attack, 1, 2, None, None)
    assert_harmless(documents.rows([info], [Skipped(attack, attack)], "", 0, "zh", can_change=True), attack)
    assert_harmless(documents.work_line(Work("failed", reason=attack), "zh"), attack)
    assert_harmless(conversation(Visit(), [attack], 3), attack)
    assert_harmless(turn(visit.exchanges[0], "zh"), attack)
    assert_harmless(section(visit.exchanges[0], "zh"), attack)


def test_marking_counts_code_points() -> None:
    text = "𠮷野家😀说：“好”。"
    start, end = text.index("说"), text.index("。")
    assert marked(text, start, end, "q") == f'𠮷野家😀<mark id="q">{safe(text[start:end])}</mark>。'


@pytest.mark.parametrize(("start", "end", "inside"), [(-5, 2, "甲乙"), (1, 99, "乙丙"), (2, 1, None), (7, 9, None)])
def test_marking_outside_of_the_text_is_cut_off(start: int, end: int, inside: str | None) -> None:
    found = re.search("<mark>(.*)</mark>", marked("甲乙丙", start, end))
    assert (found.group(1) if found else None) == inside


def test_marker_and_card_point_at_each_other() -> None:
    visit = visit_of(answered())
    chat, panel = parsed(conversation(visit, (), 0)), parsed(evidence(visit))
    ids = {attributes["id"] for _, attributes in panel.tags if "id" in attributes}
    (marker,) = [attributes for _, attributes in chat.tags if attributes.get("class") == "marker"]
    assert {marker["aria-describedby"], marker["aria-controls"]} <= ids
    (number,) = [attributes for _, attributes in panel.tags if attributes.get("class") == "number"]
    assert marker["id"] == f"marker-{number['data-turn']}-{number['data-marker']}"


def test_the_quote_is_marked_in_its_passage() -> None:
    panel = evidence(visit_of(answered()))
    assert '<mark id="quote-1-1">会议由沈若兰主持。</mark>后面。' in panel
    assert "document=%E7%94%B2.txt&amp;start=110&amp;end=119" in panel
    for shown in ("第 3 页", "2025-01-02", "甲.txt"):
        assert shown in panel


def test_the_words_that_answer_are_set_apart() -> None:
    assert "会议由<strong>沈若兰</strong>主持。" in conversation(visit_of(answered()), (), 0)


def test_a_marker_inside_a_quote_stays_text() -> None:
    """A document may hold ``[1]`` itself."""
    text = "据文献[1]记载，塔高[2]三十米。"
    chat = conversation(visit_of(answered(text)), (), 0)
    assert "据文献[1]记载，塔高[2]三十米。" in chat
    assert chat.count('class="marker"') == 1
    assert "[1]</p>" not in chat


def test_a_statement_without_support_says_so() -> None:
    answer = replace(answered(), text="没有根据的话。", statements=(Statement(0, 7, (), False),), citations=())
    assert "没有原文支持" in conversation(visit_of(answer), (), 0)


def test_states_cannot_be_confused() -> None:
    yes = answered()
    no = replace(yes, status="not_found", citations=(), statements=(), text="没有找到。")
    talk = replace(no, status="chat", text="你好。")
    visit = visit_of(yes, no, talk).asking("坏了").with_last(error="出错的原因").asking("还在做").with_last(stage="read")
    html = conversation(visit, (), 0)
    assert re.findall(r'data-state="(\w+)"', html) == ["answered", "not_found", "chat", "error", "working"]
    for label in ("已回答", "没有找到答案", "对话", "出错了", "正在阅读段落"):
        assert label in html
    panel = evidence(visit)
    assert panel.count("最接近的段落（仅供参考）") == 1
    assert panel.count('class="number"') == 1  # what was not cited has no number


def test_a_refusal_is_said_in_the_language_of_the_page() -> None:
    no = replace(answered(), status="not_found", citations=(), statements=(), text="说的是另一种语言。")
    exchange = visit_of(no).exchanges[0]
    assert "没有在文档里找到答案。" in parsed(turn(exchange, "zh")).text
    assert "No answer was found in the documents." in parsed(turn(exchange, "en")).text
    assert "No answer was found in the documents." in plain_text(no, "en")
    assert 'class="bars"' not in section(exchange, "zh")
    nothing_searched = replace(no, evidence=(), text="没有文档符合所选的范围。")
    assert "没有文档符合所选的范围。" in turn(visit_of(nothing_searched).exchanges[0], "en")


def test_a_disagreement_takes_no_side() -> None:
    shown = turn(visit_of(replace(answered(), disagreement=True)).exchanges[0], "zh")
    text = parsed(shown).text
    assert text.index("说法不一致") < text.index("逐一核对") < text.index("会议由沈若兰主持")
    assert not {"<strong>", "把握", "已回答"} & set(re.findall("<strong>|把握|已回答", shown))


def test_a_question_that_may_be_asked_again_has_a_button_for_it() -> None:
    visit = Visit().asking("问")
    assert "重新提问" in turn(visit.with_last(error="坏了").exchanges[0], "zh")
    assert "重新提问" not in turn(visit.with_last(error="太长", may_ask_again=False).exchanges[0], "zh")


def test_one_or_two_chosen_documents_are_named() -> None:
    def line(*scope: str, language: Language = "zh") -> str:
        return parsed(scope_line(Visit(language, scope=scope), lambda name: f"题{name}")).text

    assert line() == ""
    assert line("a", "b").startswith("只查：《题a》《题b》")
    assert line("a", "b", language="en").startswith("Asking only: “题a”, “题b”")
    assert line("a", "b", "c").startswith("只查所选的 3 份文档")
    assert_harmless(scope_line(Visit(scope=("x",)), lambda _: ATTACKS[0]), ATTACKS[0])


def test_a_first_line_that_repeats_the_title_is_left_out_of_a_card() -> None:
    text = "甲\n\n会议由沈若兰主持。"
    no = replace(answered(), status="not_found", citations=(), statements=(), evidence=(hit(text),))
    shown = evidence(visit_of(no))
    assert '<blockquote class="passage" dir="auto">会议由沈若兰主持。</blockquote>' in shown
    citation = replace(answered().citations[0], quote=text, start=0, end=len(text))
    quoted = replace(answered(), citations=(citation,), evidence=(hit(text),))
    assert text in parsed(evidence(visit_of(quoted))).text  # but not of a quote


def test_nearly_the_same_passages_are_one_card_that_names_the_other_places() -> None:
    text = "云岭县第九届开茶节三月二十八日在青澜水库畔开幕，来自省内外的三百多家茶企参加。"
    hits = (hit(text, 1, "新闻.txt"), hit("另一件事。", 2, "别的.txt"), hit(text + "（转载）", 3, "转载.txt"))
    missing = Answer("何时？", "何时？", "not_found", "文档里没有。", "", 0.1, evidence=hits)
    html = section(visit_of(missing).exchanges[0], "zh")
    assert html.count('class="card near"') == 2
    assert html.index("转载.txt") < html.index("另一件事")
    cited = answered()
    repeat = hit("前面十个字的内容啊。会议由沈若兰主持。后面。", 3, "抄录.txt")
    html = section(visit_of(replace(cited, evidence=(*cited.evidence, repeat))).exchanges[0], "zh")
    assert html.count('class="card near"') == 1
    assert "抄录.txt" not in html


def test_only_the_last_evidence_is_shown() -> None:
    panel = evidence(visit_of(answered(), answered()))
    assert re.findall(r'id="evidence-(\d)" [^>]*?( hidden)?>', panel) == [("1", " hidden"), ("2", "")]


def test_what_is_new_is_one_turn_however_many_there_are() -> None:
    visit = visit_of(*[answered() for _ in range(5)])
    assert turn(visit.exchanges[-1], "zh") in conversation(visit, (), 0)
    assert section(visit.exchanges[-1], "zh") in evidence(visit)
    assert turn(visit.exchanges[-1], "zh").count("<article") == section(visit.exchanges[-1], "zh").count("<section") == 1
    assert section(visit.asking("还没有回答").exchanges[-1], "zh") == ""


def test_each_drawing_is_another_value() -> None:
    """The page's framework does nothing with a value that it was given before, whatever the script has made of it since."""
    assert conversation(Visit(), (), 3) != conversation(Visit(), (), 3)
    assert evidence(Visit()) != evidence(Visit())


def test_the_script_gets_the_turns_that_it_fills_in() -> None:
    (turns,) = [a for _, a in parsed(conversation(Visit(), (), 3)).tags if a.get("class") == "turns"]
    assert 'data-state="working"' in str(turns["data-working"])
    assert 'data-state="error"' in str(turns["data-lost"])


def test_samples_say_whether_more_are_coming() -> None:
    assert 'class="more"' in sample_list([], "zh", are_all=False)
    assert 'class="more"' in sample_list(["谁主持？"], "zh", are_all=False)
    assert 'class="more"' not in sample_list(["谁主持？"], "zh")
    assert sample_list([], "zh") == ""


def test_a_copy_has_its_sources() -> None:
    assert plain_text(answered(), "zh").splitlines()[-1] == "[1] 甲（甲.txt，第 3 页）：“会议由沈若兰主持。”"


def test_a_visit_does_not_grow_without_end() -> None:
    visit = visit_of(*[answered(question=str(n)) for n in range(MOST_TURNS + 5)])
    assert len(visit.exchanges) == len(visit.history()) == MOST_TURNS
    assert visit.exchanges[-1].number == MOST_TURNS + 5


def test_the_original_keeps_every_character() -> None:
    text = "第一页。\r\n 缩进\t制表\n" + "长" * 9000 + "\n第二页的结尾"
    cut = text.index("长")
    document = Document("a.pdf", "题", text, (Page(1, 0, cut - 1), Page(2, cut, len(text))))
    html = original.original(document, cut - 3, cut + 2, "zh")
    blocks = re.findall(r'<div class="block"[^>]*>(.*?)</div>', html, re.DOTALL)
    assert "".join(parsed(block).text for block in blocks) == text
    assert "".join(re.findall(r"<mark[^>]*>(.*?)</mark>", html, re.DOTALL)) == text[cut - 3 : cut + 2]
    assert html.count('id="quote"') == 1
    assert [parsed(line).text for line in re.findall(r'<span class="line">(.*?)</span>', html, re.DOTALL)][1] == " 缩进\t制表"
    assert html.index("第 1 页") < html.index("第一页。") < html.index("第 2 页")


def test_a_huge_original_is_shown_in_parts_around_the_quote() -> None:
    size = 3 * original.WHOLE
    document = Document("a.txt", "题", "字" * size)
    html = original.original(document, size // 2, size // 2 + 5, "en")
    assert len(html) < 2 * original.WINDOW
    assert '<mark id="quote">字字字字字</mark>' in html
    assert "Earlier part" in html
    assert "Later part" in html
    assert "Later part" not in original.original(document, size - 3, size, "en")


@pytest.mark.parametrize(("start", "end"), [(-9, 10**9), (10**9, 10**9 + 5), (3, 1)])
def test_an_original_with_wrong_offsets_is_shown_all_the_same(start: int, end: int) -> None:
    assert "甲乙丙丁" in parsed(original.original(Document("a", "t", "甲乙丙丁"), start, end, "zh")).text


def test_rows_are_found_by_title_and_name_and_turned() -> None:
    infos = [DocumentInfo(f"d/{n:03}.txt", f"题{n}", 0, 1, None, None) for n in range(120)]
    assert documents.rows(infos, (), "", 0, "zh", can_change=False).count("<tr data-document") == documents.PAGE_ROWS
    assert documents.rows(infos, (), "", 99, "zh", can_change=False).count("<tr data-document") == 20
    found = documents.rows(infos, (), "题11", 0, "zh", can_change=False)
    assert found.count("<tr data-document") == 11
    assert "删除" not in found
    assert "没有符合的文档" in documents.rows(infos, (), "不存在", 0, "zh", can_change=True)


def test_work_is_told_with_rate_and_time_left() -> None:
    line = documents.work_line(Work("running", "embed", 3, 10, 41.6, 130.0), "zh")
    for shown in ("3 / 10", "每秒 42 段", "约剩 2 分钟", "停止扫描", "<progress"):
        assert shown in line
    assert "<progress" not in documents.work_line(Work("running", "scan"), "zh")


def test_a_sync_tells_what_it_changed_and_nothing_else() -> None:
    report = SyncReport(added=1200, removed=2, unchanged=7)
    assert parsed(documents.work_line(Work("done", report=report), "zh")).text == "索引已更新：新增 1,200 份，移除 2 份。"
    assert "1,200 documents added, 2 documents removed." in documents.work_line(Work("done", report=report), "en")
    assert "1 document added." in documents.work_line(Work("done", report=SyncReport(added=1)), "en")
    assert "没有变化" in documents.work_line(Work("done", report=SyncReport(unchanged=7)), "zh")


def test_recognised_words_are_marked_and_doubtful_ones_said_to_be() -> None:
    sure, doubtful = (replace(hit("文字"), passage=replace(hit("文字").passage, recognised=c)) for c in (0.97, 0.62))
    not_found = replace(answered(), status="not_found", citations=(), statements=())
    shown = evidence(visit_of(replace(not_found, evidence=(sure,))))
    assert "文字由图片识别，把握 97%" in parsed(shown).text
    shown = evidence(visit_of(replace(answered(), evidence=(doubtful,))))
    assert "把握只有 62%，请对照原件" in parsed(shown).text
    assert "识别" not in parsed(evidence(visit_of(answered()))).text
    infos = [DocumentInfo("扫描.pdf", "扫描", 1, 2, None, None, 1, 0.62), DocumentInfo("文.txt", "文", 0, 2, None, None)]
    listed = documents.rows(infos, [], "", 0, "en", can_change=False)
    assert parsed(listed).text.count("recognised from pictures, only 62% sure") == listed.count("doubtful") == 1

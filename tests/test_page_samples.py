"""Sample questions: from titles and from what texts name, only answered ones, made once and kept while their documents stay."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from index import Document, DocumentInfo, Hit, Passage
from qa import Answer, Assistant, Citation
from ui.engine import Engine
from ui.page.samples import SEARCHES, SHOWN, TRIES, Sample, sample_questions
from ui.page.state import PageState
from ui.page.words import Language


@dataclass
class Answering:
    """An assistant that finds each document by its own words, and answers from it or not."""

    texts: dict[str, str]
    titles: dict[str, str] = field(default_factory=dict)
    confidence: float = 0.9
    finds: bool = True
    asked: list[str] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)
    before_answer: Callable[[], object] = lambda: None

    def title(self, document: str) -> str:
        return self.titles.get(document, document.removesuffix(".txt"))

    def documents(self) -> list[DocumentInfo]:
        return [DocumentInfo(name, self.title(name), 0, 1, None, None) for name in self.texts]

    def document(self, name: str) -> Document | None:
        return Document(name, self.title(name), self.texts[name], content_hash=self.texts[name]) if name in self.texts else None

    def info(self) -> dict[str, object]:
        return {"documents": len(self.texts), "passages": sum(map(len, self.texts.values()))}

    def search(self, question: str, top_k: int) -> list[Hit]:
        self.searched.append(question)
        names = self._about(question) if self.finds else ["另一份.txt"]
        return [Hit(1, 1.0, 1.0, 1.0, Passage(1, name, 0, 1, "文", "题")) for name in names][:top_k]

    def ask(self, question: str) -> Answer:
        self.asked.append(question)
        self.before_answer()
        name = next(iter(self._about(question)))
        citation = Citation(1, name, self.title(name), None, None, 0, 1, "文", "1")
        return Answer(question, question, "answered", "文 [1]", "文", self.confidence, (citation,))

    def _about(self, question: str) -> list[str]:
        return [name for name, text in self.texts.items() if self.title(name) in question or question[:6] in text]


def made(assistant: Answering, have: tuple[Sample, ...] = (), language: Language = "zh") -> list[str]:
    return [sample.question for sample in sample_questions(cast(Assistant, assistant), have, language=language)]


def named(count: int) -> dict[str, str]:
    return {f"第{n}次安全工作会.txt": f"第{n}次会议由沈若兰主持，三月五日进行。" for n in range(1, count + 1)}


def way(question: str) -> str:
    return re.split("》|工作会", question)[1]


def test_titles_are_asked_about_and_each_in_another_way_as_far_as_there_are_ways() -> None:
    found = made(Answering(named(9)))
    assert len(found) == SHOWN
    assert {way(question) for question in found[:2]} == {"由谁主持？", "是哪一天举行的？"}  # without the marks of a work's title
    more = {"设备采购办法.txt": "本办法自六月起施行。", "值班室安排.txt": "值班电话：0600-1234567。"}
    ways = {way(question) for question in made(Answering(named(9) | more))}
    assert len(ways) == SHOWN


def test_the_first_samples_are_in_the_language_of_the_page() -> None:
    english = {"annual report.txt": "The budget was approved on 3 May 2025. Costs: 3000."}
    both = Answering(english | named(9))
    found = made(both)
    assert len(found) == SHOWN
    assert all("工作会" in question for question in found)
    assert made(both, language="en")[0] == "What does “annual report” say about the cost?"
    assert "annual report" in made(Answering(english))[0]


def test_nobody_is_asked_about_as_the_one_of_a_whole_table() -> None:
    assert made(Answering({"内部通讯录.xlsx": "后勤部负责人 沈若兰 电话 0600-1234567"})) == []


@pytest.mark.parametrize("title", ["IMG_2034", "crud-000015", "17", "a"])
def test_a_title_that_names_nothing_is_not_asked_about(title: str) -> None:
    text = "八月一日，原创音乐剧《北京故事》在北京民族文化宫大剧院上演。"
    assistant = Answering({"a.txt": text}, {"a.txt": title})
    assert made(assistant) == ["《北京故事》在哪里举行？"]
    assert not [question for question in assistant.searched if title in question]


def test_only_what_is_answered_from_its_own_document_is_shown() -> None:
    assert made(Answering(named(3), confidence=0.3)) == []
    unfound = Answering(named(3), finds=False)
    assert made(unfound) == []
    assert unfound.asked == []  # a search is ten times as fast, and says enough


def test_the_work_has_an_end() -> None:
    unsure = Answering(named(500), confidence=0.3)
    assert made(unsure) == []
    assert len(unsure.asked) == TRIES
    unfound = Answering(named(500), finds=False)
    assert made(unfound) == []
    assert len(unfound.searched) == SEARCHES


def test_samples_that_are_kept_are_added_to() -> None:
    kept = Sample("旧的？", "第2次安全检查通报.txt", "x")
    found = list(sample_questions(cast(Assistant, Answering(named(9))), (kept,)))
    assert len(found) == SHOWN - 1
    assert kept.document not in {sample.document for sample in found}


class _Opened:
    def __init__(self, assistant: Answering) -> None:
        self._assistant = assistant

    def assistant(self) -> Any:
        return self._assistant


def page_of(assistant: Answering) -> PageState:
    return PageState(cast(Engine, _Opened(assistant)), can_change=True, has_password=False)


def all_of(page: PageState) -> list[str]:
    until = time.monotonic() + 20
    while not page.samples("zh")[1]:
        assert time.monotonic() < until
        time.sleep(0.01)
    return page.samples("zh")[0]


def test_samples_are_shown_as_they_are_made() -> None:
    go_on = threading.Semaphore(1)
    assistant = Answering(named(9), before_answer=lambda: go_on.acquire(timeout=20))
    page = page_of(assistant)
    assert page.samples("zh") == ([], False)
    until = time.monotonic() + 20
    while not page.samples("zh")[0]:
        assert time.monotonic() < until
        time.sleep(0.01)
    found, are_all = page.samples("zh")
    assert (len(found), are_all) == (1, False)
    for _ in range(SHOWN):
        go_on.release()
    assert all_of(page)[:1] == found


def test_samples_are_made_once_and_anew_where_a_document_changed() -> None:
    assistant = Answering(named(9))
    page = page_of(assistant)
    first = all_of(page)
    asked = len(assistant.asked)
    assert all_of(page) == first
    assert len(assistant.asked) == asked
    assistant.texts["别的.txt"] = "一份别的文件。"  # not one that a sample is about
    assert all_of(page) == first
    about = [next(name for name in assistant.texts if assistant.title(name) in question) for question in first]
    del assistant.texts[about[0]]
    assert page.samples("zh")[0] == first[1:]
    assert len(all_of(page)) == SHOWN
    assistant.texts[about[1]] += "后来又加了一句。"
    assert first[1] not in page.samples("zh")[0]


def test_samples_wait_for_visitors() -> None:
    assistant = Answering(named(9))
    page = page_of(assistant)
    with page.asking():
        assert page.samples("zh") == ([], False)
        time.sleep(0.2)
        assert assistant.searched == []
    assert len(all_of(page)) == SHOWN

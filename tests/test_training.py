from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index import Passage, load_settings
from qa.reader.training.examples import Example, Examples, Item
from qa.reader.training.preparing import prepare
from qa.reader.training.sources import Asked, Text, asked, part_of, texts

if TYPE_CHECKING:
    from fakes import FakeEncoder

DATA = Path(__file__).parents[2] / "shared" / "data"
PASSAGE = (
    "张三于2008年在北京创办了公司。公司主要生产精密仪器，产品远销海外各地，员工有八百多人。"
    "总部后来迁到了上海，厂房仍留在原来的郊区，每年春天都向市民开放参观。"
)


def item(question: str = "张三2008年在北京创办了什么？", answer: str = "公司") -> Item:
    passage = Passage(1, "d.txt", 0, len(PASSAGE), PASSAGE, "")
    other = Passage(2, "e.txt", 0, 12, "别的公司在广州开工生产了。", "")
    at = PASSAGE.find(answer) if answer else -1
    golds = ((passage, at, at + len(answer)),) if answer else ()
    return Item(Asked(question, "d", answer, at, "written"), golds, (other,), (passage,))


DOCUMENTS = {"d": Text("d", "张三的公司", PASSAGE, "written"), "e": Text("e", "别的", "", "written")}


def drawn(one: Item, count: int = 300) -> list[Example]:
    examples = Examples([one], DOCUMENTS)
    chance = random.Random(0)
    return [examples.draw(chance, {"written": 1.0}) for _ in range(count)]


def test_an_answer_stands_where_the_example_says_also_in_the_other_script() -> None:
    found = [e for e in drawn(item()) if e.start >= 0]
    assert {e.passage[e.start : e.end] for e in found} == {"公司"}
    assert len({e.passage for e in found}) == 2  # Simplified and Traditional


def test_half_of_the_examples_have_no_answer_in_every_way_they_can_lack_one() -> None:
    found = drawn(item(answer="精密仪器", question="张三2008年在北京创办的公司生产什么？"))
    without = [e for e in found if e.start < 0]
    assert 0.3 < len(without) / len(found) < 0.7
    assert any("广州" in e.passage or "廣州" in e.passage for e in without)  # found by the search
    assert any("员工" not in e.passage and "上海" in e.passage for e in without)  # the sentence taken out
    assert any("2008" not in e.question and "2008" in e.passage for e in without)  # changed


def test_beside_questions_that_people_wrote_to_be_unanswerable_fewer_are_made_up() -> None:
    asked_well = item(answer="精密仪器", question="张三2008年在北京创办的公司生产什么？")
    beside = item(answer="", question="张三哪年出生？")
    examples = Examples([asked_well, beside], DOCUMENTS)
    shown = [e for e in (examples.draw(random.Random(i), {"written": 1.0}) for i in range(600)) if "哪年出生" not in e.question]
    assert 0.15 < sum(e.start < 0 for e in shown) / len(shown) < 0.35


def test_an_unanswerable_question_is_shown_with_its_own_document() -> None:
    found = drawn(item(answer="", question="张三哪年出生？"))
    assert {e.start for e in found} == {-1}
    assert all("2008" in e.passage for e in found)


def test_an_unanswerable_question_is_shown_mostly_with_what_the_search_finds_first(tmp_path: Path, encoder: FakeEncoder) -> None:
    far, near = "会计制度另行规定，由财务部门负责解释。" * 40, "张三创办的公司生产精密仪器。" * 40
    documents = {"丙": Text("丙", "丙", f"{far}\n\n{near}", "drcd_dev")}
    question = Asked("张三创办的公司哪年上市？", "丙", "", -1, "drcd_dev")
    one = prepare(tmp_path, documents, [question], documents["丙"].part, encoder, load_settings(reader="sentence"))[0]
    assert len(one.own) > 1
    examples = Examples([one], documents)
    shown = [examples.draw(random.Random(i), {"drcd_dev": 1.0}).passage[:2] for i in range(300)]
    assert sum(text not in ("会计", "會計") for text in shown) / len(shown) > 0.75


def test_passages_found_for_a_question_are_the_same_after_the_index_was_built_anew(tmp_path: Path, encoder: FakeEncoder) -> None:
    documents = {name: Text(name, name, f"{name}的公司在广州生产精密仪器。", "drcd_dev") for name in ("乙", "丙", "丁", "戊")}
    question = Asked("哪家公司在广州生产精密仪器？", "丙", "丙", 0, "drcd_dev")

    def prepared() -> Item:
        part = documents["丙"].part
        return prepare(tmp_path, documents, [question], part, encoder, load_settings(reader="sentence"))[0]

    before = prepared()
    assert {passage.document_id for passage in before.found} == {"乙.txt", "丁.txt", "戊.txt"}
    shutil.rmtree(tmp_path / "index")
    documents["甲"] = Text("甲", "甲", "甲是第一篇，于是别篇的编号都变了。", "drcd_dev")
    assert [passage.text for passage in prepared().found] == [passage.text for passage in before.found]


def test_an_article_belongs_to_one_part_in_both_scripts_and_every_set() -> None:
    assert part_of("战国无双3") == part_of("戰國無雙3 ")
    assert {part_of(f"条目{i}") for i in range(100)} == {"train", "tune", "test"}


def test_written_documents_are_parted_by_their_number() -> None:
    parts = [text.part for text in texts(Path("nowhere")).values()]
    assert (parts.count("tune"), parts.count("test")) == (57, 61)
    assert len(parts) == 482


@pytest.mark.skipif(not DATA.is_dir(), reason="the question sets are not here (../shared/data)")
def test_every_written_answer_stands_in_its_document() -> None:
    documents = texts(DATA)
    written = [q for q in asked(DATA) if q.source == "written"]
    assert len(written) > 26_000
    assert [q for q in written if q.answer not in documents[q.document].text] == []
    own = [q for q in written if documents[q.document].source != "written"]
    assert {documents[q.document].part for q in own} == {"train"}

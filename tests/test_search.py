"""One question to hits: their parts, their order, their filter, and what they are resolved to."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEncoder
from workspaces import Workspace

from index import IndexNotFoundError, IndexReader, Passage, QuestionError, terms_of
from index.ranking import LEAST_SHARE, fuse, words_tell
from index.search import LONGEST_QUESTION, checked_question

TEXTS = {
    "报告/北京.txt": "北京是中国的首都，故宫在北京的中心。",
    "报告/上海.txt": "上海是中国最大的港口城市。",
    "报告/2023/广州.txt": "广州在珠江边上，早茶很有名。",
    "制度/请假.txt": "员工请假须提前三天申请，由部门负责人批准。",
    "制度/報銷.txt": "報銷單據須於月底前交財務部門。",
    "gpu.txt": "The GPU server was bought in 2021.",
    "full.txt": "ＩＳＯ９００１认证在２０１９年通过。",
}


@pytest.fixture
def searched(workspace: Workspace) -> Workspace:
    workspace.write(TEXTS)
    workspace.sync()
    return workspace


def test_the_parts_of_hits(searched: Workspace) -> None:
    question = "中国的首都"
    reader = searched.open()
    result = reader.search(question, searched.encoder)
    assert len(result.hits) == len(TEXTS)  # the whole of a small index
    assert [hit.rank for hit in result.hits] == list(range(1, len(TEXTS) + 1))
    scores = [hit.score for hit in result.hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 <= score <= 1.0 for score in scores)
    row = searched.encoder.encode_query([question])[0]
    np.testing.assert_array_equal(result.row, row)
    assert result.timings_ms.keys() == {"encode", "search"}
    for hit in result.hits:
        document = reader.catalog.document(hit.passage.document_id)
        assert document
        assert hit.passage.text == document.text[hit.passage.start : hit.passage.end]
        assert hit.dense == pytest.approx(float(searched.encoder.encode_query([hit.passage.text])[0] @ row), abs=2e-3)
        shares = bool(set(terms_of(question)) & set(terms_of(hit.passage.text)))
        assert (hit.keyword > 0) == shares
    assert result.hits[0].passage.document_id == "报告/北京.txt"


def test_only_the_best_are_given(searched: Workspace) -> None:
    everything = searched.found("中国的首都")
    assert searched.found("中国的首都", top_k=3) == everything[:3]
    assert searched.found("中国的首都", top_k=1000) == everything


def test_the_text_itself_is_found_by_its_vector(searched: Workspace) -> None:
    reader = searched.open()
    row = searched.encoder.encode_query([TEXTS["gpu.txt"]])[0]
    hits = reader.search_row("没有这些词", row, 3)  # no term is shared, so the vectors alone decide
    assert hits[0].passage.document_id == "gpu.txt"
    assert hits[0].dense == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("question", "document"),
    [
        pytest.param("报销单据", "制度/報銷.txt", id="simplified finds traditional"),
        pytest.param("員工請假", "制度/请假.txt", id="traditional finds simplified"),
        pytest.param("iso9001", "full.txt", id="half width finds full width"),
        pytest.param("ＧＰＵ", "gpu.txt", id="full width finds half width"),
        pytest.param("gpu SERVER", "gpu.txt", id="case"),
    ],
)
def test_spellings_find_each_other(searched: Workspace, question: str, document: str) -> None:
    hits = searched.open().search(question, searched.encoder).hits
    assert hits[0].passage.document_id == document
    assert hits[0].keyword > 0
    assert [hit.passage.document_id for hit in hits if hit.keyword > hits[0].keyword] == []


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["报告/*"], {"报告/北京.txt", "报告/上海.txt", "报告/2023/广州.txt"}),
        (["制度/*", "gpu.txt"], {"制度/请假.txt", "制度/報銷.txt", "gpu.txt"}),
        (["*.pdf"], set()),
        ([], set()),
        (["*"], set(TEXTS)),
        (["报告/[北上]*.txt"], {"报告/北京.txt", "报告/上海.txt"}),
    ],
)
def test_only_the_documents_asked_for_are_searched(searched: Workspace, patterns: list[str], expected: set[str]) -> None:
    assert set(searched.found("中国的首都", documents=patterns)) == expected


def test_the_filter_holds_before_the_best_are_taken(workspace: Workspace) -> None:
    """More documents match the question better than there are candidates: after the fact, nothing would be left."""
    workspace.settings = workspace.settings.model_copy(update={"candidates": 10})
    workspace.write(
        {f"多/{n:02}.txt": f"水库的水位，第{n}次。" for n in range(40)} | {"一/a.txt": "水库有很多鱼。" + "别的事情。" * 4}
    )
    workspace.sync()
    reader = workspace.open()
    assert "一/a.txt" not in workspace.found("水库的水位", reader, top_k=10)
    hits = reader.search("水库的水位", workspace.encoder, documents=["一/*"]).hits
    assert [(hit.passage.document_id, hit.keyword > 0) for hit in hits] == [("一/a.txt", True)]


def test_a_name_with_signs_of_a_pattern_is_itself(workspace: Workspace) -> None:
    workspace.write({"报告[1].txt": "一。", "报告1.txt": "二。"})
    workspace.sync()
    assert "报告[1].txt" in workspace.found("报告", documents=["报告[1].txt"])


def test_patterns_are_composed(workspace: Workspace) -> None:
    workspace.write({"e\u0301.txt": "一。"})
    workspace.sync()
    for pattern in ("e\u0301*", "\u00e9*"):
        assert workspace.found("一", documents=[pattern]) == ["\u00e9.txt"]


def test_an_empty_index(workspace: Workspace) -> None:
    workspace.sync()
    assert workspace.found("有什么") == []
    assert workspace.found("有什么", documents=["*"]) == []


def test_one_passage(workspace: Workspace) -> None:
    workspace.write({"a.txt": "只有一句话。"})
    workspace.sync()
    (hit,) = workspace.open().search("完全无关的问题", workspace.encoder).hits
    assert (hit.rank, hit.passage.text) == (1, "只有一句话。")
    assert 0.0 <= hit.score <= 1.0


def test_there_is_no_index(tmp_path: Path, workspace: Workspace) -> None:
    with pytest.raises(IndexNotFoundError, match="there is no index in"):
        IndexReader.open(tmp_path / "missing", workspace.settings)
    assert not (tmp_path / "missing").exists()


def test_passages_that_have_vanished_are_no_hits(searched: Workspace) -> None:
    reader = searched.open()
    assert searched.found("中国的首都", reader)[0] == "报告/北京.txt"
    assert reader._refreshing.acquire(blocking=False)  # another thread is making the new view: this one has the last
    try:
        (searched.docs / "报告/北京.txt").unlink()
        searched.sync()
        hits = reader.search("中国的首都", searched.encoder).hits
        assert {hit.passage.document_id for hit in hits} == set(TEXTS) - {"报告/北京.txt"}
        assert [hit.rank for hit in hits] == list(range(1, len(TEXTS)))
    finally:
        reader._refreshing.release()


def test_vanished_passages_leave_no_gap_among_the_best(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace.write({f"{n:02}.txt": f"水库的水位，第{n}次。" for n in range(60)})
    workspace.sync()
    reader = workspace.open()
    best = workspace.found("水库的水位", reader, top_k=25)
    look_up = reader.catalog.passages

    def remove_first(ids: Sequence[int]) -> dict[int, Passage]:
        """Let a sync remove the best after they were scored and before they are looked up."""
        if any((workspace.docs / name).exists() for name in best):
            for name in best:
                (workspace.docs / name).unlink()
            workspace.sync()
        return look_up(ids)

    monkeypatch.setattr(reader.catalog, "passages", remove_first)
    again = workspace.found("水库的水位", reader, top_k=25)
    assert len(again) == 25
    assert not set(again) & set(best)


def test_many_threads_ask_while_the_index_changes(searched: Workspace) -> None:
    reader = searched.open()
    stop = threading.Event()
    problems: list[BaseException] = []
    asked = [0] * 4

    def ask(number: int) -> None:
        encoder = FakeEncoder()
        try:
            while not stop.is_set() or not asked[number]:
                hits = reader.search("中国的首都", encoder).hits
                assert hits[0].passage.document_id == "报告/北京.txt"
                asked[number] += 1
        except BaseException as error:  # noqa: BLE001 a thread has nowhere else to say so
            problems.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for n in range(4):
        searched.write({"变.txt": f"第{n}次改动。", f"新{n}.txt": f"崭新的{n}。"})
        searched.sync()
    stop.set()
    for thread in threads:
        thread.join()
    assert problems == []
    assert min(asked) > 0
    assert searched.found("崭新的3", reader)[0] == "新3.txt"


def test_terms_are_weighted_by_this_index(searched: Workspace) -> None:
    weights = searched.open().term_weights(["中国", "早茶", "没有"])
    assert weights.keys() == {"中国", "早茶", "没有"}
    assert 0 < weights["中国"] < weights["早茶"]


# --- questions ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ["", "  \n\t", "\u3000", "\0\0", "\ud800"])
def test_an_empty_question(searched: Workspace, question: str) -> None:
    with pytest.raises(QuestionError, match="the question is empty"):
        searched.open().search(question, searched.encoder)
    assert searched.encoder.asked == []


def test_a_question_that_is_too_long() -> None:
    assert checked_question("问" * LONGEST_QUESTION) == "问" * LONGEST_QUESTION
    with pytest.raises(QuestionError, match=r"4001 characters; at most 4000"):
        checked_question("问" * (LONGEST_QUESTION + 1))


def test_a_question_is_cleaned() -> None:
    assert checked_question("  北京\0在哪\ud800里？\n") == "北京 在哪里？"


@pytest.mark.parametrize("question", ["???", "AND OR NOT", 'passage:1 "', "的", "😀", "a" * 4000])
def test_any_question_can_be_asked(searched: Workspace, question: str) -> None:
    hits = searched.open().search(question, searched.encoder).hits
    assert len(hits) == len(TEXTS)
    assert all(0.0 <= hit.score <= 1.0 for hit in hits)


# --- fusing ---------------------------------------------------------------------------------------------------------------


def test_fusing_by_hand() -> None:
    fused = fuse({1: 0.9, 2: 0.7, 3: 0.8}, {1: 0.0, 2: 10.0, 3: 5.0}, 0.5)
    assert fused == pytest.approx({1: 0.5, 2: 0.5, 3: 0.5})
    assert fuse({1: 0.9, 2: 0.7}, {2: 4.0}, 0.25) == pytest.approx({1: 0.75, 2: 0.25})
    assert fuse({1: 0.9, 2: 0.7}, {2: 4.0}, 1.0) == pytest.approx({1: 0.0, 2: 1.0})


def test_fusing_without_a_difference() -> None:
    assert fuse({1: 0.8, 2: 0.8}, {}, 0.5) == pytest.approx({1: 0.5, 2: 0.5})
    assert fuse({1: 0.8}, {1: 3.0}, 0.5) == pytest.approx({1: 1.0})
    assert fuse({}, {}, 0.5) == {}


def test_where_words_tell_little_the_keyword_side_counts_for_less() -> None:
    flat, peak = [4.0] * 12, [9.0, 3.0, *[1.0] * 10]
    assert words_tell(flat, held=0.2) == pytest.approx(LEAST_SHARE)
    assert words_tell(peak, held=0.6) == 1.0
    assert LEAST_SHARE < words_tell(flat, held=0.7) < 1.0
    assert words_tell([], held=0.0) == words_tell([0.0, 0.0], held=0.0) == pytest.approx(LEAST_SHARE)
    shares = [words_tell(peak, held) for held in (0.0, 0.1, 0.2)]
    assert shares == sorted(shares)


def test_a_question_in_other_words_is_answered_by_its_meaning(workspace: Workspace) -> None:
    lay = "房东一直不退我押金我该怎么办才好呢"
    workspace.write({f"法律/{n}.txt": f"第{n}条 房东应当妥善保管房屋的第{n}把钥匙。" for n in range(1, 15)})
    workspace.write({"法律/押.txt": "租赁期满，出租人须于七日内返还保证金。"})
    workspace.sync()
    reader = workspace.open()
    row = workspace.encoder.encode_query(["租赁期满，出租人须于七日内返还保证金。"])[0]
    weighed = reader.search_row(lay, row, 3)
    assert weighed[0].passage.document_id == "法律/押.txt"
    assert words_tell([hit.keyword for hit in reader.search_row(lay, row, 15)], held=0.2) < 0.5

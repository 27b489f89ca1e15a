"""Keywords follow the catalog, can always do it again, and score as BM25 does."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from fakes import replace_file

from index import Document, terms_of
from index import keywords as keywords_module
from index.catalog import Catalog
from index.keywords import KeywordIndex
from index.passages import Slice
from index.weights import question_weight

TEXTS = {
    "北京.txt": "北京是中国的首都，故宫在北京。",
    "上海.txt": "上海是中国最大的港口城市。",
    "广州.txt": "广州在珠江边上，早茶很有名。",
    "gpu.txt": "The GPU server was bought in 2021; the GPU is idle.",
    "长.txt": "中国有许多河流。长江是最长的河流，黄河是第二长的河流，珠江是第三长的河流。" * 3,
}


class Corpus:
    """A catalog of texts, one passage a document, and the folder of its keywords."""

    def __init__(self, root: Path) -> None:
        self.catalog = Catalog.open_for_writing(root / "catalog.sqlite")
        self.folder = root / "keywords"
        with self.catalog.transaction():
            self.catalog.add_vectors([b"v"], np.ones((1, 1), np.float32))

    def put(self, texts: dict[str, str]) -> None:
        vector = self.catalog.vector_ids([b"v"])[b"v"]
        with self.catalog.transaction():
            for name, text in texts.items():
                self.catalog.replace_document(Document(name, name, text), [Slice(0, len(text), None)], [vector])

    def remove(self, *names: str) -> None:
        with self.catalog.transaction():
            self.catalog.forget_files(names)

    def keys(self, *names: str) -> list[int]:
        return [key for key, name in self.catalog.document_keys() if name in names]

    def named(self, scores: dict[int, float]) -> dict[str, float]:
        passages = self.catalog.passages(list(scores))
        return {passages[i].document_id: score for i, score in scores.items()}

    def built(self) -> KeywordIndex:
        keywords = KeywordIndex.open(self.folder) or KeywordIndex.create(self.folder)
        keywords.follow(self.catalog)
        return keywords

    def answers(self, keywords: KeywordIndex) -> dict[str, dict[str, float]]:
        """Return what some questions find, to compare two indexes."""
        questions = ("北京", "中国的河流", "gpu", "珠江在哪里", "港口", "崭新")
        return {question: self.named(keywords.search(terms_of(question), 10)) for question in questions}


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    corpus = Corpus(tmp_path)
    corpus.put(TEXTS)
    return corpus


def bm25(question: list[str], texts: dict[str, str]) -> dict[str, float]:
    """Score by the formula of Robertson et al. with k1 = 1.2, b = 0.75, every term weighted as a question weighs it."""
    terms = {name: terms_of(text) for name, text in texts.items()}
    average = sum(map(len, terms.values())) / len(terms)
    scores = {}
    for name, present in terms.items():
        score, counts = 0.0, Counter(present)
        for term, asked in Counter(question).items():
            holding = sum(term in other for other in terms.values())
            rarity = math.log(1 + (len(terms) - holding + 0.5) / (holding + 0.5))
            frequency = counts[term] / (counts[term] + 1.2 * (0.25 + 0.75 * len(present) / average))
            score += asked * question_weight(term) * rarity * frequency * 2.2
        if score:
            scores[name] = score
    return scores


def test_scores_are_bm25(corpus: Corpus) -> None:
    # the marker counts as one more, empty passage, and lengths are kept in one byte: so about, not exactly
    found = corpus.named(corpus.built().search(terms_of("中国的河流"), 10))
    expected = bm25(terms_of("中国的河流"), {**TEXTS, "marker": ""})
    assert found == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("question", ["北京", "中国的河流", "gpu gpu 2021", "珠江在哪里", "北京上海广州的早茶和港口"])
def test_given_passages_score_as_in_a_search(corpus: Corpus, question: str) -> None:
    keywords = corpus.built()
    asked = terms_of(question)
    searched = keywords.search(asked, 10)
    assert searched
    ids = corpus.catalog.passage_ids().tolist()
    scored = keywords.scores(asked, ids)
    assert {i: score for i, score in scored.items() if score} == pytest.approx(searched, rel=1e-5)
    one = max(searched, key=searched.__getitem__)
    assert keywords.scores(asked, [one]) == pytest.approx({one: searched[one]}, rel=1e-5)


def test_a_given_passage_without_a_term_scores_nothing(corpus: Corpus) -> None:
    keywords = corpus.built()
    (gpu,) = corpus.catalog.passage_ids(corpus.keys("gpu.txt")).tolist()
    assert keywords.scores(terms_of("早茶"), [gpu]).get(gpu, 0.0) == 0.0


def test_the_best_are_kept(corpus: Corpus) -> None:
    keywords = corpus.built()
    all_found = keywords.search(terms_of("中国的河流"), 10)
    best = keywords.search(terms_of("中国的河流"), 1)
    assert len(all_found) > 1
    assert best == {max(all_found, key=all_found.__getitem__): max(all_found.values())}


def test_only_given_documents_are_searched(corpus: Corpus) -> None:
    keywords = corpus.built()
    everywhere = corpus.named(keywords.search(terms_of("中国的首都"), 10))
    assert max(everywhere, key=everywhere.__getitem__) == "北京.txt"
    among = corpus.named(keywords.search(terms_of("中国的首都"), 10, corpus.keys("上海.txt", "gpu.txt")))
    assert {name: score for name, score in among.items() if score} == pytest.approx({"上海.txt": everywhere["上海.txt"]})
    assert keywords.search(terms_of("中国"), 10, []) == {}


def test_nothing_asked_finds_nothing(corpus: Corpus) -> None:
    keywords = corpus.built()
    assert keywords.search([], 10) == {}
    assert keywords.scores([], [1, 2]) == {}
    assert keywords.scores(["中国"], []) == {}
    assert keywords.search(["没有这个词"], 10) == {}


def test_document_frequency(corpus: Corpus) -> None:
    keywords = corpus.built()
    assert keywords.document_frequency("中国") == 3
    assert keywords.document_frequency("没有") == 0


def test_following_changes(corpus: Corpus) -> None:
    keywords = corpus.built()
    assert keywords.is_current(corpus.catalog)
    corpus.put({"新.txt": "崭新的文档。", "上海.txt": "改成崭新的文本。"})
    corpus.remove("gpu.txt")
    assert not keywords.is_current(corpus.catalog)
    keywords.follow(corpus.catalog)
    assert keywords.is_current(corpus.catalog)
    assert corpus.catalog.removed_passages() == []
    answers = corpus.answers(keywords)
    assert answers["崭新"].keys() == {"新.txt", "上海.txt"}
    assert answers["gpu"] == {}
    assert answers["港口"] == {}


def test_removed_passages_are_really_gone(corpus: Corpus) -> None:
    """They would still take places among the best if only the catalog left them out."""
    keywords = corpus.built()
    before = keywords.search(terms_of("珠江"), 10)
    corpus.remove("长.txt")
    keywords.follow(corpus.catalog)
    after = keywords.search(terms_of("珠江"), 10)
    assert len(after) == len(before) - 1
    assert keywords.search(terms_of("珠江"), 1).keys() == after.keys()
    assert set(after) <= set(corpus.catalog.passage_ids().tolist())


def test_a_kill_between_the_commit_and_the_note_of_it(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus.built()
    corpus.put({"新.txt": "崭新的文档。", "北京.txt": "崭新的北京。"})
    corpus.remove("gpu.txt")

    def killed(self: Catalog, ids: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Catalog, "forget_removed_passages", killed)
        with pytest.raises(KeyboardInterrupt):
            corpus.built()
    assert corpus.catalog.removed_passages()
    again = KeywordIndex.open(corpus.folder)
    assert again is not None
    assert not again.is_current(corpus.catalog)
    again.follow(corpus.catalog)
    assert again.is_current(corpus.catalog)
    fresh = KeywordIndex.create(None)
    fresh.follow(corpus.catalog)
    assert corpus.answers(again).keys() == corpus.answers(fresh).keys()
    for question, found in corpus.answers(fresh).items():
        assert corpus.answers(again)[question].keys() == found.keys()
        assert list(corpus.answers(again)[question]) == list(found)


def test_a_kill_just_before_the_commit(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files are there, under the names that the next commit wants to write, and nothing refers to them."""
    monkeypatch.setattr(keywords_module, "GHOST_SHARE", 1.0)  # else so few are written anew
    corpus.built()
    corpus.remove("gpu.txt")
    meta = (corpus.folder / "meta.json").read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(Catalog, "forget_removed_passages", lambda self, ids: None)
        corpus.built()
    assert list(corpus.folder.glob("*.del"))
    replace_file(corpus.folder / "meta.json", meta)
    keywords = KeywordIndex.open(corpus.folder)
    assert keywords is not None
    assert keywords.document_frequency("gpu") == 1
    keywords.follow(corpus.catalog)
    assert keywords.is_current(corpus.catalog)
    assert keywords.search(["gpu"], 10) == {}


def test_mending_what_cannot_follow(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = corpus.answers(corpus.built())
    corpus.put({"新.txt": "崭新的文档。"})
    follow, failed = KeywordIndex.follow, []

    def fail_once(self: KeywordIndex, catalog: Catalog) -> None:
        if not failed:
            failed.append(True)
            raise ValueError("Data corrupted")
        follow(self, catalog)

    monkeypatch.setattr(KeywordIndex, "follow", fail_once)
    mended = KeywordIndex.mend(corpus.folder, corpus.catalog)
    assert failed
    answers = corpus.answers(mended)
    assert answers["崭新"].keys() == {"新.txt"}
    assert answers["gpu"].keys() == expected["gpu"].keys()
    reopened = KeywordIndex.open(corpus.folder)
    assert reopened is not None
    assert corpus.answers(reopened) == answers


def test_following_twice_changes_nothing(corpus: Corpus) -> None:
    keywords = corpus.built()
    before = corpus.answers(keywords)
    keywords.follow(corpus.catalog)
    reopened = KeywordIndex.open(corpus.folder)
    assert reopened is not None
    assert corpus.answers(keywords) == corpus.answers(reopened)
    for question, found in corpus.answers(keywords).items():
        assert list(found) == list(before[question])
        assert found == pytest.approx(before[question], rel=0.25)  # the marker of before still counts until it is merged away


def test_what_is_in_memory_agrees_with_what_is_on_disk(corpus: Corpus) -> None:
    in_memory = KeywordIndex.create(None)
    in_memory.follow(corpus.catalog)
    assert corpus.answers(in_memory) == corpus.answers(corpus.built())


def test_a_reader_without_the_right_to_write_leaves_the_note_of_removals(corpus: Corpus, tmp_path: Path) -> None:
    corpus.built()
    corpus.remove("gpu.txt")
    in_memory = KeywordIndex.create(None)
    in_memory.follow(Catalog.open(tmp_path / "catalog.sqlite"))
    assert corpus.catalog.removed_passages()
    assert corpus.answers(in_memory)["gpu"] == {}


def test_seeing_what_another_has_written(corpus: Corpus) -> None:
    corpus.built()
    reader = KeywordIndex.open(corpus.folder)
    assert reader is not None
    corpus.put({"新.txt": "崭新的文档。"})
    corpus.built()
    reader.reload()
    assert corpus.answers(reader)["崭新"].keys() == {"新.txt"}


def test_there_are_none_yet(tmp_path: Path) -> None:
    assert KeywordIndex.open(tmp_path / "missing") is None
    assert not (tmp_path / "missing").exists()
    KeywordIndex.create(tmp_path / "empty")  # killed before the first commit
    assert KeywordIndex.open(tmp_path / "empty") is None


def test_other_terms_are_not_opened(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus.built()
    assert KeywordIndex.open(corpus.folder) is not None
    monkeypatch.setattr(keywords_module, "TERMS_VERSION", keywords_module.TERMS_VERSION + 1)
    assert KeywordIndex.open(corpus.folder) is None


ENDINGS = (".fast", ".fieldnorm", ".idx", ".pos", ".store", ".term", "meta.json")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("damage", ["removed", "emptied", "cut", "overwritten"])
def test_damaged_files(corpus: Corpus, ending: str, damage: str) -> None:
    """Whatever is broken, opening says ``None`` or searching works: never an error."""
    expected = corpus.answers(corpus.built())
    files = [path for path in corpus.folder.iterdir() if path.name.endswith(ending)]
    assert files
    for path in files:
        content = path.read_bytes()
        if damage == "removed":
            path.unlink()
        else:
            damaged = {"emptied": b"", "cut": content[: len(content) // 2], "overwritten": b"\xff" * len(content)}
            replace_file(path, damaged[damage])
    opened = KeywordIndex.open(corpus.folder)
    if opened is not None:
        assert ending == ".pos"  # nothing of ours is there
        assert corpus.answers(opened) == expected
    assert corpus.answers(corpus.built()) == expected


def test_a_file_in_the_place_of_the_folder(corpus: Corpus) -> None:
    corpus.folder.write_text("not a folder")
    assert KeywordIndex.open(corpus.folder) is None


def test_the_title_finds_passages_that_do_not_name_their_matter(corpus: Corpus) -> None:
    vector = corpus.catalog.vector_ids([b"v"])[b"v"]
    text = "报名从三月一日开始。录取名单五月公布。"
    for name, title in (("a.txt", "高水平运动员招生简章"), ("b.txt", "艺术团招生简章")):
        with corpus.catalog.transaction():
            corpus.catalog.replace_document(Document(name, title, text), [Slice(0, len(text), None)], [vector])
    found = corpus.named(corpus.built().search(terms_of("运动员什么时候报名"), 10))
    assert found["a.txt"] > found["b.txt"] > 0


def test_a_term_of_the_title_that_the_passage_holds_counts_once(corpus: Corpus) -> None:
    corpus.remove("上海.txt")
    vector = corpus.catalog.vector_ids([b"v"])[b"v"]
    text = TEXTS["上海.txt"]
    with corpus.catalog.transaction():
        corpus.catalog.replace_document(Document("上海.txt", "港口", text), [Slice(0, len(text), None)], [vector])
    expected = bm25(terms_of("港口"), {**TEXTS, "marker": ""})
    assert corpus.named(corpus.built().search(terms_of("港口"), 10)) == pytest.approx(expected, rel=0.1)


def test_another_title_by_another_name_is_what_finds_it(corpus: Corpus) -> None:
    corpus.built()
    with corpus.catalog.transaction():
        corpus.catalog.rename("长.txt", "水系.txt", "水系")
    assert corpus.named(corpus.built().search(terms_of("水系"), 10)).keys() == {"水系.txt"}
    assert corpus.named(corpus.built().search(terms_of("长江"), 10)).keys() == {"水系.txt"}


def test_many_removed_passages_do_not_count_in_the_scores(corpus: Corpus) -> None:
    corpus.built()
    corpus.remove("北京.txt", "gpu.txt")
    corpus.put({"新.txt": "崭新的首都文档。"})
    keywords = corpus.built()
    fresh = KeywordIndex.create(None)
    fresh.follow(corpus.catalog)
    assert corpus.answers(keywords) == corpus.answers(fresh)

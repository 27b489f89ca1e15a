"""An index is brought into step with its folder; only new text is embedded, and nothing is lost by mistake."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEncoder, replace_file, write_folder
from workspaces import Workspace

from index import (
    EncoderMismatchError,
    FolderError,
    IndexBusyError,
    IndexFolderError,
    IndexNotFoundError,
    IndexReader,
    Progress,
    SyncReport,
    made_with,
    syncing,
)
from index import keywords as keywords_module
from index.catalog import Catalog
from index.paths import IndexPaths
from index.scanning import scan

TEXTS = {
    "北京.txt": "北京是中国的首都，故宫在北京的中心。",
    "部门/上海.txt": "上海是中国最大的港口城市。",
    "广州.html": "<title>广州介绍</title><p>广州在珠江边上，早茶很有名。</p>",
    "gpu.txt": "The GPU server was bought in 2021.",
}


AS_TEXT = {**TEXTS, "广州.html": "广州在珠江边上，早茶很有名。"}


@pytest.fixture
def synced(workspace: Workspace) -> Workspace:
    workspace.write(TEXTS)
    assert workspace.sync().added == len(TEXTS)
    return workspace


def changes(report: SyncReport) -> dict[str, int]:
    """Return the counts that are not 0."""
    counts = {name: getattr(report, name) for name in ("added", "changed", "removed", "renamed", "unchanged", "embedded")}
    return {name: count for name, count in counts.items() if count}


def texts_of(workspace: Workspace) -> dict[str, str]:
    catalog = Catalog.open(IndexPaths(workspace.index).catalog)
    documents = (catalog.document(info.id) for info in catalog.documents())
    return {document.id: document.text for document in documents if document}


def answers(workspace: Workspace, reader: IndexReader | None = None) -> dict[str, list[tuple[str, float, float]]]:
    """Return what some questions find, with the scores of both sides."""
    reader = reader or workspace.open()
    found = {}
    for question in ("中国的首都", "港口城市", "早茶", "GPU server"):
        hits = reader.search(question, workspace.encoder).hits
        found[question] = [(hit.passage.document_id, round(hit.dense, 5), hit.keyword > 0) for hit in hits]
    return found


# --- the report, and what is embedded -------------------------------------------------------------------------------------


def test_a_first_sync(workspace: Workspace) -> None:
    workspace.write(TEXTS)
    report = workspace.sync()
    assert changes(report) == {"added": 4, "embedded": 4}
    assert report.passages == 4
    assert report.skipped == ()
    assert texts_of(workspace) == AS_TEXT
    assert workspace.found("北京的首都")[0] == "北京.txt"


def test_nothing_to_do(synced: Workspace) -> None:
    assert changes(synced.sync()) == {"unchanged": 4}
    assert synced.encoder.embedded == []


def test_one_of_each(synced: Workspace) -> None:
    (synced.docs / "北京.txt").write_text("北京有很多胡同。")
    (synced.docs / "gpu.txt").unlink()
    (synced.docs / "部门/上海.txt").rename(synced.docs / "魔都.txt")
    synced.write({"新.txt": "崭新的文档。"})
    report = synced.sync()
    assert changes(report) == {"added": 1, "changed": 1, "removed": 1, "renamed": 1, "unchanged": 1, "embedded": 2}
    assert report.passages == 4
    assert sorted(synced.encoder.embedded) == ["北京有很多胡同。", "崭新的文档。"]
    assert texts_of(synced).keys() == {"北京.txt", "魔都.txt", "广州.html", "新.txt"}
    assert synced.found("港口城市")[0] == "魔都.txt"
    assert "gpu.txt" not in synced.found("GPU")


def test_only_new_passages_of_a_changed_document_are_embedded(workspace: Workspace) -> None:
    paragraphs = [f"第{n}段：" + f"{n}" * 30 + "。" for n in range(8)]
    workspace.write({"a.txt": "\n\n".join(paragraphs)})
    assert workspace.sync().embedded == 8
    workspace.write({"a.txt": "\n\n".join([*paragraphs[:3], "插入的一段。", *paragraphs[3:]])})
    report = workspace.sync()
    assert report.changed == 1
    assert workspace.encoder.embedded == ["插入的一段。"]
    assert report.embedded == 1
    assert report.passages == 9


def test_a_document_that_got_shorter_keeps_no_old_tail(workspace: Workspace) -> None:
    workspace.write({"a.txt": "开头。\n\n" + "末尾的独特词语饕餮。" * 20})
    workspace.sync()
    workspace.write({"a.txt": "开头。"})
    assert workspace.sync().passages == 1
    hits = workspace.open().search("饕餮", workspace.encoder).hits
    assert [(hit.passage.text, hit.keyword) for hit in hits] == [("开头。", 0.0)]


def test_the_same_text_under_two_names_is_two_documents_embedded_once(workspace: Workspace) -> None:
    workspace.write({"a.txt": "同样的话。", "b.txt": "同样的话。"})
    report = workspace.sync()
    assert (report.added, report.passages, report.embedded) == (2, 2, 1)
    assert workspace.encoder.embedded == ["同样的话。"]
    assert sorted(workspace.found("同样的话")) == ["a.txt", "b.txt"]
    workspace.write({"c.txt": "同样的话。"})
    assert workspace.sync().embedded == 0


def test_a_renamed_document_keeps_its_passages_and_takes_the_new_name_as_title(synced: Workspace) -> None:
    before = {hit.passage.id for hit in synced.open().search("GPU", synced.encoder).hits}
    (synced.docs / "gpu.txt").rename(synced.docs / "服务器.txt")
    (synced.docs / "广州.html").rename(synced.docs / "羊城.html")
    assert changes(synced.sync()) == {"renamed": 2, "unchanged": 2}
    hits = synced.open().search("GPU", synced.encoder).hits
    assert {hit.passage.id for hit in hits} == before
    titles = {hit.passage.document_id: hit.passage.title for hit in hits}
    assert titles["服务器.txt"] == "服务器"
    assert titles["羊城.html"] == "广州介绍"  # its own title
    assert changes(synced.sync()) == {"unchanged": 4}


def test_two_documents_change_places(synced: Workspace) -> None:
    a, b = synced.docs / "北京.txt", synced.docs / "gpu.txt"
    content = a.read_text(), b.read_text()
    a.write_text(content[1])
    b.write_text(content[0])
    assert changes(synced.sync()) == {"changed": 2, "unchanged": 2}
    assert texts_of(synced)["gpu.txt"] == content[0]


def test_a_touched_document_is_not_read_again(synced: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    os.utime(synced.docs / "gpu.txt", (1, 1))
    monkeypatch.setattr(syncing, "ReaderPool", None)
    assert changes(synced.sync()) == {"unchanged": 4}
    record = Catalog.open(IndexPaths(synced.index).catalog).files()["gpu.txt"]
    assert record.signature == scan(synced.docs).files["gpu.txt"].signature  # so that it need not be hashed again


def test_an_edit_of_the_same_length_and_time_is_found(synced: Workspace) -> None:
    path = synced.docs / "gpu.txt"
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"2021", b"2022"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert changes(synced.sync()) == {"changed": 1, "unchanged": 3, "embedded": 1}


def test_a_report_as_json(synced: Workspace) -> None:
    synced.write({"空.txt": ""})
    assert synced.sync().to_dict() == {
        "added": 0,
        "changed": 0,
        "removed": 0,
        "renamed": 0,
        "unchanged": 4,
        "passages": 4,
        "embedded": 0,
        "skipped": [{"document": "空.txt", "reason": "it is empty"}],
        "recognised": [],
    }


def test_progress_goes_up_to_its_end(workspace: Workspace) -> None:
    workspace.write(TEXTS)
    seen: list[Progress] = []
    workspace.sync(on_progress=seen.append)
    assert {step.stage for step in seen} == {"read", "embed", "write"}
    assert all(0 <= step.done <= step.total for step in seen)
    for stage in ("read", "embed", "write"):
        done = [step.done for step in seen if step.stage == stage]
        assert done == sorted(done)
    assert [step for step in seen if step.stage == "embed"][-1].done == 4
    assert seen[-1] == Progress("write", 1, 1)


# --- skipped files --------------------------------------------------------------------------------------------------------


def test_skipped_files_are_remembered_until_they_change(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace.write({"a.txt": "甲。", "坏.docx": b"not a zip", "b.bin": b"1"})
    first = workspace.sync()
    assert (first.added, [s.document for s in first.skipped]) == (1, ["b.bin", "坏.docx"])
    assert all(len(s.reason) > 5 for s in first.skipped)
    with monkeypatch.context() as patched:
        patched.setattr(syncing, "ReaderPool", None)  # nothing is read
        assert workspace.sync().skipped == first.skipped
    (workspace.docs / "b.bin").rename(workspace.docs / "b.txt")
    (workspace.docs / "坏.docx").unlink()
    second = workspace.sync()
    assert (changes(second), second.skipped) == ({"added": 1, "unchanged": 1, "embedded": 1}, ())


def test_a_skipped_file_that_changes_is_tried_again(workspace: Workspace) -> None:
    workspace.write({"a.txt": ""})
    assert len(workspace.sync().skipped) == 1
    workspace.write({"a.txt": "现在有字了。"})
    report = workspace.sync()
    assert (changes(report), report.skipped) == ({"added": 1, "embedded": 1}, ())


def test_a_document_that_can_no_longer_be_read_is_removed(synced: Workspace) -> None:
    (synced.docs / "gpu.txt").write_text("")
    report = synced.sync()
    assert changes(report) == {"removed": 1, "unchanged": 3}
    assert [s.document for s in report.skipped] == ["gpu.txt"]
    assert "gpu.txt" not in texts_of(synced)
    (synced.docs / "gpu.txt").unlink()
    assert changes(synced.sync()) == {"unchanged": 3}  # it was no document any more


def test_a_file_that_goes_while_it_is_read(workspace: Workspace) -> None:
    workspace.write({f"{n:02}.txt": f"第{n}个。" for n in range(30)})
    workspace.sync(on_progress=lambda step: (workspace.docs / "29.txt").unlink(missing_ok=True))
    assert len(texts_of(workspace)) == 29


# --- what would empty the index by mistake --------------------------------------------------------------------------------


def _empty(workspace: Workspace) -> Path:
    shutil.rmtree(workspace.docs)
    workspace.docs.mkdir()
    return workspace.docs


def _missing(workspace: Workspace) -> Path:
    shutil.rmtree(workspace.docs)
    return workspace.docs


def _more_than_half_gone(workspace: Workspace) -> Path:
    for name in list(TEXTS)[:3]:
        (workspace.docs / name).unlink()
    return workspace.docs


def _another(workspace: Workspace) -> Path:
    return write_folder(workspace.docs.parent / "other", TEXTS)


@pytest.mark.parametrize("make_wrong", [_empty, _missing, _more_than_half_gone, _another])
@pytest.mark.parametrize("re_embed", [False, True])
def test_a_wrong_folder_changes_nothing(synced: Workspace, make_wrong: Callable[[Workspace], Path], re_embed: bool) -> None:
    before = answers(synced)
    folder = make_wrong(synced)
    encoder = FakeEncoder("another") if re_embed else synced.encoder
    advice = "does not exist" if make_wrong is _missing else "--allow-removals"
    with pytest.raises(FolderError, match=rf"(?s){folder.name}.*{advice}|{advice}"):
        syncing.sync(folder, synced.index, settings=synced.settings, encoder=encoder, re_embed=re_embed)
    assert texts_of(synced) == AS_TEXT
    assert answers(synced) == before


def test_another_folder_is_accepted_when_it_is_meant(synced: Workspace) -> None:
    synced.docs = write_folder(synced.docs.parent / "other", {"甲.txt": "甲。", "gpu.txt": TEXTS["gpu.txt"]})
    assert changes(synced.sync(allow_removals=True)) == {"added": 1, "removed": 3, "unchanged": 1, "embedded": 1}
    assert changes(synced.sync()) == {"unchanged": 2}


def test_emptying_is_accepted_when_it_is_meant(synced: Workspace) -> None:
    _empty(synced)
    report = synced.sync(allow_removals=True)
    assert (changes(report), report.passages) == ({"removed": 4}, 0)
    assert synced.found("中国") == []


def test_half_of_the_documents_may_go(synced: Workspace) -> None:
    (synced.docs / "gpu.txt").unlink()
    (synced.docs / "广州.html").unlink()
    assert changes(synced.sync()) == {"removed": 2, "unchanged": 2}


def test_a_missing_folder_leaves_no_trace(workspace: Workspace) -> None:
    workspace.docs.rmdir()
    with pytest.raises(FolderError, match="does not exist"):
        workspace.sync()
    assert not workspace.index.exists()


def test_a_folder_by_a_relative_path_is_the_same_folder(synced: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(synced.docs.parent)
    synced.docs, synced.index = Path("docs"), Path("index")
    assert changes(synced.sync()) == {"unchanged": 4}


def test_parents_of_the_index_folder_are_made(workspace: Workspace) -> None:
    workspace.write(TEXTS)
    workspace.index = workspace.index / "deep" / "er"
    assert workspace.sync().added == 4
    assert workspace.found("GPU")[0] == "gpu.txt"


def test_a_file_in_the_place_of_the_index_folder(workspace: Workspace) -> None:
    workspace.write(TEXTS)
    workspace.index.write_text("a file")
    with pytest.raises(IndexFolderError, match="cannot be made"):
        workspace.sync()


# --- encoder, upgrades, locks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dimension", [32, 48])
def test_another_encoder(synced: Workspace, dimension: int) -> None:
    before = answers(synced)
    reader = synced.open()
    other = FakeEncoder("another", dimension)
    with pytest.raises(EncoderMismatchError, match=r"(?s)'fake' \(32 dim.*'another' .*--re-embed"):
        synced.sync(encoder=other)
    assert answers(synced) == before
    assert other.embedded == []
    synced.encoder = other
    report = synced.sync(re_embed=True)
    assert (report.added, report.passages, report.embedded) == (4, 4, 4)
    assert changes(synced.sync()) == {"unchanged": 4}
    for opened in (reader, synced.open()):
        hits = opened.search(TEXTS["gpu.txt"], other).hits
        assert (hits[0].passage.document_id, round(hits[0].dense, 3)) == ("gpu.txt", 1.0)


def test_re_embedding_with_the_same_encoder_embeds_nothing(synced: Workspace) -> None:
    assert changes(synced.sync(re_embed=True)) == {"unchanged": 4}


@pytest.mark.parametrize("version", ["READER_VERSION", "SPLITTER_VERSION", "TERMS_VERSION"])
def test_an_upgrade_reads_again_and_embeds_nothing(synced: Workspace, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = answers(synced)
    monkeypatch.setattr(made_with, version, getattr(made_with, version) + 1)
    if version == "TERMS_VERSION":
        monkeypatch.setattr(keywords_module, version, getattr(made_with, version))
    assert changes(synced.sync()) == {"changed": 4}
    assert answers(synced) == before
    assert changes(synced.sync()) == {"unchanged": 4}


def test_another_passage_length_splits_again(workspace: Workspace) -> None:
    workspace.write({"a.txt": "一句有十个字的话在这。" * 12, "b.txt": "短。"})
    workspace.sync()
    workspace.settings = workspace.settings.model_copy(update={"passage_tokens": 64})
    report = workspace.sync()
    assert report.changed == 2
    assert "短。" not in workspace.encoder.embedded
    assert max(map(len, workspace.encoder.embedded)) in range(41, 65)


def test_two_syncs_at_once(workspace: Workspace) -> None:
    workspace.write(TEXTS)
    refused: list[str] = []

    def second_sync() -> None:
        try:
            syncing.sync(workspace.docs, workspace.index, settings=workspace.settings, encoder=FakeEncoder())
        except IndexBusyError as error:
            refused.append(str(error))

    assert workspace.sync(encoder=FakeEncoder(before_encoding=second_sync)).added == 4
    assert len(refused) == 1
    assert "another sync is writing" in refused[0]
    assert changes(workspace.sync()) == {"unchanged": 4}  # the lock is given back


def test_an_error_in_the_middle_gives_the_lock_back(workspace: Workspace) -> None:
    workspace.write(TEXTS)

    def fail() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        workspace.sync(encoder=FakeEncoder(before_encoding=fail))
    assert workspace.sync().added == 4


def test_a_newer_index_is_refused(synced: Workspace) -> None:
    catalog = Catalog.open_for_writing(IndexPaths(synced.index).catalog)
    with catalog.transaction():
        catalog.set_meta("schema", "99")
    with pytest.raises(IndexFolderError, match="made by a newer Youju"):
        synced.sync()
    with pytest.raises(IndexFolderError, match="made by a newer Youju"):
        synced.open()


# --- what an unfinished sync or an accident left behind -------------------------------------------------------------------


def _no_keywords(paths: IndexPaths) -> None:
    shutil.rmtree(paths.keywords)


def _no_vectors(paths: IndexPaths) -> None:
    shutil.rmtree(paths.vectors)


def _broken_base(paths: IndexPaths) -> None:
    (file,) = paths.vectors.glob("*.faiss")
    replace_file(file, file.read_bytes()[:-20])


def _broken_keywords(paths: IndexPaths) -> None:
    for file in paths.keywords.glob("*.term"):
        replace_file(file, b"")


def _catalog_alone(paths: IndexPaths) -> None:
    _no_keywords(paths)
    _no_vectors(paths)


@pytest.mark.parametrize("damage", [_no_keywords, _no_vectors, _broken_base, _broken_keywords, _catalog_alone])
@pytest.mark.parametrize("first", ["open", "sync"])
def test_derived_parts_are_made_again(synced: Workspace, damage: Callable[[IndexPaths], None], first: str) -> None:
    before = answers(synced)
    damage(IndexPaths(synced.index))
    if first == "open":
        assert answers(synced) == before
    assert changes(synced.sync()) == {"unchanged": 4}
    assert answers(synced) == before
    assert list(IndexPaths(synced.index).vectors.glob("*.faiss"))
    assert IndexPaths(synced.index).keywords.is_dir()


def test_a_catalog_that_is_made_anew_does_not_trust_older_parts(synced: Workspace) -> None:
    """Passage ids begin at 1 again, so that the parts of before would speak of other passages."""
    for path in synced.index.glob("catalog.sqlite*"):
        path.unlink()
    shutil.rmtree(synced.docs)
    synced.write({"新.txt": "崭新的文档。"})
    assert changes(synced.sync()) == {"added": 1, "embedded": 1}
    hits = synced.open().search("崭新", synced.encoder).hits
    assert [(hit.passage.document_id, hit.keyword > 0) for hit in hits] == [("新.txt", True)]
    assert synced.open().search("GPU", synced.encoder).hits[0].keyword == 0.0


def test_a_sync_that_never_finished_its_first_step(workspace: Workspace) -> None:
    workspace.index.mkdir()
    (workspace.index / "catalog.sqlite").touch()
    with pytest.raises(IndexNotFoundError):
        workspace.open()
    workspace.write(TEXTS)
    assert workspace.sync().added == 4


# --- readers follow -------------------------------------------------------------------------------------------------------


def test_a_reader_sees_the_new_state_without_opening_again(synced: Workspace) -> None:
    reader = synced.open()
    assert synced.found("GPU", reader)[0] == "gpu.txt"
    (synced.docs / "gpu.txt").unlink()
    synced.write({"新.txt": "崭新的文档。"})
    synced.sync()
    assert "gpu.txt" not in synced.found("GPU", reader)
    hits = reader.search("崭新", synced.encoder).hits
    assert (hits[0].passage.document_id, hits[0].keyword > 0) == ("新.txt", True)


def test_a_reader_that_looked_before_the_keywords_followed_looks_again(
    synced: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = synced.open()
    synced.write({"新.txt": "崭新的文档。"})
    follow = keywords_module.KeywordIndex.follow

    def asked_in_between(self: keywords_module.KeywordIndex, catalog: Catalog) -> None:
        synced.found("崭新", reader)
        follow(self, catalog)

    monkeypatch.setattr(keywords_module.KeywordIndex, "follow", asked_in_between)
    synced.sync()
    assert reader.search("崭新", synced.encoder).hits[0].keyword > 0


def test_a_reader_asked_during_a_sync_answers_from_what_is_there(synced: Workspace) -> None:
    reader = synced.open()
    seen: list[list[str]] = []
    encoder = FakeEncoder(before_encoding=lambda: seen.append(synced.found("GPU", reader)))
    synced.write({"新.txt": "崭新的文档。"})
    synced.sync(encoder=encoder)
    assert [found[0] for found in seen] == ["gpu.txt"]


def test_vectors_are_those_of_the_encoder(synced: Workspace) -> None:
    catalog = Catalog.open(IndexPaths(synced.index).catalog)
    ids, rows = catalog.vectors_of(catalog.passage_ids().tolist())
    passages = catalog.passages(ids.tolist())
    expected = synced.encoder.encode_query([passages[i].text for i in ids.tolist()])
    assert np.min(np.sum(rows * expected, axis=1)) > 0.9999


def test_an_index_inside_the_folder_is_no_document(workspace: Workspace) -> None:
    workspace.write({"a.txt": "县长宁云主持会议。"})
    inside = workspace.docs / "data" / "index"
    for _ in range(2):
        workspace.index = inside
        assert workspace.sync().skipped == ()


def test_a_file_that_was_half_written_when_it_was_read_is_read_again(workspace: Workspace) -> None:
    workspace.write({"a.txt": ""})

    def finish(step: Progress) -> None:
        if step.stage == "read":
            (workspace.docs / "a.txt").write_text("完整的内容。", "utf-8")

    assert [one.reason for one in workspace.sync(on_progress=finish).skipped] == ["it is empty"]
    assert workspace.sync().added == 1


def test_a_renamed_document_can_be_changed_after_a_sync_that_was_stopped(workspace: Workspace) -> None:
    workspace.write({"a.txt": "会议由宁云主持。", "z.txt": "别的内容。"})
    workspace.sync()
    (workspace.docs / "a.txt").rename(workspace.docs / "b.txt")

    def stop(step: Progress) -> None:
        if step.stage == "write":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        workspace.sync(on_progress=stop)
    workspace.write({"b.txt": "会议改由江涛主持。", "z.txt": "别的内容。"})
    assert workspace.sync().changed == 1
    assert workspace.found("江涛主持")[0] == "b.txt"

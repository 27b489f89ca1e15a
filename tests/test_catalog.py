"""SQLite holds the truth: what goes in comes out, whole or not at all."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index import Document, EncoderIdentity, IndexFolderError, IndexNotFoundError, Page
from index.catalog import Catalog
from index.database import SCHEMA_VERSION
from index.passages import Slice
from index.records import FileRecord

PAGES = (Page(1, 0, 4), Page(2, 5, 8, "附表"))
DOCUMENT = Document("部门/a.txt", "标题", "第一页。 𠀀二页", PAGES, "hash", "gb18030", "2024-05-01")
SLICES = [Slice(0, 4, PAGES[0]), Slice(5, 8, PAGES[1])]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalog.sqlite"


@pytest.fixture
def catalog(path: Path) -> Catalog:
    return Catalog.open_for_writing(path)


def rows(*values: tuple[float, float]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    array = np.array(values, np.float32)
    return np.asarray(array / np.linalg.norm(array, axis=1, keepdims=True), np.float32)


def put(catalog: Catalog, document: Document = DOCUMENT, slices: list[Slice] = SLICES) -> list[int]:
    """Keep a document, and return the ids of its passages."""
    with catalog.transaction():
        catalog.add_vectors([b"one", b"two"], rows((1, 0), (3, 4)))
        vectors = catalog.vector_ids([b"one", b"two"])
        catalog.replace_document(document, slices, [vectors[b"one"], vectors[b"two"]][: len(slices)])
        catalog.record_files([FileRecord(document.id, "s", 1, document.content_hash, "f", None)])
    keys = dict((name, key) for key, name in catalog.document_keys())
    return catalog.passage_ids([keys[document.id]]).tolist()


def test_a_document_comes_back_as_it_was(catalog: Catalog) -> None:
    ids = put(catalog)
    assert catalog.document(DOCUMENT.id) == DOCUMENT
    assert catalog.document("missing.txt") is None
    passages = catalog.passages(ids)
    assert [(p.text, p.start, p.end, p.page, p.page_label) for p in passages.values()] == [
        ("第一页。", 0, 4, 1, None),
        ("𠀀二页", 5, 8, 2, "附表"),
    ]
    assert {(p.document_id, p.title, p.date) for p in passages.values()} == {(DOCUMENT.id, "标题", "2024-05-01")}
    assert [info.to_dict() for info in catalog.documents()] == [
        {
            "document": DOCUMENT.id,
            "title": "标题",
            "pages": 2,
            "passages": 2,
            "date": "2024-05-01",
            "encoding": "gb18030",
            "recognised_pages": 0,
            "recognition_confidence": None,
        }
    ]
    assert catalog.counts() == (1, 2)
    assert list(catalog.passage_texts_above(ids[0])) == [(ids[1], catalog.document_keys()[0][0], "𠀀二页")]


def test_replacing_a_document_leaves_nothing_of_the_older_one(catalog: Catalog) -> None:
    old = put(catalog)
    new = put(catalog, Document(DOCUMENT.id, "短", "短。"), [Slice(0, 2, None)])
    assert catalog.counts() == (1, 1)
    assert catalog.passages(old) == {}
    assert min(new) > max(old)  # an id that is gone stays gone
    assert catalog.removed_passages() == old
    assert catalog.document(DOCUMENT.id) == Document(DOCUMENT.id, "短", "短。")


def test_the_last_id_is_not_used_again(catalog: Catalog) -> None:
    old = put(catalog)
    with catalog.transaction():
        catalog.forget_files([DOCUMENT.id])
    assert min(put(catalog)) > max(old)


def test_forgetting_a_file_forgets_its_document(catalog: Catalog) -> None:
    ids = put(catalog)
    with catalog.transaction():
        catalog.forget_files([DOCUMENT.id])
    assert (catalog.files(), catalog.counts(), catalog.document(DOCUMENT.id)) == ({}, (0, 0), None)
    assert catalog.removed_passages() == ids
    with catalog.transaction():
        catalog.forget_removed_passages(ids)
    assert catalog.removed_passages() == []


def test_renaming_keeps_the_passages(catalog: Catalog) -> None:
    ids = put(catalog)
    with catalog.transaction():
        catalog.rename(DOCUMENT.id, "b.txt", None)
    assert catalog.passage_ids().tolist() == ids
    assert {(p.document_id, p.title) for p in catalog.passages(ids).values()} == {("b.txt", "标题")}
    with catalog.transaction():
        catalog.rename("b.txt", "c.txt", "c")
    assert {(p.document_id, p.title) for p in catalog.passages(ids).values()} == {("c.txt", "c")}


def test_vectors_come_back_by_passage(catalog: Catalog) -> None:
    ids = put(catalog)
    found, matrix = catalog.vectors_of([ids[1], 999, ids[0]])
    by_id = dict(zip(found.tolist(), matrix, strict=True))
    assert by_id.keys() == set(ids)
    assert matrix.dtype == np.float32
    np.testing.assert_allclose(by_id[ids[1]], [0.6, 0.8], atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(matrix, axis=1), 1, atol=1e-6)  # 16 bits would be off by more
    above, _ = catalog.vectors_above(ids[0], 10)
    assert above.tolist() == [ids[1]]
    assert catalog.vectors_above(0, 1)[0].tolist() == [ids[0]]


def test_a_text_that_is_known_keeps_its_vector(catalog: Catalog) -> None:
    put(catalog)
    before = catalog.vector_ids([b"one", b"three"])
    with catalog.transaction():
        catalog.add_vectors([b"one"], rows((0, 1)))
    assert catalog.vector_ids([b"one"]) == before
    np.testing.assert_allclose(catalog.vectors_above(0, 1)[1][0], [1, 0])


def test_unused_vectors_are_dropped(catalog: Catalog) -> None:
    put(catalog, slices=SLICES[:1])
    with catalog.transaction():
        catalog.drop_unused_vectors()
    assert catalog.vector_ids([b"one", b"two"]).keys() == {b"one"}


def test_a_document_needs_a_vector_for_each_passage(catalog: Catalog) -> None:
    with pytest.raises(ValueError, match="2 passages but 1 vectors"), catalog.transaction():
        catalog.replace_document(DOCUMENT, SLICES, [1])
    with pytest.raises(IndexFolderError, match="FOREIGN KEY"), catalog.transaction():
        catalog.replace_document(DOCUMENT, SLICES, [1, 2])
    assert catalog.counts() == (0, 0)


def test_a_transaction_is_kept_whole_or_not_at_all(catalog: Catalog) -> None:
    put(catalog)
    generation = catalog.generation()
    with contextlib.suppress(KeyboardInterrupt), catalog.transaction():
        catalog.forget_files([DOCUMENT.id])
        raise KeyboardInterrupt
    assert catalog.counts() == (1, 2)
    assert catalog.generation() == generation
    with catalog.transaction():
        pass
    assert catalog.generation() == generation + 1


def test_a_reader_sees_one_state_within_a_transaction(catalog: Catalog, path: Path) -> None:
    put(catalog)
    reader = Catalog.open(path)
    with reader.transaction():
        assert reader.counts() == (1, 2)
        with catalog.transaction():
            catalog.forget_files([DOCUMENT.id])
        assert reader.counts() == (1, 2)
    assert reader.counts() == (0, 0)


def test_a_reader_cannot_write(catalog: Catalog, path: Path) -> None:
    put(catalog)
    with pytest.raises(IndexFolderError, match="readonly"), Catalog.open(path).transaction():
        Catalog.open(path).set_meta("a", "b")
    assert catalog.meta("a") is None


def test_threads_read_at_the_same_time(catalog: Catalog, path: Path) -> None:
    ids = put(catalog)
    reader = Catalog.open(path)
    found: list[int] = []

    def read() -> None:
        found.append(len(reader.passages(ids)))
        reader.close()

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [2] * 8


def test_a_passage_whose_document_goes_while_it_is_looked_up(catalog: Catalog, path: Path) -> None:
    ids = put(catalog)
    reader = Catalog.open(path)

    class RemovingAfterTheFirst:
        """A connection between whose first and second query a sync removes the document."""

        def __init__(self, db: sqlite3.Connection) -> None:
            self._db = db
            self._asked = 0

        def execute(self, *query: object) -> sqlite3.Cursor:
            self._asked += 1
            if self._asked == 2:
                with catalog.transaction():
                    catalog.forget_files([DOCUMENT.id])
            return self._db.execute(*query)  # type: ignore[arg-type]

    reader._local.db = RemovingAfterTheFirst(reader._db)
    assert reader.passages(ids) == {}
    assert catalog.counts() == (0, 0)


def test_the_encoder_is_remembered(catalog: Catalog) -> None:
    assert catalog.encoder_identity() is None
    with catalog.transaction():
        catalog.set_meta("encoder_identity", '{"name": "e", "dimension": 2, "query_prompt": "q", "document_prompt": "d"}')
    assert catalog.encoder_identity() == EncoderIdentity("e", 2, "q", "d")


def test_another_encoder_starts_anew(catalog: Catalog) -> None:
    ids = put(catalog)
    with catalog.transaction():
        catalog.drop_all_vectors()
    assert (catalog.counts(), catalog.files(), catalog.vector_ids([b"one"])) == ((0, 0), {}, {})
    assert catalog.removed_passages() == ids


def test_there_is_no_index(path: Path) -> None:
    with pytest.raises(IndexNotFoundError, match=r"there is no index in .*`youju sync"):
        Catalog.open(path)
    assert not path.exists()


def test_a_sync_that_was_killed_before_its_first_table_left_no_index(path: Path) -> None:
    path.touch()
    with pytest.raises(IndexNotFoundError, match="there is no index in"):
        Catalog.open(path)
    Catalog.open_for_writing(path)
    assert Catalog.open(path).counts() == (0, 0)


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to be one" * 40, b"SQLite format 3\0" + b"\xff" * 900]
)
def test_a_damaged_file_says_what_to_do(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for opening in (Catalog.open, Catalog.open_for_writing):
        with pytest.raises(IndexFolderError, match=r"catalog\.sqlite cannot be used .* sync again"):
            opening(path)
    assert path.read_bytes() == content


def test_a_newer_schema_is_refused_and_left_alone(catalog: Catalog, path: Path) -> None:
    put(catalog)
    with catalog.transaction():
        catalog.set_meta("schema", str(SCHEMA_VERSION + 1))
    for opening in (Catalog.open, Catalog.open_for_writing):
        with pytest.raises(IndexFolderError, match="made by a newer Youju"):
            opening(path)
    assert catalog.counts() == (1, 2)


def test_reading_where_nothing_can_be_written_beside_it(catalog: Catalog, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(catalog)
    catalog.close()
    connect = sqlite3.connect

    def refusing(database: str, **options: object) -> object:
        """Do as SQLite does on a read-only medium, where it cannot make the files that readers share."""
        if "immutable" in database:
            return connect(database, **options)  # type: ignore[call-overload]

        class Refusing:
            def execute(self, query: str) -> None:
                raise sqlite3.OperationalError("unable to open database file")

            def close(self) -> None:
                return

        return Refusing()

    monkeypatch.setattr(sqlite3, "connect", refusing)
    assert Catalog.open(path).counts() == (1, 2)


def test_how_sure_a_recognition_was_is_kept(catalog: Catalog) -> None:
    ids = put(catalog)
    scan = replace(DOCUMENT, id="扫描.pdf", recognised_pages=2, recognition_confidence=0.71)
    scanned = put(catalog, scan)
    assert catalog.document("扫描.pdf") == scan
    assert catalog.document(DOCUMENT.id) == DOCUMENT
    assert [(i.id, i.pages, i.recognised_pages, i.recognition_confidence) for i in catalog.documents()] == [
        ("扫描.pdf", 2, 2, 0.71),
        (DOCUMENT.id, 2, 0, None),
    ]
    passages = catalog.passages([*ids, *scanned])
    assert [passages[i].recognised for i in (ids[0], scanned[0])] == [None, 0.71]
    put(catalog, replace(scan, recognised_pages=0, recognition_confidence=1.0))
    assert {i.recognised_pages for i in catalog.documents()} == {0}


def test_an_index_of_the_first_schema_is_read_as_it_is_and_brought_up_to_date_by_the_writer(catalog: Catalog, path: Path) -> None:
    put(catalog)
    with catalog.transaction():
        catalog._db.execute("DROP TABLE recognised")
        catalog.set_meta("schema", "1")
    catalog.close()
    assert [info.recognition_confidence for info in Catalog.open(path).documents()] == [None]
    writer = Catalog.open_for_writing(path)
    assert writer.meta("schema") == str(SCHEMA_VERSION)
    put(writer, replace(DOCUMENT, recognised_pages=1, recognition_confidence=0.5))
    assert [info.recognition_confidence for info in Catalog.open(path).documents()] == [0.5]


def test_an_index_of_the_second_schema_gets_the_trigger_that_bears_a_passage_removed_twice(catalog: Catalog, path: Path) -> None:
    put(catalog)
    with catalog.transaction():
        catalog._db.execute("DROP TRIGGER remember_removal")
        catalog._db.execute(
            "CREATE TRIGGER remember_removal AFTER DELETE ON passages BEGIN INSERT INTO removed_passages VALUES (old.id); END"
        )
        catalog.set_meta("schema", "2")
    catalog.close()
    writer = Catalog.open_for_writing(path)
    with writer.transaction():
        writer.rename(DOCUMENT.id, "b.txt", "b")
        writer.rename("b.txt", "c.txt", "c")
        writer.forget_files(["c.txt"])
    assert len(writer.removed_passages()) == 2

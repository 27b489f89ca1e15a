"""SQLite holds the truth: documents, passages and vectors. All else in an index folder is derived from it."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np

from index.database import Database
from index.records import DocumentInfo, FileRecord
from index.sentences import opening_of
from index.types import Document, EncoderIdentity, Page, Passage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from index.passages import Slice
    from index.types import Rows


class Catalog(Database):
    """What an index knows, in the terms of the domain."""

    def encoder_identity(self) -> EncoderIdentity | None:
        """Return the encoder that the vectors come from."""
        stored = self.meta("encoder_identity")
        return EncoderIdentity(**json.loads(stored)) if stored else None

    # --- files and documents ------------------------------------------------------------------------------------------

    def files(self) -> dict[str, FileRecord]:
        """Return what is known of every file, by name."""
        return {row[0]: FileRecord(*row) for row in self._db.execute("SELECT * FROM files")}

    def record_files(self, records: Iterable[FileRecord]) -> None:
        """Remember what was seen of files."""
        self._db.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", records)

    def forget_files(self, names: Iterable[str]) -> None:
        """Remove files together with their documents and passages."""
        rows = [(name,) for name in names]
        self._db.executemany("DELETE FROM files WHERE name = ?", rows)
        self._db.executemany("DELETE FROM documents WHERE name = ?", rows)

    def rename(self, old: str, new: str, title: str | None) -> None:
        """Give a document another name and, where one is given, another title, which the keywords have to take up."""
        self._db.execute("DELETE FROM files WHERE name = ?", (old,))
        self._db.execute("UPDATE documents SET name = ?, title = coalesce(?, title) WHERE name = ?", (new, title, old))
        if title is not None:
            self._db.execute(
                "INSERT OR IGNORE INTO removed_passages SELECT passages.id FROM passages "
                "JOIN documents ON documents.id = document WHERE name = ?",
                (new,),
            )

    def replace_document(self, document: Document, slices: Sequence[Slice], vector_ids: Sequence[int]) -> None:
        """Put a document with its passages in the place of its older version, if there is one."""
        if len(slices) != len(vector_ids):
            raise ValueError(f"{len(slices)} passages but {len(vector_ids)} vectors")
        self._db.execute("DELETE FROM documents WHERE name = ?", (document.id,))
        pages = json.dumps([[p.number, p.start, p.end, p.label] for p in document.pages], ensure_ascii=False)
        row_id = self._db.execute(
            "INSERT INTO documents (name, title, pages, content_hash, encoding, date, opening) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                document.id,
                document.title,
                pages,
                document.content_hash,
                document.encoding,
                document.date,
                opening_of(document.text),
            ),
        ).lastrowid
        self._db.execute("INSERT INTO texts VALUES (?, ?)", (row_id, document.text))
        if document.recognised_pages:
            recognised = (row_id, document.recognised_pages, document.recognition_confidence)
            self._db.execute("INSERT INTO recognised VALUES (?, ?, ?)", recognised)
        self._db.executemany(
            'INSERT INTO passages (document, start, "end", page, page_label, vector) VALUES (?, ?, ?, ?, ?, ?)',
            (
                (row_id, s.start, s.end, s.page.number if s.page else None, s.page.label if s.page else None, vector)
                for s, vector in zip(slices, vector_ids, strict=True)
            ),
        )

    def document(self, name: str) -> Document | None:
        """Return a document with its text."""
        row = self._db.execute(
            "SELECT name, title, text, documents.pages, content_hash, encoding, date, coalesce(recognised.pages, 0), "
            "coalesce(confidence, 1.0) FROM documents JOIN texts ON texts.document = id "
            "LEFT JOIN recognised ON recognised.document = id WHERE name = ?",
            (name,),
        ).fetchone()
        if row is None:
            return None
        pages = tuple(Page(number, start, end, label) for number, start, end, label in json.loads(row[3]))
        name, title, text, _, content_hash, encoding, date, recognised, confidence = row
        return Document(name, title, text, pages, content_hash, encoding, date, recognised, confidence)

    def documents(self) -> list[DocumentInfo]:
        """Return all documents without their texts, by name."""
        rows = self._db.execute(
            "SELECT name, title, json_array_length(documents.pages), "
            "(SELECT count(*) FROM passages WHERE document = documents.id), date, encoding, "
            "coalesce(recognised.pages, 0), confidence "
            "FROM documents LEFT JOIN recognised ON recognised.document = id ORDER BY name"
        )
        return [DocumentInfo(*row) for row in rows]

    def titles(self) -> dict[int, str]:
        """Return the title of every document, by its key."""
        return dict(self._db.execute("SELECT id, title FROM documents").fetchall())

    def document_keys(self) -> list[tuple[int, str]]:
        """Return the number and the name of every document."""
        return list(self._db.execute("SELECT id, name FROM documents ORDER BY id"))

    def counts(self) -> tuple[int, int]:
        """Return how many documents and passages there are."""
        documents, passages = self._db.execute(
            "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM passages)"
        ).fetchone()
        return documents, passages

    # --- vectors ------------------------------------------------------------------------------------------------------

    def vector_ids(self, text_hashes: Iterable[bytes]) -> dict[bytes, int]:
        """Return the ids of the vectors that exist, by the hash of their text."""
        find = "SELECT id FROM vectors WHERE text_hash = ?"
        found = ((key, self._db.execute(find, (key,)).fetchone()) for key in set(text_hashes))
        return {key: row[0] for key, row in found if row}

    def add_vectors(self, text_hashes: Sequence[bytes], rows: Rows) -> None:
        """Keep vectors, in 16 bits: ``rows`` is ``(n_texts, dimension)`` of unit length."""
        packed = rows.astype(np.float16)
        self._db.executemany(
            "INSERT OR IGNORE INTO vectors (text_hash, data) VALUES (?, ?)",
            ((key, row.tobytes()) for key, row in zip(text_hashes, packed, strict=True)),
        )

    def drop_unused_vectors(self) -> None:
        """Forget the vectors that no passage has any more."""
        self._db.execute("DELETE FROM vectors WHERE id NOT IN (SELECT vector FROM passages)")

    def drop_all_vectors(self) -> None:
        """Forget every document with its vectors, for another encoder."""
        for table in ("documents", "files", "vectors"):
            self._db.execute(f"DELETE FROM {table}")

    def vectors_of(self, passage_ids: Sequence[int]) -> tuple[NDArray[np.int64], Rows]:
        """Return ids and ``(n, dimension)`` float32 rows of unit length of those passages that exist."""
        rows = self._db.execute(
            "SELECT passages.id, data FROM passages JOIN vectors ON vectors.id = vector "
            "WHERE passages.id IN (SELECT value FROM json_each(?))",
            (json.dumps([int(i) for i in passage_ids]),),
        )
        return _unpack(rows.fetchall())

    def vectors_above(self, passage_id: int, limit: int) -> tuple[NDArray[np.int64], Rows]:
        """Return the next ``limit`` ids above ``passage_id`` in order, with their rows."""
        rows = self._db.execute(
            "SELECT passages.id, data FROM passages JOIN vectors ON vectors.id = vector "
            "WHERE passages.id > ? ORDER BY passages.id LIMIT ?",
            (passage_id, limit),
        )
        return _unpack(rows.fetchall())

    # --- passages -----------------------------------------------------------------------------------------------------

    def passage_ids(self, document_keys: Sequence[int] | None = None) -> NDArray[np.int64]:
        """Return the ids of all passages, or of those of some documents, in ascending order."""
        if document_keys is None:
            rows = self._db.execute("SELECT id FROM passages ORDER BY id")
        else:
            rows = self._db.execute(
                "SELECT id FROM passages WHERE document IN (SELECT value FROM json_each(?)) ORDER BY id",
                (json.dumps(list(document_keys)),),
            )
        return np.fromiter((row[0] for row in rows), np.int64)

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """Return passages by id; an id that is gone is left out."""
        rows = self._db.execute(
            'SELECT passages.id, passages.document, start, "end", page, page_label, name, title, date, confidence FROM passages '
            "JOIN documents ON documents.id = passages.document "
            "LEFT JOIN recognised ON recognised.document = passages.document "
            "WHERE passages.id IN (SELECT value FROM json_each(?))",
            (json.dumps([int(i) for i in ids]),),
        ).fetchall()
        texts = {}
        for key in {row[1] for row in rows}:
            found = self._db.execute("SELECT text FROM texts WHERE document = ?", (key,)).fetchone()
            if found:  # else a sync has removed the document in between
                texts[key] = found[0]
        return {
            pid: Passage(pid, name, start, end, texts[key][start:end], title, page, label, date, recognised)
            for pid, key, start, end, page, label, name, title, date, recognised in rows
            if key in texts
        }

    def openings(self, ids: Sequence[int]) -> dict[int, str]:
        """Return, by passage id, the words that the passage's document opens with."""
        rows = self._db.execute(
            "SELECT passages.id, opening FROM passages JOIN documents ON documents.id = document "
            "WHERE passages.id IN (SELECT value FROM json_each(?))",
            (json.dumps([int(i) for i in ids]),),
        )
        return dict(rows.fetchall())

    def passage_texts_above(self, passage_id: int, also: Sequence[int] = ()) -> Iterator[tuple[int, int, str]]:
        """Yield passage id, document key and text of every passage above an id, and of others that exist, in order."""
        with closing(self._db.cursor()) as cursor:
            key, text = None, ""
            for pid, document, start, end in cursor.execute(
                'SELECT id, document, start, "end" FROM passages '
                "WHERE id > ? OR id IN (SELECT value FROM json_each(?)) ORDER BY id",
                (passage_id, json.dumps([int(i) for i in also])),
            ):
                if document != key:
                    key = document
                    text = self._db.execute("SELECT text FROM texts WHERE document = ?", (key,)).fetchone()[0]
                yield pid, document, text[start:end]

    def removed_passages(self) -> list[int]:
        """Return the ids that the keywords hold as they were, which are gone by now or stand under another title."""
        return [row[0] for row in self._db.execute("SELECT DISTINCT id FROM removed_passages")]

    def forget_removed_passages(self, ids: Iterable[int]) -> None:
        """Note that the keywords no longer hold these ids."""
        self._db.executemany("DELETE FROM removed_passages WHERE id = ?", ((i,) for i in ids))


def _unpack(rows: list[tuple[int, bytes]]) -> tuple[NDArray[np.int64], Rows]:
    ids = np.array([row[0] for row in rows], np.int64)
    if not rows:
        return ids, np.empty((0, 0), np.float32)
    packed = np.frombuffer(b"".join(row[1] for row in rows), np.float16)
    matrix = packed.reshape(len(rows), -1).astype(np.float32)
    matrix /= np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-12)  # 16 bits round the length a little
    return ids, matrix

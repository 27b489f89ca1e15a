"""The SQLite file of an index: its tables, connections, transactions and errors."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from index.errors import IndexFolderError, IndexNotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA_VERSION = 3
_RECOGNISED = """
CREATE TABLE recognised (
    document INTEGER PRIMARY KEY REFERENCES documents(id) ON DELETE CASCADE, pages INTEGER NOT NULL, confidence REAL NOT NULL
);
"""
# a passage may be removed twice before the keywords have followed: by a rename, and then for good
_REMEMBER_REMOVAL = """
CREATE TRIGGER remember_removal AFTER DELETE ON passages BEGIN INSERT OR IGNORE INTO removed_passages VALUES (old.id); END;
"""
_SCHEMA = f"""{_RECOGNISED}
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (
    name TEXT PRIMARY KEY, signature TEXT NOT NULL, checked_ns INTEGER NOT NULL,
    content_hash TEXT NOT NULL, fingerprint TEXT NOT NULL, reason TEXT
) WITHOUT ROWID;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, title TEXT NOT NULL, pages TEXT NOT NULL,
    content_hash TEXT NOT NULL, encoding TEXT, date TEXT, opening TEXT NOT NULL
);
CREATE TABLE texts (document INTEGER PRIMARY KEY REFERENCES documents(id) ON DELETE CASCADE, text TEXT NOT NULL);
CREATE TABLE vectors (id INTEGER PRIMARY KEY, text_hash BLOB NOT NULL UNIQUE, data BLOB NOT NULL);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, page INTEGER, page_label TEXT,
    vector INTEGER NOT NULL REFERENCES vectors(id)
);
CREATE INDEX passages_by_document ON passages(document);
CREATE INDEX passages_by_vector ON passages(vector);
-- passages that the keywords may still hold; emptied when the keywords have followed
CREATE TABLE removed_passages (id INTEGER PRIMARY KEY);
{_REMEMBER_REMOVAL}"""


class Database:
    """One index's SQLite file. Reading is safe from many threads; writing wants the writer's lock."""

    def __init__(self, path: Path, *, writable: bool) -> None:
        self._path = path
        self.writable = writable
        self._local = threading.local()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open for reading.

        :raises IndexNotFoundError: there is none.
        :raises IndexFolderError: it is damaged or was made by a newer version.
        """
        catalog = cls(path, writable=False)
        # a sync that was killed at once leaves a file without tables
        if not path.is_file() or not catalog._has_tables():
            raise IndexNotFoundError(f"there is no index in {path.parent}. Make it with `youju sync DOCS --index {path.parent}`.")
        catalog._check_version()
        return catalog

    @classmethod
    def open_for_writing(cls, path: Path) -> Self:
        """Open for writing, making the tables where there are none.

        :raises IndexFolderError: it is damaged, cannot be written or was made by a newer version.
        """
        catalog = cls(path, writable=True)
        if not catalog._has_tables():
            with catalog.transaction():
                for statement in _statements(_SCHEMA):
                    catalog._db.execute(statement)
                catalog.set_meta("schema", str(SCHEMA_VERSION))
        elif (version := catalog._check_version()) < SCHEMA_VERSION:
            with catalog.transaction():
                if version < 2:  # noqa: PLR2004 - the version is its name
                    catalog._db.execute(_RECOGNISED)
                catalog._db.execute("DROP TRIGGER remember_removal")
                catalog._db.execute(_REMEMBER_REMOVAL)
                catalog.set_meta("schema", str(SCHEMA_VERSION))
        return catalog

    def close(self) -> None:
        """Close this thread's connection."""
        if db := getattr(self._local, "db", None):
            db.close()
            del self._local.db

    def _has_tables(self) -> bool:
        with self._errors():
            return self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone() is not None

    def _check_version(self) -> int:
        with self._errors():
            version = int(self.meta("schema") or 0)
        if version > SCHEMA_VERSION:
            raise IndexFolderError(f"{self._path.parent} was made by a newer Youju. Update Youju, or sync into another folder.")
        return version

    @property
    def _db(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = self._connect()
        return db

    def _connect(self) -> sqlite3.Connection:
        if self.writable:
            db = sqlite3.connect(self._path, isolation_level=None, timeout=30)
            db.execute("PRAGMA journal_mode = WAL")
            # keywords and vectors are made of what was committed: it must not be gone after a power cut
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA foreign_keys = ON")
            return db
        uri = self._path.absolute().as_uri()
        db = sqlite3.connect(f"{uri}?mode=ro", uri=True, isolation_level=None, timeout=30)
        try:
            db.execute("SELECT 1 FROM sqlite_master")
        except sqlite3.OperationalError:  # WAL on a read-only medium: nobody can be writing there
            db.close()
            db = sqlite3.connect(f"{uri}?immutable=1", uri=True, isolation_level=None)
        # an index that was not synced since Youju could keep what was recognised
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'recognised'").fetchone():
            db.execute(_RECOGNISED.replace("CREATE TABLE", "CREATE TEMP TABLE"))
        return db

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise IndexFolderError(
                f"{self._path} cannot be used ({error}). If it is damaged, delete {self._path.parent} and sync again: your "
                "documents are not touched."
            ) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all of the block or nothing; for readers it is a stable view."""
        with self._errors():
            self._db.execute("BEGIN IMMEDIATE" if self.writable else "BEGIN")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            if self.writable:
                self._db.execute("INSERT INTO meta VALUES ('generation', '1') ON CONFLICT DO UPDATE SET value = value + 1")
            self._db.execute("COMMIT")

    def meta(self, key: str) -> str | None:
        """Return a remembered value."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        """Remember a value."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def generation(self) -> int:
        """Return the number of the last change; it grows with every transaction of the writer."""
        return int(self.meta("generation") or 0)


def _statements(script: str) -> Iterator[str]:
    """Split a script at complete statements (a trigger has semicolons inside)."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""

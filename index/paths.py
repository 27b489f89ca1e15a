"""Where the parts of an index lie on disk."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from index.errors import IndexBusyError, IndexFolderError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class IndexPaths:
    """The files of one index folder. Only the catalog is truth; the rest is rebuilt from it when missing or damaged."""

    root: Path

    @property
    def catalog(self) -> Path:
        """SQLite: documents, passages, vectors."""
        return self.root / "catalog.sqlite"

    @property
    def vectors(self) -> Path:
        """The folder of FAISS base files and the pointer to the current one."""
        return self.root / "vectors"

    @property
    def keywords(self) -> Path:
        """The tantivy folder."""
        return self.root / "keywords"

    def create(self) -> None:
        """Make the folder and its parents.

        :raises IndexFolderError: it cannot be made, or a file is in its place.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise IndexFolderError(f"the index folder {self.root} cannot be made: {error.strerror or error}.") from error

    def remove_derived(self) -> None:
        """Remove what speaks of the passages of a catalog that is gone: a new one counts from 1 again."""
        for folder in (self.vectors, self.keywords):
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writer's lock, which the operating system gives back even when the process is killed.

        :raises IndexBusyError: another sync is running.
        :raises IndexFolderError: the folder cannot be written.
        """
        lock = FileLock(self.root / "writer.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise IndexBusyError(f"another sync is writing {self.root}. Wait until it ends, then sync again.") from error
        except OSError as error:
            raise IndexFolderError(f"the index folder {self.root} cannot be written: {error.strerror or error}.") from error
        try:
            yield
        finally:
            lock.release()

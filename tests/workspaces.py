"""A folder of documents with its index, for tests to work on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fakes import FakeEncoder, Texts, write_folder

from index import IndexReader, Settings, SyncReport, sync


class Workspace:
    """A folder of documents, the index made from it, and the encoder that makes it."""

    def __init__(self, root: Path, encoder: FakeEncoder) -> None:
        self.docs = root / "docs"
        self.index = root / "index"
        self.encoder = encoder
        self.settings = Settings(passage_tokens=40)
        self.docs.mkdir(parents=True)

    def write(self, texts: Texts) -> None:
        write_folder(self.docs, texts)

    def sync(self, **options: Any) -> SyncReport:
        """Sync, and forget what was embedded before."""
        self.encoder.embedded.clear()
        return sync(self.docs, self.index, **{"settings": self.settings, "encoder": self.encoder, **options})

    def open(self) -> IndexReader:
        return IndexReader.open(self.index, self.settings)

    def found(self, question: str, reader: IndexReader | None = None, **options: Any) -> list[str]:
        """Return the document ids of the hits, best first."""
        result = (reader or self.open()).search(question, self.encoder, **options)
        return [hit.passage.document_id for hit in result.hits]

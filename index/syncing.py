"""Bring an index into step with a folder: read, split, embed, index."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from index.catalog import Catalog
from index.encoder import ModelEncoder
from index.errors import ReadError, UnopenedError
from index.keywords import KeywordIndex
from index.made_with import encoder_for, fingerprint, is_other_encoder, start_anew
from index.passages import Splitter
from index.paths import IndexPaths
from index.planning import check_folder, plan
from index.readers import ReaderPool
from index.records import FileRecord
from index.scanning import hash_if_unchanged, scan
from index.settings import load_settings
from index.types import Progress, Recognised, Skipped, SyncReport
from index.vectors import REBUILD_SHARE, DenseIndex, build_base

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from index.passages import Slice
    from index.planning import Plan
    from index.scanning import File
    from index.settings import Settings
    from index.types import Document, Encoder, OnProgress

WINDOW = 512
"""Passages that are read ahead and sorted by length, so that little of a batch is padding."""
BATCH = 32
"""Passages that are embedded and then kept in one step: the most that is lost when a sync is killed."""
KEYWORDS_EVERY_S = 20.0
"""A long sync lets the keyword side follow this often; each time costs a commit."""


def sync(
    docs: str | Path,
    index: str | Path = "data/index",
    *,
    settings: Settings | None = None,
    encoder: Encoder | None = None,
    allow_removals: bool = False,
    re_embed: bool = False,
    rehash: bool = False,
    on_progress: OnProgress | None = None,
) -> SyncReport:
    """Bring an index into step with a folder of documents; only new text is embedded.

    Killed at any moment it leaves a usable index, and the next sync goes on from there.

    :param index: the index folder; made, with its parents, where there is none.
    :param encoder: by default the one that ``settings`` name.
    :param allow_removals: accept another folder, an empty one, or one that lost more than half of the documents.
    :param re_embed: start anew with the encoder given, where the index was made with another.
    :param rehash: look into every file, whatever its size and times say.
    :raises FolderError: the folder is missing, or would empty the index by mistake.
    :raises IndexBusyError: another sync is running.
    :raises EncoderMismatchError: the index was made with another encoder.
    """
    folder, paths = Path(docs).resolve(), IndexPaths(Path(index))
    found = scan(folder, leave_out=paths.root)  # before anything is made: a wrong folder leaves no trace
    paths.create()
    settings = settings or load_settings(paths.root)
    if encoder is None:
        encoder = ModelEncoder(settings, on_progress) if re_embed else encoder_for(paths.root, settings, on_progress)
    with paths.writing():
        if not paths.catalog.is_file():
            paths.remove_derived()
        catalog = Catalog.open_for_writing(paths.catalog)
        try:
            is_other = is_other_encoder(catalog, encoder, re_embed=re_embed)
            steps = plan(catalog, found, mark := fingerprint(settings, encoder), rehash=rehash)
            if not allow_removals:
                check_folder(catalog, folder, steps)
            if is_other:  # only now: a wrong folder must not cost the index
                start_anew(catalog, encoder)
                steps = plan(catalog, found, mark, rehash=rehash)
            run = _Run(catalog, paths, settings, encoder, mark, on_progress or (lambda _: None))
            run.apply(steps, folder)
            run.publish()
            return SyncReport(
                added=run.added,
                changed=run.changed,
                removed=len(steps.removed_documents) + run.lost,
                renamed=sum(old in steps.known for old, _ in steps.renamed),
                unchanged=steps.unchanged + run.kept,
                passages=catalog.counts()[1],
                embedded=run.embedded,
                recognised=tuple(run.recognised),
                skipped=tuple(sorted([*found.skipped, *steps.skipped, *run.skipped], key=lambda s: s.document)),
            )
        finally:
            catalog.close()


def _text_hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


@dataclass(slots=True)
class _Ready:
    """A document that waits for the vectors of its passages."""

    file: File
    document: Document
    slices: list[Slice]
    hashes: list[bytes]


@dataclass(slots=True)
class _Run:
    """One sync at work."""

    catalog: Catalog
    paths: IndexPaths
    settings: Settings
    encoder: Encoder
    fingerprint: str
    on_progress: OnProgress
    added: int = 0
    changed: int = 0
    lost: int = 0
    """Documents whose file can no longer be read."""
    kept: int = 0
    """Documents that stay as they are because their file could not be opened just now."""
    embedded: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    recognised: list[Recognised] = field(default_factory=list)
    _keywords_at: float = field(default_factory=time.monotonic)
    _started_ns: int = field(default_factory=time.time_ns)

    def apply(self, steps: Plan, folder: Path) -> None:
        """Carry out the plan; each document is replaced in one step."""
        with self.catalog.transaction():
            self.catalog.set_meta("folder", str(folder))
            self.catalog.forget_files(steps.removed)
            for old, file in steps.renamed:
                self.catalog.rename(old, file.name, self._new_title(old, file.name))
            self.catalog.record_files(steps.seen)
        if not steps.read:
            return
        done = 0
        with ReaderPool(self.settings) as readers:
            for window in self._windows(readers, steps.read, steps.known):
                self._embed(window, done, len(steps.read))
                self._keep(window, steps.known)
                done += len(window)
                if time.monotonic() - self._keywords_at > KEYWORDS_EVERY_S:
                    KeywordIndex.mend(self.paths.keywords, self.catalog)
                    self._keywords_at = time.monotonic()
        self.on_progress(Progress("embed", len(steps.read), len(steps.read)))
        with self.catalog.transaction():
            self.catalog.drop_unused_vectors()

    def publish(self) -> None:
        """Let the derived parts follow the catalog; also mends what an earlier, killed sync left behind."""
        keywords = KeywordIndex.open(self.paths.keywords)
        if keywords is None or not keywords.is_current(self.catalog):
            self.on_progress(Progress("write", 0, 1))
            KeywordIndex.mend(self.paths.keywords, self.catalog)
        dense = DenseIndex.open(self.paths.vectors, self.catalog)
        if dense.outdated_share() > REBUILD_SHARE:
            build_base(self.paths.vectors, self.catalog)
        self.on_progress(Progress("write", 1, 1))

    def _new_title(self, old: str, new: str) -> str | None:
        """Return the new name where the old one was the title, for want of a better."""
        document = self.catalog.document(old)
        return PurePosixPath(new).stem if document and document.title == PurePosixPath(old).stem else None

    def _windows(self, readers: ReaderPool, files: Sequence[File], known: set[str]) -> Iterator[list[_Ready]]:
        """Read and split files, and group them into windows of about ``WINDOW`` passages."""
        splitter = Splitter(self.encoder.tokenizer, self.settings.passage_tokens)
        window: list[_Ready] = []
        waiting = 0
        read = readers.read_all((file.name, Path(file.path)) for file in files)
        for number, (file, (_, document)) in enumerate(zip(files, read, strict=True)):
            self.on_progress(Progress("read", number, len(files)))
            if isinstance(document, UnopenedError):  # nothing is remembered of it, so that the next sync tries again
                self.skipped.append(Skipped(file.name, str(document)))
                self.kept += file.name in known
                continue
            if isinstance(document, ReadError):
                self._skip(file, str(document), known)
                continue
            slices = splitter.split(document)
            hashes = [_text_hash(document.text[s.start : s.end]) for s in slices]
            window.append(_Ready(file, document, slices, hashes))
            waiting += len(slices)
            if waiting >= WINDOW:
                yield window
                window, waiting = [], 0
        if window:
            yield window

    def _skip(self, file: File, reason: str, known: set[str]) -> None:
        self.skipped.append(Skipped(file.name, reason))
        self.lost += file.name in known
        with self.catalog.transaction():
            self.catalog.forget_files([file.name])
            # of a file that was written on while it was read no hash is kept, so that the next sync reads it again
            self.catalog.record_files([self._record(file, hash_if_unchanged(file), reason)])

    def _embed(self, window: Iterable[_Ready], done: int, total: int) -> None:
        """Embed the passages whose text is not known yet, and keep the vectors batch by batch."""
        texts = {
            key: ready.document.text[s.start : s.end]
            for ready in window
            for key, s in zip(ready.hashes, ready.slices, strict=True)
        }
        for key in self.catalog.vector_ids(texts):
            del texts[key]
        keys = sorted(texts, key=lambda key: len(texts[key]))
        for start in range(0, len(keys), BATCH):
            batch = keys[start : start + BATCH]
            rows = self.encoder.encode_document([texts[key] for key in batch])
            with self.catalog.transaction():
                self.catalog.add_vectors(batch, rows)
            self.embedded += len(batch)
            self.on_progress(Progress("embed", done, total, self.embedded))

    def _keep(self, window: Iterable[_Ready], known: set[str]) -> None:
        with self.catalog.transaction():
            for ready in window:
                vectors = self.catalog.vector_ids(ready.hashes)
                self.catalog.replace_document(ready.document, ready.slices, [vectors[key] for key in ready.hashes])
                self.catalog.record_files([self._record(ready.file, ready.document.content_hash, None)])
                if pages := ready.document.recognised_pages:
                    self.recognised.append(Recognised(ready.file.name, pages, ready.document.recognition_confidence))
                if ready.file.name in known:
                    self.changed += 1
                else:
                    self.added += 1

    def _record(self, file: File, content_hash: str, reason: str | None) -> FileRecord:
        return FileRecord(file.name, file.signature, self._started_ns, content_hash, self.fingerprint, reason)

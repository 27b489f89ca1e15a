"""The folder against the catalog: what has to be read, renamed and removed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from index.errors import FolderError
from index.records import FileRecord
from index.scanning import hash_file
from index.types import Skipped

if TYPE_CHECKING:
    from pathlib import Path

    from index.catalog import Catalog
    from index.scanning import File, Scan

SETTLED_NS = 2_000_000_000
"""A file touched less than this before it was looked at may be touched again within one tick of the file system's clock."""


@dataclass(slots=True)
class Plan:
    """The steps that bring the catalog into step with the folder."""

    read: list[File] = field(default_factory=list)
    renamed: list[tuple[str, File]] = field(default_factory=list)
    """Old name and new file, the bytes unchanged."""
    removed: list[str] = field(default_factory=list)
    """Names of documents and skipped files that are gone."""
    seen: list[FileRecord] = field(default_factory=list)
    """Files that were touched but not changed."""
    skipped: list[Skipped] = field(default_factory=list)
    """Files that are known to be unreadable and were not changed since."""
    known: set[str] = field(default_factory=set)
    """Names that are documents already."""
    unchanged: int = 0
    """Documents that stay as they are."""

    @property
    def removed_documents(self) -> list[str]:
        """Names of documents that are gone."""
        return [name for name in self.removed if name in self.known]


def plan(catalog: Catalog, found: Scan, fingerprint: str, *, rehash: bool) -> Plan:
    """Compare the folder with the catalog.

    :param fingerprint: of the code and settings that make documents; a document of another one is read again.
    :param rehash: look at the content of every file, whatever its times say.
    """
    records = catalog.files()
    steps = Plan(known={r.name for r in records.values() if r.reason is None})
    missing = {record.name for record in records.values() if record.name not in found.files}
    gone = {name for name in missing if not found.may_hold(name)}
    steps.unchanged = sum(records[name].reason is None for name in missing - gone)
    # a file that could not be hashed has none, which is no sign of being the same
    movable = [records[name] for name in sorted(gone) if records[name].content_hash and records[name].fingerprint == fingerprint]
    by_content = {(record.content_hash, _kind(record.name)): record.name for record in movable}
    now = time.time_ns()
    for file in found.files.values():
        record = records.get(file.name)
        same = record is not None and _is_untouched(file, record) and not rehash
        if record is None and not by_content:
            steps.read.append(file)
            continue
        content = record.content_hash if same and record else _hash(file)
        if record is not None and record.fingerprint == fingerprint and content == record.content_hash:
            _keep(steps, record, file, now, same=same)
        elif record is None and (old := by_content.get((content or "", _kind(file.name)))) is not None and old in gone:
            gone.discard(old)
            steps.renamed.append((old, file))
            steps.seen.append(records[old]._replace(name=file.name, signature=file.signature, checked_ns=now))
            if records[old].reason is not None:
                steps.skipped.append(Skipped(file.name, str(records[old].reason)))
        else:
            steps.read.append(file)
    steps.removed = sorted(gone)
    return steps


def _kind(name: str) -> str:
    """Return what decides how a file is read: with another ending the same bytes are another document."""
    return PurePosixPath(name).suffix.lower()


def _is_untouched(file: File, record: FileRecord) -> bool:
    return file.signature == record.signature and file.touched_ns < record.checked_ns - SETTLED_NS


def _hash(file: File) -> str | None:
    try:
        return hash_file(file.path)
    except OSError:  # reading it will say why
        return None


def _keep(steps: Plan, record: FileRecord, file: File, now: int, *, same: bool) -> None:
    if not same:
        steps.seen.append(record._replace(signature=file.signature, checked_ns=now))
    if record.reason is None:
        steps.unchanged += 1
    else:
        steps.skipped.append(Skipped(file.name, record.reason))


def check_folder(catalog: Catalog, folder: Path, steps: Plan) -> None:
    """Refuse what would empty the index by mistake.

    :raises FolderError: another folder than before, an empty one, or more than half of the documents gone.
    """
    documents = len(steps.known)
    if not documents:
        return
    advice = "Nothing was changed. If this is meant, sync again with --allow-removals."
    remembered = catalog.meta("folder")
    if remembered and remembered != str(folder):
        raise FolderError(f"this index was made from {remembered}, not from {folder}. {advice}")
    gone = len(steps.removed_documents)
    if 2 * gone > documents:
        raise FolderError(f"{gone} of the {documents} documents of this index are gone from {folder}. {advice}")

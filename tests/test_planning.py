"""The folder against the catalog, without reading anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from index import Document, FolderError
from index.catalog import Catalog
from index.planning import SETTLED_NS, Plan, check_folder, plan
from index.records import FileRecord
from index.scanning import File, Scan, hash_file

NOW = 10**18
"""Nanoseconds since 1970; well before any test runs."""


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog.open_for_writing(tmp_path / "catalog.sqlite")


def a_file(folder: Path, name: str, content: str, *, touched_ns: int = NOW) -> File:
    path = folder / name
    path.write_text(content)
    return File(name, str(path), len(content), f"{len(content)}:{touched_ns}", touched_ns)


def remember(
    catalog: Catalog, file: File, *, reason: str | None = None, fingerprint: str = "f", checked_ns: int = NOW + 2 * SETTLED_NS
) -> FileRecord:
    record = FileRecord(file.name, file.signature, checked_ns, hash_file(file.path), fingerprint, reason)
    with catalog.transaction():
        catalog.record_files([record])
        if reason is None:
            catalog.replace_document(Document(file.name, file.name, "x"), [], [])
    return record


def steps_for(catalog: Catalog, *files: File, rehash: bool = False) -> Plan:
    return plan(catalog, Scan({file.name: file for file in files}), "f", rehash=rehash)


def test_a_new_file_is_read(catalog: Catalog, tmp_path: Path) -> None:
    file = a_file(tmp_path, "a.txt", "甲")
    assert steps_for(catalog, file) == Plan(read=[file])


def test_an_untouched_file_is_not_even_opened(catalog: Catalog, tmp_path: Path) -> None:
    file = a_file(tmp_path, "a.txt", "甲")
    remember(catalog, file)
    Path(file.path).unlink()
    assert steps_for(catalog, file) == Plan(known={"a.txt"}, unchanged=1)


def test_a_file_that_was_touched_just_before_it_was_looked_at_is_hashed(catalog: Catalog, tmp_path: Path) -> None:
    file = a_file(tmp_path, "a.txt", "甲")
    remember(catalog, file, checked_ns=NOW + SETTLED_NS)
    Path(file.path).write_text("乙")  # as long, and within one tick of the clock
    assert steps_for(catalog, file).read == [file]


def test_a_touched_file_with_the_same_bytes_is_only_noted(catalog: Catalog, tmp_path: Path) -> None:
    remember(catalog, a_file(tmp_path, "a.txt", "甲"))
    touched = a_file(tmp_path, "a.txt", "甲", touched_ns=NOW + 5)
    steps = steps_for(catalog, touched)
    assert (steps.read, steps.unchanged) == ([], 1)
    assert [record.signature for record in steps.seen] == [touched.signature]


def test_rehash_looks_into_files_that_look_untouched(catalog: Catalog, tmp_path: Path) -> None:
    file = a_file(tmp_path, "a.txt", "甲")
    remember(catalog, file)
    Path(file.path).write_text("乙")
    assert steps_for(catalog, file).read == []
    assert steps_for(catalog, file, rehash=True).read == [file]


def test_another_fingerprint_reads_everything_again(catalog: Catalog, tmp_path: Path) -> None:
    document, skipped = a_file(tmp_path, "a.txt", "甲"), a_file(tmp_path, "b.txt", "乙")
    remember(catalog, document, fingerprint="older")
    remember(catalog, skipped, fingerprint="older", reason="it is empty")
    steps = steps_for(catalog, document, skipped)
    assert (steps.read, steps.skipped, steps.unchanged) == ([document, skipped], [], 0)


def test_a_skipped_file_stays_skipped_until_it_changes(catalog: Catalog, tmp_path: Path) -> None:
    file = a_file(tmp_path, "a.txt", "甲")
    remember(catalog, file, reason="it is empty")
    steps = steps_for(catalog, file)
    assert [(s.document, s.reason) for s in steps.skipped] == [("a.txt", "it is empty")]
    assert (steps.read, steps.known, steps.unchanged) == ([], set(), 0)
    changed = a_file(tmp_path, "a.txt", "甲乙", touched_ns=NOW + 5)
    assert steps_for(catalog, changed).read == [changed]


def test_a_moved_file_is_renamed(catalog: Catalog, tmp_path: Path) -> None:
    remember(catalog, a_file(tmp_path, "a.txt", "甲"))
    moved = a_file(tmp_path, "b.txt", "甲")
    steps = steps_for(catalog, moved)
    assert (steps.renamed, steps.read, steps.removed) == ([("a.txt", moved)], [], [])
    assert [record.name for record in steps.seen] == ["b.txt"]


def test_a_copy_is_not_a_move(catalog: Catalog, tmp_path: Path) -> None:
    file, copy = a_file(tmp_path, "a.txt", "甲"), a_file(tmp_path, "b.txt", "甲")
    remember(catalog, file)
    steps = steps_for(catalog, file, copy)
    assert (steps.renamed, steps.read, steps.unchanged) == ([], [copy], 1)


def test_a_file_moves_to_one_place_only(catalog: Catalog, tmp_path: Path) -> None:
    remember(catalog, a_file(tmp_path, "a.txt", "甲"))
    first, second = a_file(tmp_path, "b.txt", "甲"), a_file(tmp_path, "c.txt", "甲")
    steps = steps_for(catalog, first, second)
    assert (steps.renamed, steps.read) == ([("a.txt", first)], [second])


@pytest.mark.parametrize("reason", [None, "files of the type .bin are not read"])
def test_a_file_with_another_ending_is_another_document(reason: str | None, catalog: Catalog, tmp_path: Path) -> None:
    remember(catalog, a_file(tmp_path, "a.bin", "甲"), reason=reason)
    moved = a_file(tmp_path, "a.txt", "甲")
    steps = steps_for(catalog, moved)
    assert (steps.read, steps.renamed, steps.removed) == ([moved], [], ["a.bin"])
    assert steps_for(catalog, a_file(tmp_path, "b.BIN", "甲")).read == []


def test_files_whose_bytes_are_unknown_are_no_move(catalog: Catalog, tmp_path: Path) -> None:
    skipped = a_file(tmp_path, "a.txt", "甲")
    record = remember(catalog, skipped, reason="it is larger than the limit")
    with catalog.transaction():
        catalog.record_files([record._replace(content_hash="")])  # too large to be hashed
    unreadable = a_file(tmp_path, "b.txt", "乙")
    Path(unreadable.path).unlink()
    steps = steps_for(catalog, unreadable)
    assert (steps.read, steps.renamed, steps.removed) == ([unreadable], [], ["a.txt"])


def test_a_file_that_is_gone_is_removed(catalog: Catalog, tmp_path: Path) -> None:
    remember(catalog, a_file(tmp_path, "a.txt", "甲"))
    remember(catalog, a_file(tmp_path, "b.txt", "乙"), reason="it is empty")
    steps = steps_for(catalog)
    assert (steps.removed, steps.removed_documents) == (["a.txt", "b.txt"], ["a.txt"])


@pytest.mark.parametrize(("gone", "refused"), [(0, False), (2, False), (3, True), (4, True)])
def test_more_than_half_gone_is_refused(gone: int, refused: bool, catalog: Catalog, tmp_path: Path) -> None:
    names = {f"{n}.txt" for n in range(4)}
    steps = Plan(known=names, removed=sorted(names)[:gone])
    if not refused:
        check_folder(catalog, tmp_path, steps)
        return
    with pytest.raises(FolderError, match=rf"{gone} of the 4 documents .* --allow-removals"):
        check_folder(catalog, tmp_path, steps)


def test_another_folder_is_refused_once_there_are_documents(catalog: Catalog, tmp_path: Path) -> None:
    with catalog.transaction():
        catalog.set_meta("folder", "/documents/of/before")
    check_folder(catalog, tmp_path, Plan())
    with pytest.raises(FolderError, match=r"/documents/of/before.*--allow-removals"):
        check_folder(catalog, tmp_path, Plan(known={"a.txt"}))

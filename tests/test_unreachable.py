"""What cannot be looked at is not taken for deleted: a drive that is away, a folder that is closed, a file that is locked."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from workspaces import Workspace

from index import syncing
from index.scanning import Scan

TEXTS = {
    "甲.txt": "甲的内容。",
    "乙.txt": "乙的内容。",
    "丙.txt": "丙的内容。",
    "盘/丁.txt": "丁的内容。",
    "盘/里/戊.txt": "戊的内容。",
}


@pytest.fixture
def synced(workspace: Workspace) -> Workspace:
    workspace.write(TEXTS)
    workspace.sync()
    return workspace


def texts(workspace: Workspace) -> dict[str, str]:
    catalog = workspace.open().catalog
    return {info.id: document.text for info in catalog.documents() if (document := catalog.document(info.id))}


def test_documents_of_a_folder_that_cannot_be_listed_stay(synced: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    really = os.scandir

    def scandir(path: str) -> object:
        if Path(path).name == "盘":
            raise OSError(5, "Input/output error")
        return really(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", scandir)
        report = synced.sync()
    assert (report.removed, report.unchanged) == (0, 5)
    assert [s.document for s in report.skipped] == ["盘"]
    assert texts(synced) == TEXTS
    shutil.rmtree(synced.docs / "盘")
    assert synced.sync().removed == 2


def test_a_file_that_goes_between_listing_and_looking_stays_until_the_next_sync(
    synced: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = syncing.scan

    def scan_too_late(*arguments: Path, **named: Path | None) -> Scan:
        found = scan(*arguments, **named)
        del found.files["盘/丁.txt"]
        found.unseen.add("盘/丁.txt")
        return found

    with monkeypatch.context() as patched:
        patched.setattr(syncing, "scan", scan_too_late)
        assert synced.sync().removed == 0
    (synced.docs / "盘" / "丁.txt").unlink()
    assert synced.sync().removed == 1


def test_an_edited_file_that_cannot_be_opened_keeps_its_older_text_until_it_can(
    synced: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The drive went away between the look at the folder and the reading."""
    synced.write({"甲.txt": "甲的新内容。"})
    away = synced.docs / "甲.away"
    plan = syncing.plan

    def plan_then_lose(*arguments: object, **named: object) -> object:
        steps = plan(*arguments, **named)  # type: ignore[arg-type]
        (synced.docs / "甲.txt").rename(away)
        return steps

    with monkeypatch.context() as patched:
        patched.setattr(syncing, "plan", plan_then_lose)
        report = synced.sync()
    assert [s.document for s in report.skipped] == ["甲.txt"]
    assert "cannot be opened" in report.skipped[0].reason
    assert (report.removed, report.unchanged) == (0, 5)
    assert texts(synced) == TEXTS
    away.rename(synced.docs / "甲.txt")
    assert synced.sync().changed == 1
    assert texts(synced)["甲.txt"] == "甲的新内容。"

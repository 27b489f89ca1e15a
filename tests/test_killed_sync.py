"""A sync that is killed at any moment leaves a usable index, and the next one ends where an undisturbed one ends."""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import FakeEncoder
from numpy.typing import NDArray
from workspaces import Workspace

from index import IndexNotFoundError
from index.catalog import Catalog
from index.paths import IndexPaths
from index.syncing import BATCH

CHILD = Path(__file__).with_name("killed_sync_child.py")
QUESTIONS = ("第七号文件的主题", "水库的水位", "改过的内容", "deadline of project 12")
KILLS = 10

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")


def texts(seed: int) -> dict[str, str]:
    """Return 60 documents of a few passages each; another seed changes a third of them, drops some and adds some."""
    topics = ("水库", "道路", "学校", "医院", "公园", "机场")
    written = {}
    for n in range(60):
        if seed and n % 10 == 0:
            continue
        changed = f"这是改过的内容{seed}。" if seed and n % 3 == 0 else ""
        paragraphs = [f"第{n}号文件的第{k}段讲{topics[(n + k) % 6]}的水位、预算和进度。{changed}" for k in range(1 + n % 4)]
        written[f"{n % 5}/{n:02}.txt"] = "\n\n".join([*paragraphs, f"The deadline of project {n} is day {n * 7 % 31}."])
    if seed:
        written |= {f"新/{n}.txt": f"第{n}个新文件，主题是{topics[n % 6]}。" for n in range(8)}
    return written


def put(workspace: Workspace, seed: int) -> None:
    written = texts(seed)
    for path in [path for path in workspace.docs.rglob("*.txt") if path.relative_to(workspace.docs).as_posix() not in written]:
        path.unlink()
    workspace.write(written)


def content(workspace: Workspace) -> tuple[dict[str, str], dict[tuple[str, int, int], NDArray[np.float32]]]:
    """Return the documents' texts, and the row of every passage by its place."""
    catalog = Catalog.open(IndexPaths(workspace.index).catalog)
    documents = [catalog.document(info.id) for info in catalog.documents()]
    ids, rows = catalog.vectors_of(catalog.passage_ids().tolist())
    passages = catalog.passages(ids.tolist())
    places = [(passages[i].document_id, passages[i].start, passages[i].end) for i in ids.tolist()]
    return {document.id: document.text for document in documents if document}, dict(zip(places, rows, strict=True))


def found(workspace: Workspace, question: str) -> dict[tuple[str, int], tuple[float, float]]:
    """Return the cosine and the keyword score of every passage."""
    hits = workspace.open().search(question, workspace.encoder, top_k=1000).hits
    return {(hit.passage.document_id, hit.passage.start): (hit.dense, hit.keyword) for hit in hits}


def check_usable(workspace: Workspace) -> int:
    """Ask a question of whatever is there; return how many documents there are."""
    try:
        reader = workspace.open()
    except IndexNotFoundError:
        return 0
    for hit in reader.search("水库的水位", workspace.encoder, top_k=1000).hits:
        document = reader.catalog.document(hit.passage.document_id)
        assert document
        assert hit.passage.text == document.text[hit.passage.start : hit.passage.end]
        assert hit.keyword > 0 or "水" not in hit.passage.text  # the keywords know every passage that the catalog has
    return len(reader.catalog.documents())


def ask(workspace: Workspace) -> None:
    """Make sure that a question can be asked of whatever is there."""
    with contextlib.suppress(IndexNotFoundError):
        hits = workspace.open().search("水库的水位", workspace.encoder).hits
        assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))


def run_and_kill(workspace: Workspace, after_s: float) -> bool:
    """Start a sync and kill it; return whether it was still at work."""
    command = [sys.executable, str(CHILD), str(workspace.docs), str(workspace.index), "0.02"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n", process.communicate()
        time.sleep(after_s)
        ask(workspace)  # while the sync is at work
        process.kill()
        output, _ = process.communicate(timeout=20)
    assert process.returncode in (0, -signal.SIGKILL), output
    return process.returncode != 0


def test_killed_at_ten_moments(make_workspace: Callable[[str], Workspace]) -> None:
    calm, killed = make_workspace("calm"), make_workspace("killed")
    for seed in (0, 1):
        put(calm, seed)
        calm.sync()
    expected_texts, expected_rows = content(calm)
    assert len(expected_texts) == 62
    moments = random.Random(20)
    interrupted = 0
    for number in range(KILLS):
        put(killed, seed=int(number >= KILLS // 2))
        interrupted += run_and_kill(killed, moments.uniform(0.0, 0.5))
        check_usable(killed)
    assert interrupted >= KILLS // 2  # else the moments prove nothing
    put(killed, seed=1)
    killed.sync()
    assert check_usable(killed) == len(expected_texts)
    actual_texts, actual_rows = content(killed)
    assert actual_texts == expected_texts
    assert actual_rows.keys() == expected_rows.keys()
    assert min(float(row @ actual_rows[place]) for place, row in expected_rows.items()) >= 0.999
    for question in QUESTIONS:
        one, other = found(calm, question), found(killed, question)
        assert one.keys() == other.keys()
        assert [place for place in one if one[place][1] > 0] != []
        for place, (dense, keyword) in one.items():
            assert other[place][0] == pytest.approx(dense, abs=1e-3)
            # passages that were removed count in the statistics until tantivy merges them away
            assert other[place][1] == pytest.approx(keyword, rel=0.3)
    report = killed.sync()
    assert (report.unchanged, report.embedded, report.skipped) == (62, 0, ())


class Stop(BaseException):
    """Ends a sync as a kill would, but in this process and at a known place."""


def test_documents_are_replaced_whole(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    put(workspace, 0)
    workspace.sync()
    before, _ = content(workspace)
    put(workspace, 1)
    replace, replaced = Catalog.replace_document, 0

    def stop_at_the_third(self: Catalog, *arguments: Any) -> None:
        nonlocal replaced
        replaced += 1
        replace(self, *arguments)
        if replaced == 3:
            raise Stop

    with monkeypatch.context() as patched:
        patched.setattr(Catalog, "replace_document", stop_at_the_third)
        with pytest.raises(Stop):
            workspace.sync()
    after, _ = content(workspace)
    assert after == {name: text for name, text in before.items() if name in texts(1)}
    assert check_usable(workspace) == len(after)
    assert workspace.sync().embedded == 0


def test_what_was_embedded_before_the_kill_is_not_embedded_again(workspace: Workspace) -> None:
    put(workspace, 0)

    calls = 0

    def stop_at_the_second_batch() -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Stop

    stopped = FakeEncoder(before_encoding=stop_at_the_second_batch)
    with pytest.raises(Stop):
        workspace.sync(encoder=stopped)
    kept, lost = set(stopped.embedded[:BATCH]), set(stopped.embedded[BATCH:])
    assert lost
    report = workspace.sync()
    assert report.added == 60
    again = set(workspace.encoder.embedded)
    assert kept & again == set()
    assert lost <= again
    assert len(kept | again) == len(kept) + report.embedded

"""Uploads in the browser: a state for each file, in order; folders keep their folders; what is cancelled leaves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_tools import SERVE_FAKE, Server, Visitor, is_synced, serving, wait_until

Visit = Callable[..., Visitor]

SLOW_BYTES_S = 400_000
NOTE_STATES = """
window.seen = {};
const note = (item) => {
  const states = seen[item.querySelector('bdi').textContent] ??= [];
  if (states.at(-1) !== item.dataset.state) states.push(item.dataset.state);
};
new MutationObserver((records) => {
  for (const record of records) {
    if (record.type === 'attributes' && record.target.matches('li.upload')) note(record.target);
    for (const node of record.addedNodes) if (node.nodeType === 1) node.querySelectorAll('li.upload').forEach(note);
  }
}).observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ['data-state']});
"""


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, real_cache_dir: Path) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("shelf")
    docs = folder / "docs"
    docs.mkdir()
    (docs / "先有.txt").write_text("先有的一份文档。", "utf-8")
    with serving(SERVE_FAKE.format(delay_s=1.5), docs, folder / "index", folder / "log", real_cache_dir) as server:
        wait_until(lambda: is_synced(server), f"the sync did not end:\n{server.log.read_text()}", 240)
        yield server


def arrived(visit: Visit, server: Server) -> Visitor:
    visitor = visit(server)
    visitor.page.add_init_script(NOTE_STATES)
    visitor.arrive().open_documents()
    return visitor


def files_in(server: Server, below: str = "uploads") -> set[str]:
    assert server.docs is not None
    top = server.docs / below
    return {path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file()}


def wait_for_state(page: Any, name: str, state: str) -> Any:
    item = page.locator(f"#uploads li[data-state={state}]", has_text=name)
    item.wait_for(timeout=90_000)
    return item


def slow_down(visitor: Visitor) -> None:
    conditions = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": SLOW_BYTES_S}
    visitor.context.new_cdp_session(visitor.page).send("Network.emulateNetworkConditions", conditions)


def test_the_states_of_a_file_in_their_order(shelf: Server, visit: Visit, tmp_path: Path) -> None:
    names = [f"第{n}份.txt" for n in range(6)]
    for name in names:
        (tmp_path / name).write_text(f"{name}的内容，各不相同。" * 4000, "utf-8")
    visitor = arrived(visit, shelf)
    slow_down(visitor)  # else a file is through before the window can show that it is on its way
    visitor.page.set_input_files("#pick-files", [str(tmp_path / name) for name in names])
    for name in names:
        wait_for_state(visitor.page, name, "searchable")
    seen = visitor.page.evaluate("seen")
    # files are sent three at a time, so the last one had to wait
    assert seen[names[-1]] == ["waiting", "uploading", "queued", "indexing", "searchable"]
    assert {name: states[-1] for name, states in seen.items()} == dict.fromkeys(names, "searchable")


def test_a_folder_keeps_its_folders(shelf: Server, visit: Visit, tmp_path: Path) -> None:
    folder = tmp_path / "资料"
    for name in ("总则.txt", "分册/甲/细则.txt", "分册/乙/细则.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{name}的内容。", "utf-8")
    (folder / "分册" / ".DS_Store").write_bytes(b"\0\1")
    visitor = arrived(visit, shelf)
    visitor.page.set_input_files("#pick-folder", str(folder))
    for name in ("资料/总则.txt", "资料/分册/甲/细则.txt", "资料/分册/乙/细则.txt"):
        wait_for_state(visitor.page, name, "searchable")
    hidden = wait_for_state(visitor.page, ".DS_Store", "skipped")
    assert "隐藏文件不上传。" in hidden.inner_text()
    assert files_in(shelf, "uploads/资料") == {"总则.txt", "分册/甲/细则.txt", "分册/乙/细则.txt"}


def test_a_skipped_file_says_why(shelf: Server, visit: Visit, tmp_path: Path) -> None:
    for name, content in (("空白.txt", b"  \n"), ("照片.gif", b"GIF89a"), ("坏的.pdf", b"%PDF-1.7 nothing")):
        (tmp_path / name).write_bytes(content)
    visitor = arrived(visit, shelf)
    visitor.page.set_input_files("#pick-files", [str(path) for path in tmp_path.iterdir()])
    for name, reason in (
        ("空白.txt", "文件是空的。"),
        ("照片.gif", "不支持 .gif 格式的图片：请另存为 png 或 jpg。"),
        ("坏的.pdf", "不是有效的 PDF，或已损坏：请打开后重新保存。"),
    ):
        assert wait_for_state(visitor.page, name, "skipped").locator(".reason").inner_text() == reason
    assert "空白.txt" in visitor.page.locator("#rows .skipped").inner_text()


def test_an_upload_cancelled_half_way_leaves_nothing(shelf: Server, visit: Visit, tmp_path: Path) -> None:
    assert shelf.docs is not None
    folder = tmp_path / "半途"
    folder.mkdir()
    (folder / "大.txt").write_bytes("很长的文件。".encode() * 500_000)
    visitor = arrived(visit, shelf)
    slow_down(visitor)
    before = files_in(shelf)
    visitor.page.set_input_files("#pick-folder", str(folder))
    item = wait_for_state(visitor.page, "大.txt", "uploading")
    docs = shelf.docs
    wait_until(lambda: any(part.stat().st_size for part in docs.rglob("*.part")), "nothing was written", 30)
    visitor.page.wait_for_function("document.querySelector('#uploads .figures')?.textContent.includes('MB/s · 约剩')")
    item.get_by_role("button", name="取消上传 半途/大.txt").click()
    wait_for_state(visitor.page, "大.txt", "cancelled")
    wait_until(lambda: not list(docs.rglob("*.part")), "the part is still there", 30)
    assert files_in(shelf) == before
    assert not (docs / "uploads" / "半途").exists()


def test_all_uploads_are_cancelled_at_once(shelf: Server, visit: Visit, tmp_path: Path) -> None:
    assert shelf.docs is not None
    names = [f"成批{n}.txt" for n in range(5)]
    for name in names:
        (tmp_path / name).write_bytes("很长的文件。".encode() * 300_000)
    visitor = arrived(visit, shelf)
    slow_down(visitor)
    before = files_in(shelf)
    visitor.page.set_input_files("#pick-files", [str(tmp_path / name) for name in names])
    wait_for_state(visitor.page, names[0], "uploading")
    visitor.page.get_by_role("button", name="全部取消").click()
    for name in names:
        wait_for_state(visitor.page, name, "cancelled")
    docs = shelf.docs
    wait_until(lambda: not list(docs.rglob("*.part")), "a part is still there", 30)
    assert files_in(shelf) == before
    visitor.page.get_by_role("button", name="清空列表").click()
    assert visitor.page.locator("#uploads li").count() == 0


def test_another_language_keeps_the_list_and_the_rows(shelf: Server, visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "双语.txt").write_text("两种语言都看得到。", "utf-8")
    visitor = arrived(visit, shelf)
    visitor.page.set_input_files("#pick-files", str(tmp_path / "双语.txt"))
    wait_for_state(visitor.page, "双语.txt", "searchable")
    visitor.page.get_by_role("button", name="English").click()
    visitor.page.wait_for_selector("#rows th >> text=Passages")
    assert "Searchable" in visitor.page.locator("#uploads li").inner_text()

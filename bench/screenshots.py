"""Every state of the page as pictures: ``python -m bench.screenshots --out DIR`` (needs chromium and its fonts).

A real server with the model that comes with the install, over the samples and a few documents that are hard to show. Each state
is photographed on a desktop and on a phone, light and dark; ``sheet-*.png`` has all of a kind on one page.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

import httpx
from playwright.sync_api import sync_playwright

from bench.api import served
from bench.page import FLAGS
from bench.scenes import PASSWORD, closed, conversation, documents, english, originals, windows
from bench.sheets import sheets

SEEDS = Path(__file__).parents[1] / "seeds" / "documents"
LIMIT_MB = 2
LONG_TITLE = "关于进一步加强全县各乡镇街道以及有关部门和单位二〇二五年度办公用品采购计划申报与验收工作的补充通知（征求意见稿）"
HARD = {
    "附加/礼堂座位甲.txt": "多功能厅介绍\n\n紫云楼多功能厅有座位260个，配有投影和同声传译设备。\n",
    "附加/礼堂座位乙.txt": "会务手册\n\n紫云楼多功能厅有座位320个，使用前三天预约。\n",
    f"附加/{LONG_TITLE}.txt": f"{LONG_TITLE}\n\n办公用品由墨池采购组统一登记，登记人是穆长庚。\n",
    "附加/عربي.txt": "مكتبة الوادي\n\nتفتح مكتبة الوادي أبوابها في الساعة الثامنة صباحا وتغلق في الساعة السادسة مساء.\n",
    "附加/一行.txt": "白鹭湿地的面积是4321公顷。" + "湿地里有芦苇和白鹭，水位随季节变化，" * 18_000,
    "附加/没有文字.docx": "不是一份 Word 文件",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--index", type=Path, help="keep documents and index here, for a quicker start the next time")
    given = parser.parse_args()
    out: Path = given.out
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = given.index or Path(name)
        docs, index, uploads = folder / "docs", folder / "index", Path(name) / "uploads"
        uploads.mkdir()
        shutil.copytree(SEEDS, docs, dirs_exist_ok=True)
        for file, text in HARD.items():
            (docs / file).parent.mkdir(exist_ok=True)
            (docs / file).write_text(text, "utf-8")
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        with served(index, {"max_file_mb": LIMIT_MB}, "--docs", str(docs)) as (url, _):
            while httpx.get(f"{url}/youju/library/work", timeout=60, trust_env=False).json()["running"]:
                time.sleep(1)
            camera = windows(browser, url, out, "zh-CN")
            camera.page.wait_for_selector(".welcome")
            started = time.monotonic()
            conversation(camera)
            documents(camera, uploads)
            originals(windows(browser, url, out, "zh-CN"))
            english(browser, url, out)
            print(f"{time.monotonic() - started:.0f} s")
        with served(index, {}, YOUJU_PASSWORD=PASSWORD) as (url, _):
            closed(browser, url, out)
        browser.close()
    sheets(out)


if __name__ == "__main__":
    main()

"""A sync in a process of its own, for the test that kills it: ``python killed_sync_child.py DOCS INDEX DELAY_S``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from fakes import FakeEncoder  # noqa: E402 the path has to be known first

from index import Settings, sync, syncing  # noqa: E402

docs, index, delay_s = sys.argv[1:]
# small steps, so that few documents have many moments to be killed in
syncing.WINDOW, syncing.BATCH, syncing.KEYWORDS_EVERY_S = 8, 4, 0.05
sys.stdout.write("ready\n")
sys.stdout.flush()
sync(docs, index, settings=Settings(passage_tokens=40), encoder=FakeEncoder(delay_s=float(delay_s)))

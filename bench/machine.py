"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version

from index.encoder import _best_precision, _processor_flags


def report_machine() -> None:
    fast = sorted(_processor_flags() & {"avx2", "avx512f", "avx512_bf16", "amx_bf16"})
    print(
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores ({', '.join(fast)}), {_best_precision('cpu')}; "
        f"Python {platform.python_version()}, torch {version('torch')}, sentence-transformers "
        f"{version('sentence-transformers')}, faiss {version('faiss-cpu')}, tantivy {version('tantivy')}"
    )

"""The process that parses files: requests come in on standard input, documents go out on standard output.

Each message is a line with the number of bytes that follow, then JSON. A parser that crashes takes only this process with it.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from index.errors import ReadError
from index.readers.formats import read_document


def main() -> None:
    """Serve until standard input ends."""
    limits = json.loads(sys.argv[1])
    _limit_memory(int(limits["memory_mb"]))
    warnings.simplefilter("ignore")  # parsers warn of what they tolerate; the document tells whether it was readable
    requests = sys.stdin.buffer
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what C libraries print must not get between the replies
    while (request := receive(requests)) is not None:
        send(replies, _answer(request, int(limits["max_text"])))


def _answer(request: dict[str, str], longest_text: int) -> dict[str, object]:
    try:
        content = Path(request["path"]).read_bytes()
        return {"document": asdict(read_document(request["id"], content, longest_text))}
    except ReadError as error:
        return {"error": str(error)}
    except OSError as error:
        return {"error": f"it cannot be opened: {error.strerror or error}"}
    except MemoryError:
        return {"error": "reading it takes more memory than allowed (parse_memory_mb)"}
    except RecursionError:
        return {"error": "its structure is nested too deeply"}
    except Exception as error:  # noqa: BLE001 any parser may raise anything on a damaged file, and that file alone is skipped
        return {"error": f"it cannot be read, it is probably damaged ({type(error).__name__}: {str(error)[:200]})"}


def _limit_memory(megabytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    limit = megabytes * 1_000_000
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def send(stream: BinaryIO, message: dict[str, object]) -> None:
    """Write one message."""
    body = json.dumps(message, ensure_ascii=True).encode("ascii")
    stream.write(b"%d\n" % len(body) + body)
    stream.flush()


def receive(stream: BinaryIO) -> dict[str, str] | None:
    """Read one message; ``None`` at the end."""
    length = stream.readline()
    if not length.strip().isdigit():
        return None
    body = stream.read(int(length))
    if len(body) < int(length):
        return None
    message: dict[str, str] = json.loads(body)
    return message


if __name__ == "__main__":
    main()

"""The process that parses files: requests come in on standard input, documents go out on standard output.

Each message is a line with the number of bytes that follow, then JSON. A parser that crashes takes only this process with it.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from index.errors import ReadError
from index.readers.formats import check_unpacked, read_document
from index.readers.scans import after_page
from index.types import Document

ReadDocument = Callable[[str, bytes, int], Document]


ALARM_GRACE_S = 10
"""The other process ends a parser that is late; this one ends itself when that process is no longer there to do so."""


def main(read: ReadDocument = read_document) -> None:
    """Serve until standard input ends.

    :param read: takes document id, bytes and the longest text allowed.
    """
    limits = json.loads(sys.argv[1])
    _limit_memory(int(limits["memory_mb"]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the other process decides when to end
    warnings.simplefilter("ignore")  # parsers warn of what they tolerate; the document tells whether it was readable
    requests: queue.SimpleQueue[dict[str, str]] = queue.SimpleQueue()
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what C libraries print must not get between the replies
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests), daemon=True).start()

    def tell_of_page() -> None:
        send(replies, {"page": True})
        _set_alarm(int(limits["seconds"]) + ALARM_GRACE_S)

    after_page.append(tell_of_page)
    while True:
        request = requests.get()
        _set_alarm(int(limits["seconds"]) + ALARM_GRACE_S)
        reply = _answer(request, int(limits["max_text"]), int(limits["max_unpacked"]), read)
        _set_alarm(0)
        send(replies, reply)


def _listen(stream: BinaryIO, requests: queue.SimpleQueue[dict[str, str]]) -> None:
    """Take requests; when the other process is gone, end at once, in the middle of a file too."""
    while (request := receive(stream)) is not None:
        requests.put(request)
    os._exit(0)


def _set_alarm(seconds: int) -> None:
    """Let the operating system end this process; a parser that never gives Python the turn cannot prevent that."""
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


def _answer(request: dict[str, str], longest_text: int, most_unpacked: int, read: ReadDocument) -> dict[str, object]:
    try:
        content = Path(request["path"]).read_bytes()
        check_unpacked(content, most_unpacked)
        return {"document": asdict(read(request["id"], content, longest_text))}
    except ReadError as error:
        return {"error": str(error)}
    except OSError as error:
        return {"error": f"it cannot be opened: {error.strerror or error}", "unopened": True}
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

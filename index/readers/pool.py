"""Files to documents through a worker process, with limits of time and memory: a hang or a crash is one skipped file."""

from __future__ import annotations

import json
import math
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self, cast

from index.errors import ReadError, UnopenedError
from index.readers.formats import check_supported
from index.readers.worker import receive, send
from index.types import Document, Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from index.settings import Settings

AHEAD = 8
"""Requests that wait in the worker, so that it parses while this process embeds."""
_PROJECT = Path(__file__).resolve().parents[2]


class ReaderPool:
    """Reads files in a worker process that is started for the first file and again after each crash.

    For one thread, and one :meth:`read_all` at a time.
    """

    def __init__(self, settings: Settings, worker_module: str = "index.readers.worker") -> None:
        """Take the limits; ``worker_module`` is what ``python -m`` runs."""
        self._settings = settings
        self._module = worker_module
        self._worker: _Worker | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()

    def read(self, document_id: str, path: Path) -> Document:
        """Read one file.

        :raises ReadError: with the reason why it cannot become a document.
        """
        _, result = next(self.read_all([(document_id, path)]))
        if isinstance(result, ReadError):
            raise result
        return result

    def read_all(self, items: Iterable[tuple[str, Path]]) -> Iterator[tuple[str, Document | ReadError]]:
        """Yield every document, or why there is none, in the order of ``items``."""
        source = iter(items)
        waiting: deque[tuple[str, Path, ReadError | None]] = deque()
        try:
            while True:
                while len(waiting) < AHEAD and (item := next(source, None)) is not None:
                    refused = self._refusal(*item)
                    waiting.append((*item, refused))
                    if refused is None:
                        self._send(*item)
                if not waiting:
                    return
                document_id, _, refused = waiting.popleft()
                yield document_id, refused or self._receive(document_id, waiting)
        finally:
            if waiting:  # the caller stopped early: the replies on their way must not be taken for those of the next files
                self._stop()

    def _refusal(self, document_id: str, path: Path) -> ReadError | None:
        """Return why a file is not worth sending to the worker."""
        try:
            check_supported(document_id)
            size = path.stat().st_size
        except ReadError as error:
            return error
        except OSError as error:
            return UnopenedError(f"it cannot be opened: {error.strerror or error}")
        if size > self._settings.max_file_mb * 1e6:
            return ReadError(f"it has {size / 1e6:.0f} MB, more than the limit of {self._settings.max_file_mb:g} (max_file_mb)")
        return None

    def _send(self, document_id: str, path: Path) -> None:
        if self._worker is None:
            self._worker = _Worker(self._module, self._settings)
        self._worker.ask(document_id, path)

    def _receive(self, document_id: str, waiting: Iterable[tuple[str, Path, ReadError | None]]) -> Document | ReadError:
        if self._worker is None:
            raise RuntimeError(f"{document_id} was not sent to a worker")
        reply: Document | ReadError
        try:
            return self._worker.reply(self._settings.parse_seconds)
        except TimeoutError:
            reply = ReadError(f"reading it took longer than {self._settings.parse_seconds:g} seconds (parse_seconds)")
        except EOFError:
            reply = ReadError(
                f"its parser crashed ({self._worker.last_words()}): it is damaged, or needs more memory than parse_memory_mb"
            )
        self._stop()
        for later, path, refused in waiting:  # they died with the worker
            if refused is None:
                self._send(later, path)
        return reply

    def _stop(self) -> None:
        if self._worker is not None:
            self._worker.stop()
            self._worker = None


class _Worker:
    """One worker process and the thread that takes its replies."""

    def __init__(self, module: str, settings: Settings) -> None:
        limits = {
            "memory_mb": settings.parse_memory_mb,
            "max_text": int(settings.max_text_mb * 1e6),
            "max_unpacked": int(settings.max_unpacked_mb * 1e6),
            "seconds": math.ceil(settings.parse_seconds),
        }
        path = os.pathsep.join([str(_PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])])
        self._process = subprocess.Popen(
            # -P: the folder that a person happens to work in must not be imported from
            [sys.executable, "-P", "-m", module, json.dumps(limits)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "ignore", "PYTHONIOENCODING": "utf-8"},
        )
        self._replies: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def ask(self, document_id: str, path: Path) -> None:
        """Send a request; where the worker has died, the reply will tell."""
        try:
            send(cast("BinaryIO", self._process.stdin), {"id": document_id, "path": str(path)})
        except OSError:
            return

    def reply(self, seconds: float) -> Document | ReadError:
        """Return the next reply.

        :raises TimeoutError: it did not come in time.
        :raises EOFError: the worker has died.
        """
        try:
            while (message := self._replies.get(timeout=seconds)) is not None and "page" in message:
                continue  # a page of a scan is done: the next has its own time
        except queue.Empty:
            raise TimeoutError from None
        if message is None:
            raise EOFError
        if "error" in message:
            return (UnopenedError if "unopened" in message else ReadError)(message["error"])
        fields = message["document"]
        return Document(**{**fields, "pages": tuple(Page(**page) for page in fields["pages"])})

    def last_words(self) -> str:
        """Return how the process ended."""
        code = self._process.wait(timeout=10)
        return signal.strsignal(-code) or f"signal {-code}" if code < 0 else f"exit code {code}"

    def stop(self) -> None:
        """End the process and close its pipes."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                try:
                    stream.close()
                except OSError:  # unsent requests of a worker that has died
                    continue

    def _listen(self) -> None:
        while (message := receive(cast("BinaryIO", self._process.stdout))) is not None:
            self._replies.put(message)
        self._replies.put(None)

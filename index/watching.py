"""A folder that is watched: tells when to look at it again. What has changed is for the sync to find out."""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING, Literal

import watchfiles

from index.errors import FolderError
from index.scanning import is_ignored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from threading import Event

    from watchfiles.main import FileChange

    from index.settings import Settings

Seen = Literal["changed", "gone"]
"""Look at the folder again; or: it is no longer there."""

QUIET_MS = 100
"""A small file is written at once; one more step without news ends the waiting."""
QUIET_LARGE_S = 1.0
"""Large files come in pieces with pauses between them."""
LARGE_BYTES = 1_000_000
LONGEST_S = 10.0
"""A folder that never comes to rest, a log file or thousands of files on their way, is looked at this often."""
RECHECK_S = 600.0
"""Without any news the folder is looked at this often: changes made on another computer are told to nobody here."""
RECHECK_POLLING_S = 5.0
"""The least of that where the system does not tell: polling compares times in whole seconds and misses a second change in one."""
ABSENT_S = 1.0
"""How often to see whether the folder is still, or again, there."""


def watch(folder: Path, settings: Settings, stop: Event, leave_out: Path | None = None) -> Iterator[Seen]:
    """Yield whenever the folder has to be looked at: at the start, after changes, and when it is back after it was gone.

    Changes of files that a sync passes over are passed over. While the caller is at work, changes are collected.

    :param stop: ends it, within a second.
    :param leave_out: a folder below that holds no documents.
    :raises FolderError: the operating system does not watch it.
    """
    folder, leave_out = folder.resolve(), leave_out.resolve() if leave_out else None
    while not stop.is_set():
        place = _place(folder)
        if place is None:
            yield "gone"
            while (place := _place(folder)) is None:
                if stop.wait(ABSENT_S):
                    return
        for _ in _changes(folder, place, settings, stop, leave_out):
            yield "changed"


def _changes(folder: Path, place: tuple[int, int], settings: Settings, stop: Event, leave_out: Path | None) -> Iterator[None]:
    """Yield once the watch has begun and whenever changes have come to rest, until the folder is gone or another one."""
    every_s = settings.watch_poll_seconds
    recheck_s = min(RECHECK_S, max(RECHECK_POLLING_S, 10 * every_s)) if every_s else RECHECK_S
    waiting, since, looked = False, 0.0, -RECHECK_S
    for changes in _heard(folder, settings, stop, leave_out):
        if _place(folder) != place or any(path == str(folder) for _, path in changes):
            return  # a watch does not go over to the folder that takes the place of the first
        now = time.monotonic()
        if changes and not waiting:
            waiting, since = True, now
        if changes and now - since < LONGEST_S and any(_is_large(path) for _, path in changes):
            continue  # a turn without changes shows that they are whole
        if waiting or now - looked >= recheck_s:
            yield
            waiting, looked = False, time.monotonic()


def _heard(folder: Path, settings: Settings, stop: Event, leave_out: Path | None) -> Iterator[set[FileChange]]:
    """Yield what has changed, and nothing about once a second, so that other things can be seen to.

    :raises FolderError: the operating system does not watch the folder.
    """

    def is_wanted(_: watchfiles.Change, path: str) -> bool:
        if leave_out is not None and (path == str(leave_out) or path.startswith(str(leave_out) + os.sep)):
            return False
        return not any(is_ignored(part) for part in os.path.relpath(path, folder).split(os.sep) if part != os.curdir)

    every_s = settings.watch_poll_seconds
    try:
        yield from watchfiles.watch(
            folder,
            watch_filter=is_wanted,
            debounce=int(LONGEST_S * 1e3),
            step=QUIET_MS,
            stop_event=stop,
            rust_timeout=int(max(QUIET_LARGE_S, 1.2 * every_s) * 1e3),
            yield_on_timeout=True,
            force_polling=True if every_s else None,
            poll_delay_ms=int(every_s * 1e3),
            ignore_permission_denied=True,
        )
    except FileNotFoundError:  # it went just now; the caller sees that by itself
        return
    except OSError as error:
        raise FolderError(
            f"the operating system does not watch {folder} ({error.strerror or error}). "
            "Let Youju look by itself: --set watch_poll_seconds=5"
        ) from error


def _place(folder: Path) -> tuple[int, int] | None:
    """Return what tells one folder, or one drive, from another at the same path; ``None`` where there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None


def _is_large(path: str) -> bool:
    try:
        return os.path.getsize(path) >= LARGE_BYTES
    except OSError:  # deleted, or moved on
        return False

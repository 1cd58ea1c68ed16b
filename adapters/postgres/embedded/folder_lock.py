"""A lock on a file, held by one thread of one process at a time.

The lock is held until it is released or its process ends. The thread that holds it may take it again. No owner is kept
on disk, so a killed process leaves nothing behind.
"""

from __future__ import annotations

import fcntl
import os
import threading
from functools import cache
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


@cache
def lock_on(path: Path) -> FolderLock:
    """Return this process's one lock on a path; two locks on one path would block each other, even in one thread."""
    return FolderLock(path)


class FolderLock:
    """An exclusive lock on the file `path`, which is created if missing and never removed; `lock_on` returns it.

    Entering waits without a limit, and raises `PermissionError` if the file may not be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.RLock()
        self._depth = 0
        self._descriptor = -1

    def __enter__(self) -> Self:
        self._threads.acquire()
        try:
            if self._depth == 0:
                self._take()
            self._depth += 1
        except BaseException:
            self._threads.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if self._depth == 0:
            # Unlocked, not only closed: a child forked in the meantime has the file open too.
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            os.close(self._descriptor)
        self._threads.release()

    def _take(self) -> None:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

"""A lock on a file, held by one thread of one process at a time.

Promise: it is held until it is released or its process ends, and the thread that holds it may take it again. It refuses
nobody for ever: it keeps no owner on disk that a killed process could leave behind.
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
    """Give this process's one lock on a path; two on one path would keep each other out, even in one thread."""
    return FolderLock(path)


class FolderLock:
    """An exclusive lock on `path`, which is made where it is missing and never removed; got from `lock_on`.

    Waits without a limit. Entering raises `PermissionError` where the file may not be opened.
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

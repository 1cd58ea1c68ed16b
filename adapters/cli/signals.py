"""How Ctrl-C and SIGTERM end a command that works until it is told to stop."""

from __future__ import annotations

import signal
from _thread import start_new_thread
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


@contextmanager
def interruptible() -> Iterator[Event]:
    """Let the first Ctrl-C stop between two windows; a second one ends the program as usual."""
    stop = Event()
    before = signal.getsignal(signal.SIGINT)

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        _set(stop)
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, interrupted)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def stoppable() -> Iterator[Event]:
    """Let SIGTERM and the first Ctrl-C stop the work after the step under way."""
    with interruptible() as stop:

        def ended(_number: int, _frame: FrameType | None) -> None:
            _set(stop)

        before = signal.signal(signal.SIGTERM, ended)
        try:
            yield stop
        finally:
            signal.signal(signal.SIGTERM, before)


def _set(stop: Event) -> None:
    # A handler runs in the main thread, wherever that is. If it is just taking the lock of the event in `stop.wait()`,
    # `stop.set()` would wait for that lock for ever. A thread of its own waits until the lock is free again, and
    # `start_new_thread` takes no lock that the main thread may hold, as `Thread.start` does.
    start_new_thread(stop.set, ())

"""Group commit: what several threads hand in while one transaction is under way shares the next one.

Each caller gets the answer to its own items after the commit that made them durable. Items are processed in the order
in which they were handed in, by one thread at a time. There is no thread of its own: a caller that finds no leader
leads, and on leaving hands the lead to the caller that waits longest. Callers who were just answered mostly come back
at once, so a leader waits a moment for as many as there were last time; it costs less than the commits it saves.
"""

from __future__ import annotations

import time
from collections import deque
from contextlib import suppress
from threading import Condition, Lock
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_T = TypeVar("_T")
_R = TypeVar("_R")

_LONGEST_WAIT_SECONDS: Final = 0.0003
_WAIT_SHARE: Final = 0.25
"""A leader waits for company for at most this share of what the last transaction took."""


class _Caller(Generic[_T]):
    """A thread that waits, with what it has handed in and is not yet processed."""

    def __init__(self, items: Iterable[_T]) -> None:
        self.items = deque(items)
        self.is_answered = False
        self._sleep = Lock()
        self._sleep.acquire()

    def wait(self) -> None:
        """Sleep until answered, or called upon to lead."""
        self._sleep.acquire()

    def wake(self) -> None:
        """End the sleep."""
        with suppress(RuntimeError):  # It had not begun: the caller leads and never slept.
            self._sleep.release()


class GroupCommit(Generic[_T]):
    """Passes items to `process`, at most `most` at once; `process` must answer every item that it is given."""

    def __init__(self, process: Callable[[list[_T]], None], most: int) -> None:
        self._process = process
        self._most = most
        self._waiting: deque[_Caller[_T]] = deque()
        self._mutex = Lock()
        self._arrival = Condition(self._mutex)
        self._leader: _Caller[_T] | None = None
        self._at_work = Lock()
        self._callers_last = 1
        self._seconds_last = 0.0

    def alone(self, work: Callable[[], _R]) -> _R:
        """Run `work` while no batch is being processed; return its result."""
        with self._at_work:
            return work()

    def run(self, items: Iterable[_T]) -> None:
        """Return when each of `items` has its answer."""
        caller = _Caller(items)
        try:
            with self._mutex:
                self._waiting.append(caller)
                self._leader = self._leader or caller
                self._arrival.notify()
            if self._leader is not caller:
                caller.wait()
            while not caller.is_answered:
                self._serve()
        finally:
            self._leave(caller)

    def _leave(self, caller: _Caller[_T]) -> None:
        """Let the next caller lead. A caller that was interrupted before its answer does not lead any more."""
        with self._mutex:
            if not caller.is_answered and caller in self._waiting:
                self._waiting.remove(caller)
            if self._leader is caller:
                self._leader = self._waiting[0] if self._waiting else None
                if self._leader is not None:
                    self._leader.wake()

    def _serve(self) -> None:
        """Process one batch and answer those who have nothing left to wait for."""
        batch: list[_T] = []
        answered: list[_Caller[_T]] = []
        started = time.perf_counter()
        try:
            with self._mutex:
                pause = min(_LONGEST_WAIT_SECONDS, _WAIT_SHARE * self._seconds_last)
                self._arrival.wait_for(lambda: len(self._waiting) >= self._callers_last, timeout=pause)
                self._take(batch, answered)
            started = time.perf_counter()
            with self._at_work:
                self._process(batch)
        finally:
            self._callers_last, self._seconds_last = len(answered), time.perf_counter() - started
            for caller in answered:
                caller.is_answered = True
                caller.wake()

    def _take(self, batch: list[_T], complete: list[_Caller[_T]]) -> None:
        """Take the items of a batch, in order, and the callers whose last item is among them."""
        while self._waiting and len(batch) < self._most:
            first = self._waiting[0]
            while first.items and len(batch) < self._most:
                batch.append(first.items.popleft())
            if not first.items:
                complete.append(self._waiting.popleft())

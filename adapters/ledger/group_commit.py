"""Group commit: what several threads hand in while one transaction is under way shares the next one.

Promise: each caller gets the answer to its own items, after the commit that made them durable; items are processed in
the order in which they were handed in, by one thread at a time. There is no thread of its own: whoever finds nobody at
work does the work of all who wait.
"""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Item(Protocol):
    """Something to be processed, which knows when it has been."""

    @property
    def is_done(self) -> bool:
        """Tell whether there is an answer."""


_I = TypeVar("_I", bound=Item)
_R = TypeVar("_R")


class GroupCommit(Generic[_I]):
    """Passes waiting items to `process`, at most `most` at once; `process` must answer every item that it is given."""

    def __init__(self, process: Callable[[list[_I]], None], most: int) -> None:
        self._process = process
        self._most = most
        self._waiting: deque[_I] = deque()
        self._at_work = Lock()

    def alone(self, work: Callable[[], _R]) -> _R:
        """Do something else while nothing is being processed, and give what it gives."""
        with self._at_work:
            return work()

    def run(self, items: Sequence[_I]) -> None:
        """Return when each of `items` has its answer."""
        self._waiting.extend(items)
        last = items[-1]
        while not last.is_done:
            # A waiter that gets the lock and finds its answer there has been served by the thread before it.
            with self._at_work:
                if not last.is_done:
                    count = min(len(self._waiting), self._most)
                    self._process([self._waiting.popleft() for _ in range(count)])

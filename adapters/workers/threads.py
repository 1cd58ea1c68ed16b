"""What goes on beside appending: read models follow the log, and webhooks are told of it.

Promise: each goes on in a thread of its own until the block ends, whatever the database does meanwhile. One that cannot
go on stops nothing else; whoever began it hears of that.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

from adapters.webhooks import deliver
from adapters.workers import Follower
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from adapters.bootstrap import Installation
    from adapters.webhooks.deliveries import Told
    from adapters.workers import Turn

    Ended = Callable[[str, PledgerError], None]
    """Hears, from another thread, which part cannot go on and why."""


@contextmanager
def following(installation: Installation, told: Callable[[Turn], None], ended: Ended) -> Iterator[None]:
    """Keep the read models up to date for the length of the block; `told` hears of each turn, from another thread."""
    with _beside("read models", lambda stop: Follower(installation.database).run(stop, told), ended):
        yield


@contextmanager
def telling_webhooks(installation: Installation, told: Callable[[Told], None], ended: Ended) -> Iterator[None]:
    """Tell webhooks for the length of the block; `told` hears of each attempt, from another thread."""
    with _beside("webhooks", lambda stop: deliver(installation, stop, told=told), ended):
        yield


@contextmanager
def _beside(name: str, work: Callable[[Event], None], ended: Ended) -> Iterator[None]:
    stop = Event()

    def run() -> None:
        try:
            work(stop)
        except PledgerError as error:
            ended(name, error)

    thread = Thread(target=run, name=name)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()

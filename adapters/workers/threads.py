"""What runs beside appending: read models follow the log, webhooks are sent, and bursts of opt-outs are noticed.

Each runs in its own thread until the block ends, and waits for the database when that is away. One that cannot go on is
reported to the caller, and stops nothing else.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

from adapters.workers.follower import Follower
from adapters.workers.opt_out_watch import watch_opt_outs
from adapters.workers.webhooks import deliver
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from adapters.bootstrap import Installation
    from adapters.queries.opt_outs import OptOutBurst
    from adapters.webhooks.deliveries import AttemptResult
    from adapters.workers.follower import FollowerProgress

    Ended = Callable[[str, PledgerError], None]
    """Called from another thread with the part that cannot go on, and why."""


@contextmanager
def following(installation: Installation, report: Callable[[FollowerProgress], None], ended: Ended) -> Iterator[None]:
    """Keep the read models up to date for the length of the block; `report` is called from another thread."""
    with _beside("read models", lambda stop: Follower(installation.database).run(stop, report), ended):
        yield


@contextmanager
def sending_webhooks(
    installation: Installation, report: Callable[[AttemptResult], None], ended: Ended
) -> Iterator[None]:
    """Send webhooks for the length of the block; `report` is called from another thread for each attempt."""
    with _beside("webhooks", lambda stop: deliver(installation, stop, report), ended):
        yield


@contextmanager
def watching_opt_outs(
    installation: Installation, report: Callable[[OptOutBurst], None], ended: Ended
) -> Iterator[None]:
    """Notice bursts of opt-outs for the length of the block; `report` is called from another thread for each."""
    with _beside("the watch over opt-outs", lambda stop: watch_opt_outs(installation, stop, report), ended):
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

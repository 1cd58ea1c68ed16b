"""A ledger to append to, a projection that runs on it supervised, and ways to break what is between them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest

from adapters import workers
from adapters.ledger import Receipt
from tests.controls import contest_entry
from tests.serving import eventually
from tests.workers.seen_events import SeeEvents, SeenEvents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from adapters.bootstrap import Installation
    from domain.errors import PledgerError

_numbers = count(1)


def append(installation: Installation, facts: int = 1) -> int:
    """Append contest entries of as many persons, two events each; give the last position."""
    entries = [
        contest_entry(0, subject=f"customer:{number}", fact_id=f"entry-{number}")
        for number in (next(_numbers) for _ in range(facts))
    ]
    *_, last = installation.ledger.append_many(entries)
    assert isinstance(last, Receipt)
    return last.position


def end_sessions(installation: Installation, besides: int = 0) -> int:
    """End every session in the ledger's database as an administrator would; give how many there were."""
    with installation.database.connect_as_owner() as owner:
        ended = owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), %s)",
            (besides,),
        ).fetchall()
    return len(ended)


@dataclass
class Supervised:
    """Runs `SeeEvents` supervised, in a thread; `ended` is what it raised."""

    installation: Installation
    interruptions: list[PledgerError] = field(default_factory=list)
    ended: list[BaseException] = field(default_factory=list)
    _stop: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        """Start it."""
        self._thread = Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            workers.run(self.installation, SeeEvents, SeenEvents, self._stop, self.interruptions.append)
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.ended.append(error)

    def seen(self) -> list[tuple[int, str, str | None]]:
        """Return what the view has, by a connection of its own."""
        with workers.view(self.installation, SeeEvents, SeenEvents) as view:
            return view.seen()

    def has_seen_up_to(self, position: int, seconds: float = 30.0) -> float:
        """Wait until the view has an event; give how many seconds that took."""
        with ExitStack() as stack:
            view = stack.enter_context(workers.view(self.installation, SeeEvents, SeenEvents))
            took = eventually(lambda: bool(self.ended) or view.has_tracking_id("ledger", position), seconds)
        for error in self.ended:
            raise error
        return took

    def close(self) -> None:
        """Stop it, and wait for it."""
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive()


@pytest.fixture
def supervise(installation: Installation) -> Iterator[Callable[..., Supervised]]:
    """Start as many supervised runners as a test asks for, by default on the test's own ledger."""
    started: list[Supervised] = []

    def start(at: Installation = installation) -> Supervised:
        started.append(Supervised(at))
        return started[-1]

    yield start
    for one in started:
        one.close()


def positions(seen: list[tuple[int, Any, Any]]) -> list[int]:
    """Return the positions of what a view has."""
    return [position for position, *_ in seen]

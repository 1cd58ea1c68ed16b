"""The relay: takes the rows of a shop's outbox in order, and delivers them until it is told to stop.

Promise: a row is written down as delivered only after its answer, so that a relay that dies in between delivers it
again, under the same source and id, of which the ledger stores one. Rows go in the order of their ids, and the rows of
one subject one after the other: one that is tried again holds back what comes after it of that subject, and nobody
else; one that is parked holds back nothing, since a poison row must not stand in the way of somebody's opt-out. What
may pass, on either side, is waited for with pauses that grow, and parks nothing. One relay an outbox is at work at a
time; another one stands by, and takes over when the first is gone.

One thing is not promised: if the ledger itself fails on one fact in the middle of a batch, later facts of that subject
in the same batch may be stored before it. The ledger judges by the time of each fact, whatever the order in which they
arrive.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from adapters.outbox import rows as outbox_rows
from adapters.outbox.connecting import OutboxUnreachable, told as errors_told
from adapters.outbox.destinations import Answer
from adapters.postgres.outages import LONGEST_PAUSE_SECONDS, Pauses
from adapters.postgres.wake_ups import POLL_SECONDS, wait_for_news
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from adapters.outbox.connecting import Connection, Outbox
    from adapters.outbox.destinations import Destination
    from adapters.outbox.rows import Fate, Row

KEEP: Final = timedelta(days=7)
TIDY_SECONDS: Final = 60.0
"""How often rows that were delivered long ago are removed."""
_FIRST_ROW_PAUSE_SECONDS: Final = 0.2


class RelayAtWork(PledgerError):
    """Another relay is at work on this outbox."""

    code = "relay_at_work"


class Turn(NamedTuple):
    """What the relay has to tell: a batch that was answered, an interruption, or that another relay is at work."""

    fates: tuple[Fate, ...] = ()
    interrupted: PledgerError | None = None
    stands_by: bool = False


def relay(  # noqa: PLR0913 - what goes where, for how long, and who hears of it
    outbox: Outbox,
    destination: Destination,
    stop: Event,
    told: Callable[[Turn], None],
    *,
    keep: timedelta = KEEP,
    once: bool = False,
) -> None:
    """Deliver what waits in an outbox until `stop` is set; with `once` until nothing does that can be delivered now.

    `told` hears of each turn, from this thread. With `once` nothing is waited for: what is in the way is raised, an
    `Outage`, an `OutboxUnreachable` or a `RelayAtWork`. Raises the `PledgerError` that will not pass by itself.
    """
    pauses = Pauses(stop.wait)
    while not stop.is_set():
        try:
            with outbox.connect() as connection, errors_told():
                work = _Work(connection, destination, told, keep)
                if outbox_rows.is_mine(connection):
                    work.run(stop, pauses, once=once)
                    return
                if once:
                    raise _at_work()
                told(Turn(stands_by=True))
                while not stop.wait(POLL_SECONDS) and not outbox_rows.is_mine(connection):
                    pass
                work.run(stop, pauses, once=False)
                return
        except OutboxUnreachable as error:
            if once:
                raise
            told(Turn(interrupted=error))
            pauses.pause()


class _Work:
    """The work on one connection, which holds the lock that says whose turn it is."""

    def __init__(
        self, connection: Connection, destination: Destination, told: Callable[[Turn], None], keep: timedelta
    ) -> None:
        self._connection = connection
        self._destination = destination
        self._told = told
        self._keep = keep
        self._not_before: dict[int, float] = {}
        self._tidy_at = time.monotonic()

    def run(self, stop: Event, pauses: Pauses, *, once: bool) -> None:
        outbox_rows.listen(self._connection)
        while not stop.is_set():
            due = self._due(outbox_rows.waiting(self._connection))
            answer = self._destination.deliver(due) if due else Answer([])
            self._note(due, answer.fates)
            self._tidy()
            if answer.outage:
                if once:
                    raise answer.outage
                self._told(Turn(interrupted=answer.outage))
                pauses.pause()
                continue
            pauses.reset()
            if any(one.reason is None or one.is_parked for one in answer.fates):
                continue
            if once:
                return
            wait_for_news(self._connection, POLL_SECONDS, stop.is_set)

    def _due(self, waiting: list[Row]) -> list[Row]:
        """Leave out rows whose pause is not over, and those of a subject of which an earlier one is tried again."""
        now = time.monotonic()
        held: set[str | None] = set()
        due: list[Row] = []
        for row in waiting:
            if row.subject in held:
                continue
            if self._not_before.get(row.id, now) > now:
                held.add(row.subject)
                continue
            if row.attempts:
                held.add(row.subject)
            due.append(row)
        return due

    def _note(self, due: list[Row], fates: list[Fate]) -> None:
        if not fates:
            return
        outbox_rows.note(self._connection, fates)
        attempts = {row.id: row.attempts for row in due}
        for fate in fates:
            self._not_before.pop(fate.id, None)
            if fate.reason is not None and not fate.is_parked:
                pause = min(_FIRST_ROW_PAUSE_SECONDS * 2.0 ** min(attempts[fate.id], 10), LONGEST_PAUSE_SECONDS)
                self._not_before[fate.id] = time.monotonic() + pause
        self._told(Turn(tuple(fates)))

    def _tidy(self) -> None:
        """Remove what was delivered long ago, now and then."""
        if time.monotonic() < self._tidy_at:
            return
        removed = outbox_rows.remove_delivered(self._connection, self._keep)
        # Where there was more than is removed at once, the next turn goes on.
        self._tidy_at = time.monotonic() + (TIDY_SECONDS if removed < outbox_rows.REMOVED_AT_ONCE else 0.0)


def _at_work() -> RelayAtWork:
    return RelayAtWork(
        "Nothing was delivered.",
        "another relay is at work on this outbox.",
        "Nothing needs doing: that one delivers. pledger relay status shows how far it is.",
    )

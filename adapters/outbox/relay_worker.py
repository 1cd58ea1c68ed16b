"""The relay: takes the rows of a shop's outbox in order, and delivers them until it is stopped.

A row is stored as delivered only after its answer. A relay that dies in between delivers it again under the same source
and id, and the ledger stores it once. Rows go in the order of their ids. A row that is tried again holds back the later
rows of its subject, and no others. A parked row holds back nothing, because what comes after it may be that person's
opt-out. Transient errors on either side are waited for with growing pauses, and park nothing. One relay works on an
outbox at a time; others stand by and take over when it is gone.

If the ledger itself fails on one fact in the middle of a batch, later facts of that subject in the batch may be stored
before it. The ledger judges facts by their own time, so this changes no verdict.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from adapters.outbox import rows
from adapters.outbox.connection import OutboxUnreachable, outbox_errors
from adapters.outbox.destinations import DeliveryAnswer
from adapters.postgres.wake_ups import POLL_SECONDS, wait_for_news
from adapters.transient import LONGEST_PAUSE_SECONDS, Backoff, backoff_seconds
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from adapters.outbox.connection import Connection, Outbox
    from adapters.outbox.destinations import Destination
    from adapters.outbox.rows import DeliveryResult, OutboxRow

KEEP: Final = timedelta(days=7)
CLEANUP_SECONDS: Final = 60.0
"""The time between two removals of rows that were delivered long ago."""
_FIRST_ROW_PAUSE_SECONDS: Final = 0.2


class RelayAtWork(PledgerError):
    """Another relay works on this outbox."""

    code = "relay_at_work"


class RelayProgress(NamedTuple):
    """One report of the relay: the results of a batch, an interruption, or that another relay is at work."""

    results: tuple[DeliveryResult, ...] = ()
    interrupted: PledgerError | None = None
    stands_by: bool = False


def relay(  # noqa: PLR0913 - what goes where, and how it is reported
    outbox: Outbox,
    destination: Destination,
    stop: Event,
    report: Callable[[RelayProgress], None],
    *,
    keep: timedelta = KEEP,
    once: bool = False,
) -> None:
    """Deliver the rows of an outbox until `stop` is set, or with `once` until no row can be delivered now.

    `report` is called from this thread. With `once` the relay waits for nothing: it raises `Outage`,
    `OutboxUnreachable` or `RelayAtWork`. Raise every `PledgerError` that is not transient.
    """
    backoff = Backoff(stop.wait)
    while not stop.is_set():
        try:
            with outbox.connect() as connection, outbox_errors():
                work = _Relay(connection, destination, report, keep)
                if rows.try_lock(connection):
                    work.run(stop, backoff, once=once)
                    return
                if once:
                    raise _at_work()
                report(RelayProgress(stands_by=True))
                while not stop.wait(POLL_SECONDS) and not rows.try_lock(connection):
                    pass
                work.run(stop, backoff, once=False)
                return
        except OutboxUnreachable as error:
            if once:
                raise
            report(RelayProgress(interrupted=error))
            backoff.pause()


class _Relay:
    """The work on one connection, which holds the relay's lock."""

    def __init__(
        self, connection: Connection, destination: Destination, report: Callable[[RelayProgress], None], keep: timedelta
    ) -> None:
        self._connection = connection
        self._destination = destination
        self._report = report
        self._keep = keep
        self._not_before: dict[int, float] = {}
        self._cleanup_at = time.monotonic()

    def run(self, stop: Event, backoff: Backoff, *, once: bool) -> None:
        rows.listen(self._connection)
        while not stop.is_set():
            due = self._due(rows.waiting(self._connection))
            answer = self._destination.deliver(due) if due else DeliveryAnswer([])
            self._record(due, answer.results)
            self._clean_up()
            if answer.outage:
                if once:
                    raise answer.outage
                self._report(RelayProgress(interrupted=answer.outage))
                backoff.pause()
                continue
            backoff.reset()
            if any(one.reason is None or one.is_parked for one in answer.results):
                continue
            if once:
                return
            wait_for_news(self._connection, POLL_SECONDS, stop.is_set)

    def _due(self, waiting: list[OutboxRow]) -> list[OutboxRow]:
        """Return the rows without those that pause, and without the later rows of a subject that is tried again."""
        now = time.monotonic()
        held: set[str | None] = set()
        due: list[OutboxRow] = []
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

    def _record(self, due: list[OutboxRow], results: list[DeliveryResult]) -> None:
        if not results:
            return
        rows.record(self._connection, results)
        attempts = {row.id: row.attempts for row in due}
        for result in results:
            self._not_before.pop(result.id, None)
            if result.reason is not None and not result.is_parked:
                pause = backoff_seconds(attempts[result.id], _FIRST_ROW_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
                self._not_before[result.id] = time.monotonic() + pause
        self._report(RelayProgress(tuple(results)))

    def _clean_up(self) -> None:
        """Remove rows that were delivered long ago, if it is time."""
        if time.monotonic() < self._cleanup_at:
            return
        removed = rows.remove_delivered(self._connection, self._keep)
        # If there are more than one statement removes, the next turn continues.
        self._cleanup_at = time.monotonic() + (CLEANUP_SECONDS if removed < rows.REMOVED_AT_ONCE else 0.0)


def _at_work() -> RelayAtWork:
    return RelayAtWork(
        "Nothing was delivered.",
        "another relay works on this outbox.",
        "Nothing needs doing: the other one delivers. pledger relay status shows its progress.",
    )

"""The follower: keeps the read models up to date with the log until it is stopped.

It listens first and reads then, so it misses no append. It also looks every second, so a lost wake-up costs a second. A
dropped connection or a restart of the server interrupts it, and it resumes by itself with growing pauses. A read model
that cannot go on is reported, and holds up no other. Any number of followers may follow one ledger.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

from adapters.postgres.connection import translated
from adapters.postgres.wake_ups import POLL_SECONDS, listen, wait_for_news
from adapters.transient import Backoff, Interrupted, interruption, is_transient
from domain.errors import PledgerError
from projections import engine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from threading import Event

    from adapters.postgres.connection import Database
    from projections.engine import ProjectionStatus
    from projections.projection import Projection


class FollowerProgress(NamedTuple):
    """The report of a follower after each turn: the state of the read models, or what interrupted it."""

    standing: tuple[ProjectionStatus, ...]
    """In order of the registry; a lag is what was appended during the turn. Empty if it was interrupted."""
    interrupted: Interrupted | None = None


class Follower:
    """Brings read models to the end of the log whenever it grows; `run` may be called again after it returned."""

    def __init__(
        self,
        database: Database,
        projections: Sequence[Projection] = engine.PROJECTIONS,
        *,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self._database = database
        self._projections = projections
        self._poll_seconds = poll_seconds

    def run(self, stop: Event, report: Callable[[FollowerProgress], None] | None = None) -> None:
        """Follow until `stop` is set; return within a tenth of a second then, or after the turn under way.

        `report` is called from this thread after each turn. Raise every `PledgerError` that is not transient.
        """
        backoff = Backoff(stop.wait)
        while not stop.is_set():
            try:
                with self._database.connect() as connection:
                    listen(connection)
                    engine.prepare(connection, self._projections)
                    self._follow(connection, stop, report, backoff)
            except (psycopg.Error, PledgerError) as error:
                if not is_transient(error):
                    with translated():
                        raise
                if report:
                    report(FollowerProgress((), interruption(error)))
                backoff.pause()

    def _follow(
        self,
        connection: psycopg.Connection[tuple[Any, ...]],
        stop: Event,
        report: Callable[[FollowerProgress], None] | None,
        backoff: Backoff,
    ) -> None:
        while not stop.is_set():
            self._catch_up(connection)
            backoff.reset()
            if report:
                report(FollowerProgress(tuple(engine.status(connection, self._projections))))
            wait_for_news(connection, self._poll_seconds, stop.is_set)

    def _catch_up(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        try:
            engine.catch_up(connection, self._projections)
        except psycopg.OperationalError:
            if not connection.broken:
                # A lock or a time limit interrupted one of them; those after it need not wait for it.
                for projection in self._projections:
                    with suppress(psycopg.OperationalError):
                        engine.catch_up(connection, [projection])
            raise

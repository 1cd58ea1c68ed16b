"""The follower: keeps the read models up to date with the log, for as long as nobody stops it.

Promise: it listens first and reads then, so that no append falls between; it looks every second all the same, so that a
lost wake-up costs a second. A dropped connection or a server that restarts interrupts it, and it goes on by itself with
growing pauses. A read model that cannot go on holds up no other, and is told with what is in its way. Any number of
followers may follow one ledger.
Refused: going on after an error that would come again whatever it does, such as a ledger that is gone.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

from adapters.postgres.connection import translated
from adapters.postgres.outages import Interrupted, Pauses, interrupted, passes
from adapters.postgres.wake_ups import POLL_SECONDS, listen, wait_for_news
from domain.errors import PledgerError
from projections import engine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from threading import Event

    from adapters.postgres.connection import Database
    from projections.engine import ProjectionStatus
    from projections.projection import Projection


class Turn(NamedTuple):
    """What a follower tells after each turn: how the read models stand now, or by what it was interrupted."""

    standing: tuple[ProjectionStatus, ...]
    """In order of the registry; a lag is what was appended during the turn. Empty where it was interrupted."""
    interrupted: Interrupted | None = None


class Follower:
    """Brings read models to the end of the log whenever it grows; `run` may be called again once it has returned."""

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

    def run(self, stop: Event, told: Callable[[Turn], None] | None = None) -> None:
        """Follow until `stop` is set; return within a tenth of a second then, or when the turn under way is done.

        `told` is called from this thread after each turn. Raises the `PledgerError` that will not pass by itself.
        """
        pauses = Pauses(stop.wait)
        while not stop.is_set():
            try:
                with self._database.connect() as connection:
                    listen(connection)
                    engine.prepare(connection, self._projections)
                    self._follow(connection, stop, told, pauses)
            except (psycopg.Error, PledgerError) as error:
                if not passes(error):
                    with translated():
                        raise
                if told:
                    told(Turn((), interrupted(error)))
                pauses.pause()

    def _follow(
        self,
        connection: psycopg.Connection[tuple[Any, ...]],
        stop: Event,
        told: Callable[[Turn], None] | None,
        pauses: Pauses,
    ) -> None:
        while not stop.is_set():
            self._catch_up(connection)
            pauses.reset()
            if told:
                told(Turn(tuple(engine.status(connection, self._projections))))
            wait_for_news(connection, self._poll_seconds, stop.is_set)

    def _catch_up(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        try:
            engine.catch_up(connection, self._projections)
        except psycopg.OperationalError:
            if not connection.broken:
                # One of them was interrupted, as by a lock or a limit of time; those after it need not wait for it.
                for projection in self._projections:
                    with suppress(psycopg.OperationalError):
                        engine.catch_up(connection, [projection])
            raise

"""The time of the database's clock, which judges what lies in the future.

A process's own clock may be hours wrong, so it is never asked. The database says its time with each append; from then
on the monotonic clock counts. So the estimate costs no query. It may lag by what an answer took on its way, or by as
long as the machine slept. So a caller that is about to reject a time asks the database first.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from adapters.postgres.queries import query

if TYPE_CHECKING:
    import psycopg


class DatabaseClock:
    """The time of one database's clock; any number of threads may read it."""

    def __init__(self) -> None:
        self._heard: tuple[datetime, float] | None = None

    def ask(self, connection: psycopg.Connection[Any]) -> datetime:
        """Ask the database for its time."""
        ((now,),) = connection.execute(query("clock"), prepare=True).fetchall()
        self.heard(now)
        return self.now()

    def heard(self, now: datetime) -> None:
        """Take note of a time that the database has just said."""
        self._heard = now.astimezone(UTC), time.monotonic()

    def now(self) -> datetime:
        """Return the time by the database's clock; it has to have been heard of."""
        assert self._heard is not None, "the database is asked on connecting"
        then, at = self._heard
        return then + timedelta(seconds=time.monotonic() - at)

"""Waking readers: one NOTIFY for many commits, outside every append, and how a reader waits for it.

Readers hear of an append within `_QUIET_SECONDS`, or by looking every `POLL_SECONDS`, so a lost wake-up loses nothing.
NOTIFY takes a lock that all databases of the server share, so at most one is sent in that time, on a connection of its
own. A reader listens first and then looks, so that no append falls between the two.
"""

from __future__ import annotations

import time
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final

import psycopg

from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.postgres.connection import Database

WAKE_UP_CHANNEL: Final = "events"
POLL_SECONDS: Final = 1.0
_QUIET_SECONDS: Final = 0.05
_GLANCE_SECONDS: Final = 0.1
"""How often a waiting reader checks whether it has to stop."""


def listen(connection: psycopg.Connection[Any]) -> None:
    """Have wake-ups sent to a connection in autocommit, from now on."""
    connection.execute(f"LISTEN {WAKE_UP_CHANNEL}".encode())


def wait_for_news(connection: psycopg.Connection[Any], seconds: float, is_stopped: Callable[[], bool]) -> None:
    """Wait for a wake-up, at most so many seconds; return soon after `is_stopped` says so."""
    until = time.monotonic() + seconds
    while not is_stopped() and (left := until - time.monotonic()) > 0:
        for _ in connection.notifies(timeout=min(left, _GLANCE_SECONDS), stop_after=1):
            return


class WakeUps:
    """Sends wake-ups from a thread that starts at the first append."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._news = Event()
        self._closing = Event()
        self._thread: Thread | None = None

    def appended(self) -> None:
        """Request a wake-up; this returns at once."""
        if self._thread is None:
            self._thread = Thread(target=self._run, name="pledger-wake-ups", daemon=True)
            self._thread.start()
        self._news.set()

    def close(self) -> None:
        """Send a wake-up that is due, and stop."""
        self._closing.set()
        self._news.set()
        if self._thread is not None:
            self._thread.join()

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        connection = self._database.connect()
        # A wake-up need not be on disk; waiting for that would slow down the commits of appends.
        connection.execute(b"SET synchronous_commit = off")
        return connection

    def _run(self) -> None:
        connection: psycopg.Connection[tuple[object, ...]] | None = None
        closing = False
        while not closing:
            self._news.wait()
            closing = self._closing.is_set()  # Read before sending, so that everything before it is sent.
            self._news.clear()
            try:
                connection = connection or self._connect()
                connection.execute(f"NOTIFY {WAKE_UP_CHANNEL}".encode())
            except (psycopg.Error, PledgerError):
                # A lost wake-up costs a reader one poll; the next append tries again.
                if connection is not None:
                    connection.close()
                connection = None
            self._closing.wait(_QUIET_SECONDS)
        if connection is not None:
            connection.close()

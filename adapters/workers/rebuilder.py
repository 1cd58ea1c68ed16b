"""Rebuilding read models beside the server that reads them, and removing what former ones have left."""

from __future__ import annotations

import logging
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from psycopg import sql

from adapters.postgres.connection import translated
from domain.errors import PledgerError
from projections import engine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adapters.postgres.connection import Database
    from projections.engine import Rebuilt
    from projections.projection import Connection, Projection

_log = logging.getLogger("pledger.http")


class Rebuilder:
    """Rebuilds in its own thread, one at a time; `results` has the end of the last rebuild, by read model."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._thread: Thread | None = None
        self._stop = Event()
        self._lock = Lock()
        self.results: dict[str, Rebuilt | PledgerError] | None = None

    def begin(self, connection: Connection, projections: Sequence[Projection]) -> None:
        """Begin to rebuild. Raise `RebuildRunning` if one is under way, here or in another program."""
        with self._lock:
            names = {one.name for one in projections}
            running = {one.projection for one in engine.status(connection) if one.rebuild and one.rebuild.is_running}
            if names & running or (self._thread is not None and self._thread.is_alive()):
                raise engine.RebuildRunning(
                    "No rebuild was begun.",
                    "one is under way.",
                    "Ask again when GET /v1/projections shows none, or end that one with DELETE.",
                )
            self.results = None
            self._thread = Thread(target=self._run, args=(projections,), name="rebuild")
            self._thread.start()

    def close(self) -> None:
        """Stop after the window under way; the next rebuild continues from there."""
        self._stop.set()
        with self._lock:
            if self._thread is not None:
                self._thread.join()

    def _run(self, projections: Sequence[Projection]) -> None:
        try:
            self.results = engine.rebuild(self._connect, projections, stop=self._stop)
        except PledgerError as error:  # Another program began at this moment, or the database is gone.
            _log.warning("rebuild ended: %s", error.code)
            self.results = {one.name: error for one in projections}


def remove_left_over(database: Database, name: str) -> None:
    """Remove the table that a former read model has left. Raise `NotLeftOver`."""
    with translated(), database.connect_as_owner() as connection:
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(database.ledger)))
        engine.remove(connection, name)

"""The lines about making read models from the log: rebuilding all of them, and catching up from a standing start.

Promise: everything reads one and the same log, and nothing appends meanwhile.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, LiteralString

from adapters.postgres.connection import Database
from domain.errors import PledgerError
from projections import engine
from tests.benchmarks.in_turn import in_turn
from tests.benchmarks.line import Line
from tests.benchmarks.targets import target

if TYPE_CHECKING:
    from psycopg.sql import Composed

    from projections.projection import Connection, Projection
    from tests.benchmarks.filled import Filled
    from tests.benchmarks.in_turn import Progress
    from tests.benchmarks.runner_side import RunnerSide

REBUILD, BY_HAND, CATCH_UP = "rebuild", "by_hand", "catch_up"
REBUILDING: Final = (REBUILD, BY_HAND, CATCH_UP)

_CONNECTIONS: Final = 2
_SMALL_WINDOW: Final = 500
_SMALL_WINDOWS: Final = 200
"""How many of the small windows are taken: their rate does not depend on it."""


@dataclass(slots=True)
class Rebuilding:
    """Measures on one filled ledger."""

    filled: Filled
    rounds: int
    say: Progress

    def measure(self, only: tuple[str, ...], runner: RunnerSide | None) -> list[Line]:
        """Return the lines asked for; the runner is needed for the first of them."""
        lines: list[Line] = []
        with closing(self._database.connect()) as connection:
            engine.prepare(connection)
            if REBUILD in only or BY_HAND in only:
                lines += self._rebuilds(connection, runner)
            if CATCH_UP in only:
                lines += [
                    self._catch_up(connection, engine.WINDOW_EVENTS, self.filled.events),
                    self._catch_up(connection, _SMALL_WINDOW, _SMALL_WINDOW * _SMALL_WINDOWS),
                ]
        return [line for line in lines if line.key in only]

    @property
    def _database(self) -> Database:
        return Database(self.filled.place.url, self.filled.place.ledger)

    def _rebuilds(self, connection: Connection, runner: RunnerSide | None) -> list[Line]:
        sides = {"ours": self._rebuild, "by hand": lambda: self._by_hand(connection)}
        if runner is not None:
            sides["eventsourcing"] = runner.rate
        rates = in_turn(f"{REBUILD}, {self.filled.events:,}", self.rounds, "events/s", sides, self.say)
        of = f"{len(engine.PROJECTIONS)} read models, {self.filled.asked:,} events"
        notes = (str(self.filled),)
        hand = f"the same SQL by hand, one transaction each, {_CONNECTIONS} connections"
        work, place = f"rebuild of all {of}", self.filled.place
        least = target(BY_HAND, place)
        lines = [Line(BY_HAND, work, hand, "events/s", least, rates["ours"], rates["by hand"], notes)]
        if runner is not None:
            against = f"eventsourcing ProjectionRunner, one view, {runner.asked:,} events"
            theirs, least = rates["eventsourcing"], target(REBUILD, place)
            lines.insert(0, Line(REBUILD, work, against, "events/s", least, rates["ours"], theirs, notes))
        return lines

    def _rebuild(self) -> float:
        start = time.perf_counter()
        ended = engine.rebuild(self._database.connect, workers=_CONNECTIONS)
        seconds = time.perf_counter() - start
        for outcome in ended.values():
            if isinstance(outcome, PledgerError):
                raise outcome
        return self.filled.events / seconds

    def _by_hand(self, connection: Connection) -> float:
        """Run each statement over the whole log, into tables beside those that are read; take them in order."""
        waiting: SimpleQueue[Projection] = SimpleQueue()
        for projection in engine.PROJECTIONS:
            connection.execute(_into(projection, projection.tables))
            waiting.put(projection)
        connections = [self._database.connect() for _ in range(_CONNECTIONS)]
        window = {"after": 0, "upto": self.filled.events}

        def work(mine: Connection) -> None:
            while True:
                try:
                    projection = waiting.get_nowait()
                except Empty:
                    return
                mine.execute(_into(projection, projection.statement), window)

        start = time.perf_counter()
        with ThreadPoolExecutor(_CONNECTIONS) as threads:
            for ended in [threads.submit(work, mine) for mine in connections]:
                ended.result()
        seconds = time.perf_counter() - start
        for mine in connections:
            mine.close()
        for projection in engine.PROJECTIONS:
            connection.execute(_into(projection, "DROP TABLE {table}"))
        return self.filled.events / seconds

    def _catch_up(self, connection: Connection, window: int, upto: int) -> Line:
        events, asked = min(upto, self.filled.events), min(upto, self.filled.asked)

        def measured() -> float:
            self._forget(connection)
            start = time.perf_counter()
            engine.catch_up(connection, upto=events, window=window)
            return events / (time.perf_counter() - start)

        rates = in_turn(f"{CATCH_UP}, windows of {window:,}", self.rounds, "events/s", {"ours": measured}, self.say)
        work = f"catch-up of all from nothing, windows of {window:,}, {asked:,} events"
        return Line(CATCH_UP, work, "–", "events/s", None, rates["ours"], notes=(str(self.filled),))

    @staticmethod
    def _forget(connection: Connection) -> None:
        """Empty the read models, as in a new ledger."""
        for projection in engine.PROJECTIONS:
            connection.execute(projection.sql("TRUNCATE {table}"))
        connection.execute("UPDATE projection_checkpoints SET position = 0")


def _into(projection: Projection, text: LiteralString) -> Composed:
    """Return one of a projection's texts for a table beside the one that is read."""
    return projection.sql(text, f"{projection.name}_by_hand")

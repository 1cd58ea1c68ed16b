"""How far read models lag behind appends, measured: writers and a follower in processes of their own, at full speed.

A lag runs from the answer to an append until every checkpoint was seen to have passed its events. The checkpoints are
polled every few milliseconds, so a lag is never reported too short. One in ten transactions is rolled back. In the end
the log must have no gap, and each read model must hold what its statement makes of the whole log.
Clocks are compared between processes: the monotonic one is the machine's.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from bisect import bisect_left
from contextlib import ExitStack, closing
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from adapters.bootstrap import opened
from adapters.workers import Follower
from projections import engine
from tests.controls import contest_entry
from tests.postgres.writing import append_rows
from tests.reading import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

    from adapters.bootstrap import Installation
    from adapters.settings import Settings
    from domain.facts import Fact
    from projections.projection import Connection as ReadingConnection, Projection

LOOK_SECONDS = 0.004
ROLLED_BACK = 0.1
CUSTOMERS = 200


def contest_entries() -> Iterator[Fact]:
    """Yield contest entries of a few customers, whom all writers share."""
    chance = random.Random()  # noqa: S311 - chance, not a secret
    while True:
        name = f"customer:{chance.randrange(CUSTOMERS)}"
        yield contest_entry(0, subject=name, reference=str(uuid4()), fact_id=str(uuid4()))


_READY_SECONDS = 60
_SETTLE_SECONDS = 30


@dataclass(frozen=True)
class Lags:
    """What was measured; lags in seconds, from the shortest to the longest."""

    seconds: float
    lags: tuple[float, ...]
    rolled_back: int
    gaps: int
    """Positions that the log lacks."""
    missed: int
    """Rows that a read model lacks, or has and should not."""

    def percentile(self, percent: float) -> float:
        """Return the lag that so many percent of the appends did not exceed, in seconds."""
        return self.lags[min(len(self.lags) - 1, int(len(self.lags) * percent / 100))]

    def __str__(self) -> str:
        shown = ", ".join(f"p{percent} {self.percentile(percent) * 1000:.0f} ms" for percent in (50, 99))
        return (
            f"{len(self.lags)} appends, {len(self.lags) / self.seconds:.0f} a second, {self.rolled_back} rolled back: "
            f"{shown}, longest {self.lags[-1] * 1000:.0f} ms, {self.gaps} gaps, {self.missed} missed"
        )


def measure(
    installation: Installation,
    *,
    seconds: float = 10.0,
    writers: int = 5,
    facts: Callable[[], Iterator[Fact]] = contest_entries,
) -> Lags:
    """Append and follow for so long, on a ledger that has read models at rest; give what was measured."""
    with ExitStack() as stack:
        follower = stack.enter_context(_Process(_follow, installation.settings))
        team = [stack.enter_context(_Process(_write, installation.settings, seconds, facts)) for _ in range(writers)]
        for process in (follower, *team):
            process.hear(_READY_SECONDS)
        watch = stack.enter_context(closing(_Watch(installation)))
        for process in team:
            process.line.send("go")
        answers, rolled_back = [], 0
        for process in team:
            told, undone = process.hear(seconds + _READY_SECONDS)
            answers += told
            rolled_back += undone
        watch.until(max(position for position, _ in answers))
        gaps, missed = _examine(installation)
    lags = sorted(max(0.0, watch.passed(position) - answered) for position, answered in answers)
    return Lags(seconds, tuple(lags), rolled_back, gaps, missed)


class _Process:
    """A process with a line to it; ended with the block."""

    def __init__(self, work: Any, *arguments: Any) -> None:  # noqa: ANN401 - a function and what it takes
        context = multiprocessing.get_context("spawn")
        self.line, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs, *arguments), daemon=True)
        self._process.start()
        theirs.close()

    def hear(self, seconds: float) -> Any:  # noqa: ANN401 - whatever the process says
        """Wait for what the process says."""
        if not self.line.poll(seconds):
            message = "a process said nothing in time"
            raise TimeoutError(message)
        return self.line.recv()

    def __enter__(self) -> _Process:  # noqa: PYI034 - nobody makes a subclass
        return self

    def __exit__(self, *_: object) -> None:
        self.line.close()
        self._process.join(10)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join()


class _Watch:
    """Looks again and again how far the last of the checkpoints is."""

    def __init__(self, installation: Installation) -> None:
        self._connection = installation.connect()
        self._seen: list[tuple[int, float]] = []
        self._stop = Event()
        self._thread = Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            reached = min(engine.positions(self._connection).values())
            if not self._seen or reached > self._seen[-1][0]:
                self._seen.append((reached, time.monotonic()))

    def until(self, position: int) -> None:
        """Wait until all of them have passed a position."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while not self._seen or self._seen[-1][0] < position:
            if time.monotonic() > deadline:
                message = f"the read models have not reached position {position}"
                raise TimeoutError(message)
            time.sleep(LOOK_SECONDS)

    def passed(self, position: int) -> float:
        """Return when all of them were first seen to have passed a position."""
        return self._seen[bisect_left(self._seen, (position, 0.0))][1]

    def close(self) -> None:
        """Stop looking."""
        self._stop.set()
        self._thread.join()
        self._connection.close()


def _follow(line: Connection, settings: Settings) -> None:
    """Follow until the other end of the line is gone."""
    stop = Event()
    with opened(settings) as it:
        thread = Thread(target=Follower(it.database).run, args=(stop, lambda _: None))
        thread.start()
        line.send("ready")
        _wait_for_the_end(line)
        stop.set()
        thread.join()


def _write(line: Connection, settings: Settings, seconds: float, facts: Callable[[], Iterator[Fact]]) -> None:
    """Append one fact after another; say which positions were answered when, and how often it was rolled back."""
    chance = random.Random()  # noqa: S311 - chance, not a secret
    answered, rolled_back = [], 0
    told = facts()
    with opened(settings) as it, it.connect() as other:
        other.autocommit = False
        (first, *_) = rows_of(it)
        line.send("ready")
        line.recv()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if chance.random() < ROLLED_BACK:
                append_rows(other, [first._replace(stream_id=uuid4())])
                other.rollback()
                rolled_back += 1
                continue
            receipt = it.ledger.append(next(told))
            answered.append((receipt.position, time.monotonic()))
    line.send((answered, rolled_back))
    _wait_for_the_end(line)


def _wait_for_the_end(line: Connection) -> None:
    try:
        line.recv()
    except EOFError:
        return


def _examine(installation: Installation) -> tuple[int, int]:
    """Count the gaps in the log, and the rows by which read models differ from what their statements make of it."""
    with installation.connect() as connection:
        ((gaps, end),) = connection.execute("SELECT max(position) - count(*), max(position) FROM events").fetchall()
        engine.catch_up(connection)
        return gaps, sum(_wrong(connection, projection, end) for projection in engine.PROJECTIONS)


def _wrong(connection: ReadingConnection, projection: Projection, end: int) -> int:
    connection.execute(projection.sql("CREATE TEMP TABLE made_anew (LIKE {table} INCLUDING ALL)"))
    connection.execute(projection.sql(projection.statement, "made_anew"), {"after": 0, "upto": end})
    ((lacking, needless),) = connection.execute(
        projection.sql(
            "SELECT (SELECT count(*) FROM (TABLE made_anew EXCEPT ALL TABLE {table}) AS lacking),"
            " (SELECT count(*) FROM (TABLE {table} EXCEPT ALL TABLE made_anew) AS needless)"
        )
    ).fetchall()
    connection.execute("DROP TABLE made_anew")
    return int(lacking + needless)

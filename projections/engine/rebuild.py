"""Rebuilding: read models are made again in shadow tables, which replace the live tables when they are done.

Appends and reads go on meanwhile. Each window is committed with the shadow's position, so a rebuild that was stopped or
killed continues where it was. One that fails leaves the live table as it is, and the others go on.

Several are made side by side: the one that is furthest behind gets the next window. All of them then read a part of the
log while the server still has it in memory, which halves the time (measured).
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

import psycopg

from domain.errors import PledgerError
from projections import checkpoints
from projections.engine.catch_up import WINDOW_EVENTS, own_transactions, prepare
from projections.engine.progress import Course, Progress, Rebuilt
from projections.engine.shadows import advance, claim, let_go, show_life
from projections.engine.swap import swap
from projections.engine.windows import narrow
from projections.registry import PROJECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from projections.projection import Connection, Projection

WORKERS: Final = 2
_BEAT_SECONDS: Final = 5.0
# A server that crashes loses the last windows whole, position and rows, and they are taken again. The swap waits for
# the disk, and so for everything before it.
_NO_WAITING_FOR_THE_DISK: Final = "SET synchronous_commit = off"


class RebuildStopped(PledgerError):
    """A rebuild was stopped before its end."""

    code = "rebuild_stopped"


def rebuild(  # noqa: PLR0913 - each has a default that a caller may leave
    connect: Callable[[], Connection],
    projections: Sequence[Projection] = PROJECTIONS,
    *,
    window: int = WINDOW_EVENTS,
    workers: int = WORKERS,
    told: Callable[[Progress], None] = lambda _: None,
    stop: Event | None = None,
) -> dict[str, Rebuilt | PledgerError]:
    """Make read models again and replace the old tables; return the result of each.

    `connect` opens one more connection. `workers` read models are made at the same time, in threads; these call `told`
    after each window of `window` events. Once `stop` is set, unfinished rebuilds stay as they are and the next call
    continues them. Raises `RebuildRunning` where another program is rebuilding one of them.
    """
    run = _Run(uuid4(), window, told, stop or Event())
    with connect() as connection:
        own_transactions(connection)
        prepare(connection, projections)
        for projection in projections:
            run.waiting.append(projection)
        for name, shadow in claim(connection, projections, run.holder).items():
            run.courses[name] = Course(name, shadow.position, shadow.position, shadow.written)
        try:
            with ThreadPoolExecutor(workers, "pledger-rebuild") as threads:
                running = {threads.submit(run.work, connect) for _ in range(workers)}
                try:
                    while running:
                        done, running = wait(running, _BEAT_SECONDS)
                        for ended in done:
                            ended.result()
                        show_life(connection, run.holder)
                except BaseException:
                    run.stop.set()  # The threads end after their window; leaving the block waits for them.
                    raise
        finally:
            # Where the connection is gone, the claim is gone too: it holds only as long as its session.
            with suppress(psycopg.OperationalError):
                let_go(connection, run.holder)
    return {projection.name: run.outcomes[projection.name] for projection in projections}


@dataclass(slots=True)
class _Run:
    """What the threads of one rebuild share. `waiting` has the unfinished projections that no thread works on."""

    holder: UUID
    window: int
    told: Callable[[Progress], None]
    stop: Event
    waiting: list[Projection] = field(default_factory=list)
    courses: dict[str, Course] = field(default_factory=dict)
    outcomes: dict[str, Rebuilt | PledgerError] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def work(self, connect: Callable[[], Connection]) -> None:
        """Take windows, each for the projection that is furthest behind, until none is waiting."""
        with connect() as connection:
            connection.execute(_NO_WAITING_FOR_THE_DISK)
            while projection := self._next():
                try:
                    outcome: Rebuilt | PledgerError | None = self._go_on(
                        connection, projection, self.courses[projection.name]
                    )
                except PledgerError as error:
                    outcome = error
                with self.lock:
                    if outcome is None:
                        self.waiting.append(projection)
                    else:
                        self.outcomes[projection.name] = outcome

    def _next(self) -> Projection | None:
        with self.lock:
            if not self.waiting:
                return None
            chosen = min(self.waiting, key=lambda projection: self.courses[projection.name].position)
            self.waiting.remove(chosen)
            return chosen

    def _go_on(self, connection: Connection, projection: Projection, course: Course) -> Rebuilt | None:
        """Take one window, or swap where none is left; return None where there is more to do."""
        goal = checkpoints.size(connection)
        began = time.perf_counter()
        if course.position < goal:
            if self.stop.is_set():
                raise _stopped(projection, course.position, goal)
            upto = min(course.position + self.window, goal)
            rows = _take(connection, projection, self.holder, course.position, upto)
            course.took(upto, rows, time.perf_counter() - began)
            self.told(course.progress(goal))
            return None
        position, rows = swap(connection, projection, self.holder, course.position)
        course.took(position, rows, time.perf_counter() - began)
        return course.rebuilt()


def _take(connection: Connection, projection: Projection, holder: UUID, after: int, upto: int) -> int:
    """Take one window into a shadow. `PoisonEvent` and `ProjectionBroken` are raised with all before that taken."""

    def step(first: int, last: int) -> int:
        return advance(connection, projection, holder, first, last)

    try:
        return step(after, upto)
    except psycopg.Error as error:
        narrowed = narrow(step, after, upto, error)
        assert narrowed.stop is not None, "only its holder moves a shadow"
        raise checkpoints.stopped(connection, projection, narrowed.stop) from error


def _stopped(projection: Projection, position: int, goal: int) -> RebuildStopped:
    return RebuildStopped(
        f"The rebuild of {projection.name} stopped at {position:,} of {goal:,} events.",
        "it was stopped; the table that is read is unchanged.",
        f"Run pledger rebuild {projection.name} to continue from there, or with --cancel to drop it.",
    )

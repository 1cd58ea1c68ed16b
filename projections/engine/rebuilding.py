"""Rebuilding: read models made anew beside the ones that are read, which they replace when they are done.

Promise: appends and reads go on. Each window is committed with the shadow's own position, so that a rebuild that was
stopped or killed goes on where it was. One that fails leaves the table that is read as it is, and the others go on.
Refused: rebuilding what somebody else rebuilds.
"""

from __future__ import annotations

import queue
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

import psycopg

from domain.errors import PledgerError
from projections import checkpoints
from projections.engine.catching_up import WINDOW_EVENTS, own_transactions, prepare
from projections.engine.progress import Pace, Progress, Rebuilt
from projections.engine.shadows import Shadow, advance, claim, let_go, show_life
from projections.engine.swapping import swap
from projections.engine.windows import narrow
from projections.registry import PROJECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from projections.projection import Connection, Projection

WORKERS: Final = 2
_BEAT_SECONDS: Final = 5.0


class RebuildStopped(PledgerError):
    """A rebuild was told to stop before its end."""

    code = "rebuild_stopped"


@dataclass(frozen=True, slots=True)
class _Orders:
    holder: UUID
    window: int
    told: Callable[[Progress], None]
    stop: Event


def rebuild(  # noqa: PLR0913 - each has a default that a caller may leave
    connect: Callable[[], Connection],
    projections: Sequence[Projection] = PROJECTIONS,
    *,
    window: int = WINDOW_EVENTS,
    workers: int = WORKERS,
    told: Callable[[Progress], None] = lambda _: None,
    stop: Event | None = None,
) -> dict[str, Rebuilt | PledgerError]:
    """Make read models anew and put them in the place of the old ones; give for each how it ended.

    `connect` opens one more connection; `workers` is how many read models are made at the same time, in threads, out of
    which `told` is called after each window of `window` events. Once `stop` is set, what is not finished stays as far
    as it is, to be taken up by the next call. Raises `RebuildRunning` where somebody else is at one of them.
    """
    orders = _Orders(uuid4(), window, told, stop or Event())
    with connect() as connection:
        own_transactions(connection)
        prepare(connection, projections)
        waiting: queue.SimpleQueue[tuple[Projection, Shadow]] = queue.SimpleQueue()
        claimed = claim(connection, projections, orders.holder)
        for projection in projections:
            waiting.put((projection, claimed[projection.name]))
        outcomes: dict[str, Rebuilt | PledgerError] = {}
        try:
            with ThreadPoolExecutor(workers, "pledger-rebuild") as threads:
                running = {threads.submit(_work, connect, orders, waiting, outcomes) for _ in range(workers)}
                try:
                    while running:
                        done, running = wait(running, _BEAT_SECONDS)
                        for ended in done:
                            ended.result()
                        show_life(connection, orders.holder)
                except BaseException:
                    orders.stop.set()  # The threads end after their window; leaving the block waits for them.
                    raise
        finally:
            # Where the connection is gone, the claim is as well: it is good for as long as its session is there.
            with suppress(psycopg.OperationalError):
                let_go(connection, orders.holder)
    return {projection.name: outcomes[projection.name] for projection in projections}


def _work(
    connect: Callable[[], Connection],
    orders: _Orders,
    waiting: queue.SimpleQueue[tuple[Projection, Shadow]],
    outcomes: dict[str, Rebuilt | PledgerError],
) -> None:
    """Rebuild one after another until none is waiting."""
    with connect() as connection:
        while True:
            try:
                projection, shadow = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                outcomes[projection.name] = _rebuild(connection, projection, shadow, orders)
            except PledgerError as error:
                outcomes[projection.name] = error


def _rebuild(connection: Connection, projection: Projection, shadow: Shadow, orders: _Orders) -> Rebuilt:
    """Fill one shadow up to the end of the log, and swap it in."""
    position, rows = shadow
    pace = Pace(position)
    while position < (goal := checkpoints.size(connection)):
        if orders.stop.is_set():
            raise _stopped(projection, position, goal)
        upto = min(position + orders.window, goal)
        rows += _take(connection, projection, orders.holder, position, upto)
        position = upto
        orders.told(pace.at(projection.name, position, goal, rows))
    position, last = swap(connection, projection, orders.holder, position)
    return Rebuilt(projection.name, position, rows + last, position - pace.start, pace.seconds)


def _take(connection: Connection, projection: Projection, holder: UUID, after: int, upto: int) -> int:
    """Take one window into a shadow. Raises `PoisonEvent` or `ProjectionBroken`, with what comes before taken."""

    def step(first: int, last: int) -> int:
        return advance(connection, projection, holder, first, last)

    try:
        return step(after, upto)
    except psycopg.Error as error:
        narrowed = narrow(step, after, upto, error)
        assert narrowed.stop is not None, "nobody else moves a shadow that is ours"
        raise checkpoints.stopped(connection, projection, narrowed.stop) from error


def _stopped(projection: Projection, position: int, goal: int) -> RebuildStopped:
    return RebuildStopped(
        f"The rebuild of {projection.name} stopped at {position:,} of {goal:,} events.",
        "it was told to; the table that is read is as it was.",
        f"Run pledger rebuild {projection.name} to go on from there, or with --cancel to throw it away.",
    )

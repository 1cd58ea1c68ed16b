"""Catching up: from the checkpoint to the end of the log, in windows that are committed one by one.

A read model that an event stopped, or whose rows are of another definition, stays where it is, and the others go on.
Each call tries the event that stopped a read model again, alone.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import psycopg

from projections import checkpoints
from projections.checkpoints import Checkpoint
from projections.engine.windows import fill, narrow
from projections.registry import PROJECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from projections.checkpoints import Stop
    from projections.projection import Connection, Projection

WINDOW_EVENTS: Final = 50_000

_ADD: Final = """
INSERT INTO projection_checkpoints (projection, position, definition) VALUES (%s, 0, %s)
ON CONFLICT (projection) DO NOTHING
"""
_MOVE: Final = """
UPDATE projection_checkpoints SET position = %(upto)s, stopped_at = NULL, stopped_by = NULL
WHERE projection = %(projection)s AND position = %(after)s AND definition = %(definition)s
"""
_STOP: Final = """
UPDATE projection_checkpoints SET stopped_at = %(stopped_at)s, stopped_by = %(stopped_by)s
WHERE projection = %(projection)s AND position = %(position)s AND definition = %(definition)s
"""


def prepare(connection: Connection, projections: Iterable[Projection] = PROJECTIONS) -> None:
    """Create the tables and checkpoints that are missing; two processes may do so at once."""
    own_transactions(connection)
    for projection in projections:
        with connection.transaction():
            # The checkpoint goes in first: a second process that prepares waits at its key until this one commits.
            if connection.execute(_ADD, (projection.name, projection.definition)).rowcount:
                connection.execute(projection.sql(projection.tables))


def catch_up(
    connection: Connection,
    projections: Sequence[Projection] = PROJECTIONS,
    upto: int | None = None,
    window: int = WINDOW_EVENTS,
) -> dict[str, int]:
    """Bring projections to position `upto`, or to the end of the log; return the position that each has reached.

    `window` is the number of events in one transaction. A projection that is further already stays where it is.
    """
    own_transactions(connection)
    if window < 1:
        message = f"a window of {window} events moves nothing along"
        raise ValueError(message)
    end = checkpoints.size(connection)
    goal = end if upto is None else min(upto, end)
    stored = checkpoints.read(connection)
    for projection in projections:
        stored[projection.name] = _bring(connection, projection, stored.get(projection.name), goal, window)
    return {projection.name: stored[projection.name].position for projection in projections}


def positions(connection: Connection, projections: Iterable[Projection] = PROJECTIONS) -> dict[str, int]:
    """Return how far each projection has read: the position of its last event, 0 before the first."""
    stored = checkpoints.read(connection)
    return {projection.name: stored.get(projection.name, Checkpoint()).position for projection in projections}


def own_transactions(connection: Connection) -> None:
    """Check that each window can be a transaction of its own."""
    if not connection.autocommit:
        message = "a read model is moved along on a connection in autocommit: each window is a transaction of its own"
        raise ValueError(message)


def _bring(
    connection: Connection, projection: Projection, checkpoint: Checkpoint | None, goal: int, window: int
) -> Checkpoint:
    """Bring one projection as far towards `goal` as it goes; return its checkpoint then."""
    if checkpoint is None:
        prepare(connection, [projection])
        checkpoint = checkpoints.read(connection)[projection.name]
    step = partial(_advance, connection, projection)
    while checkpoint.position < goal and checkpoint.definition == projection.definition:
        after = checkpoint.position
        # The event that stopped it is tried alone: a window of many would only be halved again.
        upto = after + 1 if checkpoint.stop else min(after + window, goal)
        try:
            moved = step(after, upto) is not None
        except psycopg.Error as error:
            narrowed = narrow(step, after, upto, error)
            if narrowed.stop:
                return _record(connection, projection, narrowed.position, narrowed.stop)
            moved = False
        checkpoint = Checkpoint(upto, projection.definition) if moved else checkpoints.read(connection)[projection.name]
    return checkpoint


def _advance(connection: Connection, projection: Projection, after: int, upto: int) -> int | None:
    """Take one window; return None and change nothing where the checkpoint is not at `after`."""
    moved = {"projection": projection.name, "definition": projection.definition, "after": after, "upto": upto}
    with connection.transaction():
        if not connection.execute(_MOVE, moved).rowcount:
            return None
        return fill(connection, projection, projection.name, after, upto)


def _record(connection: Connection, projection: Projection, position: int, stop: Stop) -> Checkpoint:
    """Record what stopped a projection, unless another process moved it on."""
    stopped = {"stopped_at": stop.position, "stopped_by": stop.sqlstate, "position": position}
    connection.execute(_STOP, {"projection": projection.name, "definition": projection.definition, **stopped})
    return Checkpoint(position, projection.definition, stop)

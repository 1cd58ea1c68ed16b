"""The engine: brings read models up to the log, window by window.

Promise: each window is one transaction that moves the checkpoint from where it was read and writes the rows, or does
neither; any number of processes may do it at once, each event counts once, and how history was cut into windows cannot
be seen in the result. A person who is erased leaves every read model in the erasing transaction and does not come back.
Refused: going past the end of the log, and a connection inside somebody else's transaction.

Why an erased person cannot come back: a window takes the checkpoint's row first and then reads, and an erasure takes
all these rows before it deletes. So either the window commits first and the erasure deletes what it wrote, or the
erasure commits first and the window sees the CustomerErased events, and every statement leaves those streams out. This
rests on each statement having a snapshot of its own (READ COMMITTED).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypedDict

from projections.projection import Projection
from projections.registry import PROJECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from projections.projection import Connection

WINDOW_EVENTS: Final = 50_000

_ADD_CHECKPOINT: Final = "INSERT INTO projection_checkpoints VALUES (%s, 0) ON CONFLICT (projection) DO NOTHING"
_POSITIONS: Final = "SELECT projection, position FROM projection_checkpoints"
_LOCK_ALL: Final = "SELECT projection FROM projection_checkpoints ORDER BY projection FOR UPDATE"
_HEAD: Final = "SELECT size FROM head WHERE one"
_ERASED: Final = """
SELECT stream_id FROM events
WHERE topic = 'CustomerErased.v1' AND position > %(after)s AND position <= %(upto)s
"""
_MOVE: Final = """
UPDATE projection_checkpoints SET position = %(upto)s
WHERE projection = %(projection)s AND position = %(after)s
"""


class Lag(TypedDict):
    """How far a projection has read, and how many events there are that it has not read yet."""

    position: int
    behind: int


def prepare(connection: Connection, projections: Iterable[Projection] = PROJECTIONS) -> None:
    """Create the tables and checkpoints that are missing; two processes may do so at once."""
    _own_transactions(connection)
    for projection in projections:
        with connection.transaction():
            # The checkpoint goes in first: whoever prepares at the same time waits at its key until we are through.
            if connection.execute(_ADD_CHECKPOINT, (projection.name,)).rowcount:
                connection.execute(projection.sql(projection.tables))


def catch_up(
    connection: Connection,
    projections: Sequence[Projection] = PROJECTIONS,
    upto: int | None = None,
    window: int = WINDOW_EVENTS,
) -> dict[str, int]:
    """Bring projections to position `upto`, or to the end of the log; give the position that each has reached.

    `window` is how many events one transaction takes. A projection that is further already stays where it is.
    """
    _own_transactions(connection)
    if window < 1:
        message = f"a window of {window} events moves nothing along"
        raise ValueError(message)
    end = _head(connection)
    goal = end if upto is None else min(upto, end)
    reached = positions(connection, projections)
    for projection in projections:
        while (after := reached[projection.name]) < goal:
            if _advance(connection, projection, after, min(after + window, goal)):
                reached[projection.name] = min(after + window, goal)
            else:
                prepare(connection, [projection])
                reached |= positions(connection, [projection])
    return reached


def positions(connection: Connection, projections: Iterable[Projection] = PROJECTIONS) -> dict[str, int]:
    """Give how far each projection has read: the position of the last event in it, 0 before the first."""
    stored: dict[str, int] = dict(connection.execute(_POSITIONS).fetchall())
    return {projection.name: stored.get(projection.name, 0) for projection in projections}


def status(connection: Connection, projections: Iterable[Projection] = PROJECTIONS) -> dict[str, Lag]:
    """Give the position of each projection, and how many events it is behind the log."""
    # The checkpoints are read first: what is appended in between may count as lag, but lag is never below zero.
    reached = positions(connection, projections)
    end = _head(connection)
    return {name: {"position": position, "behind": end - position} for name, position in reached.items()}


def purge(connection: Connection, streams: Sequence[UUID], projections: Iterable[Projection] = PROJECTIONS) -> None:
    """Remove the rows of streams that the caller's transaction erases; it commits, or rolls back, all of it.

    Waits for the windows under way, and holds up new ones until the caller commits.
    """
    prepared = {name for (name,) in connection.execute(_LOCK_ALL).fetchall()}
    for projection in projections:
        if projection.name in prepared:
            connection.execute(projection.sql(projection.purge), {"streams": list(streams)})


def _advance(connection: Connection, projection: Projection, after: int, upto: int) -> bool:
    """Take one window; give False, having changed nothing, where the checkpoint does not stand at `after`."""
    with connection.transaction():
        moved = connection.execute(_MOVE, {"projection": projection.name, "after": after, "upto": upto}).rowcount
        if moved:
            connection.execute(projection.sql(projection.statement), {"after": after, "upto": upto})
            erased = connection.execute(_ERASED, {"after": after, "upto": upto}).fetchall()
            if erased:
                # There are rows to find only where the checkpoint was new, so that the erasure could not wait for it.
                connection.execute(projection.sql(projection.purge), {"streams": [stream for (stream,) in erased]})
    return bool(moved)


def _head(connection: Connection) -> int:
    ((size,),) = connection.execute(_HEAD).fetchall()  # One row, from the creation of the ledger on.
    return int(size)


def _own_transactions(connection: Connection) -> None:
    if not connection.autocommit:
        message = "a read model is moved along on a connection in autocommit: each window is a transaction of its own"
        raise ValueError(message)


__all__ = ["PROJECTIONS", "Lag", "Projection", "catch_up", "positions", "prepare", "purge", "status"]

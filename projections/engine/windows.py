"""One window: the events after one position up to another, taken into one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

import psycopg

from projections.checkpoints import Stop
from projections.fragments import with_fragments
from projections.transient import transient

if TYPE_CHECKING:
    from projections.projection import Connection, Projection

_ERASED: Final = with_fragments("""
SELECT stream_id FROM events
WHERE {is_erasure} AND {window}
""")

Step = Callable[[int, int], int | None]
"""Takes the events after one position up to another, in a transaction of its own. Returns how many rows it wrote, or
None where the checkpoint was not at the first position."""

_WORTH_PLANNING: Final = 5_000


class Narrowed(NamedTuple):
    """How far a window could be taken, how many rows that made, and what stopped it: None for another process."""

    position: int
    rows: int
    stop: Stop | None


def fill(connection: Connection, projection: Projection, table: str, after: int, upto: int) -> int:
    """Write a window's rows into a table, inside the caller's transaction; return how many."""
    window = {"after": after, "upto": upto}
    # A prepared statement has one plan for all windows; a large window is worth a plan of its own.
    prepare = None if upto - after < _WORTH_PLANNING else False
    rows = connection.execute(projection.sql(projection.statement, table), window, prepare=prepare).rowcount
    if projection.purge is not None and (erased := connection.execute(_ERASED, window).fetchall()):
        # There are such rows only where the checkpoint was new, so that the erasure could not wait for it.
        streams = [stream for (stream,) in erased]
        connection.execute(projection.sql(projection.purge, table), {"streams": streams})
    return rows


def narrow(step: Step, after: int, upto: int, error: psycopg.Error) -> Narrowed:
    """Find the event on which a window failed with `error`, and take everything before it."""
    try:
        if step(after, after) is None:
            return Narrowed(after, 0, None)
    except psycopg.Error as without_events:
        return Narrowed(after, 0, Stop(None, _sqlstate(without_events)))
    good, bad, rows, sqlstate = after, upto, 0, _sqlstate(error)
    while bad - good > 1:
        middle = (good + bad) // 2
        try:
            written = step(good, middle)
        except psycopg.Error as narrower:
            bad, sqlstate = middle, _sqlstate(narrower)
        else:
            if written is None:
                return Narrowed(good, rows, None)
            good, rows = middle, rows + written
    return Narrowed(good, rows, Stop(bad, sqlstate))


def _sqlstate(error: psycopg.Error) -> str:
    """Return the SQLSTATE of a failed event or statement. Raises the error again where it is transient."""
    state = error.sqlstate
    if state is None or transient(state):
        raise error
    return state

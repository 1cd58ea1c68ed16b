"""The swap: a finished shadow replaces the table that is read, in one transaction.

It locks the checkpoint, brings the shadow to the checkpoint's position, so that answers never move backwards,
and renames it. Transactions that read the old table end first: the swap waits for them a moment at a time and lets new
readers pass in between. It gives up after a while; then the old table stays, and the shadow stays ready.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import psycopg

from domain.errors import PledgerError
from projections.engine.shadows import advance
from projections.transient import transient

if TYPE_CHECKING:
    from uuid import UUID

    from projections.projection import Connection, Projection

RETRY_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.2

_CHECKPOINT: Final = "SELECT position FROM projection_checkpoints WHERE projection = %s FOR UPDATE"
# The statement's time, not the lock's: the statement may run on another server than the one that receives it.
_BE_QUICK: Final = "SET LOCAL statement_timeout = '200ms'"
_ON_DISK: Final = "SET LOCAL synchronous_commit = on"
_DROP: Final = "DROP TABLE {table}"
_RENAME: Final = "ALTER TABLE {table} RENAME TO {name}"
_MOVE: Final = """
UPDATE projection_checkpoints
SET position = %(position)s, definition = %(definition)s, stopped_at = NULL, stopped_by = NULL
WHERE projection = %(projection)s
"""
_DONE: Final = "DELETE FROM projection_rebuilds WHERE projection = %s"


class RebuildHeldUp(PledgerError):
    """A rebuild is finished except for the swap, which a reader of the old table holds up."""

    code = "rebuild_held_up"


def swap(
    connection: Connection,
    projection: Projection,
    holder: UUID,
    shadow_position: int,
    *,
    retry_seconds: float = RETRY_SECONDS,
) -> tuple[int, int]:
    """Put the shadow, which has read up to `shadow_position`, in place; return the position then, and the rows added.

    Raises `RebuildCancelled`, and `RebuildHeldUp` after `retry_seconds`.
    """
    until = time.monotonic() + retry_seconds
    while True:
        try:
            return _try(connection, projection, holder, shadow_position)
        except psycopg.OperationalError as error:
            found = transient(error.sqlstate)
            if found is None or not found.is_held_up:
                raise
            if time.monotonic() > until:
                raise RebuildHeldUp(
                    f"The rebuilt {projection.name} could not replace the old table.",
                    f"a transaction has been reading the old table for {retry_seconds:g} seconds.",
                    f"End it, and run pledger rebuild {projection.name} again: only the swap is left.",
                ) from error
            time.sleep(_PAUSE_SECONDS)


def _try(connection: Connection, projection: Projection, holder: UUID, shadow_position: int) -> tuple[int, int]:
    with connection.transaction():
        connection.execute(_ON_DISK)
        ((live,),) = connection.execute(_CHECKPOINT, (projection.name,)).fetchall()
        position = max(live, shadow_position)
        # Even an empty window makes sure that the shadow is still ours.
        rows = advance(connection, projection, holder, shadow_position, position)
        connection.execute(_BE_QUICK)
        connection.execute(projection.sql(_DROP))
        connection.execute(projection.sql(_RENAME, projection.shadow))
        moved = {"projection": projection.name, "definition": projection.definition, "position": position}
        connection.execute(_MOVE, moved)
        connection.execute(_DONE, (projection.name,))
    return position, rows

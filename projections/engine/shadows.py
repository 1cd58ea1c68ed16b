"""Shadow tables: what a rebuild fills beside the table that is read, and the row that names its holder.

A shadow table exists exactly as long as its row. Each window moves the row and writes the shadow in one transaction,
and only for the row's holder: a holder that was given up for dead and comes back changes nothing. A rebuild without a
holder is continued where it is, if its definition is still the same, or else begun again. Two programs cannot rebuild
the same read model at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from domain.errors import PledgerError
from projections.engine.windows import fill

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from projections.projection import Connection, Projection

LEASE_SECONDS: Final = 60
"""How long a holder is taken to be alive after it last showed itself; it does so far more often."""

_ROW: Final = """
SELECT
    position,
    written,
    definition,
    holder IS NOT NULL
        AND seen_at > clock_timestamp() - make_interval(secs => %(lease)s)
        AND EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = session)
FROM projection_rebuilds
WHERE projection = %(projection)s
FOR UPDATE
"""
_ADD: Final = """
INSERT INTO projection_rebuilds (projection, position, written, definition, holder, session, seen_at)
VALUES (%(projection)s, 0, 0, %(definition)s, %(holder)s, pg_backend_pid(), clock_timestamp())
ON CONFLICT (projection) DO NOTHING
"""
_TAKE: Final = """
UPDATE projection_rebuilds
SET holder = %(holder)s, session = pg_backend_pid(), seen_at = clock_timestamp(),
    position = %(position)s, written = %(written)s, definition = %(definition)s
WHERE projection = %(projection)s
"""
_MOVE: Final = """
UPDATE projection_rebuilds SET position = %(upto)s, seen_at = clock_timestamp()
WHERE projection = %(projection)s AND holder = %(holder)s AND position = %(after)s
"""
_WRITTEN: Final = "UPDATE projection_rebuilds SET written = written + %(rows)s WHERE projection = %(projection)s"
_SEEN: Final = "UPDATE projection_rebuilds SET seen_at = clock_timestamp() WHERE holder = %s"
_LET_GO: Final = "UPDATE projection_rebuilds SET holder = NULL, session = NULL WHERE holder = %s"
_REMOVE: Final = "DELETE FROM projection_rebuilds WHERE projection = %s"
_DROP: Final = "DROP TABLE IF EXISTS {table}"


class RebuildRunning(PledgerError):
    """Another program is rebuilding the same read model."""

    code = "rebuild_running"


class RebuildCancelled(PledgerError):
    """A rebuild was cancelled, or taken over, while it ran."""

    code = "rebuild_cancelled"


class Shadow(NamedTuple):
    """How far a shadow table has read, and how many rows were written to it."""

    position: int
    written: int


def claim(connection: Connection, projections: Iterable[Projection], holder: UUID) -> dict[str, Shadow]:
    """Take the rebuilds of these projections, all or none. Raises `RebuildRunning`."""
    with connection.transaction():
        return {
            projection.name: _claim(connection, projection, holder)
            for projection in sorted(projections, key=lambda projection: projection.name)
        }


def advance(connection: Connection, projection: Projection, holder: UUID, after: int, upto: int) -> int:
    """Take one window into the shadow; return how many rows it made. Raises `RebuildCancelled`."""
    with connection.transaction():
        moved = {"projection": projection.name, "holder": holder, "after": after, "upto": upto}
        if not connection.execute(_MOVE, moved).rowcount:
            raise RebuildCancelled(
                f"The rebuild of {projection.name} was cancelled.",
                "another program cancelled it, or took this one for dead and took over.",
                "The table that is read is unchanged. Run pledger rebuild again if you still want it.",
            )
        rows = fill(connection, projection, projection.shadow, after, upto)
        connection.execute(_WRITTEN, {"projection": projection.name, "rows": rows})
    return rows


def show_life(connection: Connection, holder: UUID) -> None:
    """Show that the holder of a claim is alive."""
    connection.execute(_SEEN, (holder,))


def let_go(connection: Connection, holder: UUID) -> None:
    """Release the unfinished claims, so that another call can take them."""
    connection.execute(_LET_GO, (holder,))


def cancel(connection: Connection, projections: Sequence[Projection]) -> list[str]:
    """Drop shadow tables, no matter who holds them; return the names of those that existed."""
    found = []
    for projection in sorted(projections, key=lambda projection: projection.name):
        with connection.transaction():
            if connection.execute(_REMOVE, (projection.name,)).rowcount:
                connection.execute(projection.sql(_DROP, projection.shadow))
                found.append(projection.name)
    return found


def _claim(connection: Connection, projection: Projection, holder: UUID) -> Shadow:
    wanted = {"projection": projection.name, "definition": projection.definition, "holder": holder}
    if connection.execute(_ADD, wanted).rowcount:
        return _begin(connection, projection)
    row = connection.execute(_ROW, {**wanted, "lease": LEASE_SECONDS}).fetchone()
    if row is None:  # It has just ended.
        return _claim(connection, projection, holder)
    position, written, definition, is_held = row
    if is_held:
        raise RebuildRunning(
            f"The read model {projection.name} is being rebuilt already.",
            f"another program is doing it and has read {position:,} events.",
            f"Wait for it, or end it with pledger rebuild {projection.name} --cancel.",
        )
    shadow = Shadow(position, written)
    if definition != projection.definition:
        shadow = _begin(connection, projection)
    connection.execute(_TAKE, {**wanted, **shadow._asdict()})
    return shadow


def _begin(connection: Connection, projection: Projection) -> Shadow:
    connection.execute(projection.sql(_DROP, projection.shadow))
    connection.execute(projection.sql(projection.tables, projection.shadow))
    return Shadow(0, 0)

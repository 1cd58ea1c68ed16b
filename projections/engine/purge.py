"""Purging: a person's rows leave every table, shadows included, in the transaction that erases the person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from projections.registry import PROJECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from projections.projection import Connection, Projection

_LOCK_ALL: Final = "SELECT projection FROM projection_checkpoints ORDER BY projection FOR UPDATE"
_LOCK_REBUILDS: Final = "SELECT projection FROM projection_rebuilds ORDER BY projection FOR UPDATE"


def purge(connection: Connection, streams: Sequence[UUID], projections: Iterable[Projection] = PROJECTIONS) -> None:
    """Remove the rows of streams inside the caller's transaction, which erases them.

    This waits for the windows under way and holds up new ones until the caller commits.
    """
    prepared = {name for (name,) in connection.execute(_LOCK_ALL).fetchall()}
    rebuilt = {name for (name,) in connection.execute(_LOCK_REBUILDS).fetchall()}
    for projection in projections:
        if projection.purge is None:
            continue
        tables = [
            table
            for table, names in ((projection.name, prepared), (projection.shadow, rebuilt))
            if projection.name in names
        ]
        for table in tables:
            connection.execute(projection.sql(projection.purge, table), {"streams": list(streams)})

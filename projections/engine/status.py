"""The status of read models: how far behind the log they are, since when, and what stops them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypedDict

from projections import checkpoints
from projections.checkpoints import Checkpoint
from projections.registry import PROJECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.errors import PledgerError
    from projections.projection import Connection, Projection

_REBUILDS: Final = "SELECT projection, position, written, holder IS NOT NULL FROM projection_rebuilds"
_WAITING: Final = """
SELECT greatest(extract(epoch FROM clock_timestamp() - recorded_at), 0)::float8 FROM events WHERE position = %s
"""


class Lag(TypedDict):
    """How far a projection has read, and how many events it has not read yet."""

    position: int
    behind: int


class RebuildStatus(NamedTuple):
    """An unfinished rebuild: events read, rows written, and whether a program is working on it."""

    position: int
    rows: int
    is_running: bool


class ProjectionStatus(NamedTuple):
    """The status of one projection. `lag_seconds` is how long the first unread event has been in the log."""

    projection: str
    position: int
    behind: int
    lag_seconds: float
    obstacle: PledgerError | None
    """What stops it: it is out of date, or an event or its own statement failed."""
    rebuild: RebuildStatus | None


def lags(connection: Connection, projections: Iterable[Projection] = PROJECTIONS) -> dict[str, Lag]:
    """Return how far each projection has read, and how far behind the log it is."""
    return {one.projection: {"position": one.position, "behind": one.behind} for one in status(connection, projections)}


def status(connection: Connection, projections: Iterable[Projection] = PROJECTIONS) -> list[ProjectionStatus]:
    """Return the status of each projection."""
    # The checkpoints are read first: an append in between may count as lag, but lag is never below zero.
    stored = checkpoints.read(connection)
    rebuilds = {name: RebuildStatus(*rest) for name, *rest in connection.execute(_REBUILDS).fetchall()}
    end = checkpoints.size(connection)
    found = []
    for projection in projections:
        checkpoint = stored.get(projection.name, Checkpoint(definition=projection.definition))
        position = checkpoint.position
        row = connection.execute(_WAITING, (position + 1,)).fetchone() if position < end else None
        found.append(
            ProjectionStatus(
                projection.name,
                position,
                end - position,
                row[0] if row else 0.0,
                checkpoints.obstacle(connection, projection, checkpoint),
                rebuilds.get(projection.name),
            )
        )
    return found

"""How read models stand: how far behind the log, since when, and whether anything is in their way."""

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
    """How far a projection has read, and how many events there are that it has not read yet."""

    position: int
    behind: int


class Rebuilding(NamedTuple):
    """A rebuild that has not taken its place: events read, rows written, and whether somebody is at it."""

    position: int
    rows: int
    is_running: bool


class Standing(NamedTuple):
    """How one projection stands. `lag_seconds` is how long the first event that it has not read has been in the log."""

    projection: str
    position: int
    behind: int
    lag_seconds: float
    obstacle: PledgerError | None
    """What is in its way: out of date, or stopped by an event or by its own statement."""
    rebuilding: Rebuilding | None


def status(connection: Connection, projections: Iterable[Projection] = PROJECTIONS) -> dict[str, Lag]:
    """Give the position of each projection, and how many events it is behind the log."""
    return {
        one.projection: {"position": one.position, "behind": one.behind} for one in standing(connection, projections)
    }


def standing(connection: Connection, projections: Iterable[Projection] = PROJECTIONS) -> list[Standing]:
    """Say how each projection stands."""
    # The checkpoints are read first: what is appended in between may count as lag, but lag is never below zero.
    stored = checkpoints.read(connection)
    rebuilds = {name: Rebuilding(*rest) for name, *rest in connection.execute(_REBUILDS).fetchall()}
    end = checkpoints.size(connection)
    found = []
    for projection in projections:
        checkpoint = stored.get(projection.name, Checkpoint(definition=projection.definition))
        position = checkpoint.position
        row = connection.execute(_WAITING, (position + 1,)).fetchone() if position < end else None
        found.append(
            Standing(
                projection.name,
                position,
                end - position,
                row[0] if row else 0.0,
                checkpoints.obstacle(connection, projection, checkpoint),
                rebuilds.get(projection.name),
            )
        )
    return found

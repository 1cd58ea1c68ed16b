"""Checkpoints: how far each read model has read, by which definition, and what stopped it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from domain.errors import PledgerError

if TYPE_CHECKING:
    from projections.projection import Connection, Projection

_ALL: Final = "SELECT projection, position, definition, stopped_at, stopped_by FROM projection_checkpoints"
_SIZE: Final = "SELECT size FROM head WHERE one"
_EVENT: Final = "SELECT topic, source FROM events WHERE position = %s"


class ProjectionOutdated(PledgerError):
    """A read model was built by another version of its definition."""

    code = "projection_outdated"


class ProjectionBroken(PledgerError):
    """The statement of a read model fails on any events."""

    code = "projection_broken"


class PoisonEvent(PledgerError):
    """The statement of a read model fails on one event."""

    code = "poison_event"


class Stop(NamedTuple):
    """What stopped a read model: a SQLSTATE, on the event at `position`, or on no event in particular."""

    position: int | None
    sqlstate: str


class Checkpoint(NamedTuple):
    """The position up to which a read model has read (0: nothing yet), and `definition`, the digest of its SQL."""

    position: int = 0
    definition: str | None = None
    stop: Stop | None = None


def read(connection: Connection) -> dict[str, Checkpoint]:
    """Return the checkpoint of every read model that has a table, all as of one moment."""
    return {
        name: Checkpoint(position, definition, Stop(stopped_at, stopped_by) if stopped_by else None)
        for name, position, definition, stopped_at, stopped_by in connection.execute(_ALL).fetchall()
    }


def size(connection: Connection) -> int:
    """Return the position of the last event of the log, 0 while there is none."""
    ((events,),) = connection.execute(_SIZE).fetchall()  # The ledger was created with this row.
    return int(events)


def obstacle(connection: Connection, projection: Projection, checkpoint: Checkpoint) -> PledgerError | None:
    """Return why a read model does not go on, or None where nothing stops it."""
    if checkpoint.definition != projection.definition:
        return ProjectionOutdated(
            f"The read model {projection.name} is out of date.",
            "its rows were made by another version of Pledger, with another statement.",
            f"Run pledger rebuild {projection.name}; the ledger itself is not touched.",
        )
    return stopped(connection, projection, checkpoint.stop) if checkpoint.stop else None


def stopped(connection: Connection, projection: Projection, stop: Stop) -> PledgerError:
    """Return the error for what stopped a read model; it names the event if there is one."""
    rest = "Its rows so far stay readable, and the other read models go on"
    if stop.position is None:
        return ProjectionBroken(
            f"The read model {projection.name} cannot be brought up to date.",
            f"PostgreSQL refuses its statement (SQLSTATE {stop.sqlstate}), on any events.",
            f"{rest}. Correct its statement or its table, and run pledger rebuild {projection.name}.",
        )
    topic, source = connection.execute(_EVENT, (stop.position,)).fetchone() or ("an event", "")
    return PoisonEvent(
        f"The read model {projection.name} stopped before position {stop.position}: {topic} from {source}.",
        f"PostgreSQL refuses its statement on this one event (SQLSTATE {stop.sqlstate}).",
        f"{rest}. Correct its statement, and run pledger rebuild {projection.name}; the event stays as it is.",
    )

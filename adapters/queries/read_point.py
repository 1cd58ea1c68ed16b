"""The point of the log at which a question is answered, and read models that have read as far as it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from projections import checkpoints, engine
from projections.as_of import parse_as_of
from projections.at_least import check_written, settled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from projections.as_of import AsOf, PositionOrTime
    from projections.projection import Connection, Projection


class ReadPoint(NamedTuple):
    """As of when a question is answered, and what the answer has to know of."""

    as_of: str | None = None
    """What the question said, as a document repeats it."""
    moment: AsOf = None
    """The moment that this means; None: now."""
    at_least: int = 0
    """The answer knows of every event up to this position."""


def written_moment(connection: Connection, as_of: str | None) -> PositionOrTime:
    """Return the moment that a question names. Raises `BadAsOf`, and `NotYetWritten` if the log is shorter."""
    moment = parse_as_of(as_of)
    check_written(connection, moment)
    return moment


def bring_up_to_date(connection: Connection) -> int:
    """Let the read models read to the end of the log, and return the position where that was."""
    position = checkpoints.size(connection)
    engine.prepare(connection)
    engine.catch_up(connection)
    return position


def wait_until_known(connection: Connection, projections: Sequence[Projection], at_least: int) -> int:
    """Wait until these read models have read up to a position, and return how far all of them have read.

    Without any it is the log itself that must be so long. Raises `NotYetWritten`, and whatever `settled` raises.
    """
    if not projections:
        check_written(connection, at_least)
        return checkpoints.size(connection)
    settled(connection, projections, at_least=at_least)
    stored = checkpoints.read(connection)
    return min(stored[one.name].position if one.name in stored else 0 for one in projections)

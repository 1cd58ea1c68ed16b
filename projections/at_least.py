"""Reading one's own write: a question waits until the read models that answer it have read far enough.

A caller that has a position, from an append or an earlier answer, asks with it as `at_least`; the answer then knows
every event up to it. A question as of a position waits in the same way. A read model never goes back behind a position
that it has answered for, not even when it is rebuilt.

A position that the log does not have is refused. So is one that a read model does not reach in time, or does not reach
at all because something stopped it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from domain.errors import PledgerError
from projections import checkpoints
from projections.as_of import AsOf, Bounds, bounds
from projections.checkpoints import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from projections.projection import Connection, Projection

WAIT_SECONDS: Final = 5.0
_FIRST_PAUSE_SECONDS: Final = 0.001
_LONGEST_PAUSE_SECONDS: Final = 0.05


class NotYetWritten(PledgerError):
    """A question names a position that the log does not have."""

    code = "not_yet_written"


class ProjectionBehind(PledgerError):
    """A read model did not reach the position asked for in time."""

    code = "projection_behind"


def settled(
    connection: Connection,
    projections: Sequence[Projection],
    as_of: AsOf = None,
    at_least: int | None = None,
    *,
    wait_seconds: float = WAIT_SECONDS,
) -> Bounds:
    """Wait until all of these projections have read what a question needs; return the bounds for its query.

    Raises `AsOfWithoutZone`, `NotYetWritten`, `ProjectionBehind` after `wait_seconds`, and at once an error of
    `projections.checkpoints` where a read model will not go on by itself.
    """
    limits = bounds(as_of)
    check_written(connection, as_of)
    if wanted := max(at_least or 0, limits["position"] or 0):
        _wait(connection, projections, wanted, wait_seconds)
    return limits


def check_written(connection: Connection, as_of: AsOf) -> None:
    """Refuse a question as of a position that the log does not have. Raises `NotYetWritten`.

    Questions that are answered from the log itself call this; `settled` does it for questions to read models.
    """
    position = bounds(as_of)["position"]
    if position is not None and position > (size := checkpoints.size(connection)):
        raise _not_yet_written(position, size, f"Ask as of a position up to {size}, or as of a time.")


def _wait(connection: Connection, projections: Sequence[Projection], wanted: int, wait_seconds: float) -> None:
    until, pause = time.monotonic() + wait_seconds, _FIRST_PAUSE_SECONDS
    while behind := _behind(connection, projections, wanted):
        size = checkpoints.size(connection)
        if size < wanted:
            raise _not_yet_written(wanted, size, "Ask with a position that an append to this ledger returned.")
        if time.monotonic() > until:
            names = ", ".join(f"{name} at {position}" for name, position in behind)
            raise ProjectionBehind(
                f"Position {wanted} is not in every read model yet.",
                f"after {wait_seconds:g} seconds some are behind: {names}.",
                "Ask again later, or run pledger projections to see what holds them up.",
            )
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def _behind(connection: Connection, projections: Sequence[Projection], wanted: int) -> list[tuple[str, int]]:
    """Return the ones that have not read that far; one that will not go on by itself is an error at once."""
    stored = checkpoints.read(connection)
    behind = []
    for projection in projections:
        checkpoint = stored.get(projection.name, Checkpoint(definition=projection.definition))
        is_behind = checkpoint.position < wanted
        if is_behind or checkpoint.definition != projection.definition:
            if error := checkpoints.obstacle(connection, projection, checkpoint):
                raise error
            behind.append((projection.name, checkpoint.position))
    return behind


def _not_yet_written(position: int, size: int, hint: str) -> NotYetWritten:
    return NotYetWritten(f"The log has no position {position} yet.", f"its last position is {size}.", hint)

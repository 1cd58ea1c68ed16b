"""Reading one's own write: a question waits until the read models that answer it have read far enough.

Promise: whoever holds a position, from an append or from an earlier answer, and asks with it as `at_least`, gets an
answer that knows every event up to it. A question as of a position is such a question too, since what was known then
includes all of it. A read model never goes back behind a position that it has answered for, not even when it is
rebuilt.
Refused: a position that the log does not have, be it asked with or as of, and one that a read model does not reach in
time, or at all because something stopped it.
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
    """A question waits for a position that the log does not have."""

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
    """Wait until all of these projections have read what a question needs; give the bounds for its query.

    Raises `AsOfWithoutZone`, `NotYetWritten`, `ProjectionBehind` after `wait_seconds`, and at once whichever error of
    `projections.checkpoints` says why a read model will not go on.
    """
    limits = bounds(as_of)
    check_written(connection, as_of)
    if wanted := max(at_least or 0, limits["position"] or 0):
        _wait(connection, projections, wanted, wait_seconds)
    return limits


def check_written(connection: Connection, as_of: AsOf) -> None:
    """Refuse a question as of a position that the log does not have, which nobody can know of. Raises `NotYetWritten`.

    For questions that are answered from the log itself; `settled` does it for those to read models.
    """
    position = bounds(as_of)["position"]
    if position is not None and position > (size := checkpoints.size(connection)):
        raise _not_yet_written(position, size, f"Ask as of a position up to {size}, or as of a time.")


def _wait(connection: Connection, projections: Sequence[Projection], wanted: int, wait_seconds: float) -> None:
    until, pause = time.monotonic() + wait_seconds, _FIRST_PAUSE_SECONDS
    while behind := _behind(connection, projections, wanted):
        size = checkpoints.size(connection)
        if size < wanted:
            raise _not_yet_written(wanted, size, "Ask with a position that an append to this ledger answered with.")
        if time.monotonic() > until:
            told = ", ".join(f"{name} at {position}" for name, position in behind)
            raise ProjectionBehind(
                f"Position {wanted} is not in every read model yet.",
                f"after {wait_seconds:g} seconds some are behind: {told}.",
                "Ask again later, or see with pledger projections what holds them up.",
            )
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def _behind(connection: Connection, projections: Sequence[Projection], wanted: int) -> list[tuple[str, int]]:
    """Give those that have not read so far; what is out of date, or will not read on by itself, is an error at once."""
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


__all__ = ["NotYetWritten", "ProjectionBehind", "check_written", "settled"]

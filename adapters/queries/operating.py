"""How read models stand, and how their rebuilds ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import TypedDict

from domain.errors import PledgerError

if TYPE_CHECKING:
    from projections import engine


class Error(TypedDict):
    """What happened, why, and what to do."""

    code: str
    what: str
    why: str
    hint: str


class Rebuilding(TypedDict):
    """A rebuild that has not taken its place."""

    position: int
    rows: int
    is_running: bool


class Standing(TypedDict):
    """How far one read model has read, and what is in its way."""

    projection: str
    position: int
    behind: int
    lag_seconds: float
    obstacle: Error | None
    rebuilding: Rebuilding | None


class Rebuilt(TypedDict):
    """How a rebuild ended well."""

    position: int
    events: int
    rows: int
    seconds: float
    events_per_second: float


class NotRebuilt(TypedDict):
    """What ended a rebuild."""

    error: Error


def standing(one: engine.ProjectionStatus) -> Standing:
    """Give how far one read model has read, and what is in its way."""
    return {
        "projection": one.projection,
        "position": one.position,
        "behind": one.behind,
        "lag_seconds": one.lag_seconds,
        "obstacle": error_of(one.obstacle) if one.obstacle else None,
        "rebuilding": _rebuilding(one.rebuild) if one.rebuild else None,
    }


def _rebuilding(one: engine.RebuildStatus) -> Rebuilding:
    return {"position": one.position, "rows": one.rows, "is_running": one.is_running}


def rebuilt(outcome: engine.Rebuilt | PledgerError) -> Rebuilt | NotRebuilt:
    """Give how one rebuild ended, well or with an error."""
    if isinstance(outcome, PledgerError):
        return {"error": error_of(outcome)}
    return {
        "position": outcome.position,
        "events": outcome.events,
        "rows": outcome.rows,
        "seconds": outcome.seconds,
        "events_per_second": outcome.events_per_second,
    }


def error_of(error: PledgerError) -> Error:
    """Give an error: its code, what happened, why, and what to do."""
    return {"code": error.code, "what": error.what, "why": error.why, "hint": error.hint}

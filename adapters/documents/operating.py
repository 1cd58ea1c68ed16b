"""How read models stand, and how their rebuilds ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.errors import PledgerError

if TYPE_CHECKING:
    from projections.engine import Rebuilt
    from projections.engine.standing import Standing


def standing(one: Standing) -> dict[str, Any]:
    """Give how far one read model has read, and what is in its way."""
    return {
        "projection": one.projection,
        "position": one.position,
        "behind": one.behind,
        "lag_seconds": one.lag_seconds,
        "obstacle": error_of(one.obstacle) if one.obstacle else None,
        "rebuilding": one.rebuilding._asdict() if one.rebuilding else None,
    }


def rebuilt(outcome: Rebuilt | PledgerError) -> dict[str, Any]:
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


def error_of(error: PledgerError) -> dict[str, str]:
    """Give an error: its code, what happened, why, and what to do."""
    return {"code": error.code, "what": error.what, "why": error.why, "mend": error.mend}

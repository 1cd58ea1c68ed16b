"""How an outbox stands, and what became of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.queries import instant
from adapters.queries.operating import error_of

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.outbox import Turn
    from adapters.outbox.rows import Parked, Standing


def turn(one: Turn, at: datetime) -> dict[str, Any]:
    """Give what the relay did, or what kept it from that."""
    return {
        "time": instant(at),
        "delivered": sum(fate.reason is None for fate in one.fates),
        "failed": sum(fate.reason is not None and not fate.is_parked for fate in one.fates),
        "parked": [{"id": fate.id, "reason": fate.reason} for fate in one.fates if fate.is_parked],
        "stands_by": one.stands_by,
        "interrupted": error_of(one.interrupted) if one.interrupted else None,
    }


def standing(found: Standing) -> dict[str, Any]:
    """Give an outbox in numbers."""
    since = found.waiting_since
    return {
        "waiting": found.waiting,
        "failing": found.failing,
        "held": found.held,
        "waiting_since": instant(since) if since else None,
        "waiting_seconds": round((found.now - since).total_seconds(), 3) if since else None,
        "parked": found.parked,
        "delivered": found.delivered,
        "delivered_at": instant(found.delivered_at) if found.delivered_at else None,
        "is_at_work": found.is_at_work,
    }


def parked(one: Parked) -> dict[str, Any]:
    """Give one row that is parked."""
    return {
        "id": one.id,
        "written_at": instant(one.written_at),
        "parked_at": instant(one.parked_at),
        "attempts": one.attempts,
        "reason": one.reason,
    }

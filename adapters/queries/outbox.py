"""How an outbox stands, and what became of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.queries import instant
from adapters.queries.operating import error_of

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.outbox import RelayProgress
    from adapters.outbox.rows import OutboxStatus, ParkedRow


def turn(one: RelayProgress, at: datetime) -> dict[str, Any]:
    """Give what the relay did, or what kept it from that."""
    return {
        "time": instant(at),
        "delivered": sum(result.reason is None for result in one.results),
        "failed": sum(result.reason is not None and not result.is_parked for result in one.results),
        "parked": [{"id": result.id, "reason": result.reason} for result in one.results if result.is_parked],
        "stands_by": one.stands_by,
        "interrupted": error_of(one.interrupted) if one.interrupted else None,
    }


def standing(found: OutboxStatus) -> dict[str, Any]:
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


def parked(one: ParkedRow) -> dict[str, Any]:
    """Give one row that is parked."""
    return {
        "id": one.id,
        "written_at": instant(one.written_at),
        "parked_at": instant(one.parked_at),
        "attempts": one.attempts,
        "reason": one.reason,
    }

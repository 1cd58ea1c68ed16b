"""What waits in a shop's outbox, what is parked there, and what a relay did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.outbox import rows
from adapters.queries.documents import fields
from adapters.queries.read_models import error_document
from domain.times import rfc3339

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.outbox import Outbox, RelayProgress


def relay_turn(turn: RelayProgress, at: datetime) -> dict[str, Any]:
    """Return what one turn of a relay delivered, or the error that stopped it."""
    return {
        "time": rfc3339(at),
        "delivered": sum(result.reason is None for result in turn.results),
        "failed": sum(result.reason is not None and not result.is_parked for result in turn.results),
        "unread": sum(result.is_unread for result in turn.results),
        "not_linked": sum(result.links_nobody for result in turn.results),
        "parked": [{"id": result.id, "reason": result.reason} for result in turn.results if result.is_parked],
        "stands_by": turn.stands_by,
        "interrupted": error_document(turn.interrupted) if turn.interrupted else None,
    }


def outbox_status(outbox: Outbox) -> dict[str, Any]:
    """Return an outbox in numbers."""
    with outbox.connect() as connection:
        found = rows.status(connection)
    since = found.waiting_since
    return {
        **fields(found, "waiting failing held waiting_since"),
        "waiting_seconds": round((found.now - since).total_seconds(), 3) if since else None,
        **fields(found, "parked delivered delivered_at is_at_work"),
    }


def outbox_parked(outbox: Outbox, limit: int) -> dict[str, Any]:
    """Return the first rows that are parked, in order."""
    with outbox.connect() as connection:
        found = rows.parked(connection, limit + 1)
    return {
        "is_all": len(found) <= limit,
        "parked": [fields(one, "id written_at parked_at attempts reason") for one in found[:limit]],
    }

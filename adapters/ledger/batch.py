"""A plan as the database's function append_batch takes it: one JSON object, places from 1, bytes in hex."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adapters.ledger.plan import Plan
    from adapters.postgres.rows import EventRow


def as_json(plan: Plan, key_id: str, *, with_events: bool) -> str:
    """Give a plan as append_batch takes it; places count from 1, bytes are in hex, empty parts are left out."""
    parts: dict[str, Any] = {
        "streams": {str(stream): version for stream, version in plan.streams.items()},
        "keys": {str(stream): wrapped.hex() for stream, wrapped in plan.keys.items()},
        "names": {digest.hex(): str(stream) for digest, stream in plan.names.items()},
        "visitor_names": {digest.hex(): str(stream) for digest, stream in plan.visitor_names.items()},
        "facts": [
            {
                "source": source,
                "fact_id": fact_id,
                "digest": digest.hex(),
                "stream_id": str(stream),
                "place": place,
                "events": events,
                "flagged": flagged,
            }
            for source, fact_id, digest, stream, place, events, flagged in plan.facts
        ],
        "events": [_event_as_json(place, row) for place, row in enumerate(plan.rows, 1)] if with_events else [],
    }
    return json.dumps({"key_id": key_id} | {name: part for name, part in parts.items() if part}, ensure_ascii=False)


def _event_as_json(place: int, row: EventRow) -> dict[str, object]:
    return {
        "place": place,
        "stream_id": str(row.stream_id),
        "version": row.version,
        "topic": row.topic,
        "occurred_at": row.occurred_at.isoformat(),
        "actor": row.actor,
        "source": row.source,
        "fact_id": row.fact_id,
        "policy": row.policy,
        "correlation": row.correlation,
        "causation": row.causation,
        "facts": json.loads(row.facts),
        "sealed": row.sealed and row.sealed.hex(),
        "key_commitment": row.key_commitment and row.key_commitment.hex(),
    }

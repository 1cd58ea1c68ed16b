"""How much is in a ledger, by kind, and how far its read models are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.postgres.connection import translated
from adapters.postgres.queries import query
from domain.events import COMPANY, CUSTOMER, TOPICS, VISITOR
from projections import engine, subscription_history

if TYPE_CHECKING:
    from adapters.bootstrap import OpenedLedger
    from projections.projection import Connection


def ledger_status(installation: OpenedLedger, connection: Connection) -> dict[str, Any]:
    """Return the numbers of events, streams, subscriptions (in persons) and findings (in events)."""
    with translated():
        by_topic: dict[str, int] = dict(connection.execute(query("count_by_topic")).fetchall())
        streams = {}
        for kind in (CUSTOMER, VISITOR, COMPANY):
            topics = [topic for topic, cls in TOPICS.items() if cls.stream_kind == kind]
            ((streams[kind],),) = connection.execute(query("count_streams"), {"topics": topics}).fetchall()
        findings: dict[str, int] = dict(connection.execute(query("count_findings")).fetchall())
    return {
        "ledger": installation.settings.ledger,
        "policy": installation.policy.label,
        "events": sum(by_topic.values()),
        "streams": streams,
        "by_type": {topic.removesuffix(".v1"): count for topic, count in by_topic.items()},
        "subscriptions": subscription_history.counts(connection),
        "findings": findings,
        "projections": engine.lags(connection),
    }

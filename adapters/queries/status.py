"""What is in a ledger, in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.postgres.connection import translated
from adapters.postgres.schema import query
from domain.events import COMPANY, CUSTOMER, TOPICS, VISITOR
from projections import engine, subscription_history

if TYPE_CHECKING:
    import psycopg

    from adapters.bootstrap import Installation


def status(installation: Installation, connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """Count events, streams and subscriptions.

    Keys: ledger, policy, events, streams {customer, visitor, company: n}, by_type {DataCollected: n, …}, subscriptions
    {program: {enrolled, opted_out}} in persons, findings {promise: events}, projections {name: {position, behind}}.
    """
    with translated():
        by_topic = dict(connection.execute(query("count_by_topic")).fetchall())
        streams = {}
        for kind in (CUSTOMER, VISITOR, COMPANY):
            topics = [topic for topic, cls in TOPICS.items() if cls.stream_kind == kind]
            ((streams[kind],),) = connection.execute(query("count_streams"), {"topics": topics}).fetchall()
        findings = dict(connection.execute(query("count_findings")).fetchall())
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

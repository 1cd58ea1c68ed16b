"""How much is in a ledger, by kind, and how far its read models are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.ledger import utc_now
from adapters.postgres.connection import translated
from adapters.postgres.queries import query
from adapters.queries.amiss import amiss_now
from adapters.queries.documents import plain
from adapters.queries.lists import waits_until
from adapters.queries.opt_outs import opt_out_bursts
from domain.events import COMPANY, CUSTOMER, TOPICS, VISITOR
from domain.times import rfc3339
from projections import engine, request_history, subscription_history

if TYPE_CHECKING:
    from adapters.bootstrap import OpenedLedger
    from projections.projection import Connection


def ledger_status(installation: OpenedLedger, connection: Connection) -> dict[str, Any]:
    """Return the numbers of events, streams, findings (in events), and persons by what last happened to them."""
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
        "amiss": amiss_now(installation, connection),
        "opt_out_bursts": plain(opt_out_bursts(installation.settings, connection, utc_now())),
        "erasures": _erasures(installation, connection),
        "projections": engine.lags(connection),
    }


def _erasures(installation: OpenedLedger, connection: Connection) -> dict[str, Any]:
    """Return the policy's waiting period, how many requests to be forgotten are in it, and when the first ends."""
    now = rfc3339(utc_now())
    found = request_history.listed(connection, request_history.Deadlines(utc_now()))
    ends = sorted(end for one in found if (end := waits_until(one, installation.policy)) and end > now)
    days = installation.policy.parameters.erasure_waiting_days
    return {"waiting_days": days, "waiting": len(ends), "next_end": ends[0] if ends else None}

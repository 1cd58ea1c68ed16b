"""The company's own record as a document: policy, notices, points, recipients, attestations, and what of it lapses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from adapters.queries import instant
from domain.audit.reasons import reason
from domain.events.company import AggregateReleased, IncidentRecorded, PolicyPublished
from domain.lapses import lapses
from domain.policy.judge import Judge
from domain.records.company import Company, evolve
from domain.register import register

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta
    from uuid import UUID

    from domain.events import Event
    from domain.lapses import Lapse
    from domain.policy.model import Policy
    from domain.register import Amiss

_MENDS: Final = {
    "attested": "Have it vouched for anew, and append security_attested or site_reviewed with a later until.",
    "notice_posted": "Post the version in force there, and append notice_posted, or use pledger notice check.",
    "notice_at_points": "Post the version in force there, and append notice_posted, or use pledger notice check.",
}
"""What to do about a promise that time decides, by its rule kind."""


def company_record(
    policy: Policy, stream: UUID, events: Sequence[Event], now: datetime, within: timedelta
) -> dict[str, Any]:
    """Give the company's record at a time, from all its events until then; `within`: what lapses so soon is told."""
    record = Company(stream)
    for event in events:
        evolve(record, event)
    judge = Judge(policy)
    register_ = register(judge, record, now)
    soon = lapses(judge, record, now, now + within)
    return {
        "as_of": instant(now),
        "within_days": within.days,
        "policy": register_.version,
        "published_by": register_.published,
        "publications": [
            {
                "version": one.version,
                "digest": one.digest,
                "effective_from": instant(one.effective_from) if one.effective_from else None,
                "fact": one.fact,
                "at": instant(one.occurred_at),
            }
            for one in events
            if isinstance(one, PolicyPublished)
        ],
        "amiss": [_amiss(policy, one) for one in register_.amiss],
        "lapses": [_lapse(policy, one) for one in soon],
        "places": [
            {**one._asdict(), "since": instant(one.since) if one.since else None, "carries": list(one.carries)}
            for one in register_.places
        ],
        "recipients": [
            {
                **one._asdict(),
                "roles": list(one.roles),
                "categories": list(one.categories),
                "beyond": list(one.beyond),
                "since": instant(one.since),
            }
            for one in register_.recipients
        ],
        "purposes": [{"purpose": name, "unrelated": unrelated} for name, unrelated in register_.purposes],
        "attestations": [{**one._asdict(), "until": instant(one.until)} for one in register_.vouched],
        "incidents": [
            {
                "incident": one.incident,
                "at": instant(one.occurred_at),
                "unauthorised_reads": one.unauthorised_reads,
                "fact": one.fact,
            }
            for one in events
            if isinstance(one, IncidentRecorded)
        ],
        "releases": [
            {"release": one.release, "at": instant(one.occurred_at), "recipient": one.recipient, "fact": one.fact}
            for one in events
            if isinstance(one, AggregateReleased)
        ],
    }


def _amiss(policy: Policy, one: Amiss) -> dict[str, Any]:
    return {
        "promise": one.promise,
        "since": instant(one.at),
        "event": one.event,
        "code": one.code,
        "why": reason(one.code),
        "do": _mend(policy, one.promise),
    }


def _lapse(policy: Policy, one: Lapse) -> dict[str, Any]:
    promise = next(each for each in policy.promises if each.id == one.promise)
    return {
        "promise": one.promise,
        "title": promise.title,
        "at": instant(one.at),
        "event": one.event,
        "events": list(one.events),
        "do": _mend(policy, one.promise),
    }


def _mend(policy: Policy, promise: str) -> str:
    kind = next(each.kind for each in policy.promises if each.id == promise)
    return _MENDS.get(kind, "See what the promise asks for with pledger audit --promise.")

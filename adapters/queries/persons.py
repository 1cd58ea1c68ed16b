"""What is known of one person: subscriptions, sharing, holdings and the timeline."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict

from adapters.queries import instant

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from adapters.postgres.rows import EventRow
    from projections.holding_history import HeldCategory, PersonErased, PersonHoldings
    from projections.sharing_history import SharingRow
    from projections.subscription_history import SubscriptionChange


class Person(TypedDict):
    """About whom something is told, as of when, and whether they were erased."""

    customer: str
    as_of: str | None
    person: str
    erased_at: str | None
    erased_by: str | None


class Change(TypedDict):
    """A change of one subscription."""

    position: int
    program: str
    state: str
    cause: str | None
    via: str | None
    because_of: str
    time: str
    fact: str
    broken: list[str]


class Subscriptions(Person):
    """The state of each program, and every change with its cause."""

    now: dict[str, str]
    changes: list[Change]


class Share(TypedDict):
    """Data that went to somebody else."""

    position: int
    time: str
    recipient: str
    kind: str
    purpose: str
    categories: list[str]
    relies_on: list[str]
    fact: str
    broken: list[str]
    excused: list[str]


class Sharing(Person):
    """To whom data went, for what, and on which ground."""

    shares: list[Share]


class Holding(TypedDict):
    """A category as it came with one collection or correction."""

    category: str
    state: str
    what: str
    act: str | None
    given_by: str | None
    held_in: str | None
    position: int
    time: str
    fact: str
    superseded_how: str | None
    superseded_by: str | None
    superseded_at: str | None


class Holdings(Person):
    """Which data is held, where it came from and what replaced it."""

    holdings: list[Holding]


class TimelineEvent(TypedDict):
    """An event of the log, without what is sealed in it."""

    position: int
    stream: str
    version: int
    event: str
    time: str
    recorded_at: str | None
    actor: str
    fact: str
    policy: str
    correlation: str | None
    causation: str | None
    facts: dict[str, Any]


class Timeline(TypedDict):
    """Every event about one person, in order of world time."""

    customer: str
    as_of: str | None
    person: str
    events: list[TimelineEvent]


def subscriptions(
    customer: str, as_of: str | None, person: UUID, changes: Iterable[SubscriptionChange], erased: PersonErased | None
) -> Subscriptions:
    """Give the state of each program now, and every change with its cause."""
    listed = list(changes)
    now = {change.program: change.state for change in listed}
    return {**_head(customer, as_of, person, erased), "now": now, "changes": [_change(change) for change in listed]}


def sharing(
    customer: str, as_of: str | None, person: UUID, shares: Iterable[SharingRow], erased: PersonErased | None
) -> Sharing:
    """Give to whom data went, for what, and on which ground."""
    return {**_head(customer, as_of, person, erased), "shares": [_share(share) for share in shares]}


def holdings(customer: str, as_of: str | None, person: UUID, found: PersonHoldings) -> Holdings:
    """Give which data is held, where it came from and what replaced it."""
    return {**_head(customer, as_of, person, found.erased), "holdings": [_holding(one) for one in found.listed]}


def timeline(customer: str, as_of: str | None, person: UUID, rows: Iterable[EventRow]) -> Timeline:
    """Give every event about one person; rows are of the log."""
    return {"customer": customer, "as_of": as_of, "person": str(person), "events": [_event(row) for row in rows]}


def _head(customer: str, as_of: str | None, person: UUID, erased: PersonErased | None) -> Person:
    return {
        "customer": customer,
        "as_of": as_of,
        "person": str(person),
        "erased_at": instant(erased.at) if erased else None,
        "erased_by": erased.fact if erased else None,
    }


def _change(change: SubscriptionChange) -> Change:
    return {
        "position": change.position,
        "program": change.program,
        "state": change.state,
        "cause": change.cause,
        "via": change.via,
        "because_of": change.why,
        "time": instant(change.at),
        "fact": change.fact,
        "broken": list(change.broken),
    }


def _share(share: SharingRow) -> Share:
    return {
        "position": share.position,
        "time": instant(share.at),
        "recipient": share.recipient,
        "kind": share.kind,
        "purpose": share.purpose,
        "categories": list(share.categories),
        "relies_on": list(share.relies_on),
        "fact": share.fact,
        "broken": list(share.broken),
        "excused": list(share.excused),
    }


def _holding(one: HeldCategory) -> Holding:
    return {
        "category": one.category,
        "state": one.state,
        "what": one.what,
        "act": one.act,
        "given_by": one.given_by,
        "held_in": one.held_in,
        "position": one.position,
        "time": instant(one.at),
        "fact": one.fact,
        "superseded_how": one.superseded.how if one.superseded else None,
        "superseded_by": one.superseded.fact if one.superseded else None,
        "superseded_at": instant(one.superseded.at) if one.superseded else None,
    }


def _event(row: EventRow) -> TimelineEvent:
    return {
        "position": row.position,
        "stream": str(row.stream_id),
        "version": row.version,
        "event": row.topic,
        "time": instant(row.occurred_at),
        "recorded_at": instant(row.recorded_at) if row.recorded_at else None,
        "actor": row.actor,
        "fact": f"{row.source} {row.fact_id}",
        "policy": row.policy,
        "correlation": row.correlation,
        "causation": row.causation,
        "facts": json.loads(row.data),
    }

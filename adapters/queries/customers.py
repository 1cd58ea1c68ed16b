"""Questions about one customer: who it is, subscriptions, sharing, holdings, the timeline and the access report.

Every question raises `UnknownCustomer` for a name that is not known, and `NotYetWritten` beyond the end of the log.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, cast

from typing_extensions import TypedDict

from adapters.audits.contacts import contact_book
from adapters.ledger import stream_reader
from adapters.ledger.opening import opened_at, with_names
from adapters.postgres.queries import query
from adapters.queries.documents import fields, plain
from domain.events.base import place_name
from domain.moments import UNPLACED
from domain.naming import Named, by_name
from domain.policy.judge import Judge
from domain.times import rfc3339
from projections import holding_history, left_out, sharing_history, subscription_history, suppression_list
from projections.access_report import AccessReport, access_report
from projections.as_of import bounds
from projections.at_least import check_written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from adapters.bootstrap import Installation
    from adapters.queries.read_point import ReadPoint
    from domain.events import Event
    from projections.as_of import AsOf, PositionOrTime
    from projections.projection import Connection

SUBSCRIPTION_READS: Final = (*subscription_history.READS, *holding_history.READS, *suppression_list.READS)
SHARING_READS: Final = (*sharing_history.READS, *holding_history.READS)
HOLDING_READS: Final = holding_history.READS
"""The read models that each question reads."""


class CustomerStreams(TypedDict):
    """The person of a name: their id for questions, and every stream that is theirs."""

    customer: str
    streams: list[str]


class AboutCustomer(TypedDict):
    """Whom a document is about, as of when, and whether they were erased."""

    customer: str
    as_of: str | None
    person: str
    erased_at: str | None
    erased_by: str | None


class SubscriptionChange(TypedDict):
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


class CustomerSubscriptions(AboutCustomer):
    """The state of each program, and every change with its cause."""

    now: dict[str, str]
    owed: dict[str, str]
    changes: list[SubscriptionChange]


class RecordedShare(TypedDict):
    """Data that went to a recipient."""

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


class CustomerSharing(AboutCustomer):
    """Who got a customer's data, for what, and on which ground."""

    shares: list[RecordedShare]


class HeldCategory(TypedDict):
    """A data category as it came with one collection or correction."""

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
    deleted_by: str | None
    deleted_at: str | None


class CustomerHoldings(AboutCustomer):
    """Which data is held, where it came from and what replaced it."""

    holdings: list[HeldCategory]


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
    data: dict[str, Any]


class CustomerTimeline(TypedDict):
    """Every event about one person, in order of world time."""

    customer: str
    as_of: str | None
    person: str
    events: list[TimelineEvent]


def customer_streams(installation: Installation, connection: Connection, name: str) -> CustomerStreams:
    """Return the id of the customer, and the streams that are theirs."""
    streams = _streams(installation, connection, name)
    return {"customer": f"id:{streams[0]}", "streams": [str(stream) for stream in streams]}


def customer_subscriptions(
    installation: Installation, connection: Connection, name: str, at: ReadPoint
) -> CustomerSubscriptions:
    """Return the state of each program now, and every change with its cause."""
    streams = _streams(installation, connection, name)
    changes = subscription_history.of(connection, streams, as_of=at.moment, at_least=at.at_least)
    document = {
        **_customer(name, at, streams, holding_history.of(connection, streams).erased),
        "now": {change.program: change.state for change in changes},
        "owed": {one: rfc3339(since) for one, since in _owed(installation, connection, streams, at).items()},
        "changes": [
            fields(change, "position program state cause via because_of=why time=at broken")
            | {"fact": Named(change.position)}
            for change in changes
        ],
    }
    return cast("CustomerSubscriptions", with_names(connection, installation.keyring, document))


def _owed(
    installation: Installation, connection: Connection, streams: Sequence[UUID], at: ReadPoint
) -> dict[str, datetime]:
    """Return from which programs a person must be left alone, or that they are a child, and since when."""
    judge = Judge(installation.policy)
    found = suppression_list.of(connection, judge, streams, as_of=at.moment, at_least=at.at_least)
    return {one: owed.since for one, owed in sorted(found.items())}


def customer_sharing(installation: Installation, connection: Connection, name: str, at: ReadPoint) -> CustomerSharing:
    """Return who got the customer's data, for what, and on which ground."""
    streams = _streams(installation, connection, name)
    shares = sharing_history.of(connection, streams, as_of=at.moment, at_least=at.at_least)
    names = "position time=at recipient kind purpose categories broken excused"
    document = {
        **_customer(name, at, streams, holding_history.of(connection, streams).erased),
        "shares": [
            fields(share, names) | {"relies_on": by_name(share.relies_on), "fact": Named(share.position)}
            for share in shares
        ],
    }
    return cast("CustomerSharing", with_names(connection, installation.keyring, document))


def customer_holdings(installation: Installation, connection: Connection, name: str, at: ReadPoint) -> CustomerHoldings:
    """Return which data is held, where it came from and what replaced it; values are in the report alone."""
    streams = _streams(installation, connection, name)
    found = holding_history.of(connection, streams, as_of=at.moment, at_least=at.at_least)
    opened = opened_at(connection, installation.keyring, {one.position for one in found.listed})
    document = {
        **_customer(name, at, streams, found.erased),
        "holdings": [_held_category(one, opened) for one in found.listed],
    }
    return cast("CustomerHoldings", with_names(connection, installation.keyring, document))


def customer_timeline(  # noqa: PLR0913, PLR0917 - a page of a list, as of a moment
    installation: Installation, connection: Connection, name: str, at: ReadPoint, passed: int, limit: int
) -> tuple[CustomerTimeline, bool]:
    """Return a page of the events about the customer, from the log itself, and whether more come after it."""
    streams = _streams(installation, connection, name, at.moment)
    wanted = {"streams": list(streams), "passed": passed, "limit": limit + 1, **bounds(at.moment)}
    positions = [position for (position,) in connection.execute(query("timeline"), wanted).fetchall()]
    opened = opened_at(connection, installation.keyring, positions[:limit])
    document = {
        "customer": name,
        "as_of": at.as_of,
        "person": str(streams[0]),
        "events": [_event(opened[position]) for position in positions[:limit]],
    }
    return cast("CustomerTimeline", with_names(connection, installation.keyring, document)), len(positions) > limit


def customer_report(
    installation: Installation, connection: Connection, name: str, as_of: PositionOrTime = None
) -> AccessReport:
    """Return the access report, which is folded from the customer's own events and holds personal values."""
    check_written(connection, as_of)
    streams = _streams(installation, connection, name, as_of)
    events = stream_reader.opened_events(connection, installation.keyring, streams)
    person = min(streams, key=str)
    book = contact_book(connection, streams, UNPLACED)
    return access_report(
        events,
        person=person,
        policy=installation.policy,
        asked_by=(name,),
        as_of=as_of,
        book=book,
        left_open=left_out.left_open(connection, events, bounds(as_of)),
    )


def _streams(installation: Installation, connection: Connection, name: str, as_of: AsOf = None) -> tuple[UUID, ...]:
    subject = stream_reader.parse_customer(installation.contract, name)
    return stream_reader.find(connection, installation.keyring, subject, as_of)


def _customer(
    name: str, at: ReadPoint, streams: tuple[UUID, ...], erased: holding_history.PersonErased | None
) -> dict[str, Any]:
    return {
        "customer": name,
        "as_of": at.as_of,
        "person": str(streams[0]),
        "erased_at": rfc3339(erased.at) if erased else None,
        "erased_by": place_name(erased.position) if erased else None,
    }


def _held_category(one: holding_history.HeldCategory, opened: Mapping[int, Event]) -> dict[str, Any]:
    superseded, deleted = one.superseded, one.deleted
    found = fields(one, "category state what act given_by position time=at")
    # Of an erased person nothing is listed; without the key file, the system that holds the value stays sealed.
    found |= {"held_in": getattr(opened.get(one.position), "held_in", None), "fact": Named(one.position)}
    return {
        **found,
        "superseded_how": superseded.how if superseded else None,
        "superseded_by": Named(superseded.by) if superseded else None,
        "superseded_at": plain(superseded.at) if superseded else None,
        "deleted_by": Named(deleted.by) if deleted else None,
        "deleted_at": plain(deleted.at) if deleted else None,
    }


def _event(event: Event) -> dict[str, Any]:
    envelope = "position stream=originator_id version=originator_version event=topic time=occurred_at recorded_at"
    found = fields(event, f"{envelope} actor fact policy correlation causation")
    data = event.placed(json.loads(event.data_json()), event.moment.position)
    shown = {name: _shown(value) if name in event.places else value for name, value in data.items()}
    for name in event.findings_in:
        for one in shown.get(name, ()):
            one |= {key: _shown(one[key]) for key in ("events", "about") if key in one}
    return {**found, "data": shown}


def _shown(places: Any) -> Any:  # noqa: ANN401 - a position, or several
    return Named(places) if isinstance(places, int) else by_name(places)

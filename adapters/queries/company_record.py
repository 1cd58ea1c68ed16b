"""The company's own record: policy, notices, points, recipients, attestations; what is amiss and what lapses soon."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from adapters.audits.overdue import overdue
from adapters.ledger import stream_reader
from adapters.queries.amiss import clock, hint, shown_overdue, shown_point, unregistered_points
from adapters.queries.documents import fields, plain
from domain.audit.reasons import reason
from domain.events.company import AggregateReleased, CompanyEntryCorrected, IncidentRecorded, PolicyPublished
from domain.lapses import lapses
from domain.naming import Named, by_name, named
from domain.policy.judge import Judge
from domain.records.company import Company, evolve
from domain.register import register
from domain.times import later, rfc3339
from projections import checkpoints

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from adapters.bootstrap import OpenedLedger
    from domain.events import Event
    from domain.lapses import Lapse
    from domain.policy.model import Policy
    from domain.register import Amiss
    from projections.as_of import PositionOrTime
    from projections.projection import Connection


def company_record(
    installation: OpenedLedger, connection: Connection, as_of: PositionOrTime, within_days: int, now: datetime
) -> dict[str, Any]:
    """Return the company's own record, what of it is amiss, and what lapses within so many days.

    Raises `NotYetWritten` as of a position beyond the end of the log.
    """
    stream, policy = installation.identity.company_stream, installation.policy
    moment, events = stream_reader.company_events(connection, stream, as_of, now, installation.keyring)
    record = Company(stream)
    for event in events:
        evolve(record, event)
    judge = Judge(policy)
    register_ = register(judge, record, moment)
    soon = lapses(judge, record, moment, later(moment, timedelta(days=within_days)))
    last = as_of if isinstance(as_of, int) else checkpoints.size(connection)
    points = unregistered_points(connection, record, moment, last)
    wrong = {one.entry: one.fact for one in events if isinstance(one, CompanyEntryCorrected) and one.entry}
    names = {event.moment.position: event.fact for event in events}
    document: dict[str, Any] = {
        "as_of": rfc3339(moment),
        "within_days": within_days,
        "policy": register_.version,
        "published_by": _named(register_.published),
        "publications": [
            fields(one, "version digest effective_from fact at=occurred_at") | _corrected(one, wrong)
            for one in events
            if isinstance(one, PolicyPublished)
        ],
        "amiss": [
            *(_amiss(policy, one) for one in register_.amiss),
            *({**shown_point(one), "event": _named(one.event)} for one in points),
            *(shown_overdue(policy, overdue(installation, connection, clock(connection))) if as_of is None else ()),
        ],
        "lapses": [_lapse(policy, one) for one in soon],
        "places": [{**plain(one), "fact": _named(one.fact)} for one in register_.places],
        "recipients": [plain(one) for one in register_.recipients],
        "purposes": [{"purpose": name, "unrelated": unrelated} for name, unrelated in register_.purposes],
        "attestations": [{**plain(one), "fact": _named(one.fact)} for one in register_.vouched],
        "incidents": [
            fields(one, "incident at=occurred_at unauthorised_reads fact") | _corrected(one, wrong)
            for one in events
            if isinstance(one, IncidentRecorded)
        ],
        "releases": [
            fields(one, "release at=occurred_at recipient fact") | _corrected(one, wrong)
            for one in events
            if isinstance(one, AggregateReleased)
        ],
    }
    return cast("dict[str, Any]", named(document, lambda _: names))


def _named(position: int | None) -> Named | None:
    return Named(position) if position else None


def _corrected(event: Event, wrong: Mapping[int, str]) -> dict[str, str | None]:
    """Return the fact that corrected an event as a wrong entry, or None."""
    return {"corrected_by": wrong.get(event.fact_position)}


def _amiss(policy: Policy, one: Amiss) -> dict[str, Any]:
    found = fields(one, "promise since=at code") | {"event": _named(one.event)}
    return {**found, "why": reason(one.code), "do": hint(policy, one.promise)}


def _lapse(policy: Policy, one: Lapse) -> dict[str, Any]:
    title = next(each.title for each in policy.promises if each.id == one.promise)
    found = fields(one, "at") | {"event": _named(one.event), "events": by_name(one.events)}
    return {"promise": one.promise, "title": title, **found, "do": hint(policy, one.promise)}

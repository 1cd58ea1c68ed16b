"""What is amiss now: which promises are broken, since when, by how many facts, and what to do about it.

It is what was found when facts were told, and what time alone has decided by the database's clock: of the company, and
of people whose requests have no answer or who are known to be children. Facts whose entry was corrected since are
counted apart. What
only a later fact shows stands in the list of what changed (`adapters.queries.changes`), and in the audit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from adapters.audits.overdue import overdue
from adapters.ledger import stream_reader
from adapters.postgres.connection import translated
from adapters.postgres.queries import query
from domain.audit.reasons import reason
from domain.moments import end_of
from domain.policy.judge import Judge
from domain.records.company import Company, evolve
from domain.register import register
from domain.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from adapters.audits.overdue import Overdue
    from adapters.bootstrap import OpenedLedger
    from domain.policy.model import Policy
    from domain.register import Amiss
    from projections.projection import Connection

_POST: Final = "Post the version in force there, and append notice_posted, or use pledger notice check."
_LOOK: Final = "See which facts did it, and why, with pledger audit --promise."
_ASK: Final = "Ask POST /v1/decisions first, or send such facts in mode enforce."
_HINTS: Final[Mapping[str, str]] = {
    "attested": "Have it vouched for anew, and append security_attested or site_reviewed with a later until.",
    "notice_posted": _POST,
    "notice_at_points": f"Register the collection point, where it is not. {_POST}",
    "opt_out_honoured": f"Take the suppression list (pledger suppressions) to who sends the messages. {_ASK}",
    "opt_out_permanent": f"Take the suppression list (pledger suppressions) to who sends the messages. {_ASK}",
    "never_from_children": "Erase the person (erasure), and collect nothing more. pledger suppressions lists them.",
    "purposes_limited": f"Stop that use. {_ASK}",
    "recipients_limited": f"Stop that share, or register what the recipient is for. {_ASK}",
    "requests_answered": "Answer it: pledger requests --state overdue lists them, the most urgent first.",
    "routes_limited": f"Mail those alone whom pledger subscriptions lists. {_ASK}",
}
"""What to do about a broken promise, by its rule kind."""
_REGISTER: Final = "Register it (collection_point_registered) and post the notice there, or collect nothing there."


class UnregisteredPoint(NamedTuple):
    """A collection point that is not registered, at which data was collected."""

    promise: str
    collection_point: str
    collections: int
    since: datetime
    latest: datetime
    event: int


def hint(policy: Policy, promise: str) -> str:
    """Return what to do about a promise that is broken."""
    kind = next((each.kind for each in policy.promises if each.id == promise), "")
    return _HINTS.get(kind, _LOOK)


def amiss_now(installation: OpenedLedger, connection: Connection) -> list[dict[str, Any]]:
    """Return the promises that are amiss by the database's clock, in the order of the policy."""
    policy = installation.policy
    now = clock(connection)
    with translated():
        found = {promise: rest for promise, *rest in connection.execute(query("amiss")).fetchall()}
    company = _company(installation, connection, now)
    lapsed: dict[str, list[Amiss]] = {}
    for one in register(Judge(policy), company, now).amiss:
        lapsed.setdefault(one.promise, []).append(one)
    late: dict[str, list[Overdue]] = {}
    for each in overdue(installation, connection, now):
        late.setdefault(each.promise, []).append(each)
    titles = {one.id: one.title for one in policy.promises}
    known = [*titles, *(promise for promise in found if promise not in titles)]
    return [
        _of_promise(
            (policy, promise, titles.get(promise, "")),
            found.get(promise),
            lapsed.get(promise, []),
            late.get(promise, []),
        )
        for promise in known
        if promise in found or promise in lapsed or promise in late
    ]


def amiss_document(installation: OpenedLedger, connection: Connection) -> dict[str, Any]:
    """Return what is amiss now as a document, and when that is."""
    return {"as_of": rfc3339(clock(connection)), "amiss": amiss_now(installation, connection)}


def clock(connection: Connection) -> datetime:
    """Return the time by the database's clock."""
    with translated():
        ((now,),) = connection.execute(query("clock")).fetchall()
    return cast("datetime", now)


def _of_promise(
    of: tuple[Policy, str, str], found: Iterable[Any] | None, lapsed: list[Amiss], late: list[Overdue]
) -> dict[str, Any]:
    policy, promise, title = of
    facts, first, latest, annulled = found or (0, None, None, 0)
    times = [first, *(one.at for one in lapsed), *(one.at for one in late)]
    since = min(filter(None, times), default=None)
    whys = dict.fromkeys((*(reason(one.code) for one in lapsed), *(one.why for one in late)))
    return {
        "promise": promise,
        "title": title,
        "since": rfc3339(since) if since else None,
        "latest": rfc3339(latest) if latest else None,
        "facts": facts,
        "annulled": annulled,
        "of_company": len(lapsed),
        "overdue": len(late),
        "why": " ".join(whys),
        "do": hint(policy, promise),
    }


def unregistered_points(
    connection: Connection, company: Company, at: datetime, position: int
) -> list[UnregisteredPoint]:
    """Return the points that are not registered at a time, and at which data had been collected by then."""
    with translated():
        rows = connection.execute(query("amiss_points"), {"until": position}).fetchall()
    points = (UnregisteredPoint._make(row) for row in rows)
    return [one for one in points if one.since <= at and not company.has_point(one.collection_point, end_of(at))]


def shown_overdue(policy: Policy, found: Iterable[Overdue]) -> list[dict[str, Any]]:
    """Return what is overdue, by promise and reason, as things that are amiss; nobody is named."""
    by_reason: dict[tuple[str, str], list[Overdue]] = {}
    for one in found:
        by_reason.setdefault((one.promise, one.code), []).append(one)
    return [
        {
            "promise": promise,
            "since": rfc3339(min(one.at for one in some)),
            "code": code,
            "event": None,
            "why": f"{some[0].why} It is so {len(some):,} time{'' if len(some) == 1 else 's'}.",
            "do": hint(policy, promise),
        }
        for (promise, code), some in by_reason.items()
    ]


def shown_point(one: UnregisteredPoint) -> dict[str, Any]:
    """Return a collection point that is not registered as a thing that is amiss with the company."""
    times = f"{one.collections:,} collection{'' if one.collections == 1 else 's'}"
    return {
        "promise": one.promise,
        "since": rfc3339(one.since),
        "code": "point_not_registered",
        "why": f"{reason('point_not_registered')} {one.collection_point}: {times}, the latest {rfc3339(one.latest)}.",
        "do": _REGISTER,
    }


def _company(installation: OpenedLedger, connection: Connection, now: datetime) -> Company:
    stream = installation.identity.company_stream
    _, events = stream_reader.company_events(connection, stream, None, now, None)
    record = Company(stream)
    for event in events:
        evolve(record, event)
    return record

"""`pledger company`: the company's own record, and what of it is amiss or about to lapse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from adapters import bootstrap
from adapters.cli.console import (
    AsOfOption,
    Format,
    FormatOption,
    listed,
    parse_as_of,
    print_json,
    say,
    shown,
    told,
)
from adapters.cli.tables import print_table
from adapters.documents import instant
from adapters.mapper import to_event
from adapters.postgres.connection import translated
from adapters.postgres.rows import EventRow
from adapters.postgres.schema import query
from adapters.settings import load_settings
from domain.audit.reasons import reason
from domain.company import Company, evolve
from domain.events.company import AggregateReleased, IncidentRecorded, PolicyPublished
from domain.lapses import lapses
from domain.policy.judge import Judge
from domain.register import register
from projections import checkpoints
from projections.at_least import check_written

if TYPE_CHECKING:
    import psycopg

    from adapters.bootstrap import Installation
    from domain.events import Event
    from domain.lapses import Lapse
    from domain.register import Amiss

WithinOption = Annotated[int, typer.Option("--within", min=0, max=36_500, help="Tell what lapses within so many days.")]
_MENDS: Final = {
    "attested": "Have it vouched for anew, and append security_attested or site_reviewed with a later until.",
    "notice_posted": "Post the version in force there, and append notice_posted, or use pledger notice check.",
    "notice_at_points": "Post the version in force there, and append notice_posted, or use pledger notice check.",
}
"""What to do about a promise that time decides, by its rule kind."""


@told
def company(within: WithinOption = 30, as_of: AsOfOption = None, format_: FormatOption = Format.TABLE) -> None:
    """Show the company's own record: policy, notices, points, recipients, attestations; and what is about to lapse."""
    moment = parse_as_of(as_of)
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection, translated():
        now, events = _read(installation, connection, moment)
    record = Company(installation.identity.company_stream)
    for event in events:
        evolve(record, event)
    judge = Judge(installation.policy)
    register_ = register(judge, record, now)
    soon = lapses(judge, record, now, now + timedelta(days=within))
    document = {
        "as_of": instant(now),
        "within_days": within,
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
        "amiss": [_amiss(installation, one) for one in register_.amiss],
        "lapses": [_lapse(installation, one) for one in soon],
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
    if format_ is Format.JSON:
        print_json(document)
    else:
        _show(document)


def _read(
    installation: Installation, connection: psycopg.Connection[Any], as_of: int | datetime | None
) -> tuple[datetime, list[Event]]:
    """Give the time to look at, and the company's events up to it: now, a time, or that of a position."""
    check_written(connection, as_of)
    position = as_of if isinstance(as_of, int) else checkpoints.size(connection)
    now = as_of if isinstance(as_of, datetime) else datetime.now(UTC)
    if isinstance(as_of, int):
        ((last,),) = connection.execute(query("audit_last_time"), {"position": position}).fetchall()
        now = last or now
    wanted = {
        "streams": [installation.identity.company_stream],
        "position": position,
        "time": as_of if isinstance(as_of, datetime) else None,
    }
    rows = connection.execute(query("audit_streams"), wanted).fetchall()
    return now, sorted((to_event(EventRow._make(row)) for row in rows), key=lambda event: event.moment)


def _amiss(installation: Installation, one: Amiss) -> dict[str, Any]:
    return {
        "promise": one.promise,
        "since": instant(one.at),
        "event": one.event,
        "code": one.code,
        "why": reason(one.code),
        "do": _mend(installation, one.promise),
    }


def _lapse(installation: Installation, one: Lapse) -> dict[str, Any]:
    promise = next(each for each in installation.policy.promises if each.id == one.promise)
    return {
        "promise": one.promise,
        "title": promise.title,
        "at": instant(one.at),
        "event": one.event,
        "events": list(one.events),
        "do": _mend(installation, one.promise),
    }


def _mend(installation: Installation, promise: str) -> str:
    kind = next(each.kind for each in installation.policy.promises if each.id == promise)
    return _MENDS.get(kind, "See what the promise asks for with pledger audit --promise.")


def _show(document: dict[str, Any]) -> None:
    parse = datetime.fromisoformat
    say(f"As of {shown(parse(document['as_of']))}, under {document['policy'] or 'no policy'}.")
    amiss = [
        (one["promise"], shown(parse(one["since"])), one["event"], f"{one['why']} {one['do']}")
        for one in document["amiss"]
    ]
    if amiss:
        print_table("Amiss now", ("promise", "since", "fact", "what, and what to do"), amiss)
    soon = [(one["promise"], shown(parse(one["at"])), one["event"], one["do"]) for one in document["lapses"]]
    if soon:
        print_table(f"Lapses within {document['within_days']} days", ("promise", "at", "fact", "what to do"), soon)
    if not amiss and not soon:
        say(f"Nothing is amiss, and nothing lapses within {document['within_days']} days.")
    places = [
        (
            one["location"],
            {True: "open", False: "closed", None: ""}[one["is_open"]],
            listed(one["carries"]) or "none",
            "yes" if one["is_current"] else "no",
        )
        for one in document["places"]
    ]
    print_table("Notices", ("location", "point", "carries", "the version in force"), places)
    recipients = [
        (
            one["name"],
            "ended" if one["ended"] else listed(one["roles"]),
            one["group"] or "",
            listed(one["categories"]),
            listed(one["beyond"]),
        )
        for one in document["recipients"]
    ]
    print_table("Recipients", ("name", "roles", "group", "registered for", "beyond its roles"), recipients)
    vouched = [
        (one["kind"], shown(parse(one["until"])), "yes" if one["lasts"] else "no", one["fact"])
        for one in document["attestations"]
    ]
    print_table("Attestations", ("of", "until", "lasts", "fact"), vouched)
    for name, title in (("incidents", "Incidents"), ("releases", "Releases"), ("purposes", "Purposes of its own")):
        if document[name]:
            keys = [key for key in document[name][0] if key != "fact"]
            print_table(title, keys, [[str(one[key]) for key in keys] for one in document[name]])

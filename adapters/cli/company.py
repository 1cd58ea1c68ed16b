"""`pledger company`: the company's own record, and what of it is amiss or about to lapse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters import bootstrap
from adapters.cli.console import (
    AsOfOption,
    Format,
    FormatOption,
    listed,
    print_json,
    say,
    shown,
    told,
)
from adapters.cli.tables import print_table
from adapters.ledger import reading
from adapters.postgres.connection import translated
from adapters.queries.company import company_record
from adapters.settings import load_settings
from projections.as_of import parse_as_of

if TYPE_CHECKING:
    pass

WithinOption = Annotated[int, typer.Option("--within", min=0, max=36_500, help="Tell what lapses within so many days.")]


@told
def company(within: WithinOption = 30, as_of: AsOfOption = None, format_: FormatOption = Format.TABLE) -> None:
    """Show the company's own record: policy, notices, points, recipients, attestations; and what is about to lapse."""
    moment = parse_as_of(as_of)
    with bootstrap.opened(load_settings()) as installation, installation.connect() as connection, translated():
        now, events = reading.company_events(
            connection, installation.identity.company_stream, moment, datetime.now(UTC)
        )
        document = company_record(
            installation.policy, installation.identity.company_stream, events, now, timedelta(days=within)
        )
    if format_ is Format.JSON:
        print_json(document)
    else:
        _show(document)


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

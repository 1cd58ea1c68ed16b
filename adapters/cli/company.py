"""`pledger company`: the company's own record, and what of it is amiss or about to lapse."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adapters.cli.console import Format, FormatOption, listed, print_document, reports_errors, say, shown
from adapters.cli.options import AsOfOption
from adapters.cli.session import open_to_read
from adapters.cli.tables import print_table
from adapters.ledger import utc_now
from adapters.queries.company_record import company_record
from projections.as_of import parse_as_of

WithinOption = Annotated[int, typer.Option("--within", min=0, max=36_500, help="Show what lapses within so many days.")]


@reports_errors
def company(within: WithinOption = 30, as_of: AsOfOption = None, format_: FormatOption = Format.TABLE) -> None:
    """Show the company's record, and what lapses soon.

    The record is of policy, notices, collection points, recipients, attestations, incidents and releases.
    """
    moment = parse_as_of(as_of)
    with open_to_read() as (installation, connection):
        document = company_record(installation, connection, moment, within, utc_now())
    print_document(document, format_, _show)


def _show(document: dict[str, Any]) -> None:
    say(f"As of {shown(document['as_of'])}, under {document['policy'] or 'no policy'}.")
    amiss = [
        (one["promise"], shown(one["since"]), one["event"] or "", f"{one['why']} {one['do']}")
        for one in document["amiss"]
    ]
    if amiss:
        print_table("Amiss now", ("promise", "since", "fact", "what, and what to do"), amiss)
    soon = [(one["promise"], shown(one["at"]), one["event"], one["do"]) for one in document["lapses"]]
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
        (one["kind"], shown(one["until"]), "yes" if one["lasts"] else "no", one["fact"])
        for one in document["attestations"]
    ]
    print_table("Attestations", ("of", "until", "lasts", "fact"), vouched)
    for name, title in (("incidents", "Incidents"), ("releases", "Releases"), ("purposes", "Purposes of its own")):
        if document[name]:
            keys = [key for key in document[name][0] if key != "fact"]
            print_table(
                title, keys, [["" if one[key] is None else str(one[key]) for key in keys] for one in document[name]]
            )

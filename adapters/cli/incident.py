"""`pledger incident`: whose data an incident concerns."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from adapters.cli.console import Format, FormatOption, listed, print_document, reports_errors, say, shown
from adapters.cli.options import AtLeastOption
from adapters.cli.session import open_ledger, open_read_models
from adapters.cli.suppressions import LIMIT_MAX
from adapters.cli.tables import print_table
from adapters.queries.incidents import affected_by_incident

IncidentArgument = Annotated[str, typer.Argument(help="The incident's name, from data.incident.")]
LimitOption = Annotated[int, typer.Option(min=1, max=LIMIT_MAX, help="List at most so many persons; all are counted.")]


@reports_errors
def incident(
    name: IncidentArgument,
    limit: LimitOption = 1_000,
    at_least: AtLeastOption = 0,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show whose data an incident concerns.

    These are the people of whom the ledger held such data at the time of the incident. Where several facts tell of the
    incident, each counts with its own time and categories.
    """
    with open_read_models(open_ledger(), at_least=at_least) as (installation, connection, at):
        document = affected_by_incident(installation, connection, name, limit, at)
    print_document(document, format_, _show)


def _named(record: dict[str, Any]) -> str:
    return f"{record['fact']} (corrected: it was none)" if record["corrected_at"] else str(record["fact"])


def _show(document: dict[str, Any]) -> None:
    rows = [
        (shown(one["time"]), one["unauthorised_reads"], listed(one["categories"] or ("any",)), _named(one))
        for one in document["records"]
    ]
    print_table(f"Incident {document['incident']}", ("when", "unauthorised reads", "categories", "fact"), rows)
    persons, erased, affected = document["persons"], document["erased"], document["affected"]
    say(f"\nSuch data was held then of {persons:,} persons, and of {erased:,} who have been erased since.")
    if not affected:
        return
    people = [(f"id:{one['person']}", listed(one["categories"]), shown(one["since"])) for one in affected]
    print_table("\nWhose data it was", ("person", "held", "since"), people)
    if persons > len(affected):
        say(f"There are {persons - len(affected):,} more; --limit shows more.")
    say("\nWhat is on record of one of them: pledger report id:…")

"""Whom an incident concerns: `pledger incident`.

Promise: people are named by the ledger's own ids, and no value of theirs is opened; whoever has been erased since is
counted. Refused: an incident that is not on record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from adapters.cli.console import AtLeastOption, Format, FormatOption, listed, print_json, say, shown, told
from adapters.cli.lists import LIMIT_MAX
from adapters.cli.reading import brought_up_to_date
from adapters.cli.tables import print_table
from adapters.postgres.schema import query
from adapters.queries import instant
from domain.errors import PledgerError
from projections.held_by import Holder, erased_since, held_by

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

IncidentArgument = Annotated[str, typer.Argument(help="The incident's name, as the fact about it has it.")]
LimitOption = Annotated[int, typer.Option(min=1, max=LIMIT_MAX, help="List at most so many persons; all are counted.")]


class UnknownIncident(PledgerError):
    """No incident is on record under this name."""

    code = "unknown_incident"


class _Record(NamedTuple):
    """What one fact says of the incident; no categories: any."""

    position: int
    at: datetime
    fact: str
    unauthorised_reads: int
    categories: tuple[str, ...]


@told
def incident(
    name: IncidentArgument,
    limit: LimitOption = 1_000,
    at_least: AtLeastOption = 0,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Show of whom the ledger held, at the time of an incident, the data that it concerns.

    Of an incident that several facts tell, each counts with its own time and categories.
    """
    with brought_up_to_date() as (_, connection, position):
        wanted = {"incident": "" if _is_no_text(name) else name}
        rows = connection.execute(query("incidents"), wanted).fetchall()
        records = [_Record(place, at, fact, reads, tuple(held)) for place, at, fact, reads, held in rows]
        if not records:
            raise UnknownIncident(
                "There is no such incident.",
                "no pledger.incident.v1 with this name is on record.",
                "Name it as the fact does in data.incident, or append the fact.",
            )
        known = max(at_least, position)
        found = [held_by(connection, one.categories, one.at, at_least=known) for one in records]
        erased = {person for one in records for person in erased_since(connection, one.categories, one.at)}
    holders = _joined(holder for part in found for holder in part)
    if format_ is Format.JSON:
        print_json(_document(name, records, holders, len(erased), limit))
    else:
        _show(name, records, holders, len(erased), limit)


def _is_no_text(name: str) -> bool:
    """Tell whether a name is none that a database can hold."""
    return "\x00" in name or any("\ud800" <= one <= "\udfff" for one in name)


def _joined(holders: Iterable[Holder]) -> list[Holder]:
    """Give each person once, with all that was held."""
    joined: dict[UUID, Holder] = {}
    for one in holders:
        known = joined.get(one.person, one)
        categories = tuple(sorted({*known.categories, *one.categories}))
        joined[one.person] = Holder(one.person, categories, min(known.since, one.since))
    return [joined[person] for person in sorted(joined)]


def _document(name: str, records: list[_Record], holders: list[Holder], erased: int, limit: int) -> dict[str, Any]:
    return {
        "incident": name,
        "records": [
            {
                "fact": one.fact,
                "position": one.position,
                "time": instant(one.at),
                "unauthorised_reads": one.unauthorised_reads,
                "categories": list(one.categories),
            }
            for one in records
        ],
        "persons": len(holders),
        "erased": erased,
        "is_all": len(holders) <= limit,
        "affected": [
            {"person": str(one.person), "categories": list(one.categories), "since": instant(one.since)}
            for one in holders[:limit]
        ],
    }


def _show(name: str, records: list[_Record], holders: list[Holder], erased: int, limit: int) -> None:
    rows = [(shown(one.at), one.unauthorised_reads, listed(one.categories or ("any",)), one.fact) for one in records]
    print_table(f"Incident {name}", ("when", "unauthorised reads", "categories", "fact"), rows)
    say(f"\nOf {len(holders):,} persons such data was held then, and of {erased:,} who have been erased since.")
    if not holders:
        return
    people = [(f"id:{one.person}", listed(one.categories), shown(one.since)) for one in holders[:limit]]
    print_table("\nWhose data it was", ("person", "held", "since"), people)
    if len(holders) > limit:
        say(f"There are {len(holders) - limit:,} more; --limit shows more.")
    say("\nWhat is on record of one of them: pledger report id:…")

"""Whom an incident affected.

People are named by the ledger's own ids, and none of their values is opened. Those erased since are only counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.ledger.opening import opened_at
from adapters.postgres.queries import query
from adapters.queries.documents import fields, plain
from domain.errors import PledgerError
from domain.events.company import IncidentRecorded
from projections.held_by import Holder, erased_since, held_by

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from adapters.bootstrap import Installation
    from adapters.queries.read_point import ReadPoint
    from projections.projection import Connection


class UnknownIncident(PledgerError):
    """No incident is on record under this name."""

    code = "unknown_incident"


def affected_by_incident(
    installation: Installation, connection: Connection, name: str, limit: int, at: ReadPoint
) -> dict[str, Any]:
    """Return of whom the ledger held, at the time of an incident, the data that it concerns.

    Where several facts tell of the incident, each counts with its own time and categories; no categories mean any.
    One that was corrected as a wrong entry is listed and counts for nobody.
    Raises `UnknownIncident`.
    """
    corrected: dict[int, int | None] = dict(connection.execute(query("incidents")).fetchall())
    positions = list(corrected)
    opened = opened_at(connection, installation.keyring, positions)
    records = [one for one in map(opened.get, positions) if isinstance(one, IncidentRecorded) and one.incident == name]
    if not records:
        raise UnknownIncident(
            "There is no such incident.",
            "no pledger.incident.v1 with this name is on record.",
            "Name it as the fact does in data.incident, or append the fact.",
        )
    kinds = [(one.occurred_at, one.categories) for one in records if corrected[one.moment.position] is None]
    found = [held_by(connection, categories, time, at_least=at.at_least) for time, categories in kinds]
    erased = {person for time, categories in kinds for person in erased_since(connection, categories, time)}
    holders = _joined(holder for part in found for holder in part)
    return {
        "incident": name,
        "records": [
            fields(one, "fact position time=occurred_at unauthorised_reads categories")
            | {"corrected_at": corrected[one.moment.position]}
            for one in records
        ],
        "persons": len(holders),
        "erased": len(erased),
        "is_all": len(holders) <= limit,
        "affected": [plain(one) for one in holders[:limit]],
    }


def _joined(holders: Iterable[Holder]) -> list[Holder]:
    """Return each person once, with all that was held."""
    joined: dict[UUID, Holder] = {}
    for one in holders:
        known = joined.get(one.person, one)
        categories = tuple(sorted({*known.categories, *one.categories}))
        joined[one.person] = Holder(one.person, categories, min(known.since, one.since))
    return [joined[person] for person in sorted(joined)]

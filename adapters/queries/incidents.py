"""Whom an incident affected.

People are named by the ledger's own ids, and none of their values is opened. Those erased since are only counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from adapters.postgres.queries import query
from adapters.queries.documents import plain
from domain.errors import PledgerError
from domain.times import rfc3339
from projections.held_by import Holder, erased_since, held_by

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from adapters.queries.read_point import ReadPoint
    from projections.projection import Connection


_RECORD: Final = ("fact", "position", "time", "unauthorised_reads", "categories")


class UnknownIncident(PledgerError):
    """No incident is on record under this name."""

    code = "unknown_incident"


def affected_by_incident(connection: Connection, name: str, limit: int, at: ReadPoint) -> dict[str, Any]:
    """Return of whom the ledger held, at the time of an incident, the data that it concerns.

    Where several facts tell of the incident, each counts with its own time and categories; no categories mean any.
    Raises `UnknownIncident`.
    """
    records = connection.execute(query("incidents"), {"incident": "" if _is_no_text(name) else name}).fetchall()
    if not records:
        raise UnknownIncident(
            "There is no such incident.",
            "no pledger.incident.v1 with this name is on record.",
            "Name it as the fact does in data.incident, or append the fact.",
        )
    found = [held_by(connection, categories, time, at_least=at.at_least) for _, time, _, _, categories in records]
    erased = {person for _, time, _, _, categories in records for person in erased_since(connection, categories, time)}
    holders = _joined(holder for part in found for holder in part)
    return {
        "incident": name,
        "records": [
            dict(zip(_RECORD, (fact, position, rfc3339(time), reads, categories), strict=True))
            for position, time, fact, reads, categories in records
        ],
        "persons": len(holders),
        "erased": len(erased),
        "is_all": len(holders) <= limit,
        "affected": [plain(one) for one in holders[:limit]],
    }


def _is_no_text(name: str) -> bool:
    """Return whether a database cannot hold a name."""
    return "\x00" in name or any("\ud800" <= one <= "\udfff" for one in name)


def _joined(holders: Iterable[Holder]) -> list[Holder]:
    """Return each person once, with all that was held."""
    joined: dict[UUID, Holder] = {}
    for one in holders:
        known = joined.get(one.person, one)
        categories = tuple(sorted({*known.categories, *one.categories}))
        joined[one.person] = Holder(one.person, categories, min(known.since, one.since))
    return [joined[person] for person in sorted(joined)]

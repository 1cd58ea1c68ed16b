"""Which streams of a ledger are one person's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from adapters.postgres.queries import query

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg


def linked_groups(connection: psycopg.Connection[Any], bounds: Mapping[str, Any]) -> dict[UUID, tuple[UUID, ...]]:
    """Return each stream that is one of several of a person, with all of them in order, as of a position and a time."""
    joined: dict[UUID, set[UUID]] = {}
    for stream, others in connection.execute(query("all_links"), bounds):
        person = {stream, *map(UUID, others)}
        for each in list(person):
            person |= joined.get(each, set())
        for each in person:
            joined[each] = person
    groups = {id(person): tuple(sorted(person)) for person in joined.values()}
    return {stream: groups[id(person)] for stream, person in joined.items()}

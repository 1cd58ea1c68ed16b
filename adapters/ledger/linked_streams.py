"""Which streams of a ledger are one person's, and which ones were taken for one person's at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from adapters.postgres.queries import query
from domain.records.parted import linked_streams

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import psycopg

    Joined = tuple[UUID, list[str]]
    """A stream, and who was one person with it from some event on."""


def linked_groups(connection: psycopg.Connection[Any], bounds: Mapping[str, Any]) -> dict[UUID, tuple[UUID, ...]]:
    """Return each stream that is one of several of a person, with all of them in order, as of a position and a time."""
    last: dict[UUID, list[str]] = dict(connection.execute(query("all_links"), bounds).fetchall())
    return _groups(last.items())


def ever_linked_groups(connection: psycopg.Connection[Any], bounds: Mapping[str, Any]) -> dict[UUID, tuple[UUID, ...]]:
    """Return the same, with those together that were one person's at any time: an audit judges them together."""
    return _groups(connection.execute(query("all_links"), bounds))


def person_of(connection: psycopg.Connection[Any], stream: UUID, bounds: Mapping[str, Any]) -> tuple[UUID, ...]:
    """Return the streams of the person of a stream, itself first, as of a position and a time."""
    found = dict.fromkeys([stream])
    waiting = [stream]
    while waiting:
        rows = connection.execute(query("links"), {"streams": waiting, **bounds}).fetchall()
        last: dict[UUID, list[str]] = dict(rows)
        waiting = [other for others in last.values() for other in map(UUID, others) if other not in found]
        found |= dict.fromkeys(waiting)
    return tuple(found)


def ever_linked(
    connection: psycopg.Connection[Any], streams: Iterable[UUID], bounds: Mapping[str, Any]
) -> tuple[UUID, ...]:
    """Return the streams that were one person's with these at any time, as of a position and a time; these first."""
    found = dict.fromkeys(streams)
    waiting = list(found)
    while waiting:
        rows = connection.execute(query("links"), {"streams": waiting, **bounds}).fetchall()
        waiting = [other for _, others in rows for other in map(UUID, others) if other not in found]
        found |= dict.fromkeys(waiting)
    return tuple(found)


def _groups(rows: Iterable[Joined]) -> dict[UUID, tuple[UUID, ...]]:
    groups = linked_streams((stream, list(map(UUID, others))) for stream, others in rows)
    in_order = {person: tuple(sorted(person)) for person in set(groups.values())}
    return {stream: in_order[person] for stream, person in groups.items() if len(person) > 1}

"""Opening events by position: for the names of facts, and for what else of an event a document shows and a table lacks.

One query reads all the positions of a document, with the key of each stream. Where a key is gone with its customer, or
no key file is at hand, an event stays sealed, and is named by position.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.postgres.mapper import fact_name, to_event
from adapters.postgres.queries import query
from adapters.postgres.rows import EventRow
from domain.naming import Named, named
from domain.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from uuid import UUID

    import psycopg

    from adapters.keys.keyring import Keyring
    from domain.events import Event
    from domain.naming import Names, Times


def opened_at(
    connection: psycopg.Connection[Any], keyring: Keyring | None, positions: Collection[int]
) -> dict[int, Event]:
    """Return the events at these positions, their seals opened where the key is there."""
    return {row.position: to_event(row, key) for row, key in _rows_at(connection, keyring, positions)}


def names_of(
    connection: psycopg.Connection[Any], keyring: Keyring | None, positions: Collection[int]
) -> Mapping[int, str]:
    """Return the names of the facts of the events at these positions; nothing else of these is opened."""
    return {row.position: fact_name(row, key) for row, key in _rows_at(connection, keyring, positions)}


def namer(connection: psycopg.Connection[Any], keyring: Keyring | None) -> Names:
    """Return a function that looks the names of events up."""
    return lambda positions: names_of(connection, keyring, positions)


def told_at(connection: psycopg.Connection[Any]) -> Times:
    """Return a function that looks up when events were told, by the database's clock."""

    def times(positions: Collection[int]) -> Mapping[int, str]:
        told = connection.execute(query("recorded_at"), {"positions": list(positions)})
        return {position: rfc3339(recorded_at) for position, recorded_at in told if recorded_at}

    return times


def _rows_at(
    connection: psycopg.Connection[Any], keyring: Keyring | None, positions: Collection[int]
) -> Iterator[tuple[EventRow, bytes | None]]:
    """Yield the rows of the events at these positions, each with the key of its stream, where that is there."""
    rows = connection.execute(query("events_at"), {"positions": list(positions)}).fetchall() if positions else []
    keys: dict[UUID, bytes] = {}
    for *stored, wrapped in rows:
        row = EventRow(*stored)
        if keyring is not None and wrapped is not None and row.stream_id not in keys:
            keys[row.stream_id] = keyring.data_key(row.stream_id, wrapped)
        yield row, keys.get(row.stream_id)


def with_names(connection: psycopg.Connection[Any], keyring: Keyring | None, document: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a document with the names of its events in their places."""
    return named(document, namer(connection, keyring))


__all__ = ["Named", "named", "namer", "names_of", "opened_at", "told_at", "with_names"]

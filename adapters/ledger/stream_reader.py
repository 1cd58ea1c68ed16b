"""Reading one person's record, or the company's: from a name to streams, from streams to events.

Each reading sees what is in the log now, by connections of its own. Nothing is cached, so nothing erased is shown.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from adapters.postgres.connection import translated
from adapters.postgres.mapper import to_event
from adapters.postgres.queries import query
from adapters.postgres.rows import EventRow
from domain.errors import UnknownCustomer
from domain.events import CUSTOMER, TOPICS
from domain.facts.fields import Subject, parse_subject
from projections import checkpoints
from projections.at_least import check_written

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

    from adapters.keys.keyring import Keyring
    from domain.events import Event
    from projections.as_of import PositionOrTime


def find(connection: psycopg.Connection[Any], keyring: Keyring, name: str) -> tuple[UUID, ...]:
    """Return the streams of the person whom `customer:…`, `email:…`, `order:…` or `id:…` names, the named one first."""
    subject = _subject(name)
    with translated():
        if subject.kind == "id":
            stream = _uuid(subject.value)
        else:
            found = connection.execute(query("names"), {"digests": [keyring.name(subject)]}).fetchone()
            stream = found[1] if found else None
        if stream is None:
            raise _unknown("the ledger has no such name, or its customer has been erased.")
        streams = [stream]
        for one in streams:
            links = connection.execute(query("links"), {"stream": one}).fetchall()
            streams += [other for (others,) in links for other in map(UUID, others) if other not in streams]
        begins = connection.execute(query("first_topic"), {"stream": stream}).fetchone()
        if begins is None or TOPICS[begins[0]].stream_kind != CUSTOMER:
            raise _unknown("no customer's stream has this id.")
    return tuple(streams)


def opened_events(connection: psycopg.Connection[Any], keyring: Keyring, streams: Iterable[UUID]) -> list[Event]:
    """Return all events of these streams, their sealed fields opened where the key is still there."""
    wanted = list(streams)
    with translated():
        wrapped = connection.execute(query("stream_keys"), {"streams": wanted}).fetchall()
        rows = connection.execute(query("stream_events"), {"streams": wanted}, prepare=True).fetchall()
    keys = {stream: keyring.unwrap(stream, key).dek for stream, key in wrapped}
    return [to_event(row, keys.get(row.stream_id)) for row in map(EventRow._make, rows)]


def company_events(
    connection: psycopg.Connection[Any], stream: UUID, as_of: PositionOrTime, now: datetime
) -> tuple[datetime, list[Event]]:
    """Return the company's events, and the time to look at them: `now`, the one asked about, or that of a position.

    Raises `NotYetWritten`.
    """
    with translated():
        check_written(connection, as_of)
        position = as_of if isinstance(as_of, int) else checkpoints.size(connection)
        moment = as_of if isinstance(as_of, datetime) else now
        if isinstance(as_of, int):
            ((last,),) = connection.execute(query("audit_last_time"), {"position": position}).fetchall()
            moment = last or now
        wanted = {"streams": [stream], "position": position, "time": as_of if isinstance(as_of, datetime) else None}
        rows = connection.execute(query("audit_streams"), wanted).fetchall()
    return moment, sorted((to_event(EventRow._make(row)) for row in rows), key=lambda event: event.moment)


def _subject(name: str) -> Subject:
    try:
        name.encode()
    except UnicodeEncodeError:
        raise _unknown("the name is not UTF-8, and no name in a ledger is.") from None
    try:
        subject = parse_subject(name)
    except ValueError as error:
        raise _unknown(f"a name {error}.") from None
    if not isinstance(subject, Subject) or subject.kind == "visitor":
        raise _unknown("a browser is not a customer, and nothing links the two.")
    return subject


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _unknown(why: str) -> UnknownCustomer:
    return UnknownCustomer(
        "There is no such customer.", why, "Name them as the services do: customer:17850, email:…, order:… or id:…."
    )

"""Reading one person's record, or the company's: from a name to streams, from streams to events.

Each reading sees what is in the log now, by connections of its own. Nothing is cached, so nothing erased is shown.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from adapters.keys.key_file import KeyFileMissing
from adapters.ledger.linked_streams import person_of
from adapters.postgres.connection import translated
from adapters.postgres.mapper import to_event
from adapters.postgres.queries import query
from adapters.postgres.rows import EventRow
from domain.errors import UnknownCustomer
from domain.events import CUSTOMER, TOPICS
from projections import checkpoints
from projections.as_of import bounds
from projections.at_least import check_written

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

    from adapters.contract import Contract
    from adapters.keys.keyring import Keyring
    from domain.events import Event
    from domain.facts.fields import Subject
    from projections.as_of import AsOf, PositionOrTime


def find(
    connection: psycopg.Connection[Any], keyring: Keyring | None, subject: Subject, as_of: AsOf = None
) -> tuple[UUID, ...]:
    """Return the streams of the person whom a name leads to, the named one first. Raises `UnknownCustomer`.

    As of a moment, those come with them that were the same person's then. Without a keyring only an id can be looked
    up; raises `KeyFileMissing` for any other name.
    """
    with translated():
        if subject.kind == "id":
            stream = _uuid(subject.value)
        else:
            if keyring is None:
                raise _without_keys()
            found = connection.execute(query("names_now"), {"digests": [keyring.name(subject)]}).fetchall()
            stream = next((one for _, one in found), None)
        if stream is None:
            raise _unknown("the ledger has no such name, or its customer has been erased.")
        streams = person_of(connection, stream, bounds(None))
        if as_of is not None:
            streams = tuple(dict.fromkeys((*streams, *person_of(connection, stream, bounds(as_of)))))
        begins = connection.execute(query("first_topic"), {"stream": stream}).fetchone()
        if begins is None or TOPICS[begins[0]].stream_kind != CUSTOMER:
            raise _unknown("no customer's stream has this id.")
    return streams


def opened_events(connection: psycopg.Connection[Any], keyring: Keyring, streams: Iterable[UUID]) -> list[Event]:
    """Return all events of these streams, their sealed fields opened where the key is still there."""
    wanted = list(streams)
    with translated():
        wrapped = connection.execute(query("stream_keys"), {"streams": wanted}).fetchall()
        rows = connection.execute(query("stream_events"), {"streams": wanted}, prepare=True).fetchall()
    keys = {stream: keyring.data_key(stream, key) for stream, key in wrapped}
    return [to_event(row, keys.get(row.stream_id)) for row in map(EventRow._make, rows)]


def company_events(
    connection: psycopg.Connection[Any],
    stream: UUID,
    as_of: PositionOrTime,
    now: datetime,
    keyring: Keyring | None = None,
) -> tuple[datetime, list[Event]]:
    """Return the company's events, and the time to look at them: `now`, the one asked about, or that of a position.

    With a keyring their seals are opened.
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
        rows = [EventRow._make(row) for row in connection.execute(query("sealed_streams"), wanted).fetchall()]
        key = None
        if keyring is not None:
            for one, wrapped in connection.execute(query("stream_keys"), {"streams": [stream]}).fetchall():
                key = keyring.data_key(one, wrapped)
    return moment, sorted((to_event(row, key) for row in rows), key=lambda event: event.moment)


def parse_customer(contract: Contract, name: str) -> Subject:
    """Return the subject that a text such as `customer:17850` names. Raises `UnknownCustomer` for what names nobody."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raise _unknown("the name is not UTF-8, and no name in a ledger is.") from None
    try:
        subject = contract.name(name)
    except ValueError as error:
        raise _unknown(f"a name {error}.") from None
    if subject.kind == "visitor":
        raise _unknown("a browser is not a customer, and nothing links the two.")
    return subject


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _without_keys() -> KeyFileMissing:
    return KeyFileMissing(
        "The customer was not looked up.",
        "there is no key file, and names are looked up by digests under a key.",
        "Restore the key file or name it in PLEDGER_KEY_FILE; without it, name the customer by id:….",
    )


def _unknown(why: str) -> UnknownCustomer:
    return UnknownCustomer(
        "There is no such customer.", why, "Name them as the services do: customer:17850, email:…, order:… or id:…."
    )

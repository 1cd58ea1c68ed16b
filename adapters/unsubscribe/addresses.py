"""The address of a link: whose it is now, what binds it, and what stays owed to it where it is nobody's.

A link holds a digest. Its text is opened from a living record on which it stands, and is nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from adapters.postgres.queries import query
from adapters.unsubscribe.tokens import NAMELESS, NO_ADDRESS
from domain.facts.fields import Subject
from domain.moments import end_of
from domain.records.bindings import Binding, bound_when, counted
from domain.records.contacts import KIND_OF_PROGRAM, Point, all_binding
from domain.records.customer import LAST
from domain.records.entries import by_moment

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    import psycopg

    from adapters.keys.keyring import Keyring
    from adapters.unsubscribe.tokens import Token
    from domain.events.customer import MessageSent
    from domain.moments import Moment
    from domain.records.customer import Customer
    from domain.vocabulary import Program

    Connection = psycopg.Connection[Any]


class LinkedPerson(NamedTuple):
    """Whom a link is about now: the name to tell of them by, and the link's address where it stands on a record.

    `last` is the last change of the subscription that the link ends, with whether the person was out after it;
    `message_id` is that of the link's message, if the ledger has it.
    """

    name: Subject
    address: Subject | None
    last: Moment | None
    is_out: bool
    message_id: str | None
    is_back: bool = False
    """Whether they were erased under the link's name, and came back under another one."""


def opened_address(
    connection: Connection, keyring: Keyring, digest: bytes, streams: Collection[UUID] = ()
) -> Subject | None:
    """Return the contact point of a digest, if its text is on a living record; that of `streams` is opened first."""
    found = connection.execute(query("contact_holder"), {"digest": digest, "streams": list(streams)}).fetchone()
    if found is None:
        return None
    stream, ordinal, kind, sealed, wrapped = found
    return Subject(kind, keyring.unwrap(stream, wrapped).open_contact(stream, ordinal, sealed))


def address_of_message(
    connection: Connection, customer: Customer, message: MessageSent | None, program: Program, at: datetime
) -> bytes:
    """Return the digest of where a message went whose link does not say so: what the ledger has of it decides.

    Else it is the address that was current at the time of the message, which `at` is where the ledger does not have it.
    """
    kind = KIND_OF_PROGRAM[program]
    wanted = {"streams": list(customer.streams)}
    for stream, ordinal, one, digest in connection.execute(query("contact_points"), wanted):
        customer.contacts.points[stream, ordinal] = Point(one, digest)
    went_to = customer.contacts.points.get((message.originator_id, message.contact or 0)) if message else None
    until = end_of(message.occurred_at if message else at)
    point = went_to or (customer.contacts.current(kind, until) if kind else None)
    return point.key if point and isinstance(point.key, bytes) else NO_ADDRESS


def stream_under(connection: Connection, name: bytes) -> UUID | None:
    """Return the living stream that the digest of a name leads to."""
    rows = connection.execute(query("names_now"), {"digests": [name]}).fetchall()
    return next((stream for _, stream in rows), None)


def stream_of_returned(connection: Connection, link: Token) -> UUID | None:
    """Return a living stream of the erased person of a link's name, who came back under another name of theirs."""
    rows = connection.execute(query("streams_of_returned"), _of_name(link)).fetchall()
    return next((stream for (stream,) in rows), None)


def latest_binding(connection: Connection, link: Token) -> Binding | None:
    """Return the last opt-out of a link's address from its program, or what lifted that since; None: there is none.

    What is owed there to each erased person stands by itself, so a lift is the last one where nothing binds any more.
    """
    rows = connection.execute(query("contact_bindings"), {"digests": [link.address]}).fetchall()
    bindings = [
        Binding(link.program, bound_when(link.program, at, position, is_out=is_out, annuls=more[0]), is_out, by, *more)
        for _, program, is_out, at, position, by, *more, _, _ in rows
        if program == link.program and not by
    ]
    left = counted(bindings, LAST)
    binding = all_binding(bindings, link.program, LAST)
    outs = [one for one in left if one.is_out and one.code in binding]
    return max(outs or left, key=by_moment, default=None)


def owe(connection: Connection, link: Token, since: datetime, *, name: bool, address: bool) -> bool:
    """Put the digest of a link's name, or of its address, or both, on what is owed; older entries stay.

    With the name of somebody erased go all of their names and addresses, as with an opt-out that is told late of them.
    Return False, having done nothing, if somebody has it by now. No event is made, so the row that every append locks
    says that what is owed has changed.
    """
    name, address = name and link.name != NAMELESS, address and link.address != NO_ADDRESS
    owed = {"digest": link.name, "owed": link.program, "since": since}
    bound = {"digest": link.address, "name": link.name, "program": link.program, "since": since}
    with connection.transaction():
        connection.execute(query("lock_head"))
        if name and stream_under(connection, link.name):
            return False
        if address and connection.execute(query("contact_holder"), {"digest": link.address, "streams": []}).fetchone():
            return False
        changed = 0
        if name:
            changed += connection.execute(query("suppress_name"), owed).rowcount
            erased = _of_name(link) | {"program": link.program, "since": since}
            for one in ("owe_names_of_erased", "bind_points_of_erased", "wait_at_points_of_erased"):
                changed += connection.execute(query(one), erased).rowcount
        if address:
            changed += connection.execute(query("bind_contact_point"), bound).rowcount
        if changed:
            connection.execute(query("owed_changed"))
    return True


def _of_name(link: Token) -> dict[str, Any]:
    """Return by what a query finds the erased person who had a link's name when it was made."""
    return {"name": link.name, "issued_at": link.issued_at}

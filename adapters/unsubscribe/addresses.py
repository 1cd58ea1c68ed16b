"""The address of a link: whose it is now, what binds it, and what stays owed to it where it is nobody's.

A link holds a digest. Its text is opened from a living record on which it stands, and is nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.postgres.queries import query
from adapters.unsubscribe.tokens import NAMELESS, NO_ADDRESS
from domain.events import Moment
from domain.facts.fields import Subject
from domain.records.contacts import Binding, counted
from domain.records.customer import LAST

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    import psycopg

    from adapters.keys.keyring import Keyring
    from adapters.unsubscribe.tokens import Token

    Connection = psycopg.Connection[Any]


def opened_address(
    connection: Connection, keyring: Keyring, digest: bytes, streams: Collection[UUID] = ()
) -> Subject | None:
    """Return the contact point of a digest, if its text is on a living record; that of `streams` is opened first."""
    found = connection.execute(query("contact_holder"), {"digest": digest, "streams": list(streams)}).fetchone()
    if found is None:
        return None
    stream, ordinal, kind, sealed, wrapped = found
    return Subject(kind, keyring.unwrap(stream, wrapped).open_contact(stream, ordinal, sealed))


def stream_under(connection: Connection, name: bytes) -> UUID | None:
    """Return the living stream that the digest of a name leads to."""
    rows = connection.execute(query("names_now"), {"digests": [name]}).fetchall()
    return next((stream for _, stream in rows), None)


def latest_binding(connection: Connection, link: Token) -> Binding | None:
    """Return the last opt-out of a link's address from its program, or what lifted that since; None: there is none."""
    rows = connection.execute(query("contact_bindings"), {"digests": [link.address]}).fetchall()
    bindings = [
        Binding(link.program, Moment(at, position), is_out, annuls=annuls)
        for _, program, is_out, at, position, by, _, annuls in rows
        if program == link.program and not by
    ]
    left = counted(bindings, LAST)
    return left[-1] if left else None


def owe(connection: Connection, link: Token, since: datetime, *, name: bool, address: bool) -> bool:
    """Put the digest of a link's name, or of its address, or both, on what is owed; older entries stay.

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
        if address:
            changed += connection.execute(query("bind_contact_point"), bound).rowcount
        if changed:
            connection.execute(query("owed_changed"))
    return True

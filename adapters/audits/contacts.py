"""The contact points of the people that an audit judges, and what binds them: all of it that is on no stream.

Nothing is opened: a contact point is known by its digest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.ledger.linked_streams import ever_linked
from adapters.postgres.queries import query
from domain.audit.people import mailed_points
from domain.events import Moment
from domain.records.contacts import Binding, ContactBook, Point
from domain.suppressed import bound_by

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    import psycopg

    from adapters.audits.scope import AuditScope
    from domain.events import Event


def contact_book(connection: psycopg.Connection[Any], streams: Sequence[UUID], upto: int) -> ContactBook:
    """Return the contact points of streams, with what bound them up to a position."""
    wanted = {"streams": list(streams)}
    points = {
        (stream, ordinal): Point(kind, digest)
        for stream, ordinal, kind, digest in connection.execute(query("contact_points"), wanted)
    }
    book = ContactBook(points, {})
    digests = list({point.key for point in points.values()})
    rows = connection.execute(query("contact_bindings"), {"digests": digests})
    for digest, what, is_out, at, position, by, _, annuls in rows:
        # A tombstone binds nothing: it says until when the contact point was an erased person's.
        if is_out is not None and position <= upto:
            binding = Binding(what and bound_by(what), Moment(at, position), is_out, by, annuls)
            book.bound.setdefault(digest, []).append(binding)
    return book


def streams_beside(
    connection: psycopg.Connection[Any], events: Sequence[Event], book: ContactBook, scope: AuditScope
) -> list[UUID]:
    """Return the streams of the other people who may have got messages that were told under their address."""
    digests = [point.key for point in mailed_points(events, book)]
    if not digests:
        return []
    own = {event.originator_id for event in events}
    found = {stream for (stream,) in connection.execute(query("contact_holders"), {"digests": digests})} - own
    return sorted(set(ever_linked(connection, sorted(found), scope.bounds)) - own)


def bound_streams(connection: psycopg.Connection[Any], low: UUID, high: UUID) -> set[UUID]:
    """Return the streams from one id up to another that have a contact point of which an opt-out was told."""
    return {stream for (stream,) in connection.execute(query("bound_streams"), {"low": low, "high": high})}

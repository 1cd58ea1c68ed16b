"""The contact points of the people that an audit judges, and what binds them: all of it that is on no stream.

Nothing is opened: a contact point is known by its digest.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from adapters.ledger.linked_streams import ever_linked
from adapters.postgres.mapper import to_event
from adapters.postgres.queries import query
from adapters.postgres.rows import EventRow
from domain.audit.people import mailed_places
from domain.events.customer import CustomerErased
from domain.records.bindings import Binding, bound_when
from domain.records.contacts import ContactBook, Point
from domain.records.entries import place
from domain.records.erased_contacts import streams_with_same, with_erased
from domain.suppressed import bound_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    import psycopg

    from adapters.audits.scope import AuditScope
    from domain.events import Event


def contact_book(connection: psycopg.Connection[Any], streams: Sequence[UUID], upto: int) -> ContactBook:
    """Return the contact points of streams, with what bound them up to a position; of the erased, what is left."""
    wanted = {"streams": list(streams)}
    points = {
        (stream, ordinal): Point(kind, digest)
        for stream, ordinal, kind, digest in connection.execute(query("contact_points"), wanted)
    }
    book = ContactBook(points, {})
    digests = list({point.key for point in points.values()})
    rows = connection.execute(query("contact_bindings"), {"digests": digests})
    for digest, what, is_out, at, position, *more, _, code in rows:
        # A tombstone binds nothing: it says until when the contact point was an erased person's.
        if code is None and position <= upto:
            bound = what and bound_by(what)
            when = bound_when(bound, at, position, is_out=is_out, annuls=more[1])
            place(book.bound.setdefault(digest, []), Binding(bound, when, is_out, *more))
    return with_erased(book, _erasures(connection.execute(query("erasures"), wanted)))


class Beside:
    """Finds the other people who may have got messages that were told under their address, also since erased ones."""

    def __init__(self, connection: psycopg.Connection[Any], scope: AuditScope) -> None:
        self._connection = connection
        self._bounds = scope.bounds

    @cached_property
    def _with_same(self) -> Mapping[tuple[UUID, int], set[UUID]]:
        return streams_with_same(_erasures(self._connection.execute(query("erasures_with_points"))))

    def streams(self, events: Sequence[Event], book: ContactBook) -> list[UUID]:
        """Return the streams of the others who may have got messages of a history."""
        places = mailed_places(events)
        if not places:
            return []
        own = {event.originator_id for event in events}
        digests = [book.points[place].key for place in places if place in book.points]
        digests = [digest for digest in digests if isinstance(digest, bytes)]  # Those of the erased have none.
        found = {
            stream
            for (stream,) in self._connection.execute(query("contact_holders"), {"digests": digests, "most": None})
        }
        found |= {stream for place in places for stream in self._with_same.get(place, ())}
        return sorted(set(ever_linked(self._connection, sorted(found - own), self._bounds)) - own)


def _erasures(rows: Iterable[tuple[Any, ...]]) -> list[CustomerErased]:
    events = (to_event(EventRow._make(row)) for row in rows)
    return [event for event in events if isinstance(event, CustomerErased)]


def bound_streams(connection: psycopg.Connection[Any], low: UUID, high: UUID) -> set[UUID]:
    """Return the streams from one id up to another that have a contact point of which an opt-out was told."""
    return {stream for (stream,) in connection.execute(query("bound_streams"), {"low": low, "high": high})}

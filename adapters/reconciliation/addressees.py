"""The contact point that each message in a ledger went to: the one that its fact says, else the current one by then.

Contact points are compared by their digests, and none is opened. Those of an erased person are gone.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from adapters.audits.contacts import contact_book
from adapters.postgres.queries import query
from domain.events import event_class
from domain.moments import Moment
from domain.records.contacts import Contacts, Named, Point

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.reconciliation.people import People
    from domain.events.customer import MessageSent


class Addressee(NamedTuple):
    """Where a message went: a contact point by its digest, None if no contact point is known."""

    digest: bytes | None = None
    is_said: bool = False
    """The fact says so. Else it is the address that was current, which is what the ledger judges by."""


class Addressees:
    """The contact points of people who got messages of one kind, such as e-mail, with the times at which they came."""

    def __init__(self, people: People, kind: str, persons: Iterable[UUID]) -> None:
        self._kind = kind
        streams = sorted({each for person in set(persons) for each in people.streams(person)})
        rows = people.connection.execute(query("contact_points"), {"streams": streams})
        self._points = {(stream, ordinal): Point(kind, digest) for stream, ordinal, kind, digest in rows}
        self._bound = contact_book(people.connection, streams, people.position).bound
        self._given: dict[UUID, list[Named]] = defaultdict(list)
        self._links: dict[UUID, list[tuple[Moment, UUID]]] = defaultdict(list)
        self._contacts: dict[frozenset[UUID], Contacts] = {}
        wanted = {"streams": streams, "position": people.position}
        for stream, at, position, topic, ordinals, others in people.connection.execute(
            query("reconcile_contacts"), wanted
        ):
            moment = Moment(at, event_class(topic).turn, position)
            # The first of one fact is the current one.
            self._given[stream] += [Named(moment, stream, ordinal) for ordinal in reversed(ordinals)]
            self._links[stream] += [(moment, UUID(other)) for other in others]

    def of(self, message: MessageSent) -> Addressee:
        """Return where a message went."""
        stream = message.originator_id
        if message.contact is not None:
            point = self._points.get((stream, message.contact))
            return Addressee(point.key, is_said=True) if point and isinstance(point.key, bytes) else Addressee()
        current = self._known(self._linked(stream, message.moment)).current(self._kind, message.moment)
        return Addressee(current.key) if current and isinstance(current.key, bytes) else Addressee()

    def _linked(self, stream: UUID, until: Moment) -> frozenset[UUID]:
        """Return the streams that were one person's with a stream at a moment."""
        found, waiting = {stream}, [stream]
        while waiting:
            now = {other for moment, other in self._links[waiting.pop()] if moment <= until} - found
            found |= now
            waiting += now
        return frozenset(found)

    def _known(self, streams: frozenset[UUID]) -> Contacts:
        """Return the contact points that were given on streams."""
        if streams not in self._contacts:
            given = sorted((one for stream in streams for one in self._given[stream]), key=lambda one: one.moment)
            self._contacts[streams] = Contacts(self._points, self._bound, given)
        return self._contacts[streams]

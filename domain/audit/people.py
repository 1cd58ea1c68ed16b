"""The records of the people of one history, as far as an audit has folded it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.events.customer import CustomerErased, CustomerEvent, MessageSent
from domain.events.links import CustomersLinked
from domain.records.contacts import Contacts
from domain.records.customer import Customer
from domain.records.customer_fold import evolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from domain.events import Event
    from domain.records.contacts import ContactBook, Point
    from domain.vocabulary import Reading


class People:
    """A record for each stream, in which nothing has happened yet; streams that are linked come to share one.

    The streams of `events` are those of the person who is judged. Those `beside` are of other people, who may have got
    a message that was told under an address.
    """

    def __init__(self, events: Sequence[Event], beside: Sequence[Event], book: ContactBook) -> None:
        every = [*events, *beside]
        late = {event.originator_id for event in every if isinstance(event, CustomerErased) and event.is_late}
        points: dict[UUID, dict[tuple[UUID, int], Point]] = {}
        for key, point in book.points.items():
            points.setdefault(key[0], {})[key] = point
        self._own = {event.originator_id for event in events}
        self._erased = {event.originator_id: event.moment.position for event in every if _is_erasure(event)}
        self._records = {
            stream: Customer(
                stream,
                {stream: 0},
                contacts=Contacts(points.get(stream, {}), book.bound, same=dict(book.same.get(stream, {}))),
                is_late=stream in late,
            )
            for stream in dict.fromkeys(event.originator_id for event in every)
        }
        for event in every:  # Under which kind of name a stream was opened is known from the first, whatever its time.
            if isinstance(event, CustomerEvent) and event.opened_as:
                self._records[event.originator_id].opened_as[event.originator_id] = event.opened_as

    def of(self, event: Event) -> Customer:
        """Return the record of the person whose event it is."""
        return self._records[event.originator_id]

    def has_own(self, event: Event) -> bool:
        """Return whether an event is on a stream of the person who is judged."""
        return event.originator_id in self._own

    def own(self) -> Iterable[Customer]:
        """Return the records of the person who is judged: one, unless streams were not linked yet."""
        return {id(self._records[stream]): self._records[stream] for stream in self._own}.values()

    def all(self) -> Iterable[Customer]:
        """Return all records: one a person, as far as streams are linked."""
        return {id(one): one for one in self._records.values()}.values()

    def holders(self, event: Event) -> Iterable[Customer]:
        """Return the other people who may have got a message that was told under an address.

        Nobody is meant by it who had been erased when it was told.
        """
        if not isinstance(event, MessageSent) or not event.by_address:
            return ()
        own, told = self.of(event), event.moment.position
        people = (one for stream, one in self._records.items() if self._erased.get(stream, told) >= told)
        return {id(one): one for one in people if one is not own}.values()

    def fold(self, event: Event, broken: frozenset[Reading] | None = None) -> None:
        """Fold an event; `broken` are the readings under which it breaks a promise."""
        # The facts of an erased person may be out of an audit's sight.
        others = event.others if isinstance(event, CustomersLinked) else ()
        joined = [self._records[other] for other in others if other in self._records]
        record = self.of(event)
        evolve(record, event, broken, joined)
        self._records |= {stream: record for one in joined for stream in one.streams}


def mailed_places(events: Iterable[Event]) -> set[tuple[UUID, int]]:
    """Return under which contact points messages of a history were told: as which ordinals of which streams."""
    return {
        (event.originator_id, event.contact)
        for event in events
        if isinstance(event, MessageSent) and event.by_address and event.contact is not None
    }


def _is_erasure(event: Event) -> bool:
    return isinstance(event, CustomerErased) and not event.is_late

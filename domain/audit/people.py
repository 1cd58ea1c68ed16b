"""The records of the people of one history, as far as an audit has folded it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.events.customer import CustomerErased, MessageSent
from domain.events.links import CustomersLinked
from domain.policy.status import Status
from domain.records.contacts import Contacts, of_erased
from domain.records.customer import Customer
from domain.records.customer_fold import evolve
from domain.rules.common.addresses import HOLDERS_UNKNOWN
from domain.rules.common.base import Breach, OfHolders

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from domain.events import Event
    from domain.policy.judge import AttributedBreach
    from domain.records.contacts import ContactBook, Point
    from domain.rules.common.base import Case, Rule
    from domain.vocabulary import Reading


class People:
    """A record for each stream, in which nothing has happened yet; streams that are linked come to share one.

    The streams of `events` are those of the person who is judged. Those `beside` are of other people, who may have got
    a message that was told under an address.
    """

    def __init__(self, events: Sequence[Event], beside: Sequence[Event], book: ContactBook) -> None:
        every = [*events, *beside]
        erased = of_erased(every)
        late = {event.originator_id for event in every if isinstance(event, CustomerErased) and event.is_late}
        bound = {**book.bound, **erased.bound}
        points: dict[UUID, dict[tuple[UUID, int], Point]] = {}
        for key, point in {**book.points, **erased.points}.items():
            points.setdefault(key[0], {})[key] = point
        self._own = {event.originator_id for event in events}
        self._records = {
            stream: Customer(
                stream, {stream: 0}, contacts=Contacts(points.get(stream, {}), bound), is_late=stream in late
            )
            for stream in dict.fromkeys(event.originator_id for event in every)
        }

    def of(self, event: Event) -> Customer:
        """Return the record of the person whose event it is."""
        return self._records[event.originator_id]

    def has_own(self, event: Event) -> bool:
        """Return whether an event is on a stream of the person who is judged."""
        return event.originator_id in self._own

    def own(self) -> Iterable[Customer]:
        """Return the records of the person who is judged: one, unless streams were not linked yet."""
        return {id(self._records[stream]): self._records[stream] for stream in self._own}.values()

    def holders(self, event: Event) -> Iterable[Customer]:
        """Return the other people who may have got a message that was told under an address."""
        if not isinstance(event, MessageSent) or not event.by_address:
            return ()
        own = self.of(event)
        return {id(one): one for one in self._records.values() if one is not own}.values()

    def fold(self, event: Event, broken: frozenset[Reading] | None = None) -> None:
        """Fold an event; `broken` are the readings under which it breaks a promise."""
        # The facts of an erased person may be out of an audit's sight.
        others = event.others if isinstance(event, CustomersLinked) else ()
        joined = [self._records[other] for other in others if other in self._records]
        record = self.of(event)
        evolve(record, event, broken, joined)
        self._records |= {stream: record for one in joined for stream in one.streams}


def mailed_points(events: Iterable[Event], book: ContactBook) -> set[Point]:
    """Return the contact points under which messages of a history were told."""
    return {
        book.points[event.originator_id, event.contact]
        for event in events
        if isinstance(event, MessageSent) and event.by_address and event.contact is not None
        if (event.originator_id, event.contact) in book.points
    }


def as_known(case: Case, rules: Iterable[tuple[str, Rule]], breaches: list[AttributedBreach]) -> list[AttributedBreach]:
    """Return what is wrong with a message told under an address, as far as it is still known who had it.

    The person who let it in when it was told can have been erased since, and an erasure changes no verdict.
    """
    event = case.event
    if not isinstance(event, MessageSent) or not event.by_address or event.policy != case.policy.version:
        return breaches
    then = {found.promise for found in event.findings}
    ways_in = {promise for promise, rule in rules if rule.of_holders is OfHolders.WAY_IN and promise not in then}
    unknown = Breach(HOLDERS_UNKNOWN, status=Status.INDETERMINATE)
    return [
        one._replace(breach=unknown) if one.promise in ways_in and one.breach.status is Status.BROKEN else one
        for one in breaches
    ]

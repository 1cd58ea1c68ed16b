"""What a trace comes to: the events of each person, with what an audit is given beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from domain.audit.people import mailed_places
from domain.elsewhere import named_elsewhere
from domain.events import COMPANY, VISITOR
from domain.events.customer import CustomerErased
from domain.events.links import CustomersLinked
from domain.records.contacts import ContactBook
from domain.records.erased_contacts import streams_with_same, with_erased
from domain.records.parted import linked_streams

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from uuid import UUID

    from domain.audit.trace_order import Line
    from domain.errors import PledgerError
    from domain.events import Event
    from domain.records import Company, Customer
    from domain.records.bindings import Binding


@dataclass(slots=True)
class History:
    """What a trace comes to: the events of each person, of each browser and of the company; and the lines rejected.

    Streams that were ever linked are one history, also where somebody parted them since.
    """

    company: Company
    of_company: list[Event] = field(default_factory=list)
    of_people: list[list[Event]] = field(default_factory=list)
    of_visitors: list[list[Event]] = field(default_factory=list)
    rejected: list[tuple[int, PledgerError]] = field(default_factory=list)
    book: ContactBook = field(default_factory=lambda: ContactBook({}, {}))
    """What the contact points of the people are, and what binds them."""
    accepted: list[Line] = field(default_factory=list)
    """The lines that were neither rejected nor repeats, in order of time."""

    of_stream: dict[UUID, list[Event]] = field(default_factory=dict)
    """Each person's events, by every stream of theirs."""
    by_stream: Mapping[UUID, list[Event]] = field(default_factory=dict)
    """The events of every stream."""
    holders: Mapping[Hashable, Iterable[UUID]] = field(default_factory=dict)
    """By contact point, the streams of living people that it is on."""
    with_same: Mapping[tuple[UUID, int], set[UUID]] = field(default_factory=dict)
    """By a contact point's place on a stream, the streams that had the same one, of which any was erased since."""

    def beside(self, events: Sequence[Event]) -> list[Event]:
        """Return the events of the other people who may have got messages that were told under their address."""
        places = mailed_places(events)
        points = {self.book.points[place] for place in places if place in self.book.points}
        streams = {stream for point in points for stream in self.holders.get(point.key, ())}
        streams |= {stream for place in places for stream in self.with_same.get(place, ())}
        people = {id(other): other for stream in streams if (other := self.of_stream.get(stream))}
        return [event for other in people.values() if other is not events for event in other]

    def elsewhere(self, events: Sequence[Event]) -> list[Event]:
        """Return the events of other people's streams that a history's erasures and reports left out."""
        return [event for stream in sorted(named_elsewhere(events), key=str) for event in self.by_stream[stream]]


def history_of(  # noqa: PLR0913, PLR0917 - all that a store has
    events_of: Mapping[UUID, list[Event]],
    people: Mapping[UUID, Customer],
    streams_of: Mapping[Hashable, Iterable[UUID]],
    bound: dict[Hashable, list[Binding]],
    company: Company,
    rejected: Sequence[tuple[int, PledgerError]],
) -> History:
    """Return what a store kept, person by person: streams that were ever linked are one history."""
    living = [person for person in people.values() if not person.erased]
    points = {key: point for person in living for key, point in person.contacts.points.items()}
    erasures = [one for events in events_of.values() for one in events if isinstance(one, CustomerErased)]
    book = with_erased(ContactBook(points, bound), erasures)
    history = History(company, rejected=list(rejected), book=book)
    history.holders = {
        key: [stream for stream in streams if not people[stream].erased] for key, streams in streams_of.items()
    }
    history.with_same = streams_with_same(erasures)
    history.by_stream = events_of
    links = (event for events in events_of.values() for event in events if isinstance(event, CustomersLinked))
    linked = linked_streams((event.originator_id, event.others) for event in links)
    of_people: dict[frozenset[UUID], list[Event]] = {}
    for stream, events in events_of.items():
        kind = events[0].stream_kind
        if kind == COMPANY:
            history.of_company = events
        elif kind == VISITOR:
            history.of_visitors.append(events)
        else:
            own = of_people.setdefault(linked.get(stream, frozenset((stream,))), [])
            own.extend(events)
            history.of_stream[stream] = own
    history.of_people = list(of_people.values())
    return history

"""The records of one person's streams during an audit, and of those who were taken for the same person.

Streams are one person's from the time of a link on. An unlink undoes that for acts which are both later in time and
told later; every other act is judged as it was done, on the records as they were joined. So there are several sets of
records, one more than there are unlinks: in the first one all links stand, and in each next one those are left out that
one more unlink undid, in the order of telling.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from domain.events.customer import AccessReportIssued, CustomerErased
from domain.events.links import CustomersLinked, CustomersUnlinked
from domain.records import customer as customer_fold
from domain.records.contacts import Contacts, of_erased
from domain.records.customer import Customer
from domain.records.parted import linked_streams, without_undone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.events import Event, Moment
    from domain.records.contacts import ContactBook
    from domain.vocabulary import Reading


class Undoing(NamedTuple):
    """What somebody undid: two people were parted who had been on record as one."""

    at: datetime
    fact: int
    subject: str | None
    by: str
    reason: str | None
    """None where the seal was not opened."""
    reports: tuple[int, ...]
    """The reports that were issued on any of the streams while they were one person's."""


class LinkedRecords:
    """The records of streams that were ever linked, folded event by event in the order of time."""

    def __init__(self, events: Sequence[Event], book: ContactBook) -> None:
        self._unlinks: list[list[CustomersUnlinked]] = _unlinks_in(events)
        links = [event for event in events if isinstance(event, CustomersLinked)]
        self._links: list[Mapping[int, Event]] = []
        """For each set of records, what is left of each link in it, by position."""
        undone_by: list[CustomersUnlinked] = []
        for unlink in ((), *self._unlinks):
            undone_by += unlink
            left = without_undone(links, undone_by)
            self._links.append({event.moment.position: event for event in left})
        self._sets = [_empty_records(events, book) for _ in self._links]
        self._events = events

    @property
    def has_unlinks(self) -> bool:
        """Return whether anybody was parted."""
        return len(self._sets) > 1

    def set_of(self, event: Event) -> int:
        """Return which set of records an event is judged on: how many unlinks are before it in time and in telling."""
        count = 0
        for unlink in self._unlinks:
            if not _is_before(unlink[0].moment, event.moment):
                break
            count += 1
        return count

    def record(self, event: Event, number: int) -> Customer:
        """Return the record of the stream of an event in one of the sets; -1 is the last one."""
        return self._sets[number][event.originator_id]

    def undone_by(self, number: int) -> tuple[int, ...]:
        """Return the position of the first unlink that does not count in a set of records."""
        return tuple(unlink[0].moment.position for unlink in self._unlinks[number : number + 1])

    def join(self, event: Event) -> frozenset[int]:
        """Fold a link, in each set of records where it joins any; return in which ones it did."""
        if not isinstance(event, CustomersLinked):
            return frozenset()
        return frozenset(number for number in range(len(self._sets)) if self._join(number, event))

    def fold(self, event: Event, number: int, broken: frozenset[Reading]) -> None:
        """Fold an event into one set of records."""
        if isinstance(event, CustomersLinked):
            event = self._links[number][event.moment.position]
        customer_fold.evolve(self._sets[number][event.originator_id], event, broken)

    def numbers(self) -> range:
        """Return the numbers of the sets."""
        return range(len(self._sets))

    def at_last(self) -> list[Customer]:
        """Return the records in which every link is left out that was undone, one a person."""
        return list({id(record): record for record in self._sets[-1].values()}.values())

    def persons(self) -> dict[UUID, UUID]:
        """Return for each stream which person it belongs to in the end."""
        links = ((event.originator_id, event.others) for event in self._standing(-1))
        return {stream: min(streams) for stream, streams in linked_streams(links).items()}

    def undoings(self, subject_of: Callable[[int, UUID | None], str | None]) -> Iterator[Undoing]:
        """Yield what was undone, in the order of telling; `subject_of` returns whom a fact is about."""
        for number, unlink in enumerate(self._unlinks):
            first = unlink[0]
            streams = {first.originator_id, *first.others, *(other for one in unlink for other in one.others)}
            linked = [event.moment.position for event in self._standing(number) if event.originator_id == first.parted]
            reports = (
                event.fact_position
                for event in self._events
                if isinstance(event, AccessReportIssued)
                and event.originator_id in streams
                and min(linked, default=0) < event.moment.position < first.moment.position
            )
            yield Undoing(
                first.occurred_at,
                first.fact_position,
                subject_of(first.fact_position, first.originator_id),
                first.actor,
                first.reason,
                tuple(sorted(reports)),
            )

    def _standing(self, number: int) -> list[CustomersLinked]:
        """Return the links of one set of records that join anybody."""
        links = self._links[number].values()
        return [event for event in links if isinstance(event, CustomersLinked) and event.others]

    def _join(self, number: int, event: Event) -> bool:
        records = self._sets[number]
        link = self._links[number][event.moment.position]
        assert isinstance(link, CustomersLinked), "what is left of a link is one"
        # The facts of an erased stream may be out of an audit's sight.
        joined = [records[other] for other in link.others if other in records]
        if joined:
            record = records[link.originator_id]
            customer_fold.evolve(record, link, joined=joined)
            records |= {stream: record for one in joined for stream in one.streams}
        return bool(joined)


def _unlinks_in(events: Sequence[Event]) -> list[list[CustomersUnlinked]]:
    """Return the events of each fact that parted people, the fact's first one first, in the order of telling."""
    by_fact: dict[int, list[CustomersUnlinked]] = {}
    told = [event for event in events if isinstance(event, CustomersUnlinked) and event.others]
    for event in sorted(told, key=attrgetter("moment.position")):
        by_fact.setdefault(event.fact_position, []).append(event)
    return list(by_fact.values())


def _is_before(one: Moment, other: Moment) -> bool:
    """Return whether something happened before something else, and was told before it."""
    return one.at < other.at and one.position < other.position


def _empty_records(events: Sequence[Event], book: ContactBook) -> dict[UUID, Customer]:
    """Return a record for each stream, in which nothing has happened yet."""
    erased = of_erased(events)
    late = {event.originator_id for event in events if isinstance(event, CustomerErased) and event.is_late}
    points, bound = {**book.points, **erased.points}, {**book.bound, **erased.bound}
    records: dict[UUID, Customer] = {}
    for event in events:
        stream = event.originator_id
        if stream not in records:
            own = {key: point for key, point in points.items() if key[0] == stream} if points else {}
            contacts = Contacts(own, bound)
            records[stream] = Customer(stream, {stream: 0}, contacts=contacts, is_late=stream in late)
    return records

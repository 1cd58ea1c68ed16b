"""The records of one person's streams during an audit, and of those who were taken for the same person.

Streams are one person's from the time of a link on. An unlink undoes that for acts which are both later in time and
told later; every other act is judged as it was done, on the records as they were joined. So there are several sets of
records, one more than there are unlinks: in the first one all links stand, and in each next one those are left out that
one more unlink undid, in the order of telling.

The erasure of one stream alone parts it from the others as well. It undoes no link for what was done before, so where
there was one, what an unlink leaves undecided is judged on sets of their own, in which only unlinks are undone. Where a
link alone had let somebody lift what binds a contact point, nothing of that was lifted in those sets; who lifted it may
be a stranger to this person.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from domain.audit.follows import LetGo
from domain.audit.people import People
from domain.events.customer import AccessReportIssued, CustomerErased, EntryCorrected
from domain.events.links import CustomersLinked, CustomersUnlinked, NameEnded
from domain.events.visitor import VisitorEntryCorrected
from domain.records.bindings import is_undone, lifts_undone, without_undone_lifts
from domain.records.parted import linked_streams, without_undone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.events import Event
    from domain.moments import Moment
    from domain.records.contacts import ContactBook
    from domain.records.customer import Customer
    from domain.records.visitor import Visitor
    from domain.vocabulary import Reading


class Undoing(NamedTuple):
    """What an officer undid: people were parted, a name was given up, or what protects somebody was annulled."""

    at: datetime
    fact: int
    what: str
    """What was undone: a link, a name, or the kind of what protects somebody."""
    subject: str | None
    by: str
    reason: str | None
    """None where the seal was not opened."""
    verified: str | None = None
    """Of a link: how the sender verified that they are two; None where they did not say, or the seal was not opened."""
    reports: tuple[int, ...] = ()
    """Of a link: the reports that were issued on any of the streams while they were one person's."""
    later: tuple[int, ...] = ()
    """Of a name: the facts that had been told under it already and happened later, to be annulled and retold."""
    entry: int = 0
    """What was annulled, where it is no link and no name."""


def undone_of_browser(
    browser: Visitor, events: Iterable[Event], subject_of: Callable[[int, UUID | None], str | None]
) -> Iterator[Undoing]:
    """Yield the corrections of facts by which a browser refused something; why is not kept."""
    for event in events:
        if isinstance(event, VisitorEntryCorrected) and event.entry and (what := browser.protection(event.entry)):
            fact = event.waited or event.fact_position
            subject = subject_of(fact, event.originator_id)
            yield Undoing(event.occurred_at, fact, what, subject, event.actor, None, entry=event.entry)


class LinkedRecords:
    """The records of streams that were ever linked, folded event by event in the order of time."""

    def __init__(self, events: Sequence[Event], beside: Sequence[Event], book: ContactBook) -> None:
        self._unlinks = sorted(_unlinks_in([*events, *beside]), key=_told)
        self._by = {unlink[0].fact_position: number for number, unlink in enumerate(self._unlinks)}
        """Which unlink each fact is that parted anybody."""
        own = {event.originator_id for event in events}
        self.book = book
        self._own_unlinks = [unlink for unlink in self._unlinks if unlink[0].originator_id in own]
        links = [event for event in (*events, *beside) if isinstance(event, CustomersLinked)]
        unlinks = frozenset(number for number, unlink in enumerate(self._unlinks) if not unlink[0].by_erasure)
        chosen = [frozenset(range(number)) for number in range(len(self._unlinks) + 1)]
        apart = [one | unlinks for one in chosen]
        self._undone = list(dict.fromkeys((*chosen, *apart)))
        """For each set of records, which unlinks are undone in it; first those in the order of telling."""
        self._apart = [self._undone.index(one) for one in apart]
        self._links: list[Mapping[int, Event]] = []
        """For each set of records, what is left of each link in it, by position."""
        for one in self._undone:
            by = [event for number in sorted(one) for event in self._unlinks[number]]
            left = without_undone(links, by)
            self._links.append({event.moment.position: event for event in left})
        keys = {point.key for (stream, _), point in book.points.items() if stream in own}
        self._lifts_undone = [one for key in keys for one in lifts_undone(book.bound.get(key, ()))]
        self._sets = [People(events, beside, book) for _ in self._links]
        self._last = len(self._unlinks)
        if self._lifts_undone:
            bound = {key: without_undone_lifts(known) for key, known in book.bound.items()}
            without = {}
            for number in dict.fromkeys(self._apart):
                without[number] = len(self._sets)
                self._sets.append(People(events, beside, book._replace(bound=bound)))
                self._links.append(self._links[number])
                self._undone.append(self._undone[number])
            self._apart = [without[number] for number in self._apart]
        self._events = events

    @property
    def has_several(self) -> bool:
        """Return whether there are several sets of records."""
        return len(self._sets) > 1

    @property
    def has_unlinks(self) -> bool:
        """Return whether anybody was parted."""
        return bool(self._own_unlinks)

    def set_of(self, event: Event) -> int:
        """Return which set of records an event is judged on: how many unlinks are before it in time and in telling."""
        count = 0
        for unlink in self._unlinks:
            if not _is_before(unlink[0].moment, event.moment):
                break
            count += 1
        return count

    def goes_on(self, event: Event) -> bool:
        """Return whether the ledger made an event so that a person goes on without a stream that alone was erased.

        It repeats what was told before, and is nothing that anybody did. So does what a link repeats of other links.
        """
        if isinstance(event, CustomersLinked):
            return bool(event.follows)
        number = self._by.get(event.fact_position)
        is_made = number is not None and self._unlinks[number][0].by_erasure
        return bool(is_made) and not isinstance(event, CustomerErased)

    def apart_from(self, number: int) -> int:
        """Return the set of records in which, beside what is undone in one of the sets, every unlink is undone."""
        return self._apart[number]

    def followed(self, told: Event | LetGo, number: int) -> Iterator[tuple[Customer, Event | LetGo]]:
        """Yield the records of one of the sets in which something can follow, each with what it holds of that."""
        if isinstance(told, LetGo):
            yield from ((person, told) for person in self._sets[number].all() if not person.is_late)
        elif (held := self.left_of(told, number)) is not None and not (person := self.record(told, number)).is_late:
            yield person, held

    def record(self, event: Event, number: int) -> Customer:
        """Return the record of the stream of an event in one of the sets."""
        return self._sets[number].of(event)

    def undone_by(self, event: Event, number: int) -> tuple[int, ...] | None:
        """Return the position of the first unlink that does not count in a set of records; None: nothing was undone.

        It is not named where it parted others than those who are judged.
        """
        left = [self._unlinks[one] for one in sorted(self._undone[self._apart[number]] - self._undone[number])]
        if not left and all(is_undone(undone, event.moment) for undone in self._lifts_undone):
            return None
        return tuple(unlink[0].moment.position for unlink in left if unlink in self._own_unlinks)[:1]

    def has_own(self, event: Event) -> bool:
        """Return whether an event is on a stream of those who are judged."""
        return self._sets[0].has_own(event)

    def holders(self, event: Event, number: int) -> Iterable[Customer]:
        """Return the other people who may have got a message that was told under an address, in one set of records."""
        return self._sets[number].holders(event)

    def left_of(self, event: Event, number: int) -> Event | None:
        """Return an event as one set of records holds it, of a link what is left of it there; None: it does not.

        What the fact made that parted anybody belongs to those sets alone in which they are parted.
        """
        if isinstance(event, CustomersLinked):
            return self._links[number][event.moment.position]
        parted = self._by.get(event.fact_position)
        return event if parted is None or parted in self._undone[number] else None

    def fold(self, event: Event, number: int, broken: frozenset[Reading] | None = None) -> None:
        """Fold an event into one set of records, if that holds it."""
        if (left := self.left_of(event, number)) is not None:
            self._sets[number].fold(left, broken)

    def fold_all(self, event: Event) -> None:
        """Fold an event into each set of records."""
        for number in self.numbers():
            self.fold(event, number)

    def numbers(self) -> range:
        """Return the numbers of the sets."""
        return range(len(self._sets))

    def at_last(self) -> list[Customer]:
        """Return the records in which every link is left out that was undone, one a person."""
        return list(self._sets[self._last].own())

    def persons(self) -> dict[UUID, UUID]:
        """Return for each stream which person it belongs to in the end."""
        links = ((event.originator_id, event.others) for event in self._standing(self._last))
        return {stream: min(streams) for stream, streams in linked_streams(links).items()}

    def undoings(self, subject_of: Callable[[int, UUID | None], str | None]) -> Iterator[Undoing]:
        """Yield what was undone, in the order of telling; `subject_of` returns whom a fact is about."""
        for number, unlink in enumerate(self._unlinks):
            first = unlink[0]
            if first.by_erasure or unlink not in self._own_unlinks:
                continue
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
                "link",
                subject_of(first.fact_position, first.originator_id),
                first.actor,
                first.reason,
                first.method,
                tuple(sorted(reports)),
            )

        for event in self._events:
            if isinstance(event, NameEnded) and event.part == 0 and not event.waited:
                yield Undoing(
                    event.occurred_at,
                    event.fact_position,
                    "name",
                    subject_of(event.fact_position, event.originator_id),
                    event.actor,
                    event.reason,
                    later=event.later,
                )

    def annulments(self, subject_of: Callable[[int, UUID | None], str | None]) -> Iterator[Undoing]:
        """Yield the annulments of facts that protect somebody, in the order of telling."""
        protecting = {place: what for record in self.at_last() for place, what in record.protections.facts.items()}
        told = [event for event in self._events if isinstance(event, EntryCorrected) and event.entry in protecting]
        for event in sorted(told, key=attrgetter("moment.position")):
            assert event.entry is not None, "it was found by it"
            fact, what = event.fact_position, protecting[event.entry]
            subject = subject_of(fact, event.originator_id)
            yield Undoing(event.occurred_at, fact, what, subject, event.actor, event.reason, entry=event.entry)

    def _standing(self, number: int) -> list[CustomersLinked]:
        """Return the links of one set of records that join anybody."""
        links = self._links[number].values()
        return [event for event in links if isinstance(event, CustomersLinked) and event.others]


def _unlinks_in(events: Sequence[Event]) -> list[list[CustomersUnlinked]]:
    """Return the events of each fact that parted people, the fact's first one first, in the order of telling."""
    by_fact: dict[int, list[CustomersUnlinked]] = {}
    told = [event for event in events if isinstance(event, CustomersUnlinked) and event.others]
    for event in sorted(told, key=attrgetter("moment.position")):
        by_fact.setdefault(event.fact_position, []).append(event)
    return list(by_fact.values())


def _told(unlink: Sequence[Event]) -> int:
    return unlink[0].moment.position


def _is_before(one: Moment, other: Moment) -> bool:
    """Return whether something happened before something else, and was told before it."""
    return one.at < other.at and one.position < other.position

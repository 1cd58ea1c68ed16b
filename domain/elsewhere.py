"""Where else the addresses of a person stand: what an erasure or a report leaves out until somebody settles it.

A contact point leads to nobody, so what stands on other records under it may be the person's or somebody else's. The
request that is answered stays open until each of these records is included, or somebody says that it is another's.
Only ids of streams are kept of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from domain.events.customer import AccessReportIssued, CustomerErased

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from domain.events import Event
    from domain.records import Customer
    from domain.records.contacts import Point
    from domain.store import Store


class Reach(NamedTuple):
    """How far an erasure or a report went."""

    erased: tuple[UUID, ...] = ()
    """The streams that were erased."""
    elsewhere: tuple[UUID, ...] = ()
    """The streams of others on which contact points of the person stand, and about which nothing is settled.

    Those that are `left` are among them.
    """
    left: tuple[UUID, ...] = ()
    """The person's other streams, which were left: one stream alone was erased."""
    took_later: bool = False
    """Whether facts of a later time than the erasure's went with it."""


NO_REACH: Final = Reach()


def streams_elsewhere(store: Store, person: Customer, named: Iterable[Point] = ()) -> tuple[UUID, ...]:
    """Return the streams of other living people on which contact points of a person stand, in the order of their ids.

    `named` are contact points of the person beside those on record. Those streams are left out of which somebody said
    that they are another person's.
    """
    found: set[UUID] = set()
    for point in {*_given(person), *named}:
        for other in store.holders(point):
            if not (other.erased or other is person or _are_apart(person, other)):
                found |= _streams_with(point, other)
    return tuple(sorted(found - person.streams.keys(), key=str))


def settled_by_others(store: Store, person: Customer) -> tuple[UUID, ...]:
    """Return which streams that a person's reports left out are settled by what stands on those streams themselves."""
    reports = (one for matter in person.rights.matters.values() for one in matter.reported)
    left_out = {stream for one in reports for stream in one.elsewhere} - person.streams.keys()
    others = ((stream, store.person(stream)) for stream in sorted(left_out, key=str))
    return tuple(stream for stream, other in others if other.erased or _says_apart(other, person))


_REACHING: Final = frozenset({AccessReportIssued, CustomerErased})


def reach_of(events: Iterable[Event]) -> Reach:
    """Return how far the erasure or the report went that made these events."""
    reach = NO_REACH
    for event in events:
        if type(event) not in _REACHING:
            continue
        if isinstance(event, CustomerErased) and not event.is_late:
            erased, elsewhere = (*reach.erased, event.originator_id), (*reach.elsewhere, *event.elsewhere)
            reach = Reach(erased, elsewhere, reach.left or event.left, reach.took_later or bool(event.took_later))
        elif isinstance(event, AccessReportIssued):
            reach = reach._replace(elsewhere=event.elsewhere)
    return reach


def named_elsewhere(events: Iterable[Event]) -> set[UUID]:
    """Return the streams of others that the erasures and reports of a history left out."""
    return {
        stream
        for event in events
        if isinstance(event, AccessReportIssued | CustomerErased)
        for stream in event.elsewhere
    }


def _given(person: Customer) -> set[Point]:
    """Return the contact points that were given of a person: not those that a message only went to."""
    points = person.contacts.points
    return {points[one.stream, one.ordinal] for one in person.contacts.named if (one.stream, one.ordinal) in points}


def _streams_with(point: Point, other: Customer) -> set[UUID]:
    points = other.contacts.points
    return {one.stream for one in other.contacts.named if points.get((one.stream, one.ordinal)) == point}


def _are_apart(one: Customer, other: Customer) -> bool:
    """Return whether somebody said that two people are not one."""
    return _says_apart(one, other) or _says_apart(other, one)


def _says_apart(one: Customer, other: Customer) -> bool:
    """Return whether the record of one person says that another one is somebody else."""
    return not one.apart.settled.keys().isdisjoint(other.streams)

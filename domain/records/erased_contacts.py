"""The contact points of the erased: what their erasures keep of them, each under a key of its own."""

from __future__ import annotations

from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING
from uuid import UUID

from domain.records.bindings import Binding, bound_when
from domain.records.contacts import ContactBook, Point
from domain.records.entries import place
from domain.suppressed import bound_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from domain.events.customer import CustomerErased
    from domain.records.contacts import Contacts


def with_erased(book: ContactBook, erasures: Iterable[CustomerErased]) -> ContactBook:
    """Return the contact points of living people with those of the erased, and what bound these.

    A contact point that stood on several streams of one person has one key. One that others had as well has another
    key on their streams, since what binds it there goes on changing: `same` says which is which.
    """
    erasures = list(erasures)
    facts = {event.originator_id: event.fact_position for event in erasures}
    points, bound = dict(book.points), dict(book.bound)
    same: dict[UUID, dict[Point, Point]] = defaultdict(dict)
    for event in erasures:
        stream = event.originator_id
        first = {
            one.ordinal: (one.stream, one.other)
            for one in event.same_points
            if facts.get(one.stream) == event.fact_position
        }
        for ordinal, kind in enumerate(event.kinds, 1):
            points[stream, ordinal] = Point(kind, first.get(ordinal, (stream, ordinal)))
        for ordinal, binding in _bindings(event):
            if ordinal not in first:
                place(bound.setdefault((stream, ordinal), []), binding)
    _let_go_on(erasures, points)
    for event in erasures:
        for one in event.same_points:
            own, other = points[event.originator_id, one.ordinal], points.get((one.stream, one.other))
            if other is not None and other != own:
                same[event.originator_id][other] = own
                same[one.stream][own] = other
    return ContactBook(points, bound, dict(same))


def _let_go_on(erasures: Iterable[CustomerErased], points: dict[tuple[UUID, int], Point]) -> None:
    """Let each contact point of a stream that alone was erased have the key of the same one on another stream.

    That person goes on, and so does what binds the contact point for them.
    """
    for event in sorted((one for one in erasures if one.left), key=attrgetter("moment.position"), reverse=True):
        for one in event.same_points:
            other = points.get((one.stream, one.other)) if one.stream in event.left else None
            if other is not None:
                points[event.originator_id, one.ordinal] = other


def streams_with_same(erasures: Iterable[CustomerErased]) -> Mapping[tuple[UUID, int], set[UUID]]:
    """Return, for contact points by their ordinals on streams, which other streams had the same, as erasures say."""
    found: dict[tuple[UUID, int], set[UUID]] = defaultdict(set)
    for event in erasures:
        for one in event.same_points:
            found[one.stream, one.other].add(event.originator_id)
            found[event.originator_id, one.ordinal].add(one.stream)
    return found


def _bindings(event: CustomerErased) -> Iterable[tuple[int, Binding]]:
    """Yield what bound the contact points of an erased stream, each with its ordinal."""
    places = iter(event.told)
    for one in event.bindings:
        position = next(places)
        annuls = next(places) if one.annuls else 0
        source = next(places) if one.has_source else 0
        what = None if one.what is None else bound_by(one.what)
        code = str(one.owed_to) if one.owed_to else ""
        when = bound_when(what, one.at, position, is_out=one.is_out, annuls=annuls)
        yield one.ordinal, Binding(what, when, one.is_out, one.by, annuls, source, one.since, code)


def absorb(contacts: Contacts, others: Contacts) -> None:
    """Take over the contact points of a record that turned out to be the same person's.

    One that the streams of both have under several keys has one from here on: that of the living, if there is any.
    """
    pairs = [(contacts.own(point), others.own(point)) for point in {**contacts.same, **others.same}]
    contacts.absorb(others)
    for pair in pairs:
        if pair[0] == pair[1] or not {*pair} <= set(contacts.points.values()):
            continue
        kept, gone = sorted(pair, key=lambda point: (_is_forgotten(point), str(point.key)))
        contacts.points = {place: kept if point == gone else point for place, point in contacts.points.items()}
        known = {point: kept if own == gone else own for point, own in contacts.same.items()}
        contacts.same = {point: own for point, own in {**known, gone: kept}.items() if point != kept}


def _is_forgotten(point: Point) -> bool:
    """Return whether the key of a contact point is its place on an erased stream."""
    return isinstance(point.key, tuple) and isinstance(point.key[0], UUID)

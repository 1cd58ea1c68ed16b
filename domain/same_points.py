"""Which contact points were the same, once a person is erased and their addresses are forgotten.

An audit judges a message that was told under an address by everybody who had the address then, and a person by all of
their streams. So an erasure keeps which contact points of the erased were equal: those of the person's own streams, and
those under which messages were told, on the stream of the message and on those of the people who had them; and those of
the other streams of a person of whom one stream alone is erased. No digest is
kept: an ordinal of one stream is the same as an ordinal of another.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from domain.events.past_points import SamePoint

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from uuid import UUID

    from domain.records import Customer
    from domain.records.contacts import Point
    from domain.store import Store


class PlaceOfPoint(NamedTuple):
    """As which ordinal of which stream a contact point stands on record."""

    stream: UUID
    ordinal: int


def same_points(store: Store, person: Customer, left: Container[UUID] = ()) -> Mapping[UUID, tuple[SamePoint, ...]]:
    """Return, for each stream of a person who is about to be erased, which of its contact points are others' too.

    Where one stream alone is erased, those that the person's other streams have are known, which are `left`.
    """
    found: dict[UUID, list[SamePoint]] = defaultdict(list)
    for point in sorted(set(person.contacts.points.values()), key=str):
        own = _places(person, point)
        for stream, ordinal in own[1:]:
            found[stream].append(SamePoint(ordinal=ordinal, stream=own[0].stream, other=own[0].ordinal))
        for other in store.holders(point):
            for here, there in product(own, _places(other, point) if other is not person else ()):
                if here in person.contacts.mailed or there in other.contacts.mailed or there.stream in left:
                    found[here.stream].append(SamePoint(ordinal=here.ordinal, stream=there.stream, other=there.ordinal))
    return {stream: tuple(points) for stream, points in found.items()}


def _places(person: Customer, point: Point) -> list[PlaceOfPoint]:
    """Return where a contact point stands on a person's record, in order."""
    points = person.contacts.points.items()
    return sorted((PlaceOfPoint(*place) for place, own in points if own == point), key=str)

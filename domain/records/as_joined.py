"""A person's record as far as their streams had been joined when they gave something, or left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.records.customer import Customer
    from domain.records.entries import Change, Held


def as_joined_at(person: Customer, told: Held | Change) -> Customer:
    """Return the record of who made a collection or left, without the streams that were joined to theirs later.

    Only what decides about lifting and reaching is left out: streams, collections, and contact points.
    """
    if len(person.streams) < 2 or told.stream is None:  # noqa: PLR2004 - nobody was joined
        return person
    own = person.joins.streams_at(told.stream, told.moment.at)
    if own >= person.streams.keys():
        return person
    contacts = replace(
        person.contacts,
        points={place: point for place, point in person.contacts.points.items() if place[0] in own},
        named=[one for one in person.contacts.named if one.stream in own],
        confirmed=[one for one in person.contacts.confirmed if one.stream in own],
    )
    by_act = {act: [one for one in known if one.stream in own] for act, known in person.by_act.items()}
    streams = {stream: version for stream, version in person.streams.items() if stream in own}
    return replace(person, streams=streams, contacts=contacts, by_act=by_act)

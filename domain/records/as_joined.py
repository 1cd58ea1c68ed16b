"""A person's record as far as their streams had been joined: when they gave something, or left, or at any time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from domain.records.uncorrected import with_collections

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from domain.records.contacts import Contacts
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
    contacts = _contacts_of(person.contacts, own)
    by_act = {act: [one for one in known if one.stream in own] for act, known in person.by_act.items()}
    streams = {stream: version for stream, version in person.streams.items() if stream in own}
    return replace(person, streams=streams, contacts=contacts, by_act=by_act)


def joined_at(person: Customer, stream: UUID, at: datetime) -> Customer:
    """Return the record of whom a stream belonged to at a time, without the streams that were joined to theirs later.

    Who is enrolled and who is out is decided on it: what was asked, cancelled and changed, and the contact points. The
    rest is the whole record's.
    """
    if len(person.streams) < 2 or person.joins.are_all_by(at):  # noqa: PLR2004 - nobody was joined
        return person
    own = person.joins.streams_at(stream, at)
    if own >= person.streams.keys():
        return person
    by_position = {place: held for place, held in person.by_position.items() if held.stream in own}
    cancellations = {
        code: told
        for code, known in person.cancellations.items()
        if (told := [one for one in known if person.cancelled_on.get(one.position) in own])
    }
    programs = {program: [one for one in known if one.stream in own] for program, known in person.programs.items()}
    return replace(
        with_collections(person, by_position),
        streams={stream: version for stream, version in person.streams.items() if stream in own},
        opened_as={stream: kind for stream, kind in person.opened_as.items() if stream in own},
        programs=defaultdict(list, programs),
        cancellations=cancellations,
        contacts=_contacts_of(person.contacts, own),
    )


def _contacts_of(contacts: Contacts, own: frozenset[UUID]) -> Contacts:
    """Return the contact points that were given on some streams."""
    return replace(
        contacts,
        points={place: point for place, point in contacts.points.items() if place[0] in own},
        named=[one for one in contacts.named if one.stream in own],
        confirmed=[one for one in contacts.confirmed if one.stream in own],
    )

"""Who is known to have a contact point, of those on whose records it stands: anybody can type an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.facts.fields import CONTACT_KINDS
from domain.records.contacts import was_given_up
from domain.records.customer import LAST
from domain.records.uncorrected import standing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from domain.moments import Moment
    from domain.records.bindings import Binding
    from domain.records.contacts import Contacts, Point
    from domain.records.customer import Customer
    from domain.records.entries import Held


def is_known(person: Customer, point: Point) -> bool:
    """Return whether a person is known to have a contact point that stands on their record.

    It answered for them, or it leads to a record of theirs of which more is known than what was sent there: somebody
    vouched for that. So is who goes on without a stream that alone was erased, of what they had with it.
    """
    contacts = person.contacts
    places = {place for place, known in contacts.points.items() if known.key == point.key}
    is_confirmed = any((one.stream, one.ordinal) in places for one in standing(person, LAST).contacts.confirmed)
    since = person.joins.goes_on
    had = since is not None and any(at <= since for at in times_named(contacts, point))
    leads = any(person.opened_as.get(stream) in CONTACT_KINDS for stream, _ in places)
    return is_confirmed or had or (leads and not is_nobodys(person))


def is_nobodys(person: Customer) -> bool:
    """Return whether nobody is known behind a record that nothing but a contact point leads to.

    Only what was sent there is known, and asked not to be.
    """
    are_contacts = bool(person.opened_as) and set(person.opened_as.values()) <= set(CONTACT_KINDS)
    more = len(person.streams) > 1 or person.by_position or person.rights.corrections or person.contacts.confirmed
    return are_contacts and not more


def stood_before(person: Customer, point: Point, bindings: Iterable[Binding], until: Moment) -> bool:
    """Return whether a living record held a contact point when what an erased person is owed came to bind it.

    That binds the contact point for everybody who is named with it since, and not this person: no erasure changes a
    verdict. Like the erasure, it goes by telling: what is told afterwards of a time before may be a stranger's.
    """
    by = [one.source or one.moment.position for one in bindings if one.code]
    if not by or is_nobodys(person):
        return False
    ends = person.contacts.bound.get(point.key, ())
    return any(not was_given_up(ends, at, until) for at in times_named(person.contacts, point, max(by)))


def had_before(person: Customer, point: Point, bindings: Iterable[Binding]) -> bool:
    """Return whether a contact point stood on a record, by time, before it was bound by what an erased person is owed.

    Where it was told of only afterwards, nobody knows whether this person had it beside them, or typed it.
    """
    held = (point in person.contacts.held(one.moment) for one in bindings if one.code)
    return any(held) and not is_nobodys(person)


def held_before(contacts: Contacts, point: Point, held: Held, at: Moment) -> bool:
    """Return whether a contact point that a collection gives was its person's at a moment, before an erasure."""
    return any(
        contacts.points.get((stream, one.ordinal)) == point and one.since <= at.at <= one.until
        for stream, one in held.held_before
    )


def is_linked_to(person: Customer, point: Point, held: Held) -> bool:
    """Return whether somebody vouched by a link that a contact point is a person's, by the time of a collection.

    The link joins the record under which it was given to the one that the contact point leads to.
    """
    if held.stream is None or len(person.streams) < 2:  # noqa: PLR2004 - nobody was joined
        return False
    own = person.joins.streams_at(held.stream, held.moment.at)
    if len(own) == 1:
        return False
    return any(
        person.opened_as.get(stream) == point.kind and _leads_by(person.contacts, stream, point, held)
        for stream in own & person.streams.keys()
    )


def _leads_by(contacts: Contacts, stream: UUID, point: Point, held: Held) -> bool:
    """Return whether a record was opened under a contact point, which was not given up since.

    The event that opened it names that one last, so it stands first among those of its moment.
    """
    named = [one for one in contacts.named if one.stream == stream]
    if not named:
        return False
    first = min(named, key=lambda one: one.moment.position)
    if contacts.points.get((stream, first.ordinal)) != point:
        return False
    return not was_given_up(contacts.bound.get(point.key, ()), first.moment.at, held.moment)


def times_named(contacts: Contacts, point: Point, before: int = LAST.position) -> list[datetime]:
    """Return when a contact point was given on a record, as far as that was told before a position."""
    points = {place for place, known in contacts.points.items() if known.key == point.key}
    return [
        one.moment.at for one in contacts.named if (one.stream, one.ordinal) in points and one.moment.position < before
    ]

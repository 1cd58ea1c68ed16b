"""To which purposes a person objects, at any moment.

What a person said themself, or is owed from before an erasure, an unlink or the end of a name, stands on their record.
What an erased person is owed binds their contact points for all who are named with these since. Nothing lifts an
objection but an officer's annulment of the fact that told it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain.records.contacts import all_binding
from domain.records.known_holders import had_before, stood_before
from domain.suppressed import Objection

if TYPE_CHECKING:
    from domain.moments import Moment
    from domain.records.contacts import Point
    from domain.records.customer import Customer


class Objected(NamedTuple):
    """A person objects to a purpose since a moment. `events` are those on their own record that say so."""

    moment: Moment
    events: tuple[int, ...] = ()
    said: Moment | None = None
    """When the first of these was said, where it binds this person only since later."""
    evidence: tuple[int, ...] = ()
    """The positions of what shows it, where that is not forgotten, or somebody else's."""

    learned: int = 0
    """The position at which the first of these was told, where that is not its own."""

    @property
    def is_elsewhere(self) -> bool:
        """Whether only a contact point of the person is bound by it."""
        return not self.events


def objected_to(person: Customer, purpose: str, until: Moment, sent_to: Point | None = None) -> Objected | None:
    """Return whether a person objects to a purpose at a moment, None if they do not.

    With a message, what binds the contact point that it was `sent_to` counts as well.
    """
    own = [
        one
        for one in person.rights.objections.get(purpose, ())
        if one.moment <= until and not person.protections.is_annulled(one.position, until)
    ]
    if own:
        evidence = tuple(dict.fromkeys(place for one in own for place in one.evidence))
        first = own[0]
        said = first.said or first.by_last
        return Objected(first.moment, tuple(one.position for one in own), said, evidence, first.learned)
    since = _bound_since(person, Objection(purpose), until, sent_to)
    return Objected(since) if since else None


def all_objected_to(person: Customer, until: Moment) -> dict[str, Objected]:
    """Return each purpose that a person objects to at a moment."""
    contacts = person.contacts
    known = {binding.what for point in contacts.points.values() for binding in contacts.bound.get(point.key, ())}
    purposes = {*person.rights.objections, *(what.purpose for what in known if isinstance(what, Objection))}
    found = ((purpose, objected_to(person, purpose, until)) for purpose in sorted(purposes))
    return {purpose: one for purpose, one in found if one is not None}


def _bound_since(person: Customer, what: Objection, until: Moment, sent_to: Point | None) -> Moment | None:
    """Return since when a contact point that a person has is bound by an objection; None: none is."""
    contacts = person.contacts
    if not contacts.bound:
        return None
    held = contacts.held(until) | ({sent_to} if sent_to else set())
    found = (
        one
        for point in held
        for one in all_binding(contacts.bound.get(point.key, ()), what, until).values()
        # What another said, who had it beside this person, is not theirs.
        if not (stood_before(person, point, (one,), until) or had_before(person, point, (one,)))
    )
    return min((one.owed for one in found), default=None)

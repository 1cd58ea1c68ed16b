"""What a person is owed at a moment, by the judge and the person's record: all that outlives what is forgotten."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from domain.moments import Moment, start_of
from domain.records.contacts import EVER
from domain.records.objections import all_objected_to
from domain.records.standing import asked_since
from domain.suppressed import Age, Objection, Suppressed
from domain.vocabulary import Program

if TYPE_CHECKING:
    from domain.policy.judge import Judge
    from domain.records import Customer
    from domain.records.entries import Held


class Owed(NamedTuple):
    """Since when something is owed, and whether it is owed only to a contact point that the person has.

    `of_contact`: whether it was told of one that they have, or had before an unlink.
    """

    since: Moment
    is_elsewhere: bool = False
    of_contact: bool = False
    said: Moment | None = None
    """When it was said, where that is known, though it may be owed only since later."""


def owed_at(judge: Judge, person: Customer, at: Moment) -> dict[Suppressed, Owed]:
    """Return what a person is owed at a moment: peace in programs, objections, and to be treated as a child."""
    opted_out = ((program, judge.opted_out(person, program, at)) for program in Program)
    owed: dict[Suppressed, Owed] = {
        program: Owed(one.moment, one.is_elsewhere, one.is_elsewhere or one.of_contact, said=one.since)
        for program, one in opted_out
        if one is not None
    }
    for purpose, objected in all_objected_to(person, at).items():
        owed[Objection(purpose)] = Owed(objected.moment, objected.is_elsewhere, said=objected.said)
    if (since := person.protections.child_since(at)) is not None:
        owed[Age.UNDER_13] = Owed(since)
    return owed


def source_of(person: Customer, owed: Owed) -> int:
    """Return the position of what a person is owed by: of the event that said it, on whosever's record."""
    if not owed.is_elsewhere:
        return owed.since.position
    contacts = person.contacts
    bindings = (one for point in contacts.points.values() for one in contacts.bound.get(point.key, ()))
    found = (one.source for one in bindings if one.is_out and one.owed == owed.since)
    return next(found, 0) or owed.since.position


def has_asked_anew(judge: Judge, person: Customer, what: Suppressed, since: Moment, until: Moment) -> bool:
    """Return whether a person asked for a program after an opt-out; for nothing else can anybody ask anew."""
    if not isinstance(what, Program):
        return False
    return any(True for _ in asked_since(person, what, since, until, judge.lifting(what)))


def without_annulled(person: Customer) -> Customer:
    """Return a person's record as if nothing had ever been said of what an officer annulled."""
    always = [start_of(EVER)]
    protections = replace(person.protections, annulled=dict.fromkeys(person.protections.annulled, always))
    annulled = set(person.protections.all_annulled())
    contacts = person.contacts
    bound = {
        point.key: [one for one in contacts.bound.get(point.key, ()) if not (one.is_out and one.comes_from(annulled))]
        for point in contacts.points.values()
    }
    return replace(person, protections=protections, contacts=replace(contacts, bound=bound))


def gave_bound(judge: Judge, person: Customer, program: Program, held: Held, at: Moment) -> bool:
    """Return whether a contact point that a collection gave is bound at a moment, be it current by then or not."""
    contacts = person.contacts
    if not contacts.bound:
        return False
    given = {point for point in contacts.points.values() if contacts.was_given(point, held.moment)}
    return any(judge.standing(person, program, at, point).of_address for point in given)

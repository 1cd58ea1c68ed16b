"""What of a person's record stands at a moment: all but what was corrected by then, or deleted.

Whoever decides or judges by a record asks here, and no rule looks at corrections itself.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from domain.records.bindings import is_undone
from domain.records.entries import ENDED, ENROLLED, by_moment
from domain.records.rights import Matter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from domain.moments import Moment
    from domain.records.customer import Customer
    from domain.records.entries import Change, Held, Placed

    _P = TypeVar("_P", bound=Placed)


def standing(person: Customer, until: Moment) -> Customer:
    """Return what of a person's record stands at a moment: all but what was corrected by then as a wrong entry.

    What protects them is left on it, and asked by its own annulments: only an officer's word ends it.
    """
    if not person.corrections.told:
        return person
    wrong = person.corrections.wrong_at(until) - person.without
    return _without(person, wrong) if wrong else person


def holding(person: Customer, until: Moment) -> Customer:
    """Return what of a person's record stands at a moment, each collection with the categories that it still holds.

    What was deleted is held no more in what is both later in time than the deletion and told later.
    """
    corrections = person.corrections
    if not corrections.told and not corrections.gone:
        return person
    person = standing(person, until)
    gone = {
        place: {category for category, at in deleted if is_undone(at, until)}
        for place, deleted in corrections.gone.items()
    }
    if not any(gone.values()):
        return person

    def left(held: Held) -> Held:
        lost = gone.get(held.position)
        return held._replace(categories=tuple(one for one in held.categories if one not in lost)) if lost else held

    by_position = {place: left(held) for place, held in person.by_position.items()}
    return with_collections(person, by_position)


def _without(person: Customer, wrong: frozenset[int]) -> Customer:
    fact_of = person.corrections.fact_of

    def stands(one: Placed) -> bool:
        return fact_of(one.moment.position) not in wrong

    def left(timeline: Iterable[_P]) -> list[_P]:
        return [one for one in timeline if stands(one)]

    def is_left(change: Change) -> bool:
        if change.state == ENROLLED:  # By a collection: as long as one of those stands that it relies on.
            is_grounded = not change.relies_on or any(fact_of(place) not in wrong for place in change.relies_on)
            return is_grounded and (stands(change) or not change.is_told)
        return change.state != ENDED or stands(change)

    by_position = {place: held for place, held in person.by_position.items() if stands(held)}
    cancellations = {
        code: own
        for code, told in person.cancellations.items()
        if (own := [one for one in told if fact_of(one.position) not in wrong])
    }
    rights, contacts = person.rights, person.contacts
    offers = {purpose: left(made) for purpose, made in rights.offers.items()}
    matters = {code: _matter_left(matter, left) for code, matter in rights.matters.items()}
    return replace(
        with_collections(person, by_position),
        cancellations=cancellations,
        programs=defaultdict(list, {program: list(filter(is_left, own)) for program, own in person.programs.items()}),
        given=left(person.given),
        rights=replace(
            rights,
            matters=defaultdict(Matter, matters),
            offers=defaultdict(list, offers),
            corrections=left(rights.corrections),
        ),
        contacts=replace(contacts, named=left(contacts.named), confirmed=left(contacts.confirmed)),
        without=person.without | wrong,
        whole=person.whole or person,
    )


def with_collections(person: Customer, by_position: dict[int, Held]) -> Customer:
    """Return a person's record with these collections alone."""
    return replace(
        person,
        by_act=_by(by_position.values(), "act"),
        by_reference=_by(by_position.values(), "reference"),
        by_position=by_position,
        categories={category for held in by_position.values() for category in held.categories},
    )


def _matter_left(matter: Matter, left: Callable[[Iterable[Any]], list[Any]]) -> Matter:
    return replace(
        matter,
        requests=left(matter.requests),
        verified=left(matter.verified),
        reported=left(matter.reported),
        corrected=left(matter.corrected),
        declined=left(matter.declined),
        denied=left(matter.denied),
        withdrawn=left(matter.withdrawn),
    )


def _by(held: Iterable[Held], name: str) -> dict[Any, list[Held]]:
    found: dict[Any, list[Held]] = defaultdict(list)
    for one in sorted(held, key=by_moment):
        found[getattr(one, name)].append(one)
    return found

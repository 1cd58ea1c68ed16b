"""What was asked for before a name was given up and is told after it: who has the name next was never owed it.

The end of a name lets the one who is named so next be met by what the last one was owed. What was owed goes by time, so
a request, or another address, that is told later and of a time before the end takes it back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.decide import react
from domain.ending import holders_who_ended, side_of
from domain.events.suppressions import SuppressionEnded
from domain.folding import fold, what_of
from domain.moments import Moment, Turn, end_of
from domain.records.bindings import Binding
from domain.records.contacts import all_binding
from domain.suppressed import Age
from domain.suppressions import owed_at
from domain.times import next_instant

if TYPE_CHECKING:
    from collections.abc import Collection

    from domain.events import Event
    from domain.facts import Fact
    from domain.records import Customer
    from domain.state import State
    from domain.store import Store
    from domain.suppressed import Suppressed


def take_back(store: Store, state: State, fact: Fact, made: list[Event]) -> None:
    """Take back what reached who has a name next, where the last one turns out not to have been owed it at the end."""
    own = [state.customer] if state.customer.names_ended or state.customer.contacts.bound else []
    for person in (*own, *holders_who_ended(store, state, made)):
        _take_back_bindings(store, state, person)
        _take_back_of(store, state, fact, person, made)


def _take_back_of(store: Store, state: State, fact: Fact, person: Customer, made: list[Event]) -> None:
    """Take back what names of a person passed on that they gave up, and from there again."""
    if not person.names_ended or person.erased:
        return
    owed = _owed_at_ends(store, state, person)
    sources = _sources(person)
    for one in list(store.owed_from(sources)):
        if one.by_last is not None and one.ended is None and one.what not in owed:
            store.end_owed(one, one.since)
    for recalled in sorted(store.recalls_from(sources), key=lambda one: one.moment.position):
        if recalled.owed_since is None or recalled.originator_id in person.streams or what_of(recalled) in owed:
            continue
        other = store.person(recalled.originator_id)
        if other.erased or other.protections.annulments(recalled.moment.position):
            continue
        side = side_of(store, state, fact, recalled.originator_id)
        places = (recalled.moment.position,)
        ended = side.make(
            SuppressionEnded, on=recalled.originator_id, at=recalled.occurred_at, recalled=places, lifted=True
        )
        fold(side, (ended,), made)
        fold(side, react(side, ended), made)
        state.place = side.place
        _take_back_of(store, state, fact, side.customer, made)


def _take_back_bindings(store: Store, state: State, person: Customer) -> None:
    """Lift what came to bind a contact point when it was given up, where nobody who had it was owed that then."""
    if person.erased:
        return
    for point, given_up in list(person.contacts.ends()):
        after = next_instant(given_up.moment.at)
        for one in list(store.bound.get(point.key, ())):
            is_passed_on = one.is_out and one.source and one.since and not (one.code or one.by or one.annuls)
            if not is_passed_on or one.moment.at != after or one.what is None:
                continue
            later = end_of(next_instant(after))
            if all_binding(store.bound[point.key], one.what, later).get("") != one:
                continue
            at = end_of(given_up.moment.at)
            if not any(one.what in owed_at(state.judge, other, at) for other in (person, *store.holders(point))):
                lifted = Moment(next_instant(after), Turn.GIVEN, state.place)
                store.bind(point, Binding(one.what, lifted, is_out=False))


def _owed_at_ends(store: Store, state: State, person: Customer) -> set[Suppressed | None]:
    """Return what a person, or anybody who had the same address, was owed when they gave any of their names up.

    What was told of an address may have been passed on from each of them. An age is never taken back.
    """
    people = {person.person: person}
    for point, _ in person.contacts.bindings():
        people |= {one.person: one for one in store.holders(point)}
    ends = ((one, end_of(until)) for one in people.values() for until in one.names_ended.values())
    return {Age.UNDER_13, *(what for one, at in ends for what in owed_at(state.judge, one, at))}


def _sources(person: Customer) -> Collection[int]:
    """Return the positions of all that said something which a person was owed, on their record or of their address."""
    bindings = [one for _, known in person.contacts.bindings() for one in known if one.is_out]
    places = {*person.protections.told, *(one.moment.position for one in bindings)}
    return places | {one.source for one in bindings if one.source}

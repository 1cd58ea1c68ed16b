"""What was passed on ends with what it came from: an officer annulled the opt-out, objection or age of another person.

A protection is passed on where it was told of one person and binds another: to each of two who were parted, to the one
who has a name after it was given up, and to the contact point that led to them. Each names the event on the record of
the one from whom it came. It ends for what is both later in time than the annulment and told later, unless that person
was owed the same by something else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.decide import react
from domain.ending import pass_on, side_of
from domain.events.customer import EntryCorrected
from domain.events.suppressions import SuppressionEnded
from domain.folding import fold, recall, what_of
from domain.moments import Moment, Turn, end_of
from domain.records.bindings import Binding
from domain.records.customer import LAST
from domain.suppressed import Age, Objection, Suppression
from domain.suppressions import has_asked_anew, owed_at, source_of, without_annulled

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from domain.events import Event
    from domain.facts import Fact
    from domain.records import Customer
    from domain.state import State
    from domain.store import Store
    from domain.suppressed import Suppressed


def end_passed_on(store: Store, state: State, fact: Fact, made: list[Event]) -> None:
    """End what was passed on from what the events of a fact annul, wherever it went."""
    if any(type(event) is EntryCorrected and event.by_officer and event.entry is not None for event in made):
        _end_from(store, state, fact, state.customer, made)
        _protect_again(store, state, fact, made)


def _protect_again(store: Store, state: State, fact: Fact, made: list[Event]) -> None:
    """Let what somebody said who was parted from a person protect them, where their own word of it was annulled.

    It had protected them through the link as well, and nothing of it was recalled as long as their own word stood.
    """
    person, judge = state.customer, state.judge
    said = _annulled_of(person)
    for stream, at in sorted(person.joins.parted.items(), key=str) if said else ():
        other = store.person(stream)
        if stream in person.streams or other.erased:
            continue
        for what, one in owed_at(judge, without_annulled(other), end_of(at)).items():
            if what not in said or what in owed_at(judge, person, LAST):
                continue
            if not has_asked_anew(judge, person, what, one.since, LAST):
                source, of_contact = source_of(other, one), one.of_contact
                passed = Suppression(what, at, source, said=one.since.at, of_contact=of_contact)
                fold(state, (recall(state, passed),), made)
                pass_on(store, state, fact, person, made)


def _annulled_of(person: Customer) -> set[Suppressed]:
    """Return what an officer annulled of what a person said."""
    annulled = set(person.protections.all_annulled())
    found: set[Suppressed] = {
        program
        for program, changes in person.programs.items()
        if any(change.position in annulled for change in changes)
    }
    for purpose, entries in person.rights.objections.items():
        found |= {Objection(purpose)} if any(entry.position in annulled for entry in entries) else set()
    ages = person.protections.ages
    return found | ({Age.UNDER_13} if any(age.position in annulled for age in ages) else set())


def _end_from(store: Store, state: State, fact: Fact, person: Customer, made: list[Event]) -> None:
    """End what was passed on from a person's protections that were annulled, and from there again."""
    sources = person.protections.all_annulled()
    if not sources:
        return
    is_owed = _owed_without(state, person)
    _end_names(store, state, sources, is_owed)
    _end_bindings(store, state, sources, is_owed)
    for recalled in sorted(store.recalls_from(sources), key=lambda one: one.moment.position):
        if (what := what_of(recalled)) is None or is_owed(what, recalled.occurred_at):
            continue
        other = store.person(recalled.originator_id)
        if other.erased or other.protections.annulments(recalled.moment.position):
            continue
        side = side_of(store, state, fact, recalled.originator_id)
        at = max(fact.time, recalled.occurred_at)
        ended = side.make(SuppressionEnded, on=recalled.originator_id, at=at, recalled=(recalled.moment.position,))
        fold(side, (ended,), made)
        fold(side, react(side, ended), made)
        state.place = side.place
        _end_from(store, state, fact, side.customer, made)


def _owed_without(state: State, person: Customer) -> Callable[[Suppressed, datetime], bool]:
    """Return whether a person was owed something at a time by what nobody annulled."""
    bare = without_annulled(person)
    return lambda what, at: what in owed_at(state.judge, bare, end_of(at))


def _end_names(
    store: Store, state: State, sources: Collection[int], is_owed: Callable[[Suppressed, datetime], bool]
) -> None:
    for owed in list(store.owed_from(sources)):
        if owed.ended is None and not is_owed(owed.what, owed.since):
            store.end_owed(owed, state.time)


def _end_bindings(
    store: Store, state: State, sources: Collection[int], is_owed: Callable[[Suppressed, datetime], bool]
) -> None:
    for point, binding in list(store.bindings_from(sources)):
        known = store.bound.get(point.key, [])
        if any(one.annuls == binding.source and not one.is_out for one in known):
            continue
        what = binding.what
        if what is not None and not is_owed(what, binding.moment.at):
            store.bind(
                point, Binding(what, Moment(state.time, Turn.UNDOING, state.place), is_out=False, annuls=binding.source)
            )

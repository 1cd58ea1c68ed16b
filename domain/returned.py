"""People who were erased and came back under a name of theirs: what they are owed, they lift as themselves.

An erasure has a code, which means nothing else: its tombstones have it, and so has what its person is owed at contact
points. Who has a name now of which a tombstone tells is that person. A time is no identity: a list of opt-outs has one
time for everybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.events.past_points import HeldBefore
from domain.records.contacts import was_given_up
from domain.records.entries import OPTED_OUT, by_moment
from domain.routes import routes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.facts.fields import Subject
    from domain.moments import Moment
    from domain.records import Customer
    from domain.records.contacts import Point
    from domain.records.entries import Held
    from domain.state import State
    from domain.store import Store
    from domain.vocabulary import Program


def has_come_back(person: Customer, program: Program) -> bool:
    """Return whether an opt-out of before was recalled of a person: without one they have come back from nothing."""
    changes = person.programs.get(program)
    return changes is not None and any(change.state == OPTED_OUT and change.via is None for change in changes)


def codes_of(store: Store, person: Customer) -> set[str]:
    """Return the codes of the erasures after which a person came back."""
    return {str(left.code) for left in store.left_by(person.streams)}


def requests_with(state: State, person: Customer, point: Point, program: Program) -> Iterator[Held]:
    """Yield, in order of time, what a person asked for with a contact point that opens a program again."""
    acts = state.judge.lifting(program)
    for held in sorted((held for act in acts for held in person.by_act.get(act, ())), key=by_moment):
        is_for = program in routes(held.act, held.categories, held.requests, held.unread)
        if is_for and person.contacts.was_given(point, held.moment):
            yield held


def held_before(store: Store, state: State, name: Subject) -> tuple[HeldBefore, ...]:
    """Return which contact points of a fact its person had before an erasure, after which they came back under a name.

    What stands on nobody's record, as a mail only went there, was not theirs.
    """
    points = {state.customer.contacts.points[state.stream, ordinal].key: ordinal for ordinal in state.contacts}
    left = store.left_under(name, state.time) if points else ()
    return tuple(
        HeldBefore(ordinal=points[one.key], since=one.named, until=one.until)
        for one in left
        if one.is_contact and one.named is not None and one.key in points
    )


def had_then(store: Store, person: Customer, point: Point, opted_out: Moment, until: Moment) -> bool:
    """Return whether a person who came back had a contact point, before the erasure, when it was opted out.

    It was not given up since.
    """
    if was_given_up(store.bound.get(point.key, ()), opted_out.at, until):
        return False
    return any(
        left.is_contact
        and left.key == point.key
        and left.named is not None
        # What was told of it later than the erasure is not of their time.
        and left.start < opted_out.at <= left.until
        and left.named <= opted_out.at
        for left in store.left_by(person.streams)
    )

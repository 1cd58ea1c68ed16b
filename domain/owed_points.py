"""What the erased stay owed at their contact points: an address of theirs that no living record holds is bound by it.

While somebody living holds the address, what is owed waits there, and binds from the moment on when nobody living does
any more, whichever way that comes about. What was told before that moment is judged as if nothing had waited: no
erasure changes a verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.events import Moment
from domain.facts.fields import CONTACT_KINDS
from domain.records.bindings import Binding
from domain.records.contacts import EVER, FOREVER, KIND_OF_PROGRAM, Point, binds
from domain.records.customer import LAST
from domain.records.entries import OPTED_OUT
from domain.records.standing import asked_since
from domain.suppressed import Age, Suppression, Tombstone
from domain.times import next_instant
from domain.vocabulary import Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from domain.records import Customer
    from domain.records.contacts import Contacts
    from domain.state import State
    from domain.store import Store
    from domain.suppressed import Bound, Gone

    Tenures = set[tuple[datetime, datetime]]
    """Between which of its ends a contact point was somebody's: after the first, up to the second."""


def forget_points(store: Store, person: Customer, gone: Gone, owed: Sequence[Suppression]) -> None:
    """Keep what an erased person is owed at their contact points, and until when these were theirs.

    Where people hold a contact point who are still told of, that says whose it is, and nothing is kept of it but what
    waits.
    """
    now = Moment(gone.at, person.erased_by)
    for point in dict.fromkeys(person.contacts.points.values()):
        others = list(_others(store, person, point))
        living = _held_by(others, point)
        for start, end in sorted(_tenures(person.contacts, point)):
            is_held = (start, end) in living
            left = Tombstone(
                point.key, start, min(gone.until, end), None, is_contact=True, has_number=person.has_number
            )
            store.entomb(left, is_held=is_held)
            for one in owed if end == FOREVER else ():
                what, since = one.what, max(one.since, next_instant(start))
                if isinstance(what, Age):
                    continue
                if is_held:
                    store.wait(point, Suppression(what, since))
                elif others:  # Messages were told that went there, and they stay as they were judged.
                    store.bind(point, _begun(what, since, now))
                else:
                    store.bind(point, Binding(what, Moment(since, now.position), is_out=True))
        _release(store, point, living, now)


def release(store: Store, point: Point, now: Moment) -> None:
    """Let what waits at a contact point bind from a moment on, where nobody living holds it any more."""
    _release(store, point, _held_by(_others(store, None, point), point), now)


def owe_point(store: Store, state: State, left: Tombstone, owed: Suppression) -> None:
    """Let what is told late of an erased person bind a contact point that was theirs, or wait there.

    A contact point that they had given up is bound from then on, as by what they were owed when they did. Of one that
    living people hold nobody knows any more whether it was current when the person opted out. If they had a number, the
    opt-out may have reached those there who have none.
    """
    what, point = owed.what, Point("", left.key)
    if isinstance(what, Age):
        return
    ends = _ends(store, point)
    end = min((end for end in ends if left.start < end), default=FOREVER)
    if end != FOREVER and owed.since > end:
        return
    since = max(owed.since, next_instant(left.start)) if end == FOREVER else next_instant(end)
    moment = Moment(since, state.place)
    if end == FOREVER and (left.start, end) in _held_by(_others(store, state.customer, point), point):
        store.wait(point, Suppression(what, since))
        if left.has_number and isinstance(what, Program):
            by = store.code(state.stream, f"opted out {state.stream}")
            store.bind(point, Binding(what, moment, is_out=True, by=by))
        return
    bind_late(store, point, what, moment)


def owe_given(store: Store, state: State, owed: Suppression, point: Point) -> None:
    """Let what is told late of an erased person bind the contact point that it is about, if nobody living holds it."""
    if not isinstance(owed.what, Age) and not _held_by(_others(store, state.customer, point), point):
        bind_late(store, point, owed.what, Moment(owed.since, state.place))


def bind_late(store: Store, point: Point, what: Bound, moment: Moment) -> None:
    """Bind a contact point as if what binds it had been told in time, unless something does."""
    if not binds(store.bound.get(point.key, []), what, moment):
        store.bind(point, Binding(what, moment, is_out=True))


def settle(store: Store, state: State, person: Customer) -> None:
    """Lift what a person is owed from before an erasure at an address, who came back and asked anew with that address.

    They would have lifted it had it bound the address and not waited there, or begun to bind it after they asked.
    """
    for program, point, opted_out, asked in _asked_anew(state, person):
        starts = [start for start, _ in _tenures(person.contacts, point)]
        since = {opted_out, *(max(opted_out, next_instant(start)) for start in starts)}
        for one in list(store.waiting(point)):
            if one.what is program and one.since in since:
                store.settle(point, one)
        for binding in tuple(store.bound.get(point.key, ())):
            begun = Moment(next_instant(binding.moment.at), LAST.position)
            is_theirs = binding.since in since and binding.what is program and asked <= binding.moment.at
            if is_theirs and binds(store.bound[point.key], program, begun) == binding:
                store.bind(point, Binding(program, Moment(binding.moment.at, state.place), is_out=False))


def _asked_anew(state: State, person: Customer) -> Iterator[tuple[Program, Point, datetime, datetime]]:
    """Yield with which contact points a person asked for a program after an opt-out from before an erasure, and when.

    With them stands when that opt-out was.
    """
    for program, changes in person.programs.items():
        for change in changes:
            if change.state != OPTED_OUT or change.via is not None:
                continue
            for asked in asked_since(person, program, change.moment, LAST, state.judge.lifting(program)):
                for point in dict.fromkeys(person.contacts.points.values()):
                    is_of_program = KIND_OF_PROGRAM[program] in {None, point.kind}
                    if is_of_program and person.contacts.was_given(point, asked.moment):
                        yield program, point, change.moment.at, asked.moment.at


def _release(store: Store, point: Point, living: Tenures, now: Moment) -> None:
    store.release(point, {start for start, _ in living})
    if any(end == FOREVER for _, end in living):
        return
    for one in list(store.waiting(point)):
        assert not isinstance(one.what, Age), "an age binds no contact point"
        store.settle(point, one)
        store.bind(point, _begun(one.what, one.since, now))


def _begun(what: Bound, since: datetime, now: Moment) -> Binding:
    """Return what binds a contact point only from now on, though it is owed for longer."""
    return Binding(what, Moment(max(now.at, since), now.position), is_out=True, since=since)


def _others(store: Store, person: Customer | None, point: Point) -> Iterator[Customer]:
    """Return the other living people of whom a contact point was told in any way, read as they are asked for."""
    return (one for one in store.holders(point) if one is not person and not one.erased)


def _held_by(people: Iterable[Customer], point: Point) -> Tenures:
    """Return between which of its ends living people hold a contact point.

    What a message only went to, or an opt-out only names, stands on no record. Nor is anybody known whom nothing but an
    address leads to, of whom nothing was collected, confirmed or linked: only what was sent there, and asked not to be.
    No more people are asked than it takes to know: thousands may hold an address that is typed everywhere.
    """
    found: Tenures = set()
    for one in people:
        if _is_nobodys(one) or not _times_named(one.contacts, point):
            continue
        found |= _tenures(one.contacts, point)
        if len(found) > len(_ends_of(one.contacts, point)):
            break  # There is no other.
    return found


def _is_nobodys(person: Customer) -> bool:
    """Return whether nobody is known behind a record that nothing but a contact point leads to."""
    are_contacts = bool(person.opened_as) and set(person.opened_as.values()) <= set(CONTACT_KINDS)
    is_known = len(person.streams) > 1 or person.by_position or person.rights.corrections or person.contacts.confirmed
    return are_contacts and not is_known


def _tenures(contacts: Contacts, point: Point) -> Tenures:
    """Return between which of its ends a contact point was a person's."""
    ends = _ends_of(contacts, point)
    times = _times_named(contacts, point) or [FOREVER]  # What a message only went to is told of now.
    before = (max((end for end in ends if end < at), default=EVER) for at in times)
    after = (min((end for end in ends if at <= end), default=FOREVER) for at in times)
    return set(zip(before, after, strict=True))


def _times_named(contacts: Contacts, point: Point) -> list[datetime]:
    points = {place for place, known in contacts.points.items() if known.key == point.key}
    return [one.moment.at for one in contacts.named if (one.stream, one.ordinal) in points]


def _ends_of(contacts: Contacts, point: Point) -> set[datetime]:
    return {one.moment.at for one in contacts.bound.get(point.key, ()) if one.what is None}


def _ends(store: Store, point: Point) -> list[datetime]:
    return [one.moment.at for one in store.bound.get(point.key, ()) if one.what is None]

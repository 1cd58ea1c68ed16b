"""What the erased stay owed at their contact points: an address of theirs is bound by it, until they ask anew.

Who typed the address themself is nobody who is known to have it, and changes nothing of that. But they are judged as
before: what is owed binds no record that held the address by then (`domain.records.known_holders.stood_before`). While
somebody living is known to have it, what is owed waits there, and binds from the moment on when nobody is any more,
whichever way that comes about. What was told before that moment is judged as if nothing had waited: no erasure changes
a verdict.

What is owed has the code of its erasure (`domain.returned`), so that only the person lifts it to whom it is owed, or
somebody verified for the address. Others who left at the same instant do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.events.customer import EntryCorrected
from domain.lifting import lift_all, lift_at
from domain.moments import Moment, Turn, end_of, start_of
from domain.number_opt_outs import code_of_number, reach_late
from domain.records.as_joined import as_joined_at
from domain.records.bindings import Binding
from domain.records.contacts import EVER, FOREVER, KIND_OF_PROGRAM, Point, all_binding
from domain.records.known_holders import is_known, is_nobodys, times_named
from domain.returned import codes_of, has_come_back, requests_with
from domain.suppressed import Age, Suppression, Tombstone
from domain.times import next_instant
from domain.vocabulary import Program

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.events import Event
    from domain.records import Customer
    from domain.records.contacts import Contacts
    from domain.records.entries import Held
    from domain.state import State
    from domain.store import Store
    from domain.suppressed import Bound, Gone

    Tenures = set[tuple[datetime, datetime]]
    """Between which of its ends a contact point was somebody's: after the first, up to the second."""


def forget_points(
    store: Store, person: Customer, gone: Gone, owed: Sequence[Suppression], left: Container[UUID] = ()
) -> None:
    """Keep what an erased person is owed at their contact points, and until when these were theirs.

    Where somebody else is known to have a contact point who is still told of, that says whose it is, and nothing is
    kept of it but what waits. Of one that stays on records of the person which are `left`, nothing waits: they go on,
    and so does what protects them.
    """
    now = Moment(gone.at, Turn.ERASURE, person.erased_by)
    by = code_of_number(store, person)
    for point in dict.fromkeys(person.contacts.points.values()):
        others = list(_others(store, person, point))
        living = _held_by(others, point)
        is_left = any(stream in left for one in others for stream in one.streams)
        for start, end in sorted(_tenures(person.contacts, point)):
            is_held = (start, end) in living
            named = min((at for at in times_named(person.contacts, point) if start <= at <= end), default=None)
            until = min(gone.until, end)
            stone = Tombstone(point.key, start, until, None, is_contact=True, by=by, named=named)
            store.entomb(stone, is_held=is_held)
            for one in owed if end == FOREVER and not (is_held and is_left) else ():
                what, since = one.what, max(one.since, next_instant(start))
                if isinstance(what, Age):
                    continue
                if is_held:
                    store.wait(point, Suppression(what, since, code=store.erasure_code))
                elif others:  # Messages were told that went there, and they stay as they were judged.
                    store.bind(point, _begun(what, since, now, store.erasure_code))
                else:
                    moment = Moment(since, Turn.PROTECTION, now.position)
                    store.bind(point, Binding(what, moment, is_out=True, code=store.erasure_code))
        _release(store, point, living, now)


def release(store: Store, point: Point, now: Moment) -> None:
    """Let what waits at a contact point bind from a moment on, where nobody living is known to have it any more."""
    _release(store, point, _held_by(_others(store, None, point), point), now)


def release_unanswered(store: Store, state: State, made: Iterable[Event]) -> None:
    """Let what waits at contact points bind where somebody is known to have them no longer: they had not answered."""
    if not state.customer.contacts.confirmed:
        return
    fact_of = state.customer.corrections.fact_of
    confirmed = {fact_of(one.moment.position) for one in state.customer.contacts.confirmed}
    if any(isinstance(event, EntryCorrected) and event.entry in confirmed for event in made):
        for point in dict.fromkeys(state.customer.contacts.points.values()):
            release(store, point, Moment(state.time, Turn.UNDOING, state.place))


def owe_point(store: Store, state: State, left: Tombstone, owed: Suppression) -> None:
    """Let what is told late of an erased person bind a contact point that was theirs, or wait there.

    A contact point that they had given up is bound from then on, as by what they were owed when they did. Of one that
    living people held at the erasure, nobody knows any more whether it was current when the person opted out. If they
    had a number, the opt-out may have reached those there who have none. Who came to have a contact point only after
    the erasure has it as it was bound by then.
    """
    what, point = owed.what, Point("", left.key)
    if isinstance(what, Age):
        return
    ends = _ends(store, point)
    end = min((end for end in ends if left.start < end), default=FOREVER)
    if end != FOREVER and owed.since > end:
        return
    since = max(owed.since, next_instant(left.start)) if end == FOREVER else next_instant(end)
    if end == FOREVER and left.is_held:
        store.wait(point, Suppression(what, since, code=str(left.code)))
        if left.by and isinstance(what, Program):
            reach_late(store, state, point, what, left.by, since)
        return
    erased_by = max((store.person(stream).erased_by for stream in store.erased_with([left.code])), default=0)
    moment = Moment(since, Turn.PROTECTION, state.place)
    bind_late(store, point, Binding(what, moment, is_out=True, source=erased_by, code=str(left.code)))
    if left.by and isinstance(what, Program) and _stood_on_others(store, point, erased_by):
        reach_late(store, state, point, what, left.by, since)
    lift_at(store, state, point)


def owe_given(store: Store, state: State, owed: Suppression, point: Point) -> None:
    """Let what is told late of an erased person bind the contact point that it is about, unless somebody has it."""
    if not isinstance(owed.what, Age) and not _held_by(_others(store, state.customer, point), point):
        bind_late(store, point, Binding(owed.what, Moment(owed.since, Turn.PROTECTION, state.place), is_out=True))


def bind_late(store: Store, point: Point, binding: Binding) -> None:
    """Bind a contact point as if what binds it had been told in time, unless it binds it already."""
    assert binding.what is not None, "it says what binds"
    if binding.code not in all_binding(store.bound.get(point.key, []), binding.what, binding.moment):
        store.bind(point, binding)


def settle(store: Store, state: State, person: Customer) -> None:
    """Lift what a person is owed from before an erasure at an address, who came back and asked anew with that address.

    They would have lifted it had it bound the address and not waited there, or begun to bind it after they asked.
    """
    if any(has_come_back(person, program) for program in person.programs):
        lift_all(store, state)
    for program in person.programs:
        if not has_come_back(person, program):
            continue
        for point in dict.fromkeys(person.contacts.points.values()):
            if KIND_OF_PROGRAM[program] in {None, point.kind}:
                for held in requests_with(state, person, point, program):
                    _settle(store, state, as_joined_at(person, held), point, program, held)


def _settle(  # noqa: PLR0913, PLR0917 - who asked for what, where
    store: Store, state: State, person: Customer, point: Point, program: Program, held: Held
) -> None:
    """Lift what a person is owed at an address by what they asked for with it."""

    def is_lifted(since: datetime) -> bool:
        owed = start_of(since)
        return since < held.moment.at and not person.was_told_before(held, owed)

    waiting = [one for one in store.waiting(point) if one.what is program and is_lifted(one.since)]
    known = store.bound.get(point.key, ())
    later = [one for one in known if one.what is program and one.is_out and one.code and held.moment <= one.moment]
    if not waiting and not later:
        return
    codes = codes_of(store, person)
    for one in waiting:
        if one.code in codes:
            store.settle(point, one)
    for binding in later:
        begun = end_of(next_instant(binding.moment.at))
        stands = all_binding(store.bound[point.key], program, begun).get(binding.code) == binding
        if binding.code in codes and stands and is_lifted(binding.owed.at):
            lifted = Moment(next_instant(binding.moment.at), Turn.GIVEN, state.place)
            store.bind(point, Binding(program, lifted, is_out=False, code=binding.code))


def _release(store: Store, point: Point, living: Tenures, now: Moment) -> None:
    store.release(point, {start for start, _ in living})
    if any(end == FOREVER for _, end in living):
        return
    for one in list(store.waiting(point)):
        assert not isinstance(one.what, Age), "an age binds no contact point"
        store.settle(point, one)
        store.bind(point, _begun(one.what, one.since, now, one.code))


def _begun(what: Bound, since: datetime, now: Moment, code: str) -> Binding:
    """Return what binds a contact point only from now on, though it is owed for longer."""
    return Binding(what, Moment(max(now.at, since), Turn.PROTECTION, now.position), is_out=True, since=since, code=code)


def _others(store: Store, person: Customer | None, point: Point) -> Iterator[Customer]:
    """Return the other living people of whom a contact point was told in any way, read as they are asked for."""
    return (one for one in store.holders(point) if one is not person and not one.erased)


def _held_by(people: Iterable[Customer], point: Point) -> Tenures:
    """Return between which of its ends living people are known to have a contact point.

    What a message only went to, or an opt-out only names, stands on no record. No more people are asked than it takes
    to know: thousands may hold an address that is typed everywhere.
    """
    found: Tenures = set()
    for one in people:
        if not is_known(one, point) or not times_named(one.contacts, point):
            continue
        found |= _tenures(one.contacts, point)
        if len(found) > len(_ends_of(one.contacts, point)):
            break  # There is no other.
    return found


def stands_on_living(store: Store, point: Point, left: Tombstone) -> bool:
    """Return whether a contact point stands on a living record in the time that a tombstone of it is about."""
    return any(
        not is_nobodys(one) and times_named(one.contacts, point) and left.start in dict(_tenures(one.contacts, point))
        for one in _others(store, None, point)
    )


def _stood_on_others(store: Store, point: Point, erased_by: int) -> bool:
    """Return whether living records hold a contact point that held it when an erasure was told."""
    return any(times_named(one.contacts, point, erased_by) for one in _others(store, None, point))


def _tenures(contacts: Contacts, point: Point) -> Tenures:
    """Return between which of its ends a contact point was a person's."""
    ends = _ends_of(contacts, point)
    times = times_named(contacts, point) or [FOREVER]  # What a message only went to is told of now.
    before = (max((end for end in ends if end < at), default=EVER) for at in times)
    after = (min((end for end in ends if at <= end), default=FOREVER) for at in times)
    return set(zip(before, after, strict=True))


def _ends_of(contacts: Contacts, point: Point) -> set[datetime]:
    return {one.moment.at for one in contacts.bound.get(point.key, ()) if one.what is None}


def _ends(store: Store, point: Point) -> list[datetime]:
    return [one.moment.at for one in store.bound.get(point.key, ()) if one.what is None]

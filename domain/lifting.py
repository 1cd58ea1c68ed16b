"""What binds contact points, and who lifts it: the list of opt-outs that were told of them.

A request lifts an opt-out of an address if its person had the address then (wire contract, "An opt-out binds the
person"). That goes by time, whichever of the facts is told last; so each fact that bears on it is asked anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.contact_points import other_holders
from domain.events.base import Moment
from domain.events.customer import CustomerOptedOut, DataCollected, EntryCorrected
from domain.events.links import ContactConfirmed
from domain.records.as_joined import as_joined_at
from domain.records.bindings import Binding
from domain.records.contacts import KIND_OF_PROGRAM, binds
from domain.records.entries import OPTED_OUT
from domain.records.standing import may_lift
from domain.routes import routes
from domain.vocabulary import HOLDERS_MOST, Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from domain.events import Event
    from domain.records import Customer
    from domain.records.contacts import Point
    from domain.records.entries import Held
    from domain.state import State
    from domain.store import Store


_BEARING: Final = frozenset({ContactConfirmed, CustomerOptedOut, DataCollected, EntryCorrected})
"""The events that can bind a contact point, or lift what binds one; others do where they give one."""


def bind(store: Store, state: State, event: Event) -> None:
    """Put on the list what an event makes binding for a contact point, or lifts."""
    gives = bool(getattr(event, "contacts", ()))
    if not gives and type(event) not in _BEARING:
        return
    contacts = state.customer.contacts
    if type(event) is not CustomerOptedOut and not contacts.bindings():
        return  # Nothing is there that could be lifted.
    if isinstance(event, CustomerOptedOut) and event.contact is not None:
        point = contacts.points[event.originator_id, event.contact]
        store.bind(point, Binding(event.program, event.moment, is_out=True))
        # Told late, it may be lifted already by what somebody asked for who had it then. Of an address that everybody
        # types that is not asked, and it stays out.
        others = other_holders(store, state.customer, point)
        for person in (state.customer, *others) if len(others) <= HOLDERS_MOST else ():
            _lift_anew(store, state, person, (point,))
    elif isinstance(event, EntryCorrected) and event.by_officer:
        _annul(store, state, event)
    elif isinstance(event, DataCollected):
        _lift(store, state, event)
    if gives or isinstance(event, DataCollected | ContactConfirmed):
        _lift_anew(store, state, state.customer, tuple(dict.fromkeys(contacts.points.values())))


def _lift(store: Store, state: State, event: DataCollected) -> None:
    """Lift what a collection lifts of the contact points that it gives."""
    contacts = state.customer.contacts
    held = state.customer.by_position[event.moment.position]
    for program in routes(event.act, event.categories, event.requests, event.unread):
        if event.act not in state.judge.lifting(program):
            continue
        for ordinal in event.contacts:
            point = contacts.points[event.originator_id, ordinal]
            if KIND_OF_PROGRAM[program] not in {None, point.kind}:
                continue
            person = as_joined_at(state.customer, held)
            opted_out = _liftable(person, point, program, held)
            if opted_out and not person.was_told_before(held, opted_out.owed):
                store.bind(point, Binding(program, event.moment, is_out=False, source=held.position))


def lift_joined(store: Store, state: State) -> None:
    """Lift what people who were joined by a link told late had asked for since, as one person."""
    _lift_anew(store, state, state.customer, tuple(dict.fromkeys(state.customer.contacts.points.values())))


def _lift_anew(store: Store, state: State, person: Customer, points: Iterable[Point]) -> None:
    """Lift what requests of a person lift that were told before, and put back what none of them lifts any more.

    A link lets somebody ask with what stands on all of their streams from its own time on.
    """
    if person.erased:
        return
    for point in points:
        if not any(one.is_out and not one.by for one in person.contacts.bound.get(point.key, ())):
            continue
        for program in Program:
            if KIND_OF_PROGRAM[program] in {None, point.kind}:
                for held in _requests(state, person, point, program):
                    _lift_or_put_back(store, state, person, (point, program), held)


def _requests(state: State, person: Customer, point: Point, program: Program) -> Iterator[Held]:
    """Yield what a person asked for with a contact point that opens a program again, in order of time."""
    acts = state.judge.lifting(program)
    for held in sorted((held for act in acts for held in person.by_act.get(act, ())), key=lambda one: one.moment):
        if program in routes(held.act, held.categories, held.requests, held.unread) and person.contacts.was_given(
            point, held.moment
        ):
            yield held


def _lift_or_put_back(store: Store, state: State, person: Customer, what: tuple[Point, Program], held: Held) -> None:
    """Lift an opt-out by a request, or put it back where the request turns out to be an old one told again."""
    point, program = what
    person = as_joined_at(person, held)
    at = Moment(held.moment.at, state.place)
    known = person.contacts.bound[point.key]
    before = [one for one in known if one.moment.at < held.moment.at]
    was_out = binds(before, program, at)
    if was_out is None:
        return
    if any(one.is_out and one.annuls == held.position != one.source for one in known):
        return  # A link let them lift it, and somebody undid that link, which bears on what is later alone.
    own = [one for one in known if one.moment.at == held.moment.at and one.source == held.position]
    is_lifted = binds([*before, *own], program, at) is None
    lifts = _liftable_by(person, point, program, held, was_out) and not person.was_told_before(held, was_out.owed)
    if lifts and not is_lifted:
        store.bind(point, Binding(program, at, is_out=False, source=held.position))
    elif is_lifted and not lifts:
        store.bind(point, Binding(program, at, is_out=True, annuls=held.position, source=held.position))


def take_back_lifts(store: Store, state: State) -> None:
    """Take back, from now on, what a person lifted only because of a link that was undone.

    What they lifted is out again; what it let in until then is undecided (`domain.records.annulled`).
    """
    person, now = state.customer, Moment(state.time, state.place)
    for point in dict.fromkeys(person.contacts.points.values()):
        known = tuple(person.contacts.bound.get(point.key, ()))
        for lift in known:
            held = person.by_position.get(lift.source)
            if held is None or lift.is_out or not isinstance(lift.what, Program):
                continue
            others = [one for one in known if one.moment < lift.moment and one.source != lift.source]
            opted_out = binds(others, lift.what, lift.moment)
            if opted_out is None or _liftable_by(as_joined_at(person, held), point, lift.what, held, opted_out):
                continue
            store.bind(point, Binding(lift.what, now, is_out=True, annuls=held.position))


def _annul(store: Store, state: State, event: EntryCorrected) -> None:
    """Lift what an opt-out binds that an officer annulled, and nothing else that binds the same contact point."""
    contacts, told = state.customer.contacts, state.customer.protections.told
    opt_outs = {position for position, fact in told.items() if fact == event.entry}
    for point in dict.fromkeys(contacts.points.values()) if opt_outs else ():
        for one in tuple(contacts.bound.get(point.key, ())):
            if one.is_out and not one.by and one.moment.position in opt_outs:
                store.bind(point, Binding(one.what, event.moment, is_out=False, annuls=one.moment.position))


def _liftable(person: Customer, point: Point, program: Program, held: Held) -> Binding | None:
    """Return the opt-out that binds a contact point and that this person may lift by a collection, or None.

    Beside those who may always (`may_lift`), it is who opted out and came back under the same name after an erasure.
    """
    opted_out = binds(person.contacts.bound.get(point.key, ()), program, held.moment)
    return opted_out if opted_out is not None and _liftable_by(person, point, program, held, opted_out) else None


def _liftable_by(person: Customer, point: Point, program: Program, held: Held, opted_out: Binding) -> bool:
    return may_lift(person, point, held, opted_out.owed) or any(
        change.state == OPTED_OUT and change.via is None and change.moment.at == opted_out.owed.at
        for change in person.programs[program]
    )

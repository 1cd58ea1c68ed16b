"""What binds contact points, and who lifts it: the list of opt-outs that were told of them.

A request lifts an opt-out of an address if its person had the address then (wire contract, "An opt-out binds the
person"). That goes by time, whichever of the facts is told last; so each fact that bears on it is asked anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from domain.contact_points import other_holders
from domain.events.customer import CustomerOptedOut, DataCollected, EntryCorrected
from domain.events.links import ContactConfirmed
from domain.moments import Moment, Turn
from domain.records.as_joined import as_joined_at
from domain.records.bindings import Binding, told_when
from domain.records.contacts import KIND_OF_PROGRAM, Point, all_binding, binds
from domain.records.customer import LAST
from domain.records.standing import may_lift
from domain.records.uncorrected import standing
from domain.returned import codes_of, had_then, requests_with
from domain.routes import routes
from domain.vocabulary import HOLDERS_MOST, Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from domain.events import Event
    from domain.records import Customer
    from domain.records.entries import Held
    from domain.state import State
    from domain.store import Store


class _Owed(NamedTuple):
    """What can be lifted of a contact point: out of which program it is, and to whom of the erased that is owed."""

    point: Point
    program: Program
    code: str


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
        lift_at(store, state, point)
    elif isinstance(event, EntryCorrected) and event.entry is not None:
        if event.by_officer:
            _annul(store, state, event)
        _take_back_corrected(store, state, state.customer)
    elif isinstance(event, DataCollected):
        _lift(store, state, event)
    if gives or isinstance(event, DataCollected | ContactConfirmed):
        _lift_anew(store, state, state.customer, tuple(dict.fromkeys(contacts.points.values())))
        _take_back_corrected(store, state, state.customer)


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
            known = person.contacts.bound.get(point.key, ())
            for code, opted_out in all_binding(known, program, held.moment).items():
                if _lifts(store, person, point, held, opted_out):
                    store.bind(point, Binding(program, event.moment, is_out=False, source=held.position, code=code))


def lift_at(store: Store, state: State, point: Point) -> None:
    """Lift what binds a contact point as far as people had asked for already who may, where it is told late.

    Of an address that everybody types that is not asked, and it stays out.
    """
    others = other_holders(store, state.customer, point)
    for person in (state.customer, *others) if len(others) <= HOLDERS_MOST else ():
        own = [one for one in person.contacts.points.values() if one.key == point.key]
        _lift_anew(store, state, person, dict.fromkeys(own))
        _take_back_corrected(store, state, person)


def lift_all(store: Store, state: State) -> None:
    """Lift what a person had asked for already who is joined by a link told late, or came back."""
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
                for held in requests_with(state, person, point, program):
                    joined = as_joined_at(person, held)
                    for code in dict.fromkeys(one.code for one in person.contacts.bound[point.key] if not one.by):
                        _lift_or_put_back(store, state, joined, _Owed(point, program, code), held)


def _lift_or_put_back(store: Store, state: State, person: Customer, owed: _Owed, held: Held) -> None:
    """Lift an opt-out by a request, or put it back where the request turns out to be an old one told again."""
    point, program, code = owed
    # In a trace, what is of an earlier time can be told by a later line: it is lifted by the request, not before it.
    at = Moment(held.moment.at, Turn.GIVEN, max(state.place, held.position))
    known = [one for one in person.contacts.bound[point.key] if one.code == code]
    before = [one for one in known if one.moment.at < held.moment.at]
    was_out = binds(before, program, at)
    if was_out is None:
        return
    if any(one.is_out and one.annuls == held.position != one.source for one in known):
        return  # A link let them lift it, and somebody undid that link, which bears on what is later alone.
    own = [one for one in known if one.moment.at == held.moment.at and one.source == held.position]
    is_lifted = binds([*before, *own], program, at) is None
    lifts = _lifts(store, person, point, held, was_out)
    if lifts and not is_lifted:
        store.bind(point, Binding(program, at, is_out=False, source=held.position, code=code))
    elif is_lifted and not lifts:
        taken_back = Binding(program, at, is_out=True, annuls=held.position, source=held.position, code=code)
        store.bind(point, taken_back)


def take_back_lifts(store: Store, state: State) -> None:
    """Take back, from now on, what a person lifted only because of a link that was undone.

    What they lifted is out again; what it let in until then is undecided (`domain.records.annulled`).
    """
    person, now = state.customer, Moment(state.time, Turn.UNDOING, state.place)
    for point, lift, held, opted_out in _lifts_by(person):
        if not _liftable_by(store, as_joined_at(person, held), point, held, opted_out):
            store.bind(point, Binding(lift.what, now, is_out=True, annuls=held.position, code=lift.code))


def _take_back_corrected(store: Store, state: State, person: Customer) -> None:
    """Take back what a person lifted by a wrong entry, or only since one let an address stand on their record.

    What they lifted is out again for what is later than the correction; what it let in until then stays as it was.
    """
    told = person.corrections.told
    if not told or person.erased:
        return
    since = min(moment.at for moments in told.values() for moment in moments)
    left = standing(person, LAST)
    for point, lift, held, opted_out in _lifts_by(person):
        if any(one.is_out and one.annuls == held.position for one in person.contacts.bound[point.key]):
            continue
        is_left = held.position in left.by_position
        if is_left and _liftable_by(store, as_joined_at(left, held), point, held, opted_out):
            continue
        own = told.get(person.corrections.fact_of(held.position), ())
        at = max(min((one.at for one in own), default=since), held.moment.at)
        source = own[0].position if own else state.place
        when = Moment(at, Turn.UNDOING, state.place)
        store.bind(point, Binding(lift.what, when, is_out=True, annuls=held.position, source=source, code=lift.code))


def _lifts_by(person: Customer) -> Iterator[tuple[Point, Binding, Held, Binding]]:
    """Yield each lift by a request of a person, with its contact point, the request, and the opt-out that it lifted."""
    for point in dict.fromkeys(person.contacts.points.values()):
        known = tuple(person.contacts.bound.get(point.key, ()))
        for lift in known:
            held = person.by_position.get(lift.source)
            if held is None or lift.is_out or not isinstance(lift.what, Program):
                continue
            same = (one for one in known if one.code == lift.code)
            others = [one for one in same if one.moment < lift.moment and one.source != lift.source]
            opted_out = binds(others, lift.what, lift.moment)
            if opted_out is not None:
                yield point, lift, held, opted_out


def _annul(store: Store, state: State, event: EntryCorrected) -> None:
    """Lift what an opt-out binds that an officer annulled, and nothing else that binds the same contact point."""
    contacts, told = state.customer.contacts, state.customer.protections.told
    opt_outs = {position for position, fact in told.items() if fact == event.entry}
    for point in dict.fromkeys(contacts.points.values()) if opt_outs else ():
        for one in tuple(contacts.bound.get(point.key, ())):
            if one.is_out and not one.by and one.moment.position in opt_outs:
                store.bind(point, Binding(one.what, told_when(event), is_out=False, annuls=one.moment.position))


def _lifts(store: Store, person: Customer, point: Point, held: Held, opted_out: Binding) -> bool:
    """Return whether a collection of this person lifts what binds a contact point: it asks anew, and they may."""
    is_told_again = person.was_told_before(held, opted_out.owed)
    return not is_told_again and _liftable_by(store, person, point, held, opted_out)


def _liftable_by(store: Store, person: Customer, point: Point, held: Held, opted_out: Binding) -> bool:
    """Return whether a person may lift what binds a contact point by a collection.

    Beside those who may always (`may_lift`), it is who came back under a name after an erasure, and is owed this or had
    the contact point when it was opted out; and who has a contact name next, of what its last holder said.
    """
    if may_lift(person, point, held, opted_out.owed, opted_out.code):
        return True
    program = opted_out.what
    if not isinstance(program, Program):
        return False
    if opted_out.code:
        return opted_out.code in codes_of(store, person)
    return _has_next(person, point, program, opted_out) or had_then(store, person, point, opted_out.owed, held.moment)


def _has_next(person: Customer, point: Point, program: Program, opted_out: Binding) -> bool:
    """Return whether an opt-out that binds a contact point was passed on to a person who has it next.

    It is known by the event that said it. One that was told late and is of before was passed on with it.
    """
    bound = [one for one in person.contacts.bound.get(point.key, ()) if one.is_out and one.what is program]
    return any(
        change.comes_from and one.comes_from((change.comes_from,)) and change.moment.at == one.owed.at
        for change in person.programs[program]
        for one in (opted_out, *bound)
        if not one.code and not one.by and opted_out.owed <= one.owed
    )

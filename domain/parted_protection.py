"""What is told late of one of several who were one person protects all of them, as if it had been told before.

They were parted since: by an unlink, or since one record alone was erased. Some of them may be gone by now: then it is
owed to the names and contact points that were theirs.

An unlink lets what protected one through the link go on binding the other from then on, unless one of the two had asked
anew. An erasure of one record alone lets the person go on with the others, bound since the time of what was told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.contact_points import other_holders
from domain.decide import react
from domain.ending import pass_on, side_of
from domain.events.customer import AgeLearned, CustomerOptedOut, DataCollected, ObjectionRaised, OrderCancelled
from domain.events.links import ContactConfirmed
from domain.facts.data import OrderData
from domain.folding import fold, recall, state_of
from domain.moments import Moment, Turn, end_of
from domain.number_opt_outs import reach_late
from domain.owed_points import owe_point, settle
from domain.parted_people import left_alone, parted_from, rejoined
from domain.records.as_joined import joined_at
from domain.records.bindings import Binding
from domain.records.contacts import KIND_OF_PROGRAM, Point
from domain.records.customer import LAST
from domain.records.standing import asked_since
from domain.resolution import code_of
from domain.suppressed import Age, Objection, Suppression
from domain.suppressions import has_asked_anew, owed_at, source_of
from domain.vocabulary import HOLDERS_MOST, Act, Program

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from datetime import datetime
    from uuid import UUID

    from domain.events import Event
    from domain.facts import Fact
    from domain.records import Customer
    from domain.state import State
    from domain.store import Store
    from domain.suppressed import Tombstone


def protects(made: Iterable[Event]) -> Suppression | None:
    """Return what the events of a fact protect their person from, and since when."""
    for event in made:
        match event:
            case CustomerOptedOut():
                return Suppression(event.program, event.occurred_at, event.moment.position)
            case ObjectionRaised():
                return Suppression(Objection(event.purpose), event.occurred_at, event.moment.position)
            case AgeLearned():
                return Suppression(Age.UNDER_13, event.occurred_at, event.moment.position)
    return None


def protect_parted(store: Store, state: State, fact: Fact, made: list[Event]) -> None:
    """Let what is told of somebody living protect those who were parted from them since, and those erased alone."""
    owed = protects(made)
    if owed is None:
        _protect_named(store, state, fact, made)
        return
    people = [state.customer]
    for event in made:
        if isinstance(event, CustomerOptedOut) and event.contact is not None and not event.follows:
            point = state.customer.contacts.points[event.originator_id, event.contact]
            others = other_holders(store, state.customer, point)
            people += others if len(others) <= HOLDERS_MOST else ()
    for person in people:
        _protect(store, state, fact, person, owed, made)


def protect_parted_from(  # noqa: PLR0913, PLR0917 - whom what is owed reaches, and where that is put on record
    store: Store, state: State, fact: Fact, codes: Iterable[Hashable], owed: Suppression, made: list[Event]
) -> None:
    """Let what is told late of somebody erased protect those who had been one person with them."""
    for person in _erased_with(store, codes):
        _protect(store, state, fact, person, owed, made)


def cancel_parted(store: Store, state: State, fact: Fact, codes: Iterable[Hashable], made: list[Event]) -> None:
    """Let an order be cancelled that is a living record's, where that is told late under one that was erased alone."""
    data = fact.data
    assert isinstance(data, OrderData), "only such a fact cancels"
    for person in _erased_with(store, codes):
        for stream in [one.stream for one in parted_from(store, person) if one.at is None]:
            if store.person(stream).erased:
                continue
            side = side_of(store, state, fact, stream)
            code = code_of(side, data.reference)
            orders = side.customer.by_reference.get(code, ())
            if not any(held.act is Act.ORDER for held in orders) or side.customer.is_cancelled(code, side.now):
                continue
            told = side.make(OrderCancelled, at=fact.time, reference_code=code)
            fold(side, (told,), made)
            fold(side, react(side, told), made)
            state.place = side.place


def still_owed(store: Store, state: State, found: Iterable[Tombstone], owed: Suppression) -> list[Hashable]:
    """Return the codes of those erasures after which people are owed what is told late: they had not asked anew.

    Several erasures under one name are those of one person, who came back: the first one decides.
    """
    found = list(found)
    codes = list(dict.fromkeys(one.code for one in found))
    erased = {code: _erased_with(store, [code]) for code in codes}
    if not any(one.is_contact for one in found):
        codes.sort(key=lambda code: min((one.erased_by for one in erased[code]), default=0))
        return [] if _is_lifted(store, state, erased[codes[0]], owed) else codes
    return [code for code in codes if not _is_lifted(store, state, erased[code], owed)]


def _is_lifted(store: Store, state: State, people: Iterable[Customer], owed: Suppression) -> bool:
    lifted = [_asked_before(state, _one_before(store, person), owed, person.erased_by) for person in people]
    return bool(lifted) and all(lifted)


def owe_erased(  # noqa: PLR0913, PLR0917 - to whom what is owed, and where that is put on record
    store: Store, state: State, fact: Fact, left: Iterable[Tombstone], owed: Suppression, made: list[Event]
) -> None:
    """Let what erased people are owed reach all that was theirs, and the people who have their names now."""
    returned: dict[UUID, None] = {}
    for one in left:
        if one.is_contact:
            owe_point(store, state, one, owed)
        else:
            returned |= dict.fromkeys(store.owe_left(one, owed))
    people = {store.person(stream).person: stream for stream in returned}  # Several names may lead to one of them.
    for stream in people.values():
        _recall(store, state, fact, stream, owed, made)


def _protect(  # noqa: PLR0913, PLR0917 - whom what is owed reaches, and where that is put on record
    store: Store, state: State, fact: Fact, person: Customer, owed: Suppression, made: list[Event]
) -> None:
    """Let what is told of a person protect those who were parted from them."""
    reached: set[UUID] = set()
    for stream, at, by in parted_from(store, person):
        other = store.person(stream)
        if other.person in reached or stream in state.customer.streams or (at is not None and owed.since >= at):
            continue
        reached.add(other.person)
        if at is not None:
            _protect_unlinked(store, state, fact, (by, other, stream), owed, at, made)
        elif other.erased:
            asked = _one_before(store, other) if left_alone(other, person) else (other,)
            if not _asked_before(state, asked, owed, other.erased_by):
                _owe_others(store, state, fact, (person, other), owed._replace(source=0), made)
        else:
            _go_on(store, state, fact, (person, stream), owed, made)
    _protect_rejoined(store, state, fact, person, owed, made)


def _protect_rejoined(  # noqa: PLR0913, PLR0917 - as above
    store: Store, state: State, fact: Fact, person: Customer, owed: Suppression, made: list[Event]
) -> None:
    """Let what is told of a person protect those who were parted from them, and are one with them again since."""
    for said_by, other, stream, at in rejoined(person):
        if owed.since >= at:
            continue
        if isinstance(owed.what, Program):
            _protect_unlinked(store, state, fact, (said_by, other, stream), owed, at, made)
        elif state.stream in said_by.streams and owed.source:
            # An objection, or an age, stands on all of the person's record, so it is asked what was recalled.
            known = store.recalls_from([owed.source])
            if not any(one.originator_id in other.streams for one in known):
                _recall(store, state, fact, stream, owed._replace(since=at, said=owed.since), made)


def _protect_named(store: Store, state: State, fact: Fact, made: list[Event]) -> None:
    """Let an opt-out of an address protect those who were parted, where it is told late whose the address was."""
    person = state.customer
    if not person.joins.parted or not any(isinstance(event, DataCollected | ContactConfirmed) for event in made):
        return
    for at in sorted(set(person.joins.parted.values())):
        then = joined_at(person, state.stream, at)
        for what, one in owed_at(state.judge, then, end_of(at)).items():
            if one.is_elsewhere and isinstance(what, Program):
                _protect(store, state, fact, person, Suppression(what, one.since.at, source_of(then, one)), made)


def _protect_unlinked(  # noqa: PLR0913, PLR0917 - as above, and when which two people were parted
    store: Store,
    state: State,
    fact: Fact,
    both: tuple[Customer, Customer, UUID],
    owed: Suppression,
    at: datetime,
    made: list[Event],
) -> None:
    """Let what was told before two were parted, by time, protect the other one from then on."""
    (person, other, stream), then = both, end_of(at)
    since = Moment(owed.since, Turn.PROTECTION, state.place)
    known = None if person.erased else owed_at(state.judge, person, then).get(owed.what)
    until = LAST if other.erased else then
    if not (person.erased or known) or has_asked_anew(state.judge, other, owed.what, since, until):
        return
    if person.erased and has_asked_anew(state.judge, person, owed.what, since, then):
        return
    passed = owed._replace(since=at, said=owed.since, of_contact=known is not None and known.of_contact)
    if other.erased:
        passed = passed._replace(source=0, said=None, of_contact=False)
        _owe_others(store, state, fact, (person, other), passed, made)
        return
    if not passed.of_contact:
        _reach_by_number(store, state, person, stream, owed)
    own = owed_at(state.judge, other, LAST).get(owed.what)
    if own is None or (own.is_elsewhere and not passed.of_contact):
        _recall(store, state, fact, stream, passed, made)


def _go_on(  # noqa: PLR0913, PLR0917 - as above
    store: Store, state: State, fact: Fact, whose: tuple[Customer, UUID], owed: Suppression, made: list[Event]
) -> None:
    """Let what was told of a record that was erased alone bind the person, who goes on with this other one."""
    person, stream = whose
    other = store.person(stream)
    known = owed_at(state.judge, other, LAST).get(owed.what)
    if isinstance(owed.what, Program) or known is None or known.is_elsewhere or known.since.at > owed.since:
        _recall(store, state, fact, stream, owed, made)
    _reach_by_number(store, state, person, stream, owed)


def _reach_by_number(store: Store, state: State, person: Customer, stream: UUID, owed: Suppression) -> None:
    """Let an opt-out under a number reach those without one who have the address that was the person's then."""
    other = store.person(stream)
    if not isinstance(owed.what, Program) or not (person.has_number or other.has_number):
        return
    kind, moment = KIND_OF_PROGRAM[owed.what], Moment(owed.since, Turn.PROTECTION, state.place)
    current = other.contacts.current(kind, moment) if kind else None
    if current is not None:
        by = store.code(stream, f"opted out {person.person}")
        store.bind(current, Binding(owed.what, moment, is_out=True, by=by))


def _owe_others(  # noqa: PLR0913, PLR0917 - as above
    store: Store, state: State, fact: Fact, both: tuple[Customer, Customer], owed: Suppression, made: list[Event]
) -> None:
    """Let what was told of one person be owed to all that was another's, who is erased.

    The teller's number counts as the other's: they were one person. It reaches others under a code of its own.
    """
    person, other = both
    left = store.left_of_stream(next(iter(other.streams)))
    told = state_of(store, fact, other, state.stream, str(state.envelope["actor"]))
    told.place, told.first = state.place, state.first
    owe_erased(store, told, fact, [one._replace(by="") for one in left], owed, made)
    state.place = told.place
    if isinstance(owed.what, Program):
        by = store.code(state.stream, f"opted out {other.person}")
        for one in left:
            is_current = one.is_contact and one.start < owed.since <= one.until
            if is_current and (one.by or person.has_number):
                reach_late(store, state, Point("", one.key), owed.what, one.by or by, owed.since)


def _recall(  # noqa: PLR0913, PLR0917 - as above
    store: Store, state: State, fact: Fact, stream: UUID, owed: Suppression, made: list[Event]
) -> None:
    """Let what is owed bind the person of a stream, and those who have what they gave up."""
    side = side_of(store, state, fact, stream)
    recalled = recall(side, owed)
    fold(side, (recalled,), made)
    fold(side, react(side, recalled), made)
    state.place = side.place
    settle(store, side, side.customer)
    pass_on(store, state, fact, side.customer, made)


def _erased_with(store: Store, codes: Iterable[Hashable]) -> list[Customer]:
    """Return the people who were erased in the erasures that have these codes."""
    people = [store.person(stream) for stream in store.erased_with(codes)]
    return list({one.person: one for one in people}.values())


def _one_before(store: Store, person: Customer) -> list[Customer]:
    """Return an erased person with those who went on, if a record was erased alone: they were one by then."""
    alone = map(store.person, person.joins.by_erasure)
    return [person, *(other for other in alone if left_alone(person, other))]


def _asked_before(state: State, people: Iterable[Customer], owed: Suppression, erased_by: int) -> bool:
    """Return whether people who were one had asked for a program after an opt-out, when one of them was erased."""
    what, since = owed.what, end_of(owed.since)
    return isinstance(what, Program) and any(
        held.position < erased_by
        for person in people
        for held in asked_since(person, what, since, LAST, state.judge.lifting(what))
    )

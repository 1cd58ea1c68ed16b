"""Names that are given up: who has the name later is another person, whom the last one's protection meets.

A contact point stands from then on only for those who are named with it since. A name leads, by the time of each fact,
to whom it led then. What the last person was owed binds the next one, until they lift it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from domain.contact_points import other_holders
from domain.decide import forgotten
from domain.events.links import NameEnded
from domain.facts.fields import CONTACT_KINDS
from domain.facts.name_data import NameEndedData
from domain.folding import fold, recall, state_of
from domain.lifting import lift_all
from domain.moments import Moment, Turn, end_of
from domain.owed_points import release
from domain.records.bindings import Binding
from domain.records.contacts import binds
from domain.set_right import BEARING
from domain.suppressed import Age, Suppression
from domain.suppressions import owed_at, source_of
from domain.times import next_instant
from domain.vocabulary import HOLDERS_MOST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from uuid import UUID

    from domain.events import Event
    from domain.facts import Fact
    from domain.facts.fields import Subject
    from domain.records import Customer
    from domain.state import State
    from domain.store import Store
    from domain.suppressed import Suppressed


def end(store: Store, state: State, fact: Fact, made: list[Event]) -> None:
    """Give up a name, put that on record, and let the one who is named so next be met by what the last was owed.

    The fact's own event stands on its stream. Another one stands on the stream to which the name led.
    """
    data = fact.data
    assert isinstance(data, NameEndedData), "only such a fact ends a name"
    name, own = data.name, state.customer
    told = Moment(fact.time, Turn.UNDOING, state.place + 1)
    led = store.stream_of(name, fact.time)
    point = store.point(name) if name.kind in CONTACT_KINDS else None
    people = list(store.holders(point)) if point else []
    said: dict[str, Any] = {"kind": name.kind, "reason": data.reason, "evidence": data.evidence}
    said["later"] = tuple(store.told_later(led, fact.time)) if led else ()
    is_theirs = led in own.streams or point in own.contacts.points.values()
    shown = str(name) if is_theirs and not own.is_late else None  # Nobody is shown what another one was named.
    stated = state.make(NameEnded, led_here=True if led == state.stream else None, name=shown, **said)
    fold(state, (forgotten(stated) if own.is_late else stated,), made)
    if led is not None and led != state.stream:
        side = side_of(store, state, fact, led)
        fold(side, (side.make(NameEnded, on=led, led_here=True, name=str(name), **said),), made)
        state.place = side.place
    # Nobody is there to pass it on: who had the name was erased, or gave it up and was followed by nobody yet.
    owed = list(store.suppressed(name, fact.time)) if led is None else []
    store.end_name(name, fact.time, led)
    for one in owed:
        store.owe_name(name, fact.time, one._replace(since=max(one.since, next_instant(fact.time))))
    if point is not None:
        store.bind(point, Binding(None, told, is_out=False))
    people += [own, *([store.person(led)] if led else ())]
    for person in {id(one): one for one in people}.values():
        pass_on(store, state, fact, person, made)
    if point is not None:
        release(store, point, Moment(next_instant(fact.time), Turn.UNDOING, told.position))


def pass_on(store: Store, state: State, fact: Fact, person: Customer, made: list[Event]) -> None:
    """Let what a person was owed when a name of theirs was given up bind the one who is named so next.

    Nothing is passed on twice, so this is asked after each fact about such a person: it may be told late.
    """
    if not person.names_ended and not person.contacts.bound:
        return  # As for nearly everybody.
    for point, given_up in list(person.contacts.ends()):
        at, after = end_of(given_up.moment.at), next_instant(given_up.moment.at)
        known = store.bound.get(point.key, [])
        for what, owed in owed_at(state.judge, person, at).items():
            if not isinstance(what, Age) and not binds(known, what, end_of(after)):
                moment, came_from = Moment(after, Turn.PROTECTION, state.place), source_of(person, owed)
                said = (owed.said or owed.since).at
                store.bind(point, Binding(what, moment, is_out=True, source=came_from, since=said))
    for stream, until in list(person.names_ended.items()):
        for one in list(_owed_at(state, person, until)):
            passed = one._replace(since=_bound_at(store, person, stream, one.what, until) or one.since)
            following = store.owe(stream, passed)
            if following is None:
                continue
            back = side_of(store, state, fact, following)
            fold(back, (recall(back, passed),), made)
            lift_all(store, back)  # They may have asked anew before it is told.
            state.place = back.place
            pass_on(store, state, fact, back.customer, made)


def pass_on_of_others(store: Store, state: State, fact: Fact, made: list[Event]) -> None:
    """Let what the events of a fact bind reach who has the name next of others who had the same address."""
    for other in holders_who_ended(store, state, made):
        pass_on(store, state, fact, other, made)


def holders_who_ended(store: Store, state: State, made: Iterable[Event]) -> list[Customer]:
    """Return the others who have an address that the events of a fact can bind or lift, and gave up a name.

    Where many have an address, that is not asked.
    """
    if not any(isinstance(event, BEARING) for event in made):
        return []
    found: dict[UUID, Customer] = {}
    for point, _ in state.customer.contacts.bindings():
        others = other_holders(store, state.customer, point)
        for other in others if len(others) <= HOLDERS_MOST else ():
            if other.names_ended and not other.erased:
                found[other.person] = other
    return list(found.values())


def waiting_end(store: Store, state: State, name: Subject, stream: UUID) -> Iterator[Event]:
    """Yield the end of a name that was told before anything of the person who had the name until then."""
    until = store.ends(name, state.time)
    if until is not None:
        yield state.make(NameEnded, on=stream, at=until, kind=name.kind, led_here=True, waited=True, name=str(name))


def side_of(store: Store, state: State, fact: Fact, stream: UUID) -> State:
    """Return the state of the person of another stream, at the place of this one."""
    if stream in state.customer.streams:
        side = replace(state, stream=stream)
    else:
        side = state_of(store, fact, store.person(stream), stream, str(state.envelope["actor"]))
    side.place, side.first = state.place, state.first
    return side


def _owed_at(state: State, person: Customer, until: datetime) -> Iterator[Suppression]:
    """Yield what a person was owed at a time.

    The one who is named so next is owed it from the next instant on, when the last one is not meant any more.
    """
    at, after = end_of(until), next_instant(until)
    for what, one in owed_at(state.judge, person, at).items():
        yield Suppression(what, after, source_of(person, one), by_last=(one.said or one.since).at)


def _bound_at(store: Store, person: Customer, stream: UUID, what: Suppressed, end_at: datetime) -> datetime | None:
    """Return since when the contact point is bound that led to a stream: whom it leads to next may lift it."""
    if isinstance(what, Age) or not store.is_of_contact(stream):
        return None
    after = end_of(next_instant(end_at))
    for (own, _), point in person.contacts.points.items():
        known = store.bound.get(point.key, [])
        if own == stream and any(one.what is None and one.moment.at == end_at for one in known):
            bound = binds(known, what, after)
            return bound.owed.at if bound else None
    return None

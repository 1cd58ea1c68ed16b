"""Opt-outs under a number: which records without a number they reach, by the address that was current then.

Somebody who opts out as customer 17850 may have bought as a guest before, with the same address. Nobody knows whether
they are one person, so nobody is enrolled there, a decision says no, and a message cannot be judged (wire contract,
"An opt-out binds the person"). What reaches an address stands beside what binds it, and is put there anew whenever
something told of the person with the number changes it.
"""

from __future__ import annotations

from itertools import dropwhile
from typing import TYPE_CHECKING, Final

from domain.moments import Turn
from domain.records.as_joined import as_joined_at
from domain.records.bindings import Binding, bound_when
from domain.records.contacts import KIND_OF_PROGRAM, reaching
from domain.records.customer import LAST
from domain.records.entries import OPTED_OUT
from domain.records.standing import lifts_by_asking
from domain.returned import has_come_back, requests_with
from domain.vocabulary import Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from uuid import UUID

    from domain.records import Customer
    from domain.records.contacts import Point
    from domain.records.entries import Change, Held
    from domain.state import State
    from domain.store import Store

_KINDS: Final = ("email", "phone")


def reach(store: Store, state: State) -> None:
    """Put on the list of each address of a person with a number what their own opt-outs come to there."""
    person = state.customer
    outs = [change for changes in person.programs.values() for change in changes if change.state == OPTED_OUT]
    if not outs or not person.has_number:
        return
    _lift_recalled(store, state)
    if not any(map(_is_told, outs)):
        return
    streams = _streams_of_numbers(person)
    points = dict.fromkeys(person.contacts.points.values())
    for stream in streams:
        by = _code(store, stream)
        for program in Program:
            # One code stands for a person; another number of theirs had its own before the two were linked.
            spans = set(_spans(state, person, program, by)) if stream == streams[0] else set()
            for point in points:
                own = list(dropwhile(_lifts, sorted((span[1:] for span in spans if span[0] == point), key=_in_turn)))
                bindings = reaching(person.contacts.bound.get(point.key, ()), program)
                known = [(one.moment.at, one.is_out, one.annuls) for one in bindings if one.by == by]
                if own != list(dropwhile(_lifts, known)):
                    # What counted before counts no more from its own time on, for who asks as of a time as well.
                    nothing = [(at, False, 0) for at, *_ in known[:1] if not own or at < own[0][0]]
                    for at, is_out, annuls in [*nothing, *own]:
                        when = bound_when(program, at, state.place, is_out=is_out, annuls=annuls)
                        store.bind(point, Binding(program, when, is_out, by, annuls))


def code_of_number(store: Store, person: Customer) -> str:
    """Return the code of a person in what their opt-outs under a number come to; empty: they have no number."""
    streams = _streams_of_numbers(person)
    return _code(store, streams[0]) if streams else ""


def reach_late(  # noqa: PLR0913, PLR0917 - whom what reaches, where, and since when
    store: Store, state: State, point: Point, program: Program, by: str, since: datetime
) -> None:
    """Let an opt-out that is told late of an erased person with a number reach those without one at an address."""
    _put_anew(store, state, point, program, by, (since, True, 0))


def _lift_recalled(store: Store, state: State) -> None:
    """Lift what an opt-out of somebody erased reaches, who came back under the number and asked anew with the address.

    Their other addresses are forgotten, so nobody knows where else it was lifted.
    """
    for program in state.customer.programs:
        if not has_come_back(state.customer, program):
            continue
        for point in dict.fromkeys(state.customer.contacts.points.values()):
            known = state.customer.contacts.bound.get(point.key, ())
            if any(one.is_out for one in reaching(known, program)):
                for held in requests_with(state, state.customer, point, program):
                    _lift_reaching(store, state, as_joined_at(state.customer, held), point, program, held)


def _lift_reaching(  # noqa: PLR0913, PLR0917 - who lifts what, where, and by what
    store: Store, state: State, person: Customer, point: Point, program: Program, held: Held
) -> None:
    """Put what a person's opt-outs from before an erasure come to at an address there anew, with what lifts it."""
    codes = {left.by for left in store.left_by(person.streams) if left.is_contact and left.key == point.key and left.by}
    reached = reaching(state.customer.contacts.bound.get(point.key, ()), program)
    for by in sorted(codes):
        known = [one for one in reached if one.by == by]
        before = [one for one in known if one.moment.at < held.moment.at]
        is_new = any(one.is_out and not person.was_told_before(held, one.moment) for one in before)
        if is_new and not any(not one.is_out and one.moment.at == held.moment.at for one in known):
            _put_anew(store, state, point, program, by, (held.moment.at, False, 0))


def _put_anew(  # noqa: PLR0913, PLR0917 - where what is put, of whom, and what is added to it
    store: Store, state: State, point: Point, program: Program, by: str, added: tuple[datetime, bool, int]
) -> None:
    """Put what an erased person's opt-outs come to at an address there anew, with something more."""
    reached = reaching(store.bound.get(point.key, ()), program)
    own = {(one.moment.at, one.is_out, one.annuls) for one in reached if one.by == by}
    for at, is_out, annuls in sorted({*own, added}):
        when = bound_when(program, at, state.place, is_out=is_out, annuls=annuls)
        store.bind(point, Binding(program, when, is_out, by, annuls))


def _streams_of_numbers(person: Customer) -> list[UUID]:
    return sorted((stream for stream, kind in person.opened_as.items() if kind == "customer"), key=str)


def _code(store: Store, stream: UUID) -> str:
    return store.code(stream, f"opted out {stream}")


def _spans(state: State, person: Customer, program: Program, by: str) -> Iterator[tuple[Point, datetime, bool, int]]:
    """Yield the addresses that each opt-out of a person reaches, with its time, and with that of what lifted it.

    An address that came to the person by a link is theirs from the link on.

    An annulment lifts it too, unless another opt-out that reaches it stands then; with it goes where it was told.
    """
    kinds = _KINDS if (kind := KIND_OF_PROGRAM[program]) is None else (kind,)

    def reached(change: Change) -> list[Point]:
        if change.position <= person.joins.left_at or _is_left(change):
            return list(_reached_before(person, program, change, by))
        return _reached(person, kinds, change)

    counted = [(change, reached(change)) for change in person.counted(program, LAST) if _is_told(change)]
    for change in filter(_is_told, person.programs.get(program, ())):
        current = reached(change)
        lifts = list(lifts_by_asking(person, program, change.moment, state.judge.lifting(program)))
        for point in current:
            yield point, change.moment.at, True, 0
            for at, is_out in (*lifts, *_lifted_before(person, program, point, change, by)):
                yield point, at, is_out, 0
            for told in person.protections.annulments(change.position):
                at = max(told.at, change.moment.at)
                if not any(one.moment.at <= at and point in others for one, others in counted):
                    yield point, at, False, told.position


def _reached(person: Customer, kinds: Iterable[str], change: Change) -> list[Point]:
    """Return the contact points that an opt-out reaches: none unless it was told of somebody who had a number then."""
    then = as_joined_at(person, change)
    if not any(person.opened_as.get(stream) == "customer" for stream in then.streams):
        return []
    return [point for kind in kinds if (point := then.contacts.current(kind, change.moment))]


def _reached_before(person: Customer, program: Program, change: Change, by: str) -> Iterator[Point]:
    """Yield the contact points that an opt-out reaches which was told before a stream of its person alone was erased.

    Which of them were current then is forgotten with that stream, and so stays as it was.
    """
    for point in dict.fromkeys(person.contacts.points.values()):
        known = reaching(person.contacts.bound.get(point.key, ()), program)
        if any(one.by == by and one.is_out and one.moment.at == change.moment.at for one in known):
            yield point


def _lifted_before(
    person: Customer, program: Program, point: Point, change: Change, by: str
) -> Iterator[tuple[datetime, bool]]:
    """Yield what had lifted an opt-out there by a request that was forgotten with a stream of its person."""
    if not person.joins.left_at:
        return
    own = {held.moment.at for held in person.by_position.values()}
    for one in reaching(person.contacts.bound.get(point.key, ()), program):
        if one.by == by and not one.annuls and change.moment.at < one.moment.at and one.moment.at not in own:
            yield one.moment.at, one.is_out


def _in_turn(span: tuple[datetime, bool, int]) -> tuple[datetime, Turn, int]:
    """Return what a span comes after: at one instant, what lifts before what opts out, and what annuls that behind."""
    at, is_out, annuls = span
    turn = Turn.PROTECTION if is_out else Turn.UNDOING if annuls else Turn.GIVEN
    return at, turn, annuls


def _lifts(span: tuple[datetime, bool, int]) -> bool:
    return not span[1]


def _is_told(change: Change) -> bool:
    return change.state == OPTED_OUT and change.is_told and (change.via is not None or _is_left(change))


def _is_left(change: Change) -> bool:
    """Return whether an opt-out was told of this person on a stream that alone was erased."""
    return change.via is None and change.said is not None and change.said.at == change.moment.at

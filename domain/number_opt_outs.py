"""Opt-outs under a number: which records without a number they reach, by the address that was current then.

Somebody who opts out as customer 17850 may have bought as a guest before, with the same address. Nobody knows whether
they are one person, so nobody is enrolled there, a decision says no, and a message cannot be judged (wire contract,
"An opt-out binds the person"). What reaches an address stands beside what binds it, and is put there anew whenever
something told of the person with the number changes it.
"""

from __future__ import annotations

from itertools import dropwhile
from typing import TYPE_CHECKING, Final

from domain.events.base import Moment
from domain.records.bindings import Binding
from domain.records.contacts import KIND_OF_PROGRAM, reaching
from domain.records.customer import LAST
from domain.records.entries import OPTED_OUT
from domain.records.standing import asked_after, asked_since
from domain.vocabulary import Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.records import Customer
    from domain.records.contacts import Point
    from domain.records.entries import Change
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
    streams = sorted((stream for stream, kind in person.opened_as.items() if kind == "customer"), key=str)
    points = dict.fromkeys(person.contacts.points.values())
    for stream in streams:
        by = store.code(stream, f"opted out {stream}")
        for program in Program:
            # One code stands for a person; another number of theirs had its own before the two were linked.
            spans = set(_spans(state, person, program)) if stream == streams[0] else set()
            for point in points:
                own = list(dropwhile(_lifts, sorted(span[1:] for span in spans if span[0] == point)))
                bindings = reaching(person.contacts.bound.get(point.key, ()), program)
                known = [(one.moment.at, one.is_out, one.annuls) for one in bindings if one.by == by]
                if own != list(dropwhile(_lifts, known)):
                    # What counted before counts no more from its own time on, for who asks as of a time as well.
                    nothing = [(at, False, 0) for at, *_ in known[:1] if not own or at < own[0][0]]
                    for at, is_out, annuls in [*nothing, *own]:
                        store.bind(point, Binding(program, Moment(at, state.place), is_out, by, annuls))


def _lift_recalled(store: Store, state: State) -> None:
    """Lift what an opt-out of somebody erased reaches, who came back under the number and asked anew with the address.

    Their other addresses are forgotten, so nobody knows where else it was lifted.
    """
    person = state.customer
    for program, changes in person.programs.items():
        for change in filter(_is_recalled, changes):
            for asked in asked_since(person, program, change.moment, LAST, state.judge.lifting(program)):
                for point in dict.fromkeys(person.contacts.points.values()):
                    if person.contacts.was_given(point, asked.moment):
                        _lift_reaching(store, state, point, program, change.moment.at, asked.moment.at)


def _lift_reaching(  # noqa: PLR0913, PLR0917 - what is lifted where, and when
    store: Store, state: State, point: Point, program: Program, opted_out: datetime, lifted: datetime
) -> None:
    """Put what an opt-out comes to at an address there anew, with what lifts it."""
    reached = reaching(state.customer.contacts.bound.get(point.key, ()), program)
    for by in dict.fromkeys(one.by for one in reached if one.is_out and one.moment.at == opted_out):
        known = [one for one in reached if one.by == by]
        if any(not one.is_out and one.moment.at == lifted for one in known):
            continue
        own = {(one.moment.at, one.is_out, one.annuls) for one in known}
        for at, is_out, annuls in sorted({*own, (lifted, False, 0)}):
            store.bind(point, Binding(program, Moment(at, state.place), is_out, by, annuls))


def _spans(state: State, person: Customer, program: Program) -> Iterator[tuple[Point, datetime, bool, int]]:
    """Yield the addresses that each opt-out of a person reaches, with its time, and with that of what lifted it.

    An annulment lifts it too, unless another opt-out stands then; with it goes where it was told.
    """
    kinds = _KINDS if (kind := KIND_OF_PROGRAM[program]) is None else (kind,)
    counted = list(filter(_is_told, person.counted(program, LAST)))
    for change in filter(_is_told, person.programs.get(program, ())):
        current = [point for kind in kinds if (point := person.contacts.current(kind, change.moment))]
        lifted = asked_after(person, program, change.moment, LAST, state.judge.lifting(program))
        for point in current:
            yield point, change.moment.at, True, 0
            if lifted is not None:
                yield point, lifted.at, False, 0
            for told in person.protections.annulments(change.position):
                at = max(told.at, change.moment.at)
                if not any(one.moment.at <= at for one in counted):
                    yield point, at, False, told.position


def _lifts(span: tuple[datetime, bool, int]) -> bool:
    return not span[1]


def _is_recalled(change: Change) -> bool:
    """Return whether an opt-out is recalled: from before an erasure, or of the time of an unlink or end of a name."""
    return change.state == OPTED_OUT and change.via is None


def _is_told(change: Change) -> bool:
    return change.state == OPTED_OUT and change.is_told and change.via is not None

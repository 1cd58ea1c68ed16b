"""What the ledger shows is set right: subscriptions, when something told late or a correction changes them.

Append judges what is known then. What is told later, of a time before it, can make an enrollment one that would not
have followed, and let another one follow; a correction ends what a wrong entry alone had caused. The events that are
made here only show what follows from what was told; who is owed what does not rest on them.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

from domain import consequences
from domain.events.customer import (
    CustomerEnrolled,
    CustomerOptedOut,
    DataCollected,
    EnrollmentEnded,
    EntryCorrected,
    OrderCancelled,
)
from domain.events.links import ContactConfirmed
from domain.moments import Moment, Turn, end_of, end_of_turn
from domain.records.as_joined import joined_at
from domain.records.bindings import annulments
from domain.records.entries import ENDED, ENROLLED, by_moment
from domain.records.unannulled import without_annulled_at
from domain.records.uncorrected import standing
from domain.routes import routes
from domain.times import next_instant
from domain.vocabulary import Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from domain.events import Event
    from domain.records import Customer
    from domain.records.entries import Change, Held, Standing
    from domain.state import State


def set_right(state: State, since: datetime, until: datetime | None = None) -> Iterator[Event]:
    """Yield what sets the subscriptions of a person right from a time on, up to another one if it is given."""
    joins = {at for at, _ in state.customer.joins.links if at >= since}
    for program in Program:
        points = _points(state.customer, program, since)
        points = {at: is_lost for at, is_lost in points.items() if until is None or at <= until}
        for at in sorted({*points, *joins}):
            if at in joins:
                yield from consequences.joined(state, Moment(at, Turn.LINK, state.place), (program,))
            yield from _at(state, program, at, points.get(at, _By.ALL))


class _By(IntEnum):
    """By which collections an enrollment can follow at a time at which none did: the wider one counts."""

    OF_THEN = 0
    """Those of that very time."""
    KEPT_OUT = 1
    """Those as well by which it would have followed before, had nothing been said of what was annulled."""
    ALL = 2
    """All up to then: what it had rested on was lost."""


def _points(person: Customer, program: Program, since: datetime) -> dict[datetime, _By]:
    """Return when a subscription can come to stand otherwise than it is shown, and by which collections."""
    found = [(held.moment.at, _By.OF_THEN) for held in person.by_position.values()]
    changes = person.programs.get(program, ())
    found += [(one.moment.at, _By.ALL if one.state == ENDED else _By.OF_THEN) for one in changes]
    corrected = (one.at for told in person.corrections.told.values() for one in told)
    found += [(next_instant(at), _By.ALL) for at in corrected if at >= since]
    bound = [one for _, bindings in person.contacts.bindings() for one in bindings]
    annulled = [one.at for told in person.protections.annulled.values() for one in told]
    annulled += [one.at for one in annulments(bound)]
    found += [(next_instant(at), _By.KEPT_OUT) for at in annulled if at >= since]
    if annulled:  # Something else may have bound them then, which was lifted later.
        found += [(one.moment.at, _By.KEPT_OUT) for one in bound if not one.is_out and not one.annuls]
    points: dict[datetime, _By] = {}
    for at, by in found:
        if at >= since:
            points[at] = max(by, points.get(at, by))
    return points


def _at(state: State, program: Program, at: datetime, by: _By) -> Iterator[Event]:
    """Yield what sets a subscription right at a time, if anything is wrong with it then.

    It is decided on the record of whom the stream belonged to then: what is joined later says nothing of that time.
    """
    until, person = end_of(at), state.joined_at(at)
    stands = state.judge.standing(person, program, until)
    begins, shown = _shown(person, program, at)
    is_shown = shown is not None and shown.state == ENROLLED
    if stands.is_enrolled:
        if not is_shown and stands.change is not None and stands.change.cause is not None:
            held = next(filter(None, map(person.by_position.get, stands.change.relies_on)), None)
            if held is not None:
                yield from consequences.enrolled(state, held, program, stands.change.cause, None, at=begins)
        return
    since = stands.opted_out.moment if stands.opted_out else None
    for held in _asked(state, program, person, at, by):
        cause = routes(held.act, held.categories, held.requests, held.unread).get(program)
        if cause is None or (since is not None and held.moment <= since):
            continue
        place = state.place
        yield from consequences.enrolled(state, held, program, cause, None, at=begins)
        if state.place > place:
            return
    if shown is None or not is_shown:
        return
    if shown not in standing(person, until).programs[program]:  # What it rests on was a wrong entry.
        yield state.make(EnrollmentEnded, at=at, program=program, follows=True)
    elif shown.lawful:  # What was done unlawfully stays as it happened.
        yield from _left(state, program, shown, stands, at)


def _had_followed(state: State, program: Program, held: Held, until: Moment) -> bool:
    """Return whether a collection would have enrolled its person, had nothing been said of what is annulled by now.

    It may have been kept out by something else as well, which nobody annulled.
    """
    person = without_annulled_at(state.customer, until._replace(position=state.place))
    then = joined_at(person, held.stream or state.stream, held.moment.at)
    is_bound = state.judge.is_bound(then, program, end_of_turn(held.moment))
    return not is_bound and state.judge.would_enroll(then, program, held)


def _shown(person: Customer, program: Program, at: datetime) -> tuple[datetime, Change | None]:
    """Return when what is set right at a time begins, and what is shown of the subscription then.

    It begins behind what ended or left at that very time, which is later at one instant.
    """
    shown = person.subscription(program, end_of(at))
    if shown is None or shown.moment.at != at or shown.state == ENROLLED:
        return at, shown
    begins = next_instant(at)
    return begins, person.subscription(program, end_of(begins))


def _left(state: State, program: Program, shown: Change, stands: Standing, at: datetime) -> Iterator[Event]:
    """Yield that somebody is in a program no more who is shown to be enrolled."""
    since, opted_out = stands.out_since, stands.opted_out
    if opted_out is not None and not opted_out.is_elsewhere and opted_out.via is not None:
        yield state.make(CustomerOptedOut, at=at, program=program, via=opted_out.via, follows=True)
    elif since is None or (opted_out is not None and not opted_out.is_elsewhere):
        yield state.make(EnrollmentEnded, at=at, program=program, follows=True)
    elif not shown.is_told and shown.moment.at == at and since.at < at:
        # What binds an address ends nothing; it only lets nothing follow.
        yield state.make(EnrollmentEnded, at=at, program=program, follows=True, bound=True)


def _asked(state: State, program: Program, person: Customer, at: datetime, by: _By) -> list[Held]:
    """Return the collections that stand at a time and by which an enrollment can follow then, in order of time."""
    until = end_of(at)
    left = standing(person, until)
    known = (held for held in left.by_position.values() if held.moment <= until and not held.withheld)
    return sorted(
        (
            held
            for held in known
            if not left.is_cancelled_order(held, until)
            and (
                held.moment.at == at
                or by is _By.ALL
                or (by is _By.KEPT_OUT and _had_followed(state, program, held, until))
            )
        ),
        key=by_moment,
    )


def are_late(state: State, events: Iterable[Event]) -> bool:
    """Return whether events change what stands at a time for which something else is on record already."""
    last = state.customer.last_told
    is_late = last is not None and last > state.time
    for event in events:
        kind = type(event)
        if (is_late and kind in _CHANGING) or (type(event) is EntryCorrected and event.entry is not None):
            return True
    return False


_CHANGING: Final = frozenset({ContactConfirmed, CustomerEnrolled, CustomerOptedOut, DataCollected, OrderCancelled})
"""The events that can change who is enrolled, or what that rests on."""
BEARING: Final = (ContactConfirmed, CustomerOptedOut, DataCollected, EntryCorrected)
"""The events that can bind an address, or lift what binds one, also for others who have it."""

"""What follows from an event, by its type: `domain.decide.react` asks here.

Each function yields one event at a time, and reads the record again after each, so the caller folds an event before it
asks for the next. Nothing follows that the judge would find wrong.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from domain.events import Event, customer as events
from domain.events.links import CustomersLinked, CustomersUnlinked
from domain.events.suppressions import SuppressionEnded, SuppressionRecalled
from domain.moments import Moment, end_of, end_of_turn
from domain.records.customer import LAST
from domain.records.entries import ENDED, ENROLLED, OPTED_OUT, by_moment
from domain.records.uncorrected import standing
from domain.routes import routes
from domain.times import next_instant
from domain.vocabulary import Act, Cause, OptOutVia, Program
from domain.waiting import forbidden

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping
    from datetime import datetime

    from domain.records.customer import Customer
    from domain.records.entries import Held
    from domain.state import State


def _collected(state: State, event: events.DataCollected) -> Iterator[Event]:
    """Enroll by a collection, in the programs that its act leads to."""
    if event.act is Act.REGISTRATION:
        yield state.make(events.CustomerRegistered)
    elif event.act is Act.ACCOUNT:
        yield state.make(events.AccountOpened)
        return
    if event.withheld:
        return  # Nothing that a known child gave is kept, so there is no address to write to.
    moment = event.moment
    held = state.customer.by_position[moment.position]
    if state.customer.is_cancelled_order(held, moment):
        return  # An order is a purchase until it is cancelled.
    for program, cause in routes(event.act, event.categories, event.requests, event.unread).items():
        if not state.judge.is_enrolled(state.customer, program, end_of_turn(moment)):
            yield from enrolled(state, held, program, cause, event.reference)


def _cancelled(state: State, event: events.OrderCancelled) -> Iterator[Event]:
    code = state.customer.stands_for(event.reference_code)
    orders = [held for held in state.customer.by_reference.get(code, ()) if held.act is Act.ORDER]
    if any(held.moment <= event.moment for held in orders):
        for program in Program:
            yield from _ended(state, program, code, event.moment, event.reference)
    for held in [held for held in orders if held.moment > event.moment]:
        at = end_of_turn(held.moment)
        for program in Program:
            shown = state.customer.subscription(program, at)
            if shown is not None and not shown.is_told and held.position in shown.relies_on:  # It was no purchase.
                yield from _ended(state, program, code, at, event.reference)


def _opted_out(state: State, event: events.CustomerOptedOut) -> Iterator[Event]:
    yield from _left(state, event.program, event.moment, event.via)


def _recalled(state: State, event: SuppressionRecalled) -> Iterator[Event]:
    """Enroll by what the person asked for since, if that is known already."""
    if event.program is not None:
        yield from _asked_anew(state, event.program, event.moment)


def _annulled(state: State, event: events.EntryCorrected) -> Iterator[Event]:
    """Let an enrollment go on that only an annulled opt-out had ended, from just after the annulment."""
    told = state.customer.protections.told
    if event.entry is not None and event.by_officer:
        yield from _going_on(state, event, {place for place, fact in told.items() if fact == event.entry})


def _ended_with_source(state: State, event: SuppressionEnded) -> Iterator[Event]:
    """Let an enrollment go on that only an opt-out of somebody else had ended, which an officer annulled."""
    yield from _going_on(state, event, event.recalled)


def _going_on(state: State, event: Event, ended: Container[int]) -> Iterator[Event]:
    """Let enrollments go on that only some opt-outs had ended, from just after an event by which these ended."""
    person = state.customer
    for program, changes in list(person.programs.items()):
        outs = [one.moment.at for one in changes if one.position in ended]
        if not outs:
            continue
        at = next_instant(max(event.occurred_at, *outs))
        until = end_of(at)
        shown, change = person.subscription(program, until), state.judge.standing(person, program, until).change
        if shown is None or shown.state != OPTED_OUT or change is None or change.cause is None:
            continue
        held = next(filter(None, map(person.by_position.get, change.relies_on)), None)
        if change.state == ENROLLED and held is not None:
            yield from enrolled(state, held, program, change.cause, None, at=at)


def _linked(state: State, link: CustomersLinked) -> Iterator[Event]:
    """Apply what each of the joined records knows to the other, from the time of the link on."""
    for event in _learned(state):
        yield (
            event
            if event.occurred_at >= link.occurred_at
            else event.model_copy(update={"occurred_at": link.occurred_at})
        )


def _learned(state: State) -> Iterator[Event]:
    """Yield what follows from the cancellations and opt-outs that stand on streams which were joined."""
    person = state.customer
    for order, (cancelled, *_) in list(person.cancellations.items()):
        if any(held.act is Act.ORDER for held in person.collections_under(order, cancelled)):
            for program in Program:
                yield from _ended(state, program, order, cancelled)
    for program, changes in list(person.programs.items()):
        for change in list(changes):
            if change.state == OPTED_OUT and change.via is not None:
                yield from _left(state, program, change.moment, change.via)


def _unlinked(state: State, unlink: CustomersUnlinked) -> Iterator[Event]:
    """Let each enrollment rest on what this person did, once what another did counts for nothing here.

    What the other gave ends an enrollment that rests on it alone. What this person asked for enrolls where nothing had
    followed from it, because the other was enrolled already.
    """
    person = state.customer
    for program in Program:
        shown = person.subscription(program, LAST)
        if shown and shown.state == ENROLLED and shown.relies_on and not person.by_position.keys() & shown.relies_on:
            at = max(unlink.occurred_at, shown.moment.at)
            yield state.make(events.EnrollmentEnded, at=at, program=program)
        asked = sorted(person.by_position.values(), key=lambda held: held.moment)
        for held in asked:
            cause = routes(held.act, held.categories, held.requests, held.unread).get(program)
            if cause is None or held.withheld or person.is_cancelled_order(held, end_of_turn(held.moment)):
                continue
            if not state.judge.is_enrolled(person, program, end_of_turn(held.moment)):
                yield from enrolled(state, held, program, cause, None)
        yield from _enrolled_still(state, program, asked)


def _enrolled_still(state: State, program: Program, asked: list[Held]) -> Iterator[Event]:
    """Enroll anew where only what another person did had ended it: by the last collection that opens the program."""
    shown = state.customer.subscription(program, LAST)
    if shown is None or shown.state != ENDED:
        return
    for held in reversed(asked):
        cause = routes(held.act, held.categories, held.requests, held.unread).get(program)
        if cause is not None and not held.withheld and not state.customer.is_cancelled_order(held, LAST):
            yield from enrolled(state, held, program, cause, None, at=next_instant(shown.moment.at))
            return


OF: Final[Mapping[type[Event], Callable[..., Iterator[Event]]]] = {
    events.DataCollected: _collected,
    events.OrderCancelled: _cancelled,
    events.CustomerOptedOut: _opted_out,
    events.EntryCorrected: _annulled,
    SuppressionEnded: _ended_with_source,
    SuppressionRecalled: _recalled,
    CustomersLinked: _linked,
    CustomersUnlinked: _unlinked,
}
"""The type of an event → what follows from it."""


def _ended(state: State, program: Program, order: str, at: Moment, reference: str | None = None) -> Iterator[Event]:
    """End an enrollment that rests on a cancelled order alone."""
    # Up to and with what is being decided now, which has its place after the cancellation.
    until = end_of(at.at)
    current = state.customer.subscription(program, until)
    if current is None or current.state != ENROLLED:
        return
    if _rests_on_order_alone(state.customer, program, order, until):
        yield state.make(events.EnrollmentEnded, at=at.at, program=program, reference=reference, reference_code=order)
        yield from _asked_anew(state, program, until)


def _left(state: State, program: Program, at: Moment, via: OptOutVia) -> Iterator[Event]:
    """Let an opt-out stand against what is on record for later, until the person asked anew."""
    for change in [change for change in state.customer.programs[program] if change.moment > at]:
        if change.state == ENROLLED and change.lawful:
            until = end_of(change.moment.at)
            shown = state.customer.subscription(program, until)
            is_shown = shown is not None and shown.state == ENROLLED
            if is_shown and not state.judge.is_enrolled(state.customer, program, until):
                # We enrolled them in ignorance of the opt-out.
                yield state.make(events.CustomerOptedOut, at=change.moment.at, program=program, via=via, follows=True)
            break
    yield from _asked_anew(state, program, at)


def _asked_anew(state: State, program: Program, after: Moment) -> Iterator[Event]:
    """Enroll at the first later collection that opens the program again, if that is known already."""
    later = [held for held in state.customer.by_position.values() if held.moment > after]
    for held in sorted(later, key=lambda held: held.moment):
        cause = routes(held.act, held.categories, held.requests, held.unread).get(program)
        if cause is None or held.withheld or state.customer.is_cancelled_order(held, end_of_turn(held.moment)):
            continue
        # Whatever changed after this collection was decided with the collection on record, and stands.
        if state.judge.is_enrolled(state.customer, program, end_of_turn(held.moment)):
            return
        place = state.place
        yield from enrolled(state, held, program, cause, None)
        if state.place > place:
            return


def enrolled(  # noqa: PLR0913, PLR0917 - what enrolls, and by which name
    state: State, held: Held, program: Program, cause: Cause, reference: str | None, at: datetime | None = None
) -> Iterator[Event]:
    """Enroll by a collection, at its own time unless another is given, if the judge finds nothing against it.

    It lasts until its order was cancelled, if it was.
    """
    candidate = state.make(
        events.CustomerEnrolled,
        at=at or held.moment.at,
        program=program,
        cause=cause,
        follows=True,
        reference=reference,
        reference_code=held.reference,
        relies_on=(held.position,),
    )
    judged = candidate
    if state.told > candidate.moment.position:  # It follows from a correction of a later line, and counts from there.
        judged = candidate.model_copy(update={"position": state.told, "part": 0})
    if any(not found.excused for found in state.findings(judged)):
        return
    if forbidden(state.judge.policy, state.customer, judged):
        return  # Who asked to be forgotten is enrolled in nothing meanwhile.
    if state.judge.is_bound(state.customer, program, judged.moment):
        return  # Somebody left by the address, or by a number: nobody's typing lifts that, with or without a promise.
    yield candidate
    cancelled = state.customer.cancelled(held.reference)
    if held.act is Act.ORDER and cancelled is not None:
        yield from _ended(state, program, held.reference, cancelled)


def _rests_on_order_alone(person: Customer, program: Program, order: str, at: Moment) -> bool:
    """Return whether a purchase enrolled a person and, were this order cancelled now, nothing else kept them so.

    Looks from the last opt-out up to the moment.
    """
    person = standing(person, at)
    changes = person.counted(program, at)
    changes = changes[: bisect_right(changes, at, key=by_moment)]
    since = max((index for index, change in enumerate(changes) if change.state == OPTED_OUT), default=-1)
    begun = changes[since].moment if since >= 0 else None
    enrolled = [change for change in changes[since + 1 :] if change.state == ENROLLED]
    if not any(change.cause is Cause.PURCHASE for change in enrolled):
        return False
    if any(change.lawful and change.cause is not Cause.PURCHASE for change in enrolled):
        return False
    grounds = (
        held
        for act in (Act.ORDER, Act.CONTEST_ENTRY, Act.PROMOTIONAL_REQUEST, Act.CATALOG_REQUEST, Act.REGISTRATION)
        for held in takewhile(lambda one: begun is None or one.moment > begun, person.collections_of(act, at))
    )
    return not any(
        program in routes(held.act, held.categories, held.requests, held.unread)
        for held in grounds
        if not person.is_cancelled_order(held, at) and not (held.act is Act.ORDER and held.reference == order)
    )

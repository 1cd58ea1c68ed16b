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
from domain.moments import Moment, Turn, end_of, end_of_turn
from domain.records.customer import LAST
from domain.records.entries import ENDED, ENROLLED, OPTED_OUT, by_moment
from domain.records.uncorrected import standing
from domain.routes import routes
from domain.suppressions import gave_bound
from domain.times import next_instant
from domain.vocabulary import Act, Cause, OptOutVia, Program
from domain.waiting import forbidden

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping
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
    person = state.joined_at(moment.at)
    held = person.by_position[moment.position]
    if person.is_cancelled_order(held, moment):
        return  # An order is a purchase until it is cancelled.
    for program, cause in routes(event.act, event.categories, event.requests, event.unread).items():
        person, until = state.joined_at(moment.at), end_of_turn(moment)
        shown = person.subscription(program, until)
        is_shown = shown is not None and shown.state == ENROLLED
        # It may lift what lets an earlier enrollment stand again, which is not shown.
        if not is_shown or not state.judge.is_enrolled(person, program, until):
            yield from enrolled(state, held, program, cause, event.reference)


def _cancelled(state: State, event: events.OrderCancelled) -> Iterator[Event]:
    code = state.customer.stands_for(event.reference_code)
    for program in Program:
        yield from _no_purchase(state, program, code, event.moment, event.reference)


def _no_purchase(
    state: State, program: Program, code: str, at: Moment, reference: str | None = None
) -> Iterator[Event]:
    """End what an order alone caused that was cancelled by a moment, also one that is told or joined later."""
    orders = [held for held in state.customer.by_reference.get(code, ()) if held.act is Act.ORDER]
    if any(held.moment <= at for held in orders):
        yield from _ended(state, program, code, at, reference)
    for held in [held for held in orders if held.moment > at]:
        ends = end_of_turn(held.moment)
        shown = state.joined_at(ends.at).subscription(program, ends)
        if shown is not None and not shown.is_told and held.position in shown.relies_on:  # It was no purchase.
            yield from _ended(state, program, code, ends, reference)


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
    yield from joined(state, link.moment, Program)


def joined(state: State, link: Moment, programs: Iterable[Program]) -> Iterator[Event]:
    """Apply what records know that were joined at a moment to all of them, from then on."""
    person, since = state.joined_at(link.at), end_of_turn(link._replace(turn=Turn.GIVEN))
    for program in programs:
        for order, (cancelled, *_) in list(person.cancellations.items()):
            yield from _no_purchase(state, program, order, max(cancelled, since))
        for change in list(person.programs.get(program, ())):
            if change.state == OPTED_OUT and change.via is not None:
                yield from _left(state, program, change.moment, change.via, since)


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
    person = state.joined_at(at.at)
    current = person.subscription(program, until)
    if current is None or current.state != ENROLLED:
        return
    if _rests_on_order_alone(state, person, program, order, until):
        yield state.make(events.EnrollmentEnded, at=at.at, program=program, reference=reference, reference_code=order)
        yield from _asked_anew(state, program, until)


def _left(state: State, program: Program, at: Moment, via: OptOutVia, since: Moment | None = None) -> Iterator[Event]:
    """Let an opt-out stand against what is on record for later, until the person asked anew.

    With `since`, only what is so from then on: the opt-out was said on a stream that was joined then. What was asked
    until then comes first, since it is earlier than the link.
    """
    if since is not None:
        yield from _asked_anew(state, program, at, since)
    for change in [change for change in state.customer.programs[program] if change.moment > at]:
        if change.state == ENROLLED and change.lawful:
            begins = max(change.moment.at, since.at if since else change.moment.at)
            until, person = end_of(begins), state.joined_at(begins)
            shown = person.subscription(program, until)
            is_shown = shown is not None and shown.state == ENROLLED
            if is_shown and not state.judge.is_enrolled(person, program, until):
                # We enrolled them in ignorance of the opt-out.
                yield state.make(events.CustomerOptedOut, at=begins, program=program, via=via, follows=True)
            break
    if since is None:
        yield from _asked_anew(state, program, at)


def _asked_anew(state: State, program: Program, after: Moment, since: Moment | None = None) -> Iterator[Event]:
    """Enroll at the first later collection that opens the program again, if that is known already.

    With `since`, what was asked before it enrolls from then on, if nothing stands against it then.
    """
    later = [held for held in state.customer.by_position.values() if held.moment > after]
    for held in sorted(later, key=lambda held: held.moment):
        begins = max(end_of_turn(held.moment), since or end_of_turn(held.moment))
        person = state.joined_at(begins.at)
        cause = routes(held.act, held.categories, held.requests, held.unread).get(program)
        is_theirs = cause is not None and held.position in person.by_position
        if cause is None or not is_theirs or held.withheld or person.is_cancelled_order(held, begins):
            continue
        stands = state.judge.standing(person, program, begins)
        # Whatever changed after this collection was decided with the collection on record, and stands.
        if stands.is_enrolled:
            return
        if stands.opted_out is not None and held.moment <= stands.opted_out.moment:
            continue
        place = state.place
        yield from enrolled(state, held, program, cause, None, at=begins.at)
        if state.place > place:
            return


def enrolled(  # noqa: PLR0913, PLR0917 - what enrolls, and by which name
    state: State, held: Held, program: Program, cause: Cause, reference: str | None, at: datetime | None = None
) -> Iterator[Event]:
    """Enroll by a collection, at its own time unless another is given, if the judge finds nothing against it.

    That is judged on the record of whom the stream belonged to then. It lasts until its order was cancelled, if it was.
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
    person = state.joined_at(judged.occurred_at)
    if any(not found.excused for found in state.judge.judge(person, state.company, judged)):
        return
    if forbidden(state.judge.policy, person, judged):
        return  # Who asked to be forgotten is enrolled in nothing meanwhile.
    if state.judge.is_bound(person, program, judged.moment) or gave_bound(
        state.judge, person, program, held, judged.moment
    ):
        return  # Somebody left by the address, or by a number: nobody's typing lifts that, with or without a promise.
    yield candidate
    cancelled = state.customer.cancelled(held.reference)
    if held.act is Act.ORDER and cancelled is not None:
        yield from _ended(state, program, held.reference, cancelled)


def _rests_on_order_alone(state: State, person: Customer, program: Program, order: str, at: Moment) -> bool:
    """Return whether a purchase enrolled a person and, were this order cancelled now, nothing else kept them so.

    Looks from the last opt-out up to the moment. What was given with a contact point that was bound keeps nobody so.
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
        if not state.judge.is_bound(state.joined_at(held.moment.at), program, end_of_turn(held.moment))
    )

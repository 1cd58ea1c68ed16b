"""What follows from an event: a collection enrolls, a cancellation can end an enrollment, what comes late sets right.

Promise: pure, like deciding. Each consequence is an event of its own, folded as it is made, and only where the judge
finds nothing wrong with it. A fact that arrives late can uncover a consequence that was not needed before: an opt-out
from before a contest entry takes a person out at its own time, and the entry enrolls them again at its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from domain.events import Event, Moment, customer as events
from domain.events.base import UNPLACED
from domain.records import customer as person
from domain.records.entries import ENROLLED, OPTED_OUT
from domain.routes import routes
from domain.vocabulary import Act, Cause, OptOutVia, Program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.policy.judge import Judge
    from domain.records.company import Company
    from domain.records.customer import Customer
    from domain.records.entries import Held
    from domain.stamp import Stamp

_E = TypeVar("_E", bound=Event)


class Consequences:
    """Makes the events that follow, for one person."""

    def __init__(self, judge: Judge, customer: Customer, company: Company) -> None:
        self._judge = judge
        self._customer = customer
        self._company = company

    def of(self, event: Event, stamp: Stamp) -> Iterator[Event]:
        """Give what follows from an event that was just folded."""
        match event:
            case events.DataCollected(act=Act.REGISTRATION):
                yield self._fold(stamp.make(events.CustomerRegistered))
                yield from self._collected(event, stamp)
            case events.DataCollected(act=Act.ACCOUNT):
                yield self._fold(stamp.make(events.AccountOpened))
            case events.DataCollected():
                yield from self._collected(event, stamp)
            case events.OrderCancelled():
                yield from self._cancelled(event, stamp)
            case events.CustomerOptedOut():
                yield from self._opted_out(event.program, event.moment, event.via, stamp)
            case _:
                return

    def of_joining(self, stamp: Stamp) -> Iterator[Event]:
        """Give what follows from finding that two records are one person's."""
        for order, cancelled in list(self._customer.cancelled.items()):
            if any(held.act is Act.ORDER for held in self._customer.collections_under(order, cancelled)):
                for program in Program:
                    yield from self._ended(program, order, cancelled, stamp)
        for program, changes in list(self._customer.programs.items()):
            for change in list(changes):
                if change.state == OPTED_OUT and change.via is not None:
                    yield from self._opted_out(program, change.moment, change.via, stamp)

    def _collected(self, event: events.DataCollected, stamp: Stamp) -> Iterator[Event]:
        if event.withheld:
            return  # Nothing that a known child gave is kept, so there is no address to write to.
        held = self._customer.by_name[event.fact]
        if self._customer.is_cancelled_order(held, event.moment):
            return  # An order is a purchase until it is cancelled.
        for program, cause in routes(event.act, event.categories, event.requests).items():
            if not self._judge.is_enrolled(self._customer, program, event.moment):
                yield from self._enrolled(held, program, cause, stamp, event.reference)

    def _cancelled(self, event: events.OrderCancelled, stamp: Stamp) -> Iterator[Event]:
        code = self._customer.stands_for(event.reference_code)
        if any(held.act is Act.ORDER for held in self._customer.collections_under(code, event.moment)):
            for program in Program:
                yield from self._ended(program, code, event.moment, stamp, event.reference)

    def _ended(
        self, program: Program, order: str, at: Moment, stamp: Stamp, reference: str | None = None
    ) -> Iterator[Event]:
        # Up to and with what is being decided now, which has its place after the cancellation.
        until = Moment(at.at, UNPLACED)
        current = self._customer.subscription(program, until)
        if current is None or current.state != ENROLLED:
            return
        if self._customer.rests_on_order_alone(program, order, until):
            yield self._fold(
                stamp.make(events.EnrollmentEnded, at=at.at, program=program, reference=reference, reference_code=order)
            )
            yield from self._asked_anew(program, until, stamp)

    def _opted_out(self, program: Program, at: Moment, via: OptOutVia, stamp: Stamp) -> Iterator[Event]:
        """Give what an opt-out changes in what is on record for later: it stands, until the person asked anew."""
        for change in [change for change in self._customer.programs[program] if change.moment > at]:
            if change.state == ENROLLED and change.lawful:
                until = Moment(change.moment.at, UNPLACED)
                shown = self._customer.subscription(program, until)
                is_shown = shown is not None and shown.state == ENROLLED
                if is_shown and not self._judge.is_enrolled(self._customer, program, until):
                    # We enrolled them in ignorance of the opt-out.
                    yield self._fold(stamp.make(events.CustomerOptedOut, at=change.moment.at, program=program, via=via))
                break
        yield from self._asked_anew(program, at, stamp)

    def _asked_anew(self, program: Program, after: Moment, stamp: Stamp) -> Iterator[Event]:
        """Enroll at the first later collection that opens the program again, if that is known already."""
        later = [held for held in self._customer.by_name.values() if held.moment > after]
        for held in sorted(later, key=lambda held: held.moment):
            cause = routes(held.act, held.categories, held.requests).get(program)
            if cause is None or self._customer.is_cancelled_order(held, Moment(held.moment.at, UNPLACED)):
                continue
            # Whatever changed after this collection was decided with the collection on record, and stands.
            if self._judge.is_enrolled(self._customer, program, Moment(held.moment.at, UNPLACED)):
                return
            enrolled = list(self._enrolled(held, program, cause, stamp, None))
            if enrolled:
                yield from enrolled
                return

    def _enrolled(
        self, held: Held, program: Program, cause: Cause, stamp: Stamp, reference: str | None
    ) -> Iterator[Event]:
        """Enroll by a collection, if the judge finds nothing against it; until its order was cancelled, if it was."""
        candidate = stamp.make(
            events.CustomerEnrolled,
            at=held.moment.at,
            program=program,
            cause=cause,
            reference=reference,
            reference_code=held.reference,
            relies_on=(held.name,),
        )
        if any(not found.excused for found in self._judge.judge(self._customer, self._company, candidate)):
            stamp.take_back()
            return
        yield self._fold(candidate)
        cancelled = self._customer.cancelled.get(held.reference)
        if held.act is Act.ORDER and cancelled is not None:
            yield from self._ended(program, held.reference, cancelled, stamp)

    def _fold(self, event: _E) -> _E:
        person.evolve(self._customer, event)
        return event

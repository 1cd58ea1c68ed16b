"""Rule kind `routes_limited`: a person gets into a program only by one of the causes that may open it."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, ClassVar, Final

from domain.events.customer import CustomerEnrolled, DataShared, DataUsed, MessageSent
from domain.policy.status import Status
from domain.records.company import EVER
from domain.records.entries import ENDED, ENROLLED, OPTED_OUT
from domain.routes import routes
from domain.rules.common.base import Breach, Case, OfHolders, Rule
from domain.rules.common.particulars import particulars
from domain.rules.common.particulars_of import of_opt_out
from domain.rules.common.programs import (
    is_in_grace,
    marketed_programs,
    marketing_program,
    may_be_anothers,
    out_by_number,
    set_aside,
    was_set_aside,
)
from domain.times import next_instant
from domain.vocabulary import DIRECT_MARKETING, HOLDERS_MOST, PURPOSE_OF_ACT, Act, Cause, Program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.moments import Moment
    from domain.records.customer import Customer
    from domain.records.entries import Change, Held, Standing


_CATALOG: Final = PURPOSE_OF_ACT[Act.CATALOG_REQUEST]
_PROGRAM: Final = Program.PHYSICAL_MAILINGS


class RoutesLimited(Rule):
    """Limits the causes of enrollments: `routes` maps each cause to the programs that it opens; others open none.

    Mail in a program, and use of data for direct marketing, need an enrollment by one of these routes. A catalog sent
    outside a program needs a request of the person for it.
    """

    concerns: ClassVar = frozenset({CustomerEnrolled, MessageSent, DataUsed, DataShared})
    looks_back: ClassVar = True
    of_holders: ClassVar = OfHolders.WAY_IN
    reasons: ClassVar = {
        "no_route": "Its cause does not open this program.",
        "no_catalog_request": "The person had asked for no catalog.",
        "not_enrolled": "The person was not enrolled.",
    }

    routes: dict[Cause, tuple[Program, ...]]

    def is_tested(self, case: Case) -> bool:
        """Return whether it is an enrollment, mail in a program, or another use for direct marketing."""
        event = case.event
        match event:
            case MessageSent():
                return marketing_program(event) is not None or event.purpose == _CATALOG
            case DataUsed():
                return event.purpose == DIRECT_MARKETING
            case _:
                return True

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge enrollments by their cause, and marketing by whether the person is enrolled at all."""
        event = case.event
        if isinstance(event, CustomerEnrolled):
            if event.program not in self.routes.get(event.cause, ()):
                known = particulars(program=event.program, cause=event.cause)
                yield Breach("no_route", event.relies_on, particulars=known)
        elif isinstance(event, MessageSent):
            program = marketing_program(event)
            if program and not self._may_be_mailed(case, program):
                yield self._not_enrolled(case, program)
            if program is None and event.purpose == _CATALOG:
                yield from self._catalog(case)
        elif isinstance(event, DataUsed) and event.purpose == DIRECT_MARKETING:
            programs, needs_all = marketed_programs(event)
            # An address that is bound lets nobody in; what a message to it breaks is another promise, a use has none.
            missing = [one for one in programs if case.standing(one).opted_out or not self._is_enrolled(case, one)]
            if missing and (needs_all or len(missing) == len(programs)):
                yield self._not_enrolled(case, missing[0])
                return
            doubts = [doubt for one in programs for doubt in may_be_anothers(case, one, case.standing(one))]
            if doubts and (needs_all or len(doubts) == len(programs)):
                yield doubts[0]

    def _catalog(self, case: Case) -> Iterator[Breach]:
        """Yield that a catalog went outside a program to somebody who had not asked for it, or who may not have."""
        people = (case.customer, *case.holders)
        asked = (held for one in people for act in one.by_act for held in one.collections_of(act, case.moment))
        is_way_in = Cause.CATALOG_REQUEST in self.routes
        if not any((is_way_in and held.act is Act.CATALOG_REQUEST) or self._opens(held, _PROGRAM) for held in asked):
            is_known = len(case.holders) <= HOLDERS_MOST  # Of more who have an address, not everybody is asked.
            status = Status.BROKEN if is_known else Status.INDETERMINATE
            known = particulars(purpose=_CATALOG, people=len(people))
            yield Breach("no_catalog_request", status=status, particulars=known)

    def _not_enrolled(self, case: Case, program: Program) -> Breach:
        """Return that somebody was not enrolled.

        That shows nothing where an act of theirs would have enrolled them, had nobody opted out under a number; nor
        where something told of them was set aside, which may have.
        """
        standing, customer = case.standing(program), case.customer
        if standing.opted_out is None and was_set_aside(case, customer.subscription(program, case.moment)):
            return set_aside(case)
        asked = (held for act in customer.by_act for held in customer.collections_of(act, case.moment))
        if (
            standing.by_number is not None
            and standing.opted_out is None
            and any(self._opens(one, program) for one in asked)
        ):
            return out_by_number(case, program, standing.by_number)
        return _why_not(case, program, standing)

    def _may_be_mailed(self, case: Case, program: Program) -> bool:
        """Return whether the person is enrolled, or was until an opt-out whose grace still runs."""
        standing = case.standing(program)
        in_grace = standing.was_enrolled and is_in_grace(case, program, standing)
        return in_grace or self._is_enrolled(case, program)

    def _is_enrolled(self, case: Case, program: Program) -> bool:
        """Return whether the person is enrolled by a route under this reading.

        If the current enrollment does not count under this reading, look for a later act that would have enrolled the
        person. The ledger recorded no enrollment for that act, because it enrolls nobody twice. Nor does it for an act
        with a contact point that is bound: what that breaks is another promise.
        """
        standing = case.standing(program)
        if standing.opted_out and not standing.of_contact:
            return False
        stood: Change | None = None
        left: Change | None = None
        for change in case.customer.counted_back_from(program, case.moment):
            if change.of_contact:
                continue  # It was told of a contact point, which ends nothing.
            if change.state != ENROLLED:
                left = change if change.state == OPTED_OUT else None
                break
            if change.lawful or change.is_lawful(case.reading):
                stood = change
                if change.cause and program in self.routes.get(change.cause, ()):
                    return True
        if stood is None and not standing.of_contact:
            return False
        later = (held for held in _collected_since(case, stood or left) if self._opens(held, program))
        return any(stood is not None or case.would_have_enrolled(program, held) for held in later)

    def _opens(self, held: Held, program: Program) -> bool:
        cause = routes(held.act, held.categories, held.requests, held.unread).get(program)
        return cause is not None and program in self.routes.get(cause, ())


def _collected_since(case: Case, change: Change | None) -> Iterator[Held]:
    """Return the person's collections after a change, or all, without cancelled orders."""
    customer = case.customer
    since = EVER if change is None else change.moment
    for act in customer.by_act:
        for held in takewhile(lambda held: held.moment > since, customer.collections_of(act, case.moment)):
            if not customer.is_cancelled_order(held, case.moment):
                yield held


def _why_not(case: Case, program: Program, standing: Standing) -> Breach:
    """Return that somebody was not enrolled, with why: an opt-out, an end, an enrollment that does not count, or none.

    What shows it is the opt-out, not what somebody did since in spite of it.
    """
    code, last = "not_enrolled", case.customer.subscription(program, case.moment)
    if standing.opted_out is not None and (isinstance(case.event, DataUsed) or not standing.of_contact):
        known = (*particulars(because="opt_out"), *of_opt_out(case, program, standing.opted_out))
        return Breach(code, standing.opted_out.evidence, particulars=known, others=standing.opted_out.others)
    if last is None:
        return Breach(code, particulars=particulars(because="never_enrolled", program=program))
    if last.state == ENDED:
        known = particulars(because="enrollment_ended", program=program, ended_at=_ended_at(case.customer, last))
    elif last.state == OPTED_OUT:
        known = (*particulars(because="opt_out"), *of_opt_out(case, program, last))
    else:
        known = particulars(
            because="enrollment_does_not_count", program=program, cause=last.cause, enrolled_at=last.moment
        )
    return Breach(code, last.evidence, particulars=known)


def _ended_at(customer: Customer, ended: Change) -> Moment:
    """Return when an enrollment ended: at a correction, where that counts, as from the next instant on."""
    told = (*customer.corrections.told.values(), *customer.protections.annulled.values())
    by = (one for several in told for one in several if next_instant(one.at) == ended.moment.at)
    return next(by, ended.moment)

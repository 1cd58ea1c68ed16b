"""Rule kind `opt_out_permanent`: after an opt-out, nobody is enrolled or mailed again unless they ask anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import CustomerEnrolled, MessageSent
from domain.records.standing import had_left
from domain.rules.common.base import Breach, Case, OfHolders, Rule
from domain.rules.common.particulars import particulars
from domain.rules.common.particulars_of import of_opt_out
from domain.rules.common.programs import is_address_forgotten, is_in_grace, may_be_anothers, program_of
from domain.vocabulary import Act, Program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from domain.records.entries import Change, Held


class OptOutPermanent(Rule):
    """After an opt-out from `program`, only a later collection of one of the acts `reopened_by` opens it again.

    A registration reopens it if it asked for updates. An opt-out binds the person, whichever address they gave, and an
    opt-out that was told of an address binds all who have it.
    """

    concerns: ClassVar = frozenset({CustomerEnrolled, MessageSent})
    looks_back: ClassVar = True
    of_holders: ClassVar = OfHolders.PEACE
    reasons: ClassVar = {
        "enrolled_after_opt_out": "The person had left the program, and had not asked anew.",
        "mailed_after_opt_out": "The person had left the program.",
    }

    program: Program
    reopened_by: tuple[Act, ...]

    def is_tested(self, case: Case) -> bool:
        """Return whether the person had ever left the program, or nobody knows that or to whom the message went."""
        if program_of(case.event) is not self.program:
            return False
        if case.customer.is_late or is_address_forgotten(case, self.program):
            return True
        by_address = isinstance(case.event, MessageSent) and case.event.by_address
        return by_address or had_left(case.customer, self.program, case.moment)

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge enrollments and messages after an opt-out."""
        event = case.event
        if program_of(event) is not self.program:
            return
        standing = case.standing_with(self.program, self.reopened_by)
        yield from may_be_anothers(case, self.program, standing)
        if standing.opted_out is None or standing.change is None:
            return
        if isinstance(event, CustomerEnrolled):
            latest = standing.change
            # What the person asks for lifts an opt-out of their own, and not one of the address that they gave.
            if standing.of_address or not any(self._reopens(case, held, latest) for held in case.cited()):
                known = (*particulars(cause=event.cause), *of_opt_out(case, self.program, standing.opted_out))
                yield Breach("enrolled_after_opt_out", latest.evidence, particulars=known, others=latest.others)
        elif not is_in_grace(case, self.program, standing):
            known = of_opt_out(case, self.program, standing.opted_out)
            others = standing.opted_out.others
            yield Breach("mailed_after_opt_out", standing.opted_out.evidence, particulars=known, others=others)

    def reopening(self) -> Mapping[Program, frozenset[Act]]:
        """Return the program, with the acts that open it again."""
        return {self.program: frozenset(self.reopened_by)}

    def _reopens(self, case: Case, held: Held, opt_out: Change) -> bool:
        if held.act not in self.reopened_by or held.moment <= opt_out.moment:
            return False
        if case.customer.was_told_before(held, opt_out.moment):
            return False
        return held.act is not Act.REGISTRATION or "updates" in held.requests

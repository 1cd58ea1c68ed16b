"""Rule kind `opt_out_permanent`: once opted out, nobody is enrolled or mailed again unless they ask anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.customer import OPTED_OUT
from domain.events.customer import CustomerEnrolled, MessageSent
from domain.policy.rules.base import Breach, Case, Rule, grace_ends, marketing_program
from domain.vocabulary import Act, Program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.customer import Change, Held


class OptOutPermanent(Rule):
    """After an opt-out from `program`, only a later collection of one of the acts `reopened_by` opens it again.

    A registration reopens it where it asked for updates. It binds the person, whichever address they gave.
    """

    concerns: ClassVar = frozenset({CustomerEnrolled, MessageSent})

    program: Program
    reopened_by: tuple[Act, ...]

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge enrollments and messages after an opt-out."""
        event = case.event
        program = marketing_program(event) if isinstance(event, MessageSent) else None
        if isinstance(event, CustomerEnrolled):
            program = event.program
        if program is not self.program:
            return
        owed = case.customer.owed(self.program, case.moment)
        if owed is None or owed.state != OPTED_OUT:
            return
        if isinstance(event, CustomerEnrolled):
            cited = [held for name in event.relies_on if (held := case.customer.by_name.get(name))]
            if not any(self._reopens(held, owed) for held in cited):
                yield Breach("enrolled_after_opt_out", (owed.name,))
        elif case.moment.at >= grace_ends(case.policy, self.program, owed):
            yield Breach("mailed_after_opt_out", (owed.name,))

    def _reopens(self, held: Held, opt_out: Change) -> bool:
        if held.act not in self.reopened_by or held.moment <= opt_out.moment:
            return False
        return held.act is not Act.REGISTRATION or "updates" in held.requests

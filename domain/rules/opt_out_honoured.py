"""Rule kind `opt_out_honoured`: messages of a program have an unsubscribe link, and none follows an opt-out."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import MessageSent
from domain.moments import end_of
from domain.policy.status import Status
from domain.records.entries import OPTED_OUT
from domain.rules.common.base import Breach, Case, OfHolders, Rule, Settled
from domain.rules.common.particulars import particulars
from domain.rules.common.particulars_of import of_opt_out
from domain.rules.common.programs import grace_ends, is_in_grace, marketing_program, may_be_anothers, of_grace
from domain.vocabulary import Channel, Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.events import Event
    from domain.policy.model import Policy
    from domain.records.customer import Customer


class OptOutHonoured(Rule):
    """Messages of `program` stop once an opt-out's grace is over.

    With `needs_link` each e-mail of it carries a working link, and with `link_in_any` every other e-mail too. The grace
    is a parameter of the policy, one for each program. The time of a message is its hand-over. A message that was
    queued before the opt-out and handed over after it has a code of its own, as in flight.
    """

    concerns: ClassVar = frozenset({MessageSent})
    looks_back: ClassVar = True
    of_holders: ClassVar = OfHolders.PEACE
    reasons: ClassVar = {
        "in_flight_at_opt_out": "It was queued before the opt-out and handed over after it.",
        "mailed_after_opt_out": "The person had left the program.",
        "no_unsubscribe_link": "It had no unsubscribe link.",
    }

    program: Program
    needs_link: bool = False
    link_in_any: bool = False

    def is_tested(self, case: Case) -> bool:
        """Return whether it is a message of the program, or one that needs the link."""
        return self._is_in_program(case.event) or self._needs_link(case.event)

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one message."""
        event = case.event
        if isinstance(event, MessageSent) and self._needs_link(event) and not event.unsubscribe_link:
            known = particulars(channel=event.channel, purpose=event.purpose)
            yield Breach("no_unsubscribe_link", particulars=known)
        if not isinstance(event, MessageSent) or not self._is_in_program(event):
            return
        standing = case.standing(self.program)
        opted_out = standing.opted_out
        if opted_out and not is_in_grace(case, self.program, standing):
            in_flight = event.queued_at is not None and event.queued_at < opted_out.since.at
            code = "in_flight_at_opt_out" if in_flight else "mailed_after_opt_out"
            queued = particulars(queued_at=event.queued_at if in_flight else None)
            known = (*of_opt_out(case, self.program, opted_out), *of_grace(case, self.program, opted_out), *queued)
            yield Breach(code, opted_out.evidence, particulars=known, others=opted_out.others)
        yield from may_be_anothers(case, self.program, standing)

    def _is_in_program(self, event: Event) -> bool:
        return isinstance(event, MessageSent) and marketing_program(event) is self.program

    def _needs_link(self, event: Event) -> bool:
        if not self.needs_link or not isinstance(event, MessageSent) or event.channel is not Channel.EMAIL:
            return False
        return self.link_in_any or self._is_in_program(event)

    def settle(self, policy: Policy, customer: Customer, as_of: datetime) -> Iterator[Settled]:
        """Return the opt-outs whose grace still runs."""
        for change in customer.counted(self.program, end_of(as_of)):
            if change.state == OPTED_OUT and change.moment.at <= as_of:
                ends = grace_ends(policy, self.program, change)
                if as_of < ends:
                    known = particulars(program=self.program, opted_out_at=change.moment, due=ends)
                    yield Settled(Status.OPEN, change.position, ends, particulars=known)

"""Rule kind `opt_out_honoured`: every message of a program offers the way out, and none follows once it was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.customer import OPTED_OUT
from domain.events.customer import MessageSent
from domain.policy.rules.base import Breach, Case, Open, Rule, grace_ends, is_in_grace, marketing_program
from domain.vocabulary import Channel, Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.customer import Customer
    from domain.policy.model import Policy


class OptOutHonoured(Rule):
    """Messages of `program` stop once an opt-out's grace is over; with `needs_link` each e-mail carries a working link.

    The grace is a parameter of the policy, one for each program. A message's
    hand-over decides; one queued before the opt-out and handed over after it is told apart as in flight.
    """

    concerns: ClassVar = frozenset({MessageSent})

    program: Program
    needs_link: bool = False

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one message."""
        event = case.event
        if not isinstance(event, MessageSent) or marketing_program(event) is not self.program:
            return
        if self.needs_link and event.channel is Channel.EMAIL and not event.unsubscribe_link:
            yield Breach("no_unsubscribe_link")
        standing = case.standing(self.program)
        opted_out = standing.opted_out
        if opted_out and not is_in_grace(case, self.program, standing):
            in_flight = event.queued_at is not None and event.queued_at < opted_out.moment.at
            yield Breach("in_flight_at_opt_out" if in_flight else "mailed_after_opt_out", (opted_out.name,))

    def settle(self, policy: Policy, customer: Customer, as_of: datetime) -> Iterator[Open]:
        """Give the opt-outs whose grace still runs."""
        for change in customer.programs.get(self.program, ()):
            if change.state == OPTED_OUT and change.moment.at <= as_of:
                ends = grace_ends(policy, self.program, change)
                if as_of < ends:
                    yield Open(change.name, ends)

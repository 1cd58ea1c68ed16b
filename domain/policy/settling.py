"""What time has decided about a person, where entries of theirs were corrected: nothing turns kept by that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.moments import end_of
from domain.policy.status import Status
from domain.records.uncorrected import standing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.policy.model import Policy
    from domain.records.customer import Customer
    from domain.rules.common.base import Rule, Settled


def settled_by(rule: Rule, policy: Policy, customer: Customer, as_of: datetime) -> Iterator[Settled]:
    """Yield what a rule says that time has decided, and what it had said when an entry was corrected.

    What was broken by then stays broken, and what was kept then stays so where the wrong entry had asked for it.
    """
    left = standing(customer, end_of(as_of))
    if left is customer:
        yield from rule.settle(policy, customer, as_of)
        return
    before: dict[int, Settled] = {}
    corrected = {one.at for told in customer.corrections.told.values() for one in told if one.at < as_of}
    for at in sorted(corrected):
        known = rule.settle(policy, standing(customer, end_of(at)), at)
        before |= {one.event: one for one in known if one.status in {Status.BROKEN, Status.KEPT}}
    for settled in rule.settle(policy, left, as_of):
        known_before = before.pop(settled.event, settled)
        yield known_before if known_before.status is Status.BROKEN else settled
    yield from before.values()

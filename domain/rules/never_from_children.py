"""Rule kind `never_from_children`: nothing is collected from a known child, and a child's data is erased."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import DataCollected
from domain.policy.status import Status
from domain.rules.common.base import Breach, Case, Rule, Settled, later
from domain.vocabulary import Act

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.policy.model import Policy
    from domain.records.customer import Customer


class NeverFromChildren(Rule):
    """Once the company knows that a person is a child, it collects from them only in `except_acts`.

    A gift is such an act, because its data comes from the buyer. All that was collected must be erased within a time
    that is a parameter of the policy. If the knowledge comes from before an erasure, that erasure answered it, and only
    data from before the knowledge must still be erased.
    """

    concerns: ClassVar = frozenset({DataCollected})
    looks_back: ClassVar = True
    reasons: ClassVar = {
        "child_not_erased": "The person was known to be a child, and was not erased in time.",
        "collected_from_child": "The person was known to be a child.",
    }

    except_acts: tuple[Act, ...] = (Act.GIFT,)

    def is_tested(self, case: Case) -> bool:
        """Return whether the person was known to be a child before the event."""
        since = case.customer.child_since
        return since is not None and since < case.moment

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one collection."""
        event = case.event
        since = case.customer.child_since
        if isinstance(event, DataCollected) and event.act not in self.except_acts and since and since < case.moment:
            yield Breach("collected_from_child", (since.position,))

    def settle(self, policy: Policy, customer: Customer, as_of: datetime) -> Iterator[Settled]:
        """Return whether the child was erased in time."""
        since = customer.child_since
        if since is None:
            return
        learned_by = since.position
        collected = [held.moment for held in customer.by_position.values()]
        if customer.child_recalled:
            collected = [moment for moment in collected if moment < since]
        if not collected:
            return
        allowed_seconds = policy.parameters.child_erasure_seconds
        due = later(since.at, allowed_seconds)
        first = min(collected).at
        if first > due:
            due = later(first, allowed_seconds)  # There was nothing to erase before.
        erased_at, erased_by = customer.erased_at, customer.erased_by
        if erased_at is not None and erased_at <= due:
            yield Settled(Status.KEPT, learned_by, erased_at, events=(erased_by,))
        elif as_of <= due:
            yield Settled(Status.OPEN, learned_by, due)
        else:
            remedied = erased_by if erased_at is not None else None
            yield Settled(Status.BROKEN, learned_by, due, "child_not_erased", remedied=remedied)

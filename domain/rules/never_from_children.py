"""Rule kind `never_from_children`: nothing is collected from a known child, and a child's data is erased."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import DataCollected
from domain.policy.status import Status
from domain.rules.common.base import Breach, Case, Rule, Settled, later
from domain.rules.common.particulars import particulars
from domain.rules.common.particulars_of import told
from domain.vocabulary import Act

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.moments import Moment
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
        since = case.customer.protections.child_since(case.moment)
        return since is not None and since < case.moment

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one collection."""
        event = case.event
        since = case.customer.protections.child_since(case.moment)
        if isinstance(event, DataCollected) and event.act not in self.except_acts and since and since < case.moment:
            said = case.customer.protections.said.get(since.position, 0)  # Of somebody who had the name before, say.
            late = told(case, since._replace(position=said or since.position), is_elsewhere=bool(said))
            known = (*particulars(act=event.act, known_since=since, categories=event.categories), *late)
            shown = () if said else (since.position,)
            yield Breach("collected_from_child", shown, particulars=known, others=(said,) if said else ())

    def settle(self, policy: Policy, customer: Customer, as_of: datetime) -> Iterator[Settled]:
        """Return whether the child was erased in time."""
        for since in customer.protections.ages:
            due = _due(policy, customer, since)
            if due is None:
                continue
            # What was annulled in time asked for nothing; what was late by then stays late.
            if all(due < annulment.at for annulment in customer.protections.annulments(since.position)):
                yield _settled(customer, since, due, as_of)
                return


def _due(policy: Policy, customer: Customer, since: Moment) -> datetime | None:
    """Return until when somebody known to be a child since then had to be erased; None: there was nothing to erase."""
    # What a wrong entry gave is still held.
    collected = [held.moment for held in (customer.whole or customer).by_position.values()]
    if customer.protections.is_recalled(since.position):  # An erasure was all that this knowledge asked for then.
        collected = [moment for moment in collected if moment < since]
    if not collected:
        return None
    allowed_seconds = policy.parameters.child_erasure_seconds
    due, first = later(since.at, allowed_seconds), min(collected).at
    return due if first <= due else later(first, allowed_seconds)  # There was nothing to erase before.


def _settled(customer: Customer, since: Moment, due: datetime, as_of: datetime) -> Settled:
    """Return what time has decided about a child who was to be erased until then."""
    learned_by, erased_at, erased_by = since.position, customer.erased_at, customer.erased_by
    if erased_at is not None and erased_at <= due:
        return Settled(Status.KEPT, learned_by, erased_at, events=(erased_by,))
    if as_of <= due:
        return Settled(Status.OPEN, learned_by, due, particulars=particulars(known_since=since, due=due))
    remedied = erased_by if erased_at is not None else None
    late = (erased_at or as_of) - due
    known = particulars(known_since=since, due=due, erased_at=erased_at, late_seconds=int(late.total_seconds()))
    return Settled(Status.BROKEN, learned_by, due, "child_not_erased", remedied=remedied, particulars=known)

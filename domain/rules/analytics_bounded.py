"""Rule kind `analytics_bounded`: data sent to an analytics service does not identify a visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import DataShared
from domain.events.visitor import AnalyticsForwarded
from domain.policy.model import DataCategory
from domain.policy.status import Status
from domain.rules.common.base import Breach, Case, Rule, Settled
from domain.rules.common.particulars import outside, particulars
from domain.vocabulary import Role, within

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.policy.model import Policy
    from domain.records.company import Company


class AnalyticsBounded(Rule):
    """Only `categories` are forwarded about a browser, or shared with a recipient registered for analytics.

    No ledger can show what the service does with the data, so the promise is undecided while this half is kept.
    """

    concerns: ClassVar = frozenset({AnalyticsForwarded, DataShared})
    reasons: ClassVar = {
        "beyond_any_ledger": "No ledger can show what others do with the data that they were given.",
        "categories_beyond_bounds": "It holds categories outside the bounds.",
    }

    categories: tuple[DataCategory, ...]

    def is_tested(self, case: Case) -> bool:
        """Return whether data went to an analytics service."""
        if isinstance(case.event, DataShared):
            recipient = case.recipient()
            return recipient is not None and Role.ANALYTICS in recipient.roles
        return isinstance(case.event, AnalyticsForwarded)

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one forwarding or share."""
        event = case.event
        if not isinstance(event, AnalyticsForwarded | DataShared) or not self.is_tested(case):
            return
        if not within(event.categories, self.categories):
            beyond = outside(event.categories, (self.categories,))
            given = particulars(recipient=event.recipient, categories=beyond)
            yield Breach("categories_beyond_bounds", particulars=given)

    def settle_company(self, policy: Policy, company: Company, as_of: datetime) -> Iterator[Settled]:
        """Return that the other half cannot be decided."""
        del policy, company
        missing = particulars(not_recorded="what recipients do with the data")
        yield Settled(Status.INDETERMINATE, 0, as_of, "beyond_any_ledger", particulars=missing)

"""Rule kind `analytics_bounded`: what goes to an analytics service tells nobody who a visitor is."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import DataShared
from domain.events.visitor import AnalyticsForwarded
from domain.policy.model import DataCategory
from domain.policy.status import Status
from domain.rules.base import Breach, Case, Rule, Settled
from domain.vocabulary import Role, within

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.policy.model import Policy
    from domain.records.company import Company


class AnalyticsBounded(Rule):
    """Only `categories` are forwarded about a browser, or shared with a recipient registered for analytics.

    What the service can make of it is beyond any ledger, so the promise stays undecided while this half is unbroken.
    """

    concerns: ClassVar = frozenset({AnalyticsForwarded, DataShared})

    categories: tuple[DataCategory, ...]

    def is_tested(self, case: Case) -> bool:
        """Tell whether something went to an analytics service."""
        event = case.event
        if isinstance(event, DataShared):
            recipient = case.company.recipient(event.recipient, case.moment)
            return recipient is not None and Role.ANALYTICS in recipient.roles
        return isinstance(event, AnalyticsForwarded)

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge what was forwarded, or shared."""
        event = case.event
        if not isinstance(event, AnalyticsForwarded | DataShared) or not self.is_tested(case):
            return
        if not within(event.categories, self.categories):
            yield Breach("categories_beyond_bounds")

    def settle_company(self, policy: Policy, company: Company, as_of: datetime) -> Iterator[Settled]:
        """Say that the other half cannot be decided."""
        del policy, company
        yield Settled(Status.INDETERMINATE, "", as_of, "beyond_any_ledger")

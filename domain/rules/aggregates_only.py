"""Rule kind `aggregates_only`: some recipients get tables of counts, and nothing about a single person."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.company import AggregateReleased
from domain.events.customer import DataShared
from domain.policy.model import DataCategory, RoleName
from domain.rules.base import Breach, Case, Rule, used_categories
from domain.vocabulary import within

if TYPE_CHECKING:
    from collections.abc import Iterator


class AggregatesOnly(Rule):
    """Tables of counts may be released; recipients in `roles` get nothing else, save `allowed_categories`."""

    concerns: ClassVar = frozenset({AggregateReleased, DataShared})

    roles: tuple[RoleName, ...]
    allowed_categories: tuple[DataCategory, ...] = ()

    def is_tested(self, case: Case) -> bool:
        """Tell whether it is a release, or a share with one of these recipients."""
        event = case.event
        if isinstance(event, DataShared):
            recipient = case.company.recipient(event.recipient, case.moment)
            return recipient is not None and any(role in self.roles for role in recipient.roles)
        return True

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one share."""
        event = case.event
        is_given = isinstance(event, DataShared) and self.is_tested(case)
        if is_given and not within(used_categories(event), self.allowed_categories):
            yield Breach("row_level_release")

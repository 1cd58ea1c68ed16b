"""Rule kind `aggregates_only`: some recipients get tables of counts, and no data about single persons."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.company import AggregateReleased
from domain.events.customer import DataShared
from domain.grounds import used_categories
from domain.policy.model import DataCategory, RoleName
from domain.rules.common.base import Breach, Case, Rule
from domain.rules.common.particulars import outside, particulars
from domain.vocabulary import within

if TYPE_CHECKING:
    from collections.abc import Iterator


class AggregatesOnly(Rule):
    """Tables of counts may be released. Recipients in `roles` get nothing else, except `allowed_categories`."""

    concerns: ClassVar = frozenset({AggregateReleased, DataShared})
    reasons: ClassVar = {
        "row_level_release": "Data about single persons went to a recipient that may get counts only.",
    }

    roles: tuple[RoleName, ...]
    allowed_categories: tuple[DataCategory, ...] = ()

    def is_tested(self, case: Case) -> bool:
        """Return whether it is a release, or a share with one of these recipients."""
        if isinstance(case.event, DataShared):
            recipient = case.recipient()
            return recipient is not None and any(role in self.roles for role in recipient.roles)
        return True

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one share."""
        event = case.event
        if not isinstance(event, DataShared) or not self.is_tested(case):
            return
        if not within(used_categories(event), self.allowed_categories):
            recipient = case.recipient()
            yield Breach(
                "row_level_release",
                particulars=particulars(
                    recipient=event.recipient,
                    roles=recipient.roles if recipient else (),
                    categories=outside(used_categories(event), (self.allowed_categories,)),
                ),
            )

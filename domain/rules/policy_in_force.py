"""Rule kind `policy_in_force`: whatever is done with data, the policy is in force, in the text that is audited."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import DataCollected, DataShared, DataUsed
from domain.policy.force import in_force
from domain.policy.status import Status
from domain.rules.base import Breach, Case, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator


class PolicyInForce(Rule):
    """At every collection, use and share a version of the policy is in force, and is the text that is audited.

    The published digest shows that it is: the policy file's, or that of the company's own words. Of another version the
    text is not at hand, so nothing can be said; nor of a time before the text was first seen in public, unless it is on
    record since when it binds. With `online_only`, what was collected offline, and what is done with nothing but that,
    is not concerned.
    """

    concerns: ClassVar = frozenset({DataCollected, DataUsed, DataShared})
    at_append: ClassVar = False

    online_only: bool = False

    def is_tested(self, case: Case) -> bool:
        """Tell whether it happened online, if only that is concerned."""
        if not self.online_only:
            return True
        if isinstance(case.event, DataCollected):
            return case.event.online
        grounds = list(case.cited())
        return not grounds or any(held.online for held in grounds)

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one collection, use or share."""
        if not self.is_tested(case):
            return
        policy = case.policy
        step = in_force(policy, case.company, case.moment)
        if step is None:
            yield Breach("no_policy_in_force")
            return
        version = step.version
        shown = (version.published.name,) if version.published else ()
        if version.version == policy.version and not version.is_same_text:
            yield Breach("other_text", shown)
        elif not version.is_audited:
            yield Breach("text_unknown", shown, status=Status.INDETERMINATE)
        elif not version.is_dated and case.moment.at < policy.observed_at:
            yield Breach("before_observed", shown, status=Status.INDETERMINATE)

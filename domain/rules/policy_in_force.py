"""Rule kind `policy_in_force`: the audited text is in force whenever data is collected, used or shared."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import DataCollected, DataShared, DataUsed
from domain.moments import start_of
from domain.policy.force import in_force, timeline
from domain.policy.status import Status
from domain.records.company import EVER
from domain.rules.common.base import Breach, Case, Rule
from domain.rules.common.particulars import particulars

if TYPE_CHECKING:
    from collections.abc import Iterator


class PolicyInForce(Rule):
    """At every collection, use and share a version of the policy is in force, and it is the audited text.

    The published digest shows this: it is that of the policy file, or of the company's own words. The promise is
    undecided if another version is in force, because its text is not at hand. It is undecided before the text was first
    seen in public, unless the record says when the text took effect. With `online_only`, offline collections, and uses
    and shares that rely on these alone, are not judged.
    """

    concerns: ClassVar = frozenset({DataCollected, DataUsed, DataShared})
    at_append: ClassVar = False
    reasons: ClassVar = {
        "before_observed": "It was before the text was first seen in public, and no record says since when it binds.",
        "no_policy_in_force": "No version of the policy was in force.",
        "other_text": "The version in force was published with another text than the audited one.",
        "text_unknown": "Another version was in force, and its text is not at hand.",
    }

    online_only: bool = False

    def is_tested(self, case: Case) -> bool:
        """Return whether it happened online, or offline events are judged too."""
        if not self.online_only:
            return True
        if isinstance(case.event, DataCollected):
            return case.event.online
        grounds = list(case.cited())
        return not grounds or any(held.online for held in grounds)

    def rests_on(self, case: Case) -> tuple[int, ...]:
        """Return the publication of the version in force."""
        step = in_force(case.policy, case.company, case.moment)
        return (step.version.published.position,) if step and step.version.published else ()

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one collection, use or share."""
        if not self.is_tested(case):
            return
        policy = case.policy
        step = in_force(policy, case.company, case.moment)
        if step is None:
            first = next(iter(timeline(policy, case.company)), None)
            known = particulars(expected=policy.version, in_force_since=first.since if first else None)
            yield Breach("no_policy_in_force", particulars=known)
            return
        version = step.version
        shown = (version.published.position,) if version.published else ()
        known = particulars(version=version.version, in_force_since=step.since if step.since != EVER else None)
        if version.version == policy.version and not version.is_same_text:
            yield Breach("other_text", shown, particulars=known)
        elif not version.is_audited:
            known = (*known, *particulars(expected=policy.version))
            yield Breach("text_unknown", shown, status=Status.INDETERMINATE, particulars=known)
        elif not version.is_dated and case.moment.at < policy.observed_at:
            seen = particulars(version=version.version, observed_at=start_of(policy.observed_at))
            yield Breach("before_observed", shown, status=Status.INDETERMINATE, particulars=seen)

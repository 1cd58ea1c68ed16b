"""Rule kind `notice_posted`: one location always carries the notice in the version in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from domain.events.visitor import AnalyticsForwarded
from domain.policy.force import timeline
from domain.policy.notices import NOTICE_REASONS, Location, settle_location
from domain.rules.common.base import Breach, Case, Rule, Settled
from domain.rules.common.particulars import particulars

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from domain.policy.force import Step
    from domain.policy.model import Policy
    from domain.records.company import Company, Posting


class NoticePosted(Rule):
    """From the first publication on, `location` carries the version in force, without a gap.

    After each publication that takes effect there is a time to post it, which is a parameter of the policy. If nothing
    was ever published, the duty begins with the first posting; if nothing was posted either, there is no duty. With
    `no_server_side`, our server never forwards analytics data either, because a browser cannot refuse that.
    """

    concerns: ClassVar = frozenset({AnalyticsForwarded})
    reasons: ClassVar = {
        **NOTICE_REASONS,
        "forwarded_by_server": "Our server forwarded it, which no browser can refuse.",
    }

    location: Annotated[str, Field(min_length=1)]
    no_server_side: bool = False

    def is_tested(self, case: Case) -> bool:
        """Return whether it judges forwarding at all."""
        return self.no_server_side and isinstance(case.event, AnalyticsForwarded)

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one forwarding of analytics data."""
        event = case.event
        if self.no_server_side and isinstance(event, AnalyticsForwarded) and event.server_side:
            given = particulars(recipient=event.recipient, categories=event.categories)
            yield Breach("forwarded_by_server", particulars=given)

    def settle_company(self, policy: Policy, company: Company, as_of: datetime) -> Iterator[Settled]:
        """Return each gap, and each publication whose time to post still runs or was kept."""
        steps = timeline(policy, company)
        postings = company.postings(self.location)
        location = _begun(self.location, steps, company, postings)
        if location is not None:
            yield from settle_location(location, steps, policy.parameters.notice_within_seconds, postings, as_of)


def _begun(name: str, steps: Sequence[Step], company: Company, postings: Sequence[Posting]) -> Location | None:
    """Return the location and what began its duty: the first publication to take effect, or else the first posting."""
    if company.was_published():
        return next((Location(step.fact, step.since.at, name=name) for step in steps if step.fact), None)
    posted = next((one for one in postings if one.is_posted), None)
    return Location(posted.position, posted.moment.at, at_once=True, name=name) if posted else None

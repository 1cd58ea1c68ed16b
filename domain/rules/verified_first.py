"""Rule kind `verified_first`: identity is verified before a report is issued or a value is corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import AccessReportIssued, DataCorrected
from domain.records.rights import ACCESS, CORRECTION
from domain.rules.common.base import Breach, Case, Rule
from domain.rules.common.particulars import particulars

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.records.rights import Matter


class VerifiedFirst(Rule):
    """A report or a correction comes after a passed verification for the same request, in the order of the log.

    Any method will do. A verification does not carry over from one request to another, nor to one that is told again
    under an id that was answered.
    """

    concerns: ClassVar = frozenset({AccessReportIssued, DataCorrected})
    looks_back: ClassVar = True
    by_position: ClassVar = True
    reasons: ClassVar = {"not_verified_first": "The identity behind the request had not been verified before."}

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one report or correction."""
        event = case.event
        if not isinstance(event, AccessReportIssued | DataCorrected):
            return
        customer = case.customer
        matter = customer.rights.matters.get(customer.stands_for(event.request_code))
        # Streams that were joined only later were another person's, as could be known then.
        own = customer.joins.streams_at(event.originator_id, case.moment.at)
        of_person = (one for one in (matter.verified if matter else ()) if one.stream is None or one.stream in own)
        since = _answered_before(case, matter) if matter else 0
        verified = sorted((one for one in of_person if one.position > since), key=lambda one: one.position)
        if not verified or verified[0].moment.position >= case.moment.position:
            asked = min((one.moment for one in matter.requests), default=None) if matter else None
            first = verified[0].moment if verified else None
            known = particulars(verifications=len(verified), requested_at=asked, verified_at=first)
            yield Breach("not_verified_first", tuple(one.position for one in verified[:1]), particulars=known)


def _answered_before(case: Case, matter: Matter) -> int:
    """Return the position of the last answer that was told between two requests of one code; 0: there is none."""
    told = [one.position for one in matter.requests if one.position < case.moment.position]
    answers = (one.position for kind in (ACCESS, CORRECTION) for one in matter.answers(kind))
    return max((one for one in answers if told and min(told) < one < max(told)), default=0)

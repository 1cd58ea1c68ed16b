"""Rule kind `attested`: somebody vouches for what no record can show, again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from domain.events.company import IncidentRecorded
from domain.policy.status import Status
from domain.rules.common.base import Breach, Case, Rule, Settled
from domain.rules.common.particulars import particulars

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.policy.model import Policy
    from domain.records.company import Company


class Attested(Rule):
    """The latest attestation of each of `kinds` must not have expired; without one, the promise is undecided.

    With `no_unauthorised_reads`, an incident in which records were read unlawfully breaks it, whatever is attested.
    """

    concerns: ClassVar = frozenset({IncidentRecorded})
    reasons: ClassVar = {
        "attestation_lapsed": "Nobody has vouched for it since the last attestation ran out.",
        "not_attested": "Nobody has vouched for it.",
        "unauthorised_reads": "Records were read without authority.",
    }

    kinds: Annotated[tuple[Literal["physical", "electronic", "managerial", "site_review"], ...], Field(min_length=1)]
    no_unauthorised_reads: bool = False

    def is_tested(self, case: Case) -> bool:
        """Return whether it judges incidents at all."""
        return self.no_unauthorised_reads and isinstance(case.event, IncidentRecorded)

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one incident."""
        event = case.event
        if self.no_unauthorised_reads and isinstance(event, IncidentRecorded) and event.unauthorised_reads > 0:
            read = particulars(unauthorised_reads=event.unauthorised_reads, categories=event.categories)
            yield Breach("unauthorised_reads", particulars=read)

    def settle_company(self, policy: Policy, company: Company, as_of: datetime) -> Iterator[Settled]:
        """Return, for each kind, the latest attestation, and whether it has expired: its end is no longer covered."""
        del policy
        for kind in self.kinds:
            made = company.attestations.get(kind, ())
            latest = made[-1] if made else None
            if latest is None:
                missing = particulars(attestation=kind)
                yield Settled(Status.INDETERMINATE, 0, as_of, "not_attested", particulars=missing)
                continue
            known = particulars(attestation=kind, attested_at=latest.moment, covered_until=latest.until)
            if latest.until > as_of:
                yield Settled(Status.ATTESTED, latest.position, latest.until, particulars=known)
            else:
                lapsed = "attestation_lapsed"
                yield Settled(Status.INDETERMINATE, latest.position, latest.until, lapsed, particulars=known)

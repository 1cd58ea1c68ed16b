"""What will lapse unless the company acts: attestations that run out, notices that have yet to be posted.

The rules of the policy say what time alone would decide, as in an audit. An audit shows what has lapsed already. A
registration has no end, so a recipient never lapses, and a collection point only as the location of a notice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from domain.policy.status import Status

if TYPE_CHECKING:
    from datetime import datetime

    from domain.policy.judge import Judge
    from domain.records.company import Company

_LAPSING: Final = frozenset({Status.BROKEN, Status.OPEN, Status.INDETERMINATE, Status.ATTESTED})


class Lapse(NamedTuple):
    """A promise lapses at a time: `event` runs out or sets the deadline, `events` are others (positions)."""

    at: datetime
    promise: str
    event: int
    events: tuple[int, ...] = ()


def lapses(judge: Judge, company: Company, now: datetime, until: datetime) -> list[Lapse]:
    """Return what lapses after `now` and no later than `until`, in order of time; `company` is as it is now."""
    found = {
        Lapse(settled.at, promise, settled.event, settled.events)
        for promise, settled in judge.settle_company(company, until)
        if settled.event and settled.status in _LAPSING and now < settled.at <= until
    }
    return sorted(found)

"""What the company is about to let lapse: attestations that run out, notices that have yet to be posted.

Promise: pure, and told by the same rules as an audit: whatever time alone would decide, were nothing done until then.
What has lapsed already is an audit's to tell. Recipients and collection points are registered without an end, so a
recipient never lapses, and a point only as the location of a notice.
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
    """A promise lapses at a time: `event` is the fact that runs out or asks for something, `events` more about it."""

    at: datetime
    promise: str
    event: str
    events: tuple[str, ...] = ()


def lapses(judge: Judge, company: Company, now: datetime, until: datetime) -> list[Lapse]:
    """Give what lapses after `now` and no later than `until`, the first of it first; `company` is as it is now."""
    found = {
        Lapse(settled.at, promise, settled.event, settled.events)
        for promise, settled in judge.settle_company(company, until)
        if settled.event and settled.status in _LAPSING and now < settled.at <= until
    }
    return sorted(found)

"""What rule kinds share about offers: a purpose that needs an offer to opt out, made in time, and no objection.

`offer_first` and `shared_after` ask for one; `purposes_limited` and `recipients_limited` accept one as a cure.
"""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Final

from domain.records.objections import objected_to
from domain.rules.common.base import Breach
from domain.rules.common.particulars import particulars
from domain.rules.common.particulars_of import told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from domain.moments import Moment
    from domain.records.objections import Objected
    from domain.rules.common.base import Case
    from domain.rules.common.particulars import Particulars

OFFER_REASONS: Final[Mapping[str, str]] = {
    "no_offer": "No offer to opt out of this purpose had stood long enough.",
    "objected": "The person had objected to this purpose.",
}


def missing_offer(case: Case, purpose: str, seconds: int | None = None) -> Iterator[Breach]:
    """Return the breaches of a purpose that needs an offer to opt out: no offer stood long enough, or an objection.

    Long enough is this many seconds; None: the time that the policy sets for unrelated purposes.
    """
    rights, now = case.customer.rights, case.moment
    stood = timedelta(seconds=case.policy.parameters.unrelated_offer_seconds if seconds is None else seconds)
    offers = [one for one in rights.offers.get(purpose, ()) if one.moment <= now]
    if not any(now.at - one.moment.at >= stood for one in offers):
        known = _how_long(case, purpose, stood, [one.moment for one in offers])
        yield Breach("no_offer", tuple(one.position for one in offers), particulars=known)
    objected = objected_to(case.customer, purpose, now, case.sent_to)
    if objected is not None:
        said = objected.said or objected.moment
        since = (*particulars(purpose=purpose, objected_at=said), *_told(case, objected))
        yield Breach("objected", objected.evidence, particulars=since)


def _how_long(case: Case, purpose: str, needed: timedelta, offers: Sequence[Moment]) -> Particulars:
    """Return how long an offer had stood, and how much of the time was missing; or that there was none."""
    asked = particulars(purpose=purpose, needed_seconds=int(needed.total_seconds()), offers=len(offers))
    if not offers:
        return asked
    first = min(offers)
    stood = case.moment.at - first.at
    missing = (needed - stood).total_seconds()
    return (
        *asked,
        *particulars(offered_at=first, stood_seconds=int(stood.total_seconds()), missing_seconds=ceil(missing)),
    )


def _told(case: Case, objected: Objected) -> Particulars:
    since = objected.said or objected.moment
    return told(case, since._replace(position=objected.learned or since.position), is_elsewhere=not objected.evidence)


def was_offered(case: Case, purpose: str) -> bool:
    """Return whether the person was offered an opt-out from a purpose in time, and did not object."""
    now = case.moment
    stood = timedelta(seconds=case.policy.parameters.unrelated_offer_seconds)
    offers = case.customer.rights.offers.get(purpose, ())
    is_in_time = any(one.moment <= now and now.at - one.moment.at >= stood for one in offers)
    return is_in_time and objected_to(case.customer, purpose, now, case.sent_to) is None

"""What rule kinds share about offers: a purpose that needs an offer to opt out, made in time, and no objection.

`offer_first` and `shared_after` ask for one; `purposes_limited` and `recipients_limited` accept one as a cure.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from domain.records.objections import objected_to
from domain.rules.common.base import Breach

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from domain.rules.common.base import Case

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
        yield Breach("no_offer", tuple(one.position for one in offers))
    objected = objected_to(case.customer, purpose, now, case.sent_to)
    if objected is not None:
        yield Breach("objected", objected.events)


def was_offered(case: Case, purpose: str) -> bool:
    """Return whether the person was offered an opt-out from a purpose in time, and did not object."""
    return not any(missing_offer(case, purpose))

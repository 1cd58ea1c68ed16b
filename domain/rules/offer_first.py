"""Rule kind `offer_first`: what nobody foresaw is done only after the person could say no, and not if they did."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import DataShared, DataUsed, MessageSent
from domain.rules.base import Breach, Case, Rule, enrolled_by, want_of_offer

if TYPE_CHECKING:
    from collections.abc import Iterator


class OfferFirst(Rule):
    """An unrelated purpose needs an offer to opt out of it, made to this person long enough before, and no objection.

    How long is a parameter of the policy. A purpose is unrelated unless every ledger knows it or the company registered
    it as related. With `online_only`, what relies on nothing but collections made offline is not bound.
    """

    concerns: ClassVar = frozenset({DataUsed, DataShared, MessageSent})

    online_only: bool = True

    def is_tested(self, case: Case) -> bool:
        """Tell whether the purpose is unrelated, and the data was provided online."""
        event = case.event
        if not isinstance(event, DataUsed | MessageSent) or not case.company.is_unrelated(event.purpose, case.moment):
            return False
        relied = [*case.cited(), *enrolled_by(case)]
        is_offline = bool(relied) and not any(held.online for held in relied)
        return not (self.online_only and is_offline)

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one use, share or message."""
        event = case.event
        if isinstance(event, DataUsed | MessageSent) and self.is_tested(case):
            yield from want_of_offer(case, event.purpose)

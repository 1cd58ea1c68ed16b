"""Rule kind `offer_first`: an unrelated purpose needs an offer to opt out first, and no objection."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import ACTS, DataShared, DataUsed, MessageSent
from domain.rules.common.base import Breach, Case, OfHolders, Rule
from domain.rules.common.grounds import grounds_of, is_allowed_for_an_act
from domain.rules.common.offers import OFFER_REASONS, missing_offer

if TYPE_CHECKING:
    from collections.abc import Iterator


class OfferFirst(Rule):
    """An unrelated purpose needs an offer to opt out of it, made to this person long enough before, and no objection.

    How long is a parameter of the policy. A purpose is unrelated unless every ledger knows it or the company registered
    it as related. So is one that the policy allows for no act, where no collection is on record of what is used. With
    `online_only`, an event that relies on offline collections alone is not judged.
    """

    concerns: ClassVar = frozenset({DataUsed, DataShared, MessageSent})
    looks_back: ClassVar = True
    reasons: ClassVar = OFFER_REASONS
    of_holders: ClassVar = OfHolders.OBJECTION

    online_only: bool = True

    def is_tested(self, case: Case) -> bool:
        """Return whether the purpose is unrelated, and the data was provided online."""
        event = case.event
        if not isinstance(event, ACTS):
            return False
        for ground in case.grounds:
            if not ground.held and not is_allowed_for_an_act(case, event.purpose):
                return True
        if not case.company.is_unrelated(event.purpose, case.moment):
            return False
        grounds = grounds_of(case)
        is_offline = bool(grounds) and not any(held.online for held in grounds)
        return not (self.online_only and is_offline)

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one use, share or message."""
        event = case.event
        if isinstance(event, ACTS) and self.is_tested(case):
            yield from missing_offer(case, event.purpose)

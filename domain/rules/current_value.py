"""Rule kind `current_value`: once a value has been corrected, the old one is no longer used."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import ACTS, DataShared, DataUsed, MessageSent
from domain.grounds import used_categories
from domain.naming import Named
from domain.rules.common.base import Breach, Case, OfHolders, Rule
from domain.rules.common.particulars import particulars
from domain.rules.common.particulars_of import of_collection
from domain.vocabulary import Channel, holds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.moments import Moment
    from domain.records.rights import Corrected


class CurrentValue(Rule):
    """A use, share or message must not take the value of a collection that has been corrected since.

    An event that names no collection for its value took the current one, but for a message that says to which address
    it went. A value collected after a correction is current too. A message that was told under an address took a
    superseded value if that is so for everybody who has the address; where it is for some, nobody knows.
    """

    concerns: ClassVar = frozenset({DataUsed, DataShared, MessageSent})
    looks_back: ClassVar = True
    asks_address: ClassVar = True
    of_holders: ClassVar = OfHolders.VALUE
    reasons: ClassVar = {"stale_value": "It took a value that had been corrected since."}

    def is_tested(self, case: Case) -> bool:
        """Return whether something that the event uses had been corrected before."""
        return any(self._corrections(case))

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge which value one use, share or message took."""
        event = case.event
        if not isinstance(event, ACTS):
            return
        held = case.customer.by_position.get(event.value_from or 0)
        taken = [] if held is None else [(held.moment, held.categories)]
        if given := self._address_given(case):
            taken.append((given, used_categories(event)))
        stale = {
            one.position: one
            for since, categories in taken
            for one in self._corrections(case)
            if one.moment > since and holds(categories, one.category)
        }
        if stale:
            known = particulars(
                categories=tuple(dict.fromkeys(one.category for one in stale.values())),
                corrected_at=min(one.moment for one in stale.values()),
                value_of=Named(held.position) if held else None,
            )
            yield Breach(
                "stale_value", tuple(stale), particulars=(*known, *(of_collection(case, held) if held else ()))
            )

    @staticmethod
    def _address_given(case: Case) -> Moment | None:
        """Return when the person last gave the address to which a message of theirs went; None: it is not theirs."""
        event, contacts = case.event, case.customer.contacts
        if case.sent_to is None or not isinstance(event, MessageSent):
            return None
        if event.channel is not Channel.EMAIL:
            return None
        return contacts.last_given(case.sent_to, case.moment)

    @staticmethod
    def _corrections(case: Case) -> Iterator[Corrected]:
        used = used_categories(case.event)
        return (
            one for one in case.customer.rights.corrections if one.moment <= case.moment and holds(used, one.category)
        )

"""Reading facts and names as an installation does: with its default region for numbers, and its earliest time.

Every door reads by the `Contract` of its installation. `parse_fact` is for what Pledger states itself: its contact
points stand in their normal form, and need no region.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from adapters.addresses import LibraryAddresses
from domain import facts
from domain.facts.fields import Conventions, Subject, parse_subject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.settings import Settings
    from domain.facts import Fact


class Contract(Conventions):
    """The wire contract, read by these conventions."""

    @classmethod
    def of(cls, settings: Settings) -> Contract:
        """Return the contract as settings have it."""
        return cls(LibraryAddresses(settings.phone_region), settings.earliest_time)

    def fact(self, raw: bytes | str | Mapping[str, Any]) -> Fact:
        """Return the fact that a CloudEvent states. Raises `MalformedFact` with every problem."""
        return facts.parse_fact(raw, self)

    def name(self, text: str) -> Subject:
        """Return the subject that a text such as `customer:17850` names. Raises ValueError."""
        return parse_subject(text, self.addresses)


OWN: Final = Contract(LibraryAddresses())
parse_fact = OWN.fact
parse_name = OWN.name

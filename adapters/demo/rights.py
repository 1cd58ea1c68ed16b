"""The requests of the demo's people about their own data, and the helpdesk's answers.

Identity is checked before anything is given or changed, and every request is answered before the demo ends. None of
these facts is delivered late, since the promise to verify first goes by position, not by time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.demo.people import address
from adapters.demo.shop import CARRIER
from domain.vocabulary import ADDRESS, EMAIL

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.demo.people import Shopper
    from adapters.demo.shop import SimulatedShop


class Helpdesk:
    """Schedules the answers to people's letters and requests."""

    def __init__(self, shop: SimulatedShop) -> None:
        self._shop = shop
        self._simulation = shop.simulation

    def write_in(self, who: Shopper, when: datetime) -> None:
        """Record a message from `who`, and schedule the answer within two days."""
        reference = self._shop.number("T")
        self._shop.collect(who, when, "inbound_message", reference, EMAIL)
        cited = {"act": "inbound_message", "reference": reference}
        self._simulation.after(when, 2, 48, lambda at: self._shop.message(who, at, "answer_message", relying_on=cited))

    def ask_for_report(self, who: Shopper, when: datetime, *, proves: bool = True) -> None:
        """Record a request for a report; schedule the report, or a denial if the identity is not proven."""
        request = self._shop.number("Q")
        self._record(who, when, request, "access_request")
        self._simulation.after(when, 1, 5, lambda at: self._verify(who, at, request, proves=proves))
        if proves:
            self._simulation.after(when, 6, 40, lambda at: self._report(who, at, request))
        else:
            self._simulation.after(when, 6, 40, lambda at: self._deny(who, at, request))

    def ask_for_correction(self, who: Shopper, when: datetime, *, proves: bool = True) -> None:
        """Record a request to correct an address; schedule the correction, with notice to the carrier, or a denial."""
        request = self._shop.number("Q")
        self._record(who, when, request, "correction_request", category=ADDRESS, shows_error=True)
        self._simulation.after(when, 1, 5, lambda at: self._verify(who, at, request, proves=proves))
        if proves:
            self._simulation.after(when, 6, 40, lambda at: self._correct(who, at, request))
        else:
            self._simulation.after(when, 6, 40, lambda at: self._deny(who, at, request))

    def _verify(self, who: Shopper, when: datetime, request: str, *, proves: bool) -> None:
        self._record(who, when, request, "identity_verification", method="e-mail code", passed=proves)

    def _report(self, who: Shopper, when: datetime, request: str) -> None:
        self._record(who, when, request, "access_report_issued")

    def _correct(self, who: Shopper, when: datetime, request: str) -> None:
        who.address = address(sum(map(ord, who.email + request)))
        self._record(who, when, request, "correction", category=ADDRESS, value=who.address)
        if who.ordered:
            self._record(who, when, request, "recipient_notified", recipient=CARRIER)

    def _deny(self, who: Shopper, when: datetime, request: str) -> None:
        self._record(
            who, when, request, "request_denied", reason="The identity behind the request could not be verified."
        )

    def _record(self, who: Shopper, when: datetime, request: str, word: str, **more: object) -> None:
        name = f"/helpdesk {request.lower()}-{word.replace('_', '-')}"
        self._simulation.record(name, word, when, {"request": request, **more}, who)

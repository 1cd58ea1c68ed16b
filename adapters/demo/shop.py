"""What the demo's shop does, and the facts that it records.

Nothing here breaks a promise under the harmonised reading: an order's data serves that order only, a gift's data its
delivery only, and marketing goes only to people whom the book has enrolled. The breaches are in `breaches.py`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from adapters.demo.people import GENDER
from adapters.demo.simulation import NO_DELAY
from domain.times import rfc3339
from domain.vocabulary import ADDRESS, EMAIL, NAME, PAYMENT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from adapters.demo.people import Shopper
    from adapters.demo.simulation import Simulation

NOTICE: Final = "2016-03-14"
CARRIER: Final = "northway-parcels"
PAYMENTS: Final = "pennybridge-pay"
HELD_IN: Final = "payment-vault"
TOLD_LATE: Final = 0.5
BY_ADDRESS: Final = 0.4
"""The share, among the newsletters that lead to an opt-out, of those recorded days after it."""

POINT_OF_ACT: Final = {
    "order": "checkout",
    "gift": "checkout",
    "contest_entry": "contest-page",
    "promotional_request": "offers-form",
    "catalog_request": "catalog-form",
    "registration": "registration-form",
    "account": "account-page",
    "inbound_message": "inbox",
}


@dataclass(frozen=True, slots=True)
class Basket:
    """An order to place.

    An empty `reference` is made up. An order with `gift_to` is shipped to that person. `also` are contact points
    of the buyer.
    """

    reference: str = ""
    gift_to: Shopper | None = None
    cancelled: bool = False
    also: tuple[str, ...] = ()


class SimulatedShop:
    """The shop in a simulation: each method records what happens, changes the book, and schedules what follows."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self._numbers: Counter[str] = Counter()

    def number(self, prefix: str) -> str:
        """Return the next reference with that prefix."""
        self._numbers[prefix] += 1
        return f"{prefix}-{10_000 + self._numbers[prefix]}"

    def collect(
        self, who: Shopper, when: datetime, act: str, reference: str, *categories: str, **more: object
    ) -> datetime:
        """Record that these categories of `who` were collected; `more` are further fields of the fact's data."""
        data = {
            "act": act,
            "reference": reference,
            "collection_point": POINT_OF_ACT[act],
            "notice": NOTICE,
            "values": who.values(*categories),
            **({"held_in": HELD_IN} if PAYMENT in categories else {}),
            **more,
        }
        suffix = "gift" if act == "gift" else "collect"
        return self.simulation.record(f"/website {reference.lower()}-{suffix}", "collection", when, data, who)

    def use(self, who: Shopper, when: datetime, purpose: str, reference: str, *categories: str) -> None:
        """Record that data collected under `reference` was used for `purpose`."""
        data = {"purpose": purpose, "categories": list(categories), "reference": reference}
        name = f"/shop {reference.lower()}-{purpose.replace('_', '-')}"
        self.simulation.record(name, "use", when, data, who, delay=self.simulation.relay_delay())

    def share(self, who: Shopper, when: datetime, to: str, purpose: str, reference: str, *categories: str) -> None:
        """Record that data collected under `reference` went to a recipient for `purpose`."""
        data = {"recipient": to, "purpose": purpose, "categories": list(categories), "reference": reference}
        source = "/payments" if to == PAYMENTS else "/warehouse"
        suffix = "gift-share" if who.subject.startswith("guest:") else "share"
        name = f"{source} {reference.lower()}-{suffix}-{to}"
        self.simulation.record(name, "share", when, data, who, delay=self.simulation.relay_delay())

    def message(
        self, who: Shopper, when: datetime, purpose: str, *, delay: timedelta = NO_DELAY, **more: object
    ) -> datetime:
        """Record that a message was handed over: by e-mail, with an unsubscribe link, unless `more` says otherwise."""
        number = self.number("m")
        data = {
            "channel": "email",
            "purpose": purpose,
            "unsubscribe_link": more.get("channel") != "post",
            "message_id": f"{number}@mail.example.com",
            **more,
        }
        return self.simulation.record(f"/mail {number}", "message", when, data, who, delay=delay)

    def order(self, who: Shopper, when: datetime, basket: Basket) -> None:
        """Record an order, placed, paid and confirmed; it is then cancelled, or shipped (a gift to the friend)."""
        reference, gift_to = basket.reference or self.number("O"), basket.gift_to
        more = {"also": list(basket.also)} if basket.also else {}
        when = self.collect(who, when, "order", reference, NAME, ADDRESS, EMAIL, PAYMENT, **more)
        who.mail.permitted()
        who.ordered.append(reference)
        self.use(who, when, "complete_order", reference, NAME, ADDRESS, EMAIL, PAYMENT)
        self.share(who, when, PAYMENTS, "take_payment", reference, NAME, PAYMENT)
        cited = {"act": "order", "reference": reference}
        self.message(who, when, "complete_order", relying_on=cited, delay=self.simulation.relay_delay())
        if basket.cancelled:
            self.simulation.after(when, 1, 10, lambda at: self.cancel(who, at, reference))
            return
        if gift_to:
            gift_to.subject = f"guest:{reference}/1"
            self.collect(gift_to, when, "gift", reference, NAME, ADDRESS, EMAIL, source=who.subject)
        self.simulation.after(when, 20, 70, lambda at: self._ship(gift_to or who, at, reference))
        self.simulation.after(when, 75, 140, lambda at: self._complete(who, at, reference))

    def _ship(self, to: Shopper, when: datetime, reference: str) -> None:
        self.share(to, when, CARRIER, "deliver_order", reference, NAME, ADDRESS)
        act = "gift" if to.subject.startswith("guest:") else "order"
        cited = {"act": act, "reference": reference}
        self.simulation.after(when, 24, 50, lambda at: self._arrived(to, at, cited))

    def _arrived(self, to: Shopper, when: datetime, cited: dict[str, str]) -> None:
        self.message(to, when, "confirm_delivery", relying_on=cited, delay=self.simulation.relay_delay())

    def _complete(self, who: Shopper, when: datetime, reference: str) -> None:
        name = f"/warehouse {reference.lower()}-completed"
        self.simulation.record(
            name, "order_completed", when, {"reference": reference}, who, delay=self.simulation.relay_delay()
        )
        self.use(who, when, "keep_books", reference, NAME, PAYMENT)

    def cancel(self, who: Shopper, when: datetime, reference: str) -> None:
        """Record that an order is cancelled before it is shipped."""
        self.simulation.record(
            f"/shop {reference.lower()}-cancelled", "order_cancelled", when, {"reference": reference}, who
        )
        who.mail.doubted()

    def enter_contest(self, who: Shopper, when: datetime) -> None:
        """Record a contest entry, which enrolls in e-mail marketing."""
        reference = self.number("K")
        when = self.collect(who, when, "contest_entry", reference, NAME, EMAIL)
        who.mail.asked()
        self.use(who, when, "run_contest", reference, NAME, EMAIL)

    def ask_for_offers(self, who: Shopper, when: datetime) -> None:
        """Record a request for promotional material, which enrolls in e-mail marketing."""
        self.collect(who, when, "promotional_request", self.number("P"), NAME, EMAIL)
        who.mail.asked()

    def ask_for_catalog(self, who: Shopper, when: datetime) -> None:
        """Record a request for a catalog, which enrolls in physical mailings; it is posted unless they left by then."""
        reference = self.number("C")
        when = self.collect(who, when, "catalog_request", reference, NAME, ADDRESS)
        who.post.asked()
        self.simulation.after(when, 20, 60, lambda at: self._post_catalog(who, at, reference))

    def _post_catalog(self, who: Shopper, when: datetime, reference: str) -> None:
        if who.post.enrolled:
            cited = {"act": "catalog_request", "reference": reference}
            self.message(who, when, "fulfil_catalog_request", channel="post", relying_on=cited)

    def register(self, who: Shopper, when: datetime, requests: Sequence[str]) -> None:
        """Record a registration, with requests for the catalog, for updates, or for nothing."""
        self.collect(who, when, "registration", self.number("R"), NAME, EMAIL, ADDRESS, GENDER, requests=list(requests))
        if "updates" in requests:
            who.mail.asked()
        if "catalog" in requests:
            who.post.permitted()

    def log_in(self, guest: Shopper, who: Shopper, when: datetime) -> None:
        """Record that somebody who had bought as a guest logs in: the log-in shows that they are the customer."""
        data = {"with": guest.subject, "verified": "login", "evidence": self.number("session")}
        when = self.simulation.record(f"/website {self.number('login')}", "link", when, data, who)
        self.order(who, when + timedelta(minutes=5), Basket())

    def open_account(self, who: Shopper, when: datetime) -> None:
        """Record a new account, which enrolls in nothing."""
        self.collect(who, when, "account", self.number("A"), NAME, EMAIL)

    def newsletter(self, who: Shopper, when: datetime, leaving: float = 0.0) -> None:
        """Send the newsletter to `who`, if enrolled; with probability `leaving` they unsubscribe by its link.

        Some of the mails that lead to an opt-out are recorded only after it; by their time they break no promise.
        """
        if not who.mail.enrolled:
            return
        leaves = self.simulation.rng.random() < leaving
        late = leaves and self.simulation.rng.random() < TOLD_LATE
        delay = timedelta(days=3) if late else self.simulation.relay_delay()
        self.message(who, when, "direct_marketing", program="email_marketing", delay=delay)
        if leaves:
            by_address = self.simulation.rng.random() < BY_ADDRESS
            self.simulation.after(when, 1, 30, lambda at: self.unsubscribe(who, at, by_address=by_address))

    def mailing(self, who: Shopper, when: datetime) -> None:
        """Post the season's catalog to `who`, if enrolled."""
        if who.post.enrolled:
            queued = rfc3339(when - timedelta(days=2))
            program = "physical_mailings"
            self.message(who, when, "direct_marketing", program=program, channel="post", queued_at=queued)

    def unsubscribe(self, who: Shopper, when: datetime, *, by_address: bool = False) -> None:
        """Record that `who` leaves e-mail marketing by the link; some mail services know only the address."""
        data = {"program": "email_marketing", "via": "unsubscribe_link"}
        told = who.under(f"email:{who.email}") if by_address else who
        who.last = self.simulation.record(f"/mail {self.number('unsub')}", "opt_out", when, data, told)
        who.mail.left()

    def leave_mailings(self, who: Shopper, when: datetime) -> None:
        """Record that `who` leaves physical mailings through customer service."""
        data = {"program": "physical_mailings", "via": "customer_service"}
        self.simulation.record(f"/helpdesk {self.number('stop-post')}", "opt_out", when, data, who)
        who.post.left()

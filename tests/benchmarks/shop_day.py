"""The uniform workload's days: a web shop's orders, the same ones in every run.

Promise: each order makes four facts (collected, used to complete it, shared with the payment processor, shared with the
carrier), and every third is a new customer's, whom it enrolls in e-mail marketing; the others are placed by customers
of the orders before. Two labels share no customer, reference or id, so that two writers never conflict. All of it is
lawful.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

FACTS_AN_ORDER: Final = 4
NOTICE: Final = "2016-03-14"
CARRIER: Final = "northway-parcels"
PAYMENTS: Final = "pennybridge-pay"
HELD_IN: Final = "payment-vault"
NAME, ADDRESS, EMAIL, PAYMENT = "user.name", "user.contact.address", "user.contact.email", "user.payment"
COLLECTED: Final = (NAME, ADDRESS, EMAIL, PAYMENT)
USED: Final = ("use", "complete_order", COLLECTED, None)
PAID: Final = ("pay", "take_payment", (NAME, PAYMENT), PAYMENTS)
SHIPPED: Final = ("ship", "deliver_order", (NAME, ADDRESS), CARRIER)
"""What follows an order: the prefix of the fact's id, the purpose, the categories and the recipient, if any."""

OPENS: Final = datetime(2016, 4, 2, 8, tzinfo=UTC)
_STRIDE: Final = 7919  # A prime, so that returning customers come in no pattern.


@dataclass(frozen=True, slots=True)
class Order:
    """One order: `customer` is the shop's number of the buyer, and the order enrolls the buyer if `is_first`."""

    customer: str
    reference: str
    placed_at: datetime
    is_first: bool

    @property
    def values(self) -> dict[str, str | None]:
        """Return what the buyer told; the card is held by the payment vault."""
        return {
            NAME: f"Customer Number {self.customer}",
            ADDRESS: f"{self.customer} Long Street, 12345 Some Town",
            EMAIL: f"{self.customer}@mail.example.com",
            PAYMENT: None,
        }

    def moment(self, step: int) -> datetime:
        """Return the time of the order's fact number `step`."""
        return self.placed_at + timedelta(seconds=step)


def orders(label: str, count: int) -> Iterator[Order]:
    """Yield `count` orders; those of another label are other customers'."""
    for number in range(count):
        known = number // 3
        is_first = number % 3 == 0
        customer = known if is_first else number * _STRIDE % (known + 1)
        yield Order(f"{label}-{customer}", f"{label}-O-{number}", OPENS + timedelta(minutes=number), is_first)


def company_facts() -> list[dict[str, Any]]:
    """Return what has to be on record before the first order: who may get what, and the checkout with its notice."""
    registered = {CARRIER: ("carrier", [NAME, ADDRESS]), PAYMENTS: ("payment", [NAME, PAYMENT])}
    told: list[tuple[str, dict[str, Any]]] = [
        ("recipient_registered", {"recipient": recipient, "roles": [role], "categories": categories})
        for recipient, (role, categories) in registered.items()
    ]
    told += [
        ("collection_point_registered", {"collection_point": "checkout"}),
        ("notice_posted", {"location": "checkout", "version": NOTICE}),
        ("notice_posted", {"location": "homepage", "version": NOTICE}),
    ]
    return [
        {
            "source": "/office",
            "id": f"open-{number}",
            "type": f"pledger.{word}.v1",
            "time": "2016-03-14T10:00:00Z",
            "data": data,
        }
        for number, (word, data) in enumerate(told)
    ]


def facts(order: Order) -> list[bytes]:
    """Return the order's facts as services send them."""
    data: dict[str, Any] = {
        "act": "order",
        "reference": order.reference,
        "collection_point": "checkout",
        "notice": NOTICE,
        "values": order.values,
        "held_in": HELD_IN,
    }
    sent = [fact(order, 0, "collect", "collection", data)]
    for step, (prefix, purpose, categories, recipient) in enumerate((USED, PAID, SHIPPED), 1):
        data = {"purpose": purpose, "categories": categories, "reference": order.reference}
        if recipient is not None:
            data["recipient"] = recipient
        sent.append(fact(order, step, prefix, "share" if recipient else "use", data))
    return sent


def fact(order: Order, step: int, prefix: str, word: str, data: dict[str, Any]) -> bytes:
    """Return a fact of type `pledger.<word>.v1` about the buyer, `step` seconds after the order."""
    sent = {
        "specversion": "1.0",
        "id": f"{order.reference}-{prefix}",
        "source": "/shop",
        "type": f"pledger.{word}.v1",
        "subject": f"customer:{order.customer}",
        "time": order.moment(step).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "data": data,
    }
    return json.dumps(sent).encode()

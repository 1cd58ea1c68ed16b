"""What an import of orders is told besides the file: who takes part, where it was sold, on whose clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.vocabulary import ADDRESS, EMAIL, NAME, PAYMENT

CATEGORIES: Final = (NAME, ADDRESS, EMAIL, PAYMENT)
CARRIER_CATEGORIES: Final = (NAME, ADDRESS)
PAYMENT_CATEGORIES: Final = (NAME, PAYMENT)


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportOptions:
    """What the file does not say: who ships and who takes the payment, where it was sold, and on whose clock.

    `notice` is the version of the policy that the collection point showed; `timezone` an IANA name; `held_in` the
    system that has the values. One company may both ship and take the payment.
    """

    notice: str
    carrier: str = "carrier"
    payment_processor: str = "payment-processor"
    collection_point: str = "checkout"
    timezone: str = "Europe/London"
    source: str = "/import/orders"
    held_in: str = "shop"

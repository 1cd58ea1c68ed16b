"""The uniform workload: a shop's plain days, on which every customer does the same."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from tests.benchmarks import long_life, shop_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.workload import Workload

_ORDERS_A_CUSTOMER: Final = 3


@dataclass(frozen=True, slots=True)
class Uniform:
    """Orders, with what follows them."""

    name: str = "uniform"
    is_lawful: bool = True
    events_a_fact: float = 13 / 12
    """Of three orders with four facts each, one fact makes two events."""
    events_a_customer: float = _ORDERS_A_CUSTOMER * 13 / 3

    def of_services(self) -> Workload:
        """Return the same: services tell all of it but what the shop opens with."""
        return self

    def company_facts(self) -> list[dict[str, Any]]:
        """Return what has to be on record before the first order."""
        return shop_day.company_facts()

    def facts(self, label: str, count: int) -> Iterator[bytes]:
        """Yield the facts of as many orders as it takes."""
        orders = -(-count // shop_day.FACTS_AN_ORDER)
        return islice((sent for order in shop_day.orders(label, orders) for sent in shop_day.facts(order)), count)

    def life(self, customer: str, count: int) -> Iterator[bytes]:
        """Yield the life of a customer, which repeats itself."""
        del count
        return long_life.life(customer)

"""The lived workload: the demo's years, one after another, with what a real shop meets besides (`mishaps.py`).

A year has as many customers as the facts asked for take, so that each label has all of a year: enrollments, newsletters
and the opt-outs that follow, gifts, joins, requests, corrections, browsers, and facts that come late.
"""

from __future__ import annotations

import json
from binascii import crc32
from dataclasses import dataclass, replace
from itertools import count as numbers, islice
from typing import TYPE_CHECKING, Any, Final

from adapters.demo import shop_life
from tests.benchmarks.mishaps import with_mishaps
from tests.benchmarks.shop_day import EMAIL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.workload import Workload

    Told = dict[str, Any]

DAYS: Final = 365
_FACTS_A_CUSTOMER: Final = 32
"""How many facts a year has for each of its customers, those about browsers and recipients of gifts among them."""
_FACTS_OF_ONE: Final = 22
"""How many of them are about the customer alone."""
_LABELLED: Final = ("reference", "request", "message_id")
_LIFTING: Final = {
    "contest_entry": "email_marketing",
    "promotional_request": "email_marketing",
    "catalog_request": "physical_mailings",
}


@dataclass(frozen=True, slots=True)
class Lived:
    """The demo's shop, at any size."""

    name: str = "lived"
    is_lawful: bool = False
    events_a_fact: float = 1.04
    events_a_customer: float = 26
    is_of_services: bool = False

    def of_services(self) -> Workload:
        """Return the same without erasures and facts about the company."""
        return replace(self, is_of_services=True)

    def company_facts(self) -> list[Told]:
        """Return what has to be on record as the shop opens."""
        return [fact for fact in shop_life(0, DAYS, stories=False) if "subject" not in fact]

    def facts(self, label: str, count: int) -> Iterator[bytes]:
        """Yield the facts of a year, and of further ones where it was too short."""
        customers = max(1, round(count / _FACTS_A_CUSTOMER))
        years = (f"{label}-{number}" for number in numbers())
        told = (fact for year in years for fact in with_mishaps(_year(year, customers), year))
        if self.is_of_services:
            told = (fact for fact in told if "subject" in fact and fact["type"] != "pledger.erasure.v1")
        return (json.dumps(fact).encode() for fact in islice(told, count))

    def life(self, customer: str, count: int) -> Iterator[bytes]:
        """Yield what the customers of a year did as if they were one; each message goes to somebody who wants it."""
        left: set[str] = set()
        for number in numbers():
            for fact in _year(f"{customer}-{number}", max(1, round(count / _FACTS_OF_ONE))):
                data = fact["data"]
                if not fact["subject"].startswith("customer:") or data.get("program") in left:
                    continue
                if fact["type"] == "pledger.opt_out.v1":
                    left.add(data["program"])
                left.discard(_LIFTING.get(data.get("act"), ""))
                yield json.dumps({**fact, "subject": f"customer:{customer}"}).encode()


def _year(label: str, customers: int) -> Iterator[Told]:
    """Yield a year of so many customers, without what the company opens with."""
    life = shop_life(customers, DAYS, crc32(label.encode()), stories=False)
    return (_labelled(fact, label) for fact in life if "subject" in fact)


def _labelled(fact: Told, label: str) -> Told:
    """Return the fact as another shop's: each id, name and reference in it carries the label."""
    data = dict(fact["data"])
    data |= {field: f"{label}-{data[field]}" for field in _LABELLED if field in data}
    if "relying_on" in data:
        data["relying_on"] = {**data["relying_on"], "reference": f"{label}-{data['relying_on']['reference']}"}
    if "source" in data:
        data["source"] = _name(data["source"], label)
    if "with" in data:
        data["with"] = _name(data["with"], label)
    if "also" in data:
        data["also"] = [_name(name, label) for name in data["also"]]
    if EMAIL in data.get("values", ()):
        data["values"] = {**data["values"], EMAIL: f"{label}-{data['values'][EMAIL]}"}
    return {**fact, "id": f"{label}-{fact['id']}", "subject": _name(fact["subject"], label), "data": data}


def _name(name: str, label: str) -> str:
    kind, _, rest = name.partition(":")
    return f"{kind}:{label}-{rest}"

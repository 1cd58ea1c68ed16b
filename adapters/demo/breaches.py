"""The breaches that are planted in the demo, each with the promise that it breaks and its story.

Each is one fact whose id begins with `breach-`, about a person to whom nothing else happens that could break a promise.
`PLANTED` lists all of them, for every size and seed of the demo.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from adapters.demo.browsers import COOKIE
from adapters.demo.people import Browser, person, recipient
from adapters.demo.shop import CARRIER, Basket
from domain.vocabulary import ADDRESS, NAME

if TYPE_CHECKING:
    from datetime import datetime

    from adapters.demo.people import Shopper
    from adapters.demo.shop import SimulatedShop
    from adapters.demo.simulation import Simulation

ADVERTISER: Final = "brightads"
MAILING_HOUSE: Final = "inkwell-mailing"


@dataclass(frozen=True, slots=True)
class Planted:
    """A planted breach: the promise, the fact (source and id), the story, and the other promises that it breaks."""

    promise: str
    fact: str
    story: str
    with_it: tuple[str, ...] = ()


PLANTED: Final = (
    Planted("P04", "/analytics breach-analytics", "A postal address given for an order was used to measure activity."),
    Planted("P05", "/crm breach-advertiser", "The address from an order was given to an advertiser.", ("P12",)),
    Planted("P05", "/warehouse breach-other-order", "The carrier got the address of an earlier order for a later one."),
    Planted("P06", "/mailings breach-gift-catalog", "Somebody who only got a gift was sent the catalog.", ("P11",)),
    Planted("P07", "/mailings breach-gift-address", "The address of a gift's recipient went to the mailing house."),
    Planted("P11", "/crm breach-import", "A bought list was imported, and enrolled somebody who never asked."),
    Planted("P18", "/crm breach-re-enrolment", "A purchase enrolled somebody again who had unsubscribed.", ("P16",)),
    Planted("P17", "/mail breach-no-link", "A newsletter went out without the unsubscribe link."),
    Planted(
        "P18", "/mail breach-after-unsubscribe", "A newsletter reached somebody who had unsubscribed.", ("P11", "P17")
    ),
    Planted("P20", "/mailings breach-after-removal", "A catalog reached somebody who had left the list.", ("P11",)),
    Planted("P13", "/analytics breach-small-count", "A table went out that counts three people."),
    Planted("P31", "/website breach-cookie", "A cookie was set in a browser that had refused cookies."),
)


def plant(shop: SimulatedShop) -> None:
    """Schedule every planted breach, most of them between the first and the second third of the time."""
    _plant_orders(shop, shop.simulation)
    _plant_gifts(shop, shop.simulation)
    _plant_marketing(shop, shop.simulation)
    _plant_after_opt_out(shop, shop.simulation)
    _plant_counts_and_cookies(shop.simulation)


def _breach(
    simulation: Simulation, who: Shopper | Browser | None, fraction: float, fact_type: str, data: dict[str, Any]
) -> None:
    word, fact_id = fact_type.split()
    fact = next(planted.fact for planted in PLANTED if planted.fact.endswith(f" {fact_id}"))
    simulation.at(simulation.day(fraction), lambda at: simulation.record(fact, word, at, data, who))


def _order(
    shop: SimulatedShop, who: Shopper, fraction: float, reference: str, gift_to: Shopper | None = None
) -> dict[str, str]:
    def place(at: datetime) -> None:
        shop.order(who, at, Basket(reference, gift_to))

    shop.simulation.at(shop.simulation.day(fraction), place)
    return {"act": "gift" if gift_to else "order", "reference": reference}


def _plant_orders(shop: SimulatedShop, simulation: Simulation) -> None:
    measured = person(9_001)
    cited = _order(shop, measured, 0.15, "O-9001")
    data: dict[str, Any] = {"purpose": "measure_activity", "categories": [ADDRESS], "relying_on": cited}
    _breach(simulation, measured, 0.35, "use breach-analytics", data)

    sold = person(9_002)
    cited = _order(shop, sold, 0.2, "O-9002")
    data = {"recipient": ADVERTISER, "purpose": "deliver_ads", "categories": [ADDRESS], "kind": "third_party"}
    _breach(simulation, sold, 0.4, "share breach-advertiser", {**data, "relying_on": cited})

    mixed_up = person(9_003)
    cited = _order(shop, mixed_up, 0.1, "O-9003-1")
    _order(shop, mixed_up, 0.3, "O-9003-2")
    data = {"recipient": CARRIER, "purpose": "deliver_order", "categories": [NAME, ADDRESS], "reference": "O-9003-2"}
    _breach(simulation, mixed_up, 0.32, "share breach-other-order", {**data, "relying_on": cited})


def _plant_gifts(shop: SimulatedShop, simulation: Simulation) -> None:
    friend = recipient(9_004)
    _order(shop, person(9_004), 0.15, "O-9004", friend)
    _breach(simulation, friend, 0.5, "message breach-gift-catalog", _mailing("m-9004"))

    other_friend = recipient(9_005)
    cited = _order(shop, person(9_005), 0.25, "O-9005", other_friend)
    data: dict[str, Any] = {"recipient": MAILING_HOUSE, "purpose": "deliver_order", "categories": [NAME, ADDRESS]}
    data |= {"reference": "O-9005", "relying_on": cited}
    _breach(simulation, other_friend, 0.45, "share breach-gift-address", data)


def _plant_marketing(shop: SimulatedShop, simulation: Simulation) -> None:
    bought = person(9_006)
    simulation.at(simulation.day(0.1), lambda at: shop.open_account(bought, at))
    data: dict[str, Any] = {"program": "email_marketing", "cause": "import"}
    _breach(simulation, bought, 0.45, "enrollment breach-import", data)

    trapped = person(9_008)
    _order(shop, trapped, 0.2, "O-9008")
    _breach(simulation, trapped, 0.35, "message breach-no-link", {**_newsletter("m-9008"), "unsubscribe_link": False})


def _plant_after_opt_out(shop: SimulatedShop, simulation: Simulation) -> None:
    returned = person(9_007)
    _order(shop, returned, 0.1, "O-9007-1")
    simulation.at(simulation.day(0.2), lambda at: shop.unsubscribe(returned, at))
    _order(shop, returned, 0.35, "O-9007-2")
    data = {"program": "email_marketing", "cause": "purchase", "reference": "O-9007-2"}
    _breach(simulation, returned, 0.36, "enrollment breach-re-enrolment", data)

    gone = person(9_009)
    _order(shop, gone, 0.1, "O-9009")
    simulation.at(simulation.day(0.2), lambda at: shop.unsubscribe(gone, at))
    _breach(simulation, gone, 0.5, "message breach-after-unsubscribe", _newsletter("m-9009"))

    moved_on = person(9_010)
    simulation.at(simulation.day(0.1), lambda at: shop.ask_for_catalog(moved_on, at))
    simulation.at(simulation.day(0.3), lambda at: shop.leave_mailings(moved_on, at))
    _breach(simulation, moved_on, 0.55, "message breach-after-removal", _mailing("m-9010"))


def _plant_counts_and_cookies(simulation: Simulation) -> None:
    cells = [{"where": {"area": "wholesale", "day": "friday"}, "count": 3}]
    data: dict[str, Any] = {"release": "wholesale-fridays", "recipient": ADVERTISER, "dimensions": ["area", "day"]}
    _breach(simulation, None, 0.5, "aggregate_released breach-small-count", {**data, "cells": cells})

    browser = Browser("visitor:b9011")
    refusal = f"/website {browser.name}-refuses"
    simulation.at(simulation.day(0.2), lambda at: simulation.record(refusal, "cookies_refused", at, {}, browser))
    cookie = {"cookie": "visit", "purpose": "track_visits", "categories": [COOKIE], "area": "rings"}
    _breach(simulation, browser, 0.4, "cookie_set breach-cookie", cookie)


def _newsletter(number: str) -> dict[str, Any]:
    return {
        "program": "email_marketing",
        "channel": "email",
        "purpose": "direct_marketing",
        "unsubscribe_link": True,
        "message_id": f"{number}@mail.example.com",
    }


def _mailing(number: str) -> dict[str, Any]:
    more = {"program": "physical_mailings", "channel": "post", "unsubscribe_link": False}
    return {**_newsletter(number), **more}

"""The facts of an invented web shop, over a number of days.

The same arguments give the same facts, in the order in which they are delivered. That is the order of time, except for
a few facts that a relay delivers late. All names and addresses are invented. Only the facts that `PLANTED` lists break
a promise.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from adapters.demo.breaches import ADVERTISER, MAILING_HOUSE, plant
from adapters.demo.browsers import ANALYTICS, BEHAVIOUR, visits
from adapters.demo.people import START, Shopper, person, recipient
from adapters.demo.rights import Helpdesk
from adapters.demo.shop import CARRIER, NOTICE, PAYMENTS, POINT_OF_ACT, Basket, SimulatedShop
from adapters.demo.simulation import Deed, Simulation
from domain.times import rfc3339
from domain.vocabulary import ADDRESS, EMAIL, NAME, PAYMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

DAYS_MIN: Final = 60
CAMPAIGN_DAYS: Final = 14
LEAVING: Final = 0.03
"""The share of newsletters that lead to an opt-out; the next ones are shares of customers or of what they do."""
GUESTS: Final = 0.1
LOGS_IN: Final = 0.4
ASKED_FOR: Final = 0.6
PROVEN: Final = 0.8
NAMED_AGAIN: Final = 0.12

POLICY_OBSERVED: Final = datetime.fromisoformat("2016-03-14T09:18:33Z")

SHOWN: Final = "customer:4711"
"""A customer whose record is worth showing: enrolled by a contest, left, not enrolled again by a purchase but by a
request of offers; with shares, a gift sent to a friend, and a corrected address."""

_RECIPIENTS: Final = (
    (CARRIER, "carrier", (NAME, ADDRESS)),
    (PAYMENTS, "payment", (NAME, PAYMENT)),
    (MAILING_HOUSE, "mailing_house", (NAME, ADDRESS)),
    ("postbag-mail", "mail_service", (EMAIL,)),
    (ADVERTISER, "advertiser", (ADDRESS,)),
    (ANALYTICS, "analytics", (BEHAVIOUR,)),
)


def shop_life(
    customers: int = 300, days: int = 120, seed: int = 2016, *, stories: bool = True
) -> Iterator[dict[str, Any]]:
    """Yield the facts of `days` days from 2016-04-01 with that many customers, besides those of the planted stories.

    Without `stories` there are only the customers. Raises ValueError for fewer than `DAYS_MIN` days.
    """
    if days < DAYS_MIN:
        message = f"a life of {days} days is too short for its stories; it takes {DAYS_MIN}"
        raise ValueError(message)
    # The generator is for a story that can be repeated, not for secrets.
    simulation = Simulation(random.Random(seed), days)  # noqa: S311
    shop = SimulatedShop(simulation)
    helpdesk = Helpdesk(shop)
    _open(simulation)
    people = [_live(shop, helpdesk, number) for number in range(20_001, 20_001 + customers)]
    _campaign(shop, people)
    visits(simulation, customers, seed)
    if stories:
        _show(shop, helpdesk)
        plant(shop)
    return simulation.play()


def _open(simulation: Simulation) -> None:
    """Record the company's own facts: the homepage's notice when the policy is known, the rest when the shop opens."""

    def record(what: str, word: str, minutes: int, **data: object) -> None:
        simulation.record(f"/compliance {what}", word, START + timedelta(minutes=minutes), data)

    for location in ("homepage", "analytics_opt_out"):
        data = {"location": location, "version": NOTICE}
        simulation.record(
            f"/compliance notice-{location}", "notice_posted", POLICY_OBSERVED + timedelta(minutes=10), data
        )
    for name, role, categories in _RECIPIENTS:
        record(
            f"recipient-{name}", "recipient_registered", 0, recipient=name, roles=[role], categories=list(categories)
        )
    for point in sorted({*POINT_OF_ACT.values()} - {"inbox"}):
        record(f"point-{point}", "collection_point_registered", 0, collection_point=point, online=True)
        record(f"notice-{point}", "notice_posted", 5, location=point, version=NOTICE)
    until = rfc3339(START + timedelta(days=365))
    for kind in ("physical", "electronic", "managerial"):
        record(f"security-{kind}", "security_attested", 10, kind=kind, until=until)
    record("site-review", "site_reviewed", 10, finding="Nothing on the site is made to attract children.", until=until)


def _live(shop: SimulatedShop, helpdesk: Helpdesk, number: int) -> Shopper:
    """Schedule what one customer does: when they come, and everything after that at its own time."""
    rng, simulation = shop.simulation.rng, shop.simulation
    arrives = rng.uniform(0.01, 0.7)
    if rng.random() < GUESTS:
        guest = person(number, f"order:G-{number}")
        simulation.at(simulation.day(arrives), lambda at: shop.order(guest, at, Basket(f"G-{number}")))
        if rng.random() < LOGS_IN:
            who = guest.under(f"customer:{number}")
            simulation.at(simulation.day(rng.uniform(arrives + 0.02, 0.94)), lambda at: shop.log_in(guest, who, at))
        return guest
    who = person(number)
    writer = person(number, f"guest:T-{number}")
    requests = [wish for wish in ("catalog", "updates") if rng.random() < ASKED_FOR]
    proves = rng.random() < PROVEN
    deeds = [_ordering(shop, who, basket) for basket in _baskets(simulation, number)]
    deeds += [
        deed
        for probability, deed in (
            (0.20, lambda at: shop.enter_contest(who, at)),
            (0.12, lambda at: shop.ask_for_offers(who, at)),
            (0.20, lambda at: shop.ask_for_catalog(who, at)),
            (0.15, lambda at: shop.register(who, at, requests)),
            (0.08, lambda at: shop.open_account(who, at)),
            (0.12, lambda at: helpdesk.write_in(writer, at)),
            (0.10, lambda at: shop.leave_mailings(who, at) if who.post.enrolled else None),
            (0.05, lambda at: helpdesk.ask_for_report(who, at, proves=proves) if who.ordered else None),
            (0.05, lambda at: helpdesk.ask_for_correction(who, at, proves=proves) if who.ordered else None),
        )
        if rng.random() < probability
    ]
    for deed in deeds:
        # Nothing begins in the last days, so that every request is still answered.
        simulation.at(simulation.day(rng.uniform(arrives, 0.94)), deed)
    return who


def _ordering(shop: SimulatedShop, who: Shopper, basket: Basket) -> Deed:
    return lambda at: shop.order(who, at, basket)


def _baskets(simulation: Simulation, number: int) -> list[Basket]:
    """Return the orders of one customer: up to five, some gifts, some cancelled, some naming another e-mail address."""
    rng, email = simulation.rng, person(number).email
    baskets = []
    for _ in range(rng.choices((0, 1, 2, 3, 4, 5), (10, 20, 30, 20, 12, 8))[0]):
        also = tuple(f"email:{name}" for name in (email, f"second.{email}") if rng.random() < NAMED_AGAIN)
        kind = rng.choices(("own", "gift", "cancelled"), (82, 12, 6))[0]
        baskets.append(Basket("", recipient(number) if kind == "gift" else None, kind == "cancelled", also))
    return baskets


def _campaign(shop: SimulatedShop, people: list[Shopper]) -> None:
    """Schedule a newsletter every two weeks, and a catalog every four, for all of `people`."""
    for day in range(CAMPAIGN_DAYS // 2, shop.simulation.days, CAMPAIGN_DAYS):
        sent = START + timedelta(days=day, hours=8)
        for who in people:
            _send(shop, who, sent, with_catalog=day // CAMPAIGN_DAYS % 2 == 1)


def _send(shop: SimulatedShop, who: Shopper, sent: datetime, *, with_catalog: bool) -> None:
    shop.simulation.after(sent, 0, 4, lambda at: shop.newsletter(who, at, LEAVING))
    if with_catalog:
        shop.simulation.after(sent, 24, 30, lambda at: shop.mailing(who, at))


def _show(shop: SimulatedShop, helpdesk: Helpdesk) -> None:
    """Schedule the story of `SHOWN`."""
    simulation, who, friend = shop.simulation, person(4_711), recipient(4_711)
    for fraction, deed in (
        (0.04, lambda at: shop.enter_contest(who, at)),
        (0.08, lambda at: shop.newsletter(who, at)),
        (0.10, lambda at: shop.order(who, at, Basket("O-4711-1"))),
        (0.20, lambda at: shop.newsletter(who, at)),
        (0.21, lambda at: shop.unsubscribe(who, at)),
        (0.30, lambda at: shop.order(who, at, Basket("O-4711-2", friend))),
        (0.42, lambda at: helpdesk.ask_for_correction(who, at)),
        (0.50, lambda at: shop.ask_for_offers(who, at)),
        (0.55, lambda at: shop.newsletter(who, at)),
        (0.60, lambda at: shop.order(who, at, Basket("O-4711-3"))),
        (0.65, lambda at: shop.ask_for_catalog(who, at)),
        (0.75, lambda at: helpdesk.ask_for_report(who, at)),
        (0.80, lambda at: shop.mailing(who, at)),
    ):
        simulation.at(simulation.day(fraction), deed)

"""Who unsubscribed and buys again stays unsubscribed."""

from __future__ import annotations

from domain.events.customer import CustomerEnrolled, DataCollected
from tests.controls import message, opt_out, order
from tests.scenario import Shop


def test_purchase_does_not_reenroll() -> None:
    """The order is collected, nobody is enrolled, and mail after it breaks P11, P17 and P18."""
    shop = Shop().given(order(1), opt_out(2))
    shop.when(order(3, "O-2")).then(DataCollected).assert_breaks()
    assert shop.state() == "opted_out"
    shop.when(message(4)).assert_breaks("P11", "P17", "P18")


def test_first_purchase_after_an_opt_out_enrolls_nobody() -> None:
    """An opt-out holds for somebody who was never enrolled."""
    Shop().given(opt_out(1)).when(order(2)).then(DataCollected)


def test_a_purchase_at_the_same_instant_comes_before_the_opt_out() -> None:
    """Of an order and an opt-out at one instant, the opt-out is the later one, whichever is told first."""
    shop = Shop().given(order(1), opt_out(1))
    assert shop.state() == "opted_out"
    other = Shop().given(opt_out(1))
    other.when(order(1)).then(DataCollected, CustomerEnrolled)
    assert other.state() == "opted_out"

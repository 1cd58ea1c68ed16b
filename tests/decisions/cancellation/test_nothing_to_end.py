"""A cancellation that meets no order, or no enrollment, is recorded and does nothing."""

from __future__ import annotations

from domain.events.customer import CustomerEnrolled, DataCollected, EnrollmentEnded, OrderCancelled
from tests.controls import POSTAL_ONLY, cancellation, contest_entry, fact, message, opt_out, order
from tests.scenario import Shop


def test_before_its_order() -> None:
    """An order that had been cancelled before it was placed enrolls nobody."""
    shop = Shop()
    shop.when(cancellation(1)).then(OrderCancelled)
    shop.when(order(2)).then(DataCollected).assert_breaks()


def test_told_before_its_order() -> None:
    """An order that arrives after its later cancellation enrolled until then, so a mail in between is innocent."""
    shop = Shop()
    shop.when(cancellation(3)).then(OrderCancelled)
    shop.when(order(1)).then(DataCollected, CustomerEnrolled, EnrollmentEnded)
    shop.when(message(2)).assert_breaks()
    shop.when(message(4)).assert_breaks("P11")
    assert shop.state() == "ended"


def test_a_number_that_matches_nothing() -> None:
    """A cancellation under a number of its own, such as C536379, ends no enrollment."""
    shop = Shop().given(order(1, "536379"))
    shop.when(cancellation(2, "C536379")).then(OrderCancelled).assert_breaks()
    assert shop.is_enrolled()


def test_a_contest_of_that_number_is_no_order() -> None:
    """What was collected under the reference by another act is not cancelled."""
    shop = Shop().given(contest_entry(1, reference="O-1"))
    shop.when(cancellation(2)).then(OrderCancelled)
    assert shop.is_enrolled()


def test_opted_out_already() -> None:
    """Who has opted out stays opted out when the order is cancelled."""
    shop = Shop().given(order(1), opt_out(2))
    shop.when(cancellation(3)).then(OrderCancelled)
    assert shop.state() == "opted_out"


def test_an_order_that_enrolled_nobody() -> None:
    """An order without an e-mail address caused no enrollment that could end."""
    Shop().given(order(1, values=POSTAL_ONLY)).when(cancellation(2)).then(OrderCancelled)


def test_completion_is_not_needed() -> None:
    """An order is a purchase from the start; that it was completed changes nothing."""
    shop = Shop()
    shop.when(order(1)).then(DataCollected, CustomerEnrolled)
    shop.when(fact("order_completed", 2, {"reference": "O-1"})).assert_breaks()
    assert shop.is_enrolled()


def test_twice() -> None:
    """A second cancellation of the same order ends nothing more."""
    shop = Shop().given(order(1), cancellation(2))
    shop.when(cancellation(3)).then(OrderCancelled)

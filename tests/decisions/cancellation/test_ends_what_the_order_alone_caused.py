"""A cancelled order takes with it the enrollment that it alone caused, and no other."""

from __future__ import annotations

import pytest

from domain.events.customer import CustomerEnrolled, DataCollected, EnrollmentEnded, OrderCancelled
from domain.vocabulary import Program
from tests.controls import (
    cancellation,
    catalog_request,
    collection,
    contest_entry,
    day,
    enrollment,
    message,
    opt_out,
    order,
)
from tests.scenario import Shop


def test_it_ends_with_the_order() -> None:
    """The enrollment ends, nobody is opted out, and mail after it breaks P11 only."""
    shop = Shop().given(order(1))
    ended = shop.when(cancellation(2)).then(OrderCancelled, EnrollmentEnded).assert_breaks().the(EnrollmentEnded)
    assert ended.program is Program.EMAIL_MARKETING
    assert shop.state() == "ended"
    shop.when(message(3)).assert_breaks("P11")
    shop.when(order(4, "O-2")).then(DataCollected, CustomerEnrolled)


@pytest.mark.parametrize("act", ["contest_entry", "promotional_request", "order"])
def test_another_ground_keeps_it(act: str) -> None:
    """Another order, a contest or a request, before or after it, keeps the person enrolled."""
    for first, second in ((1, 2), (2, 1)):
        shop = Shop().given(order(first), collection(act, second, reference="another"))
        shop.when(cancellation(3)).then(OrderCancelled)
        shop.when(message(4)).assert_breaks()


def test_a_ground_under_the_same_reference_keeps_it() -> None:
    """A contest entry is a ground of its own even where it bears the number of the order."""
    Shop().given(order(1), contest_entry(2, reference="O-1")).when(cancellation(3)).then(OrderCancelled)


def test_the_last_of_several_orders_ends_it() -> None:
    """With every order cancelled the enrollment ends, whichever of them had caused it."""
    shop = Shop().given(order(1), order(2, "O-2"), cancellation(3))
    shop.when(cancellation(4, "O-2")).then(OrderCancelled, EnrollmentEnded)


def test_a_ground_from_before_an_opt_out_is_none() -> None:
    """A contest entry that the person has unsubscribed from since keeps nothing; what reopened it does."""
    shop = Shop().given(contest_entry(1), opt_out(2), order(3))
    shop.when(cancellation(4)).then(OrderCancelled)
    assert shop.state() == "opted_out"


def test_an_enrollment_by_hand_is_no_ground() -> None:
    """An unlawful enrollment on top of the purchase does not save it: mail after the cancellation breaks P11."""
    shop = Shop().given(order(1), enrollment(2, "email_marketing", "import"))
    shop.when(cancellation(3)).then(OrderCancelled, EnrollmentEnded)
    shop.when(message(4)).assert_breaks("P11")


def test_a_late_cancellation_ends_at_its_own_time() -> None:
    """What was asked for or bought after it, and recorded before it, enrolls anew at its own time."""
    for later in (contest_entry(4), order(4, "O-2")):
        shop = Shop().given(order(1), later)
        late = shop.when(cancellation(2)).then(OrderCancelled, EnrollmentEnded, CustomerEnrolled)
        assert late.the(CustomerEnrolled).occurred_at == day(4)
        shop.when(message(3)).assert_breaks("P11")
        shop.when(message(5)).assert_breaks()


def test_one_late_cancellation_after_another() -> None:
    """An order that took over, and was cancelled itself, does not outlast its own cancellation."""
    shop = Shop().given(order(1), order(3, "O-2"), cancellation(5, "O-2"))
    shop.when(cancellation(2)).then(OrderCancelled, EnrollmentEnded, CustomerEnrolled, EnrollmentEnded)
    shop.when(message(4)).assert_breaks()
    shop.when(message(6)).assert_breaks("P11")


def test_physical_mailings_are_not_the_orders() -> None:
    """An order never enrolled anybody in physical mailings, so its cancellation ends none."""
    shop = Shop().given(order(1), catalog_request(1), enrollment(2, "physical_mailings", "staff"))
    shop.when(cancellation(3)).then(OrderCancelled, EnrollmentEnded)
    assert shop.state("physical_mailings") == "enrolled"

"""After a join, both histories are one: an opt-out binds the person, whichever address they gave."""

from __future__ import annotations

from domain.events.customer import CustomerEnrolled, DataCollected
from tests.controls import CUSTOMER, OTHER, contest_entry, message, opt_out, order, use
from tests.scenario import Shop


def test_opt_out_under_another_address() -> None:
    """Unsubscribed under one address, a person is not enrolled by a purchase under the other."""
    shop = Shop().given(opt_out(1, subject=OTHER)).link(CUSTOMER, OTHER, 2)
    shop.when(order(3)).then(DataCollected)
    shop.when(message(4, subject=OTHER)).assert_breaks("P11", "P17", "P18")


def test_purchase_before_the_join() -> None:
    """A purchase that enrolled one stream while the other was opted out does not stand once they are one person."""
    shop = Shop().given(opt_out(1, subject=OTHER), order(2)).link(CUSTOMER, OTHER, 3)
    assert not shop.is_enrolled()
    shop.when(message(4)).assert_breaks("P11", "P17", "P18")


def test_contest_before_the_join() -> None:
    """A contest entry after the opt-out lifts it, on whichever stream it stands."""
    shop = Shop().given(opt_out(1, subject=OTHER), contest_entry(2)).link(CUSTOMER, OTHER, 3)
    shop.when(message(4)).assert_breaks()


def test_enrollment_under_another_address_serves() -> None:
    """Enrolled under one address, a person may be mailed under the other."""
    shop = Shop().given(contest_entry(1, subject=OTHER)).link(CUSTOMER, OTHER, 2)
    shop.when(message(3)).assert_breaks()
    shop.when(contest_entry(4)).then(DataCollected)


def test_use_relies_on_the_other_stream() -> None:
    """A use for an order finds that order on the stream that was joined."""
    shop = Shop().given(order(1, subject=OTHER)).link(CUSTOMER, OTHER, 2)
    event = shop.when(use(3, "complete_order", reference="O-1")).assert_breaks().events[0]
    assert [shop.names[one] for one in getattr(event, "relies_on", ())] == ["/shop order-1"]


def test_before_the_join_they_are_two() -> None:
    """Until somebody says that two streams are one person, each is judged by itself."""
    Shop().given(opt_out(1, subject=OTHER)).when(order(2)).then(DataCollected, CustomerEnrolled)

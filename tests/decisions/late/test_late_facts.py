"""Facts that arrive late are judged at their own time."""

from __future__ import annotations

from domain.events.customer import CustomerEnrolled, DataCollected
from domain.vocabulary import NAME
from tests.controls import (
    contest_entry,
    gift,
    message,
    opt_out,
    order,
    recipient,
    share,
    use,
)
from tests.scenario import Shop


def test_mail_from_before_an_opt_out() -> None:
    """A mail service that reports late convicts nobody."""
    Shop().given(order(1), opt_out(5)).when(message(4)).assert_breaks()


def test_mail_from_before_the_enrollment() -> None:
    """An enrollment from after the mail excuses it in nothing."""
    Shop().given(order(5)).when(message(4)).assert_breaks("P11")


def test_mail_before_the_purchase_made_the_recipient_known() -> None:
    """Whether somebody was known only as a gift's recipient is asked at the time of the mail."""
    Shop().given(gift(1), order(5)).when(message(4)).assert_breaks("P06", "P11")


def test_an_order_before_an_earlier_known_opt_out() -> None:
    """A late order from before the opt-out enrolled at its own time, and does so no longer."""
    shop = Shop().given(opt_out(5))
    shop.when(order(1)).then(DataCollected, CustomerEnrolled)
    shop.when(message(4)).assert_breaks()
    shop.when(message(6)).assert_breaks("P11", "P17", "P18")


def test_a_late_registration_of_a_recipient() -> None:
    """A recipient registered as of an earlier time was registered then."""
    shop = Shop().given(order(1), recipient(1, "carrier", "carrier", [NAME]))
    shop.when(share(2, "carrier", [NAME])).assert_breaks()


def test_a_late_collection_permits_what_followed_it() -> None:
    """A use is permitted by a collection that happened before it and was recorded before it was judged."""
    Shop().given(order(1), contest_entry(2)).when(use(3, "run_contest")).assert_breaks()

"""An opt-out counts from its own time, however late the ledger hears of it."""

from __future__ import annotations

from domain.events.customer import CustomerEnrolled, DataCollected
from tests.controls import cancellation, contest_entry, message, opt_out, order
from tests.scenario import Shop


def test_purchase_enrolled_in_ignorance_of_it() -> None:
    """A purchase that enrolled somebody whose earlier opt-out was still under way does not stand against it."""
    shop = Shop().given(order(1), opt_out(0.5))
    assert shop.state() == "enrolled"
    assert not shop.is_enrolled()
    shop.when(message(2)).breaks("P11", "P17", "P18")


def test_contest_entered_after_it() -> None:
    """A contest entry after the late opt-out lifts it, though it was recorded first."""
    shop = Shop().given(contest_entry(1), opt_out(0.5))
    shop.when(message(2)).breaks()


def test_contest_that_enrolls_after_it() -> None:
    """Not enrolled any more because of a late opt-out, a person is enrolled anew by asking."""
    shop = Shop().given(order(1), opt_out(0.5))
    shop.when(contest_entry(2)).then(DataCollected, CustomerEnrolled)
    assert shop.is_enrolled()


def test_mail_before_it_is_innocent() -> None:
    """A mail from before the opt-out that is recorded after it breaks nothing."""
    Shop().given(order(1), opt_out(3)).when(message(2)).breaks()


def test_a_late_contest_entry_from_before_it_does_not_reenroll_now() -> None:
    """An entry from before the opt-out is enrolled at its own time, and the opt-out stands after it."""
    shop = Shop().given(opt_out(3))
    shop.when(contest_entry(2)).then(DataCollected, CustomerEnrolled).breaks()
    assert shop.is_enrolled(on=2.5)
    assert not shop.is_enrolled()
    shop.when(message(4)).breaks("P11", "P17", "P18")


def test_an_ended_enrollment_does_not_hide_it() -> None:
    """A cancellation after an opt-out that was still under way leaves the person opted out, and not merely ended."""
    shop = Shop().given(order(1), cancellation(3), opt_out(2))
    shop.when(order(4, "O-2")).then(DataCollected)
    shop.when(message(5)).breaks("P11", "P17", "P18")

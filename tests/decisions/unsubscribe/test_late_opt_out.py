"""An opt-out counts from its own time, however late the ledger hears of it."""

from __future__ import annotations

from domain.events.customer import CustomerEnrolled, CustomerOptedOut, DataCollected
from tests.controls import CUSTOMER, OTHER, cancellation, contest_entry, day, message, opt_out, order
from tests.scenario import Shop


def test_purchase_enrolled_in_ignorance_of_it() -> None:
    """A purchase that enrolled somebody whose earlier opt-out was still under way does not stand against it."""
    shop = Shop().given(order(1))
    shop.when(opt_out(0.5)).then(CustomerOptedOut, CustomerOptedOut)
    assert shop.state() == "opted_out"
    assert not shop.is_enrolled()
    shop.when(message(2)).assert_breaks("P11", "P17", "P18")


def test_contest_entered_after_it() -> None:
    """A contest entry after the late opt-out lifts it, though it was recorded first."""
    shop = Shop().given(contest_entry(1), opt_out(0.5))
    shop.when(message(2)).assert_breaks()


def test_contest_that_enrolls_after_it() -> None:
    """Not enrolled any more because of a late opt-out, a person is enrolled anew by asking."""
    shop = Shop().given(order(1), opt_out(0.5))
    shop.when(contest_entry(2)).then(DataCollected, CustomerEnrolled)
    assert shop.is_enrolled()


def test_mail_before_it_is_innocent() -> None:
    """A mail from before the opt-out that is recorded after it breaks nothing."""
    Shop().given(order(1), opt_out(3)).when(message(2)).assert_breaks()


def test_a_late_contest_entry_from_before_it_does_not_reenroll_now() -> None:
    """An entry from before the opt-out is enrolled at its own time, and the opt-out stands after it."""
    shop = Shop().given(opt_out(3))
    shop.when(contest_entry(2)).then(DataCollected, CustomerEnrolled).assert_breaks()
    assert shop.is_enrolled(on=2.5)
    assert not shop.is_enrolled()
    shop.when(message(4)).assert_breaks("P11", "P17", "P18")


def test_an_ended_enrollment_does_not_hide_it() -> None:
    """A cancellation after an opt-out that was still under way leaves the person opted out, and not merely ended."""
    shop = Shop().given(order(1), cancellation(3), opt_out(2))
    shop.when(order(4, "O-2")).then(DataCollected)
    shop.when(message(5)).assert_breaks("P11", "P17", "P18")


def test_contest_that_made_no_event_because_nobody_knew() -> None:
    """A contest entry of somebody enrolled already enrolls them again, once an opt-out before it is known."""
    shop = Shop().given(order(1))
    shop.when(contest_entry(3)).then(DataCollected)
    late = shop.when(opt_out(2)).then(CustomerOptedOut, CustomerEnrolled)
    assert late.the(CustomerEnrolled).occurred_at == day(3)
    assert not shop.is_enrolled(on=2.5)
    assert shop.state() == "enrolled"
    shop.when(message(4)).assert_breaks()


def test_what_a_join_uncovers() -> None:
    """A contest entry after an opt-out on the person's other stream lifts it, and a purchase does not."""
    asked = Shop().given(order(1), contest_entry(3), opt_out(2, subject=OTHER)).link(CUSTOMER, OTHER, on=4)
    assert asked.state() == "enrolled"
    asked.when(message(5)).assert_breaks()
    bought = Shop().given(order(3), opt_out(2, subject=OTHER)).link(CUSTOMER, OTHER, on=4)
    assert bought.state() == "opted_out"
    bought.when(message(5)).assert_breaks("P11", "P17", "P18")

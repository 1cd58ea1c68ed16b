"""The grace of an opt-out: how long a message may still follow it."""

from __future__ import annotations

from domain.policy.judge import Judge
from tests.controls import catalog_request, contest_entry, day, message, opt_out, order
from tests.scenario import Shop, with_parameters

DAY = 86_400
TEN_DAYS = with_parameters(opt_out_grace_seconds=10 * DAY, postal_opt_out_grace_seconds=DAY)
SECOND = 1 / DAY


def test_without_a_grace_the_very_instant_counts() -> None:
    """At grace 0 a message at the instant of the opt-out, told after it, breaks; told before it, it does not."""
    Shop().given(order(1), opt_out(2)).when(message(2)).assert_breaks("P11", "P17", "P18")
    Shop().given(order(1)).when(message(2)).assert_breaks()


def test_inside_the_grace() -> None:
    """One second before the grace ends nothing breaks, and at its end everything does."""
    shop = Shop(TEN_DAYS).given(order(1), opt_out(2))
    shop.when(message(12 - SECOND)).assert_breaks()
    shop.when(message(12)).assert_breaks("P11", "P17", "P18")


def test_each_program_has_its_own() -> None:
    """The grace of physical mailings is another parameter."""
    shop = Shop(TEN_DAYS).given(catalog_request(1), opt_out(2, "physical_mailings"))
    shop.when(message(3 - SECOND, channel="post")).assert_breaks()
    shop.when(message(3, channel="post")).assert_breaks("P11", "P20")


def test_a_second_opt_out_starts_no_second_grace() -> None:
    """Who unsubscribes again, because mail still comes, does not have to wait anew."""
    shop = Shop(TEN_DAYS).given(order(1), opt_out(2), opt_out(11))
    shop.when(message(12)).assert_breaks("P11", "P17", "P18")


def test_a_new_enrollment_ends_the_old_grace() -> None:
    """Enrolled again and opted out again, the second opt-out has a grace of its own."""
    shop = Shop(TEN_DAYS).given(order(1), opt_out(2), contest_entry(3), opt_out(11))
    shop.when(message(12)).assert_breaks()
    shop.when(message(21)).assert_breaks("P11", "P17", "P18")


def test_a_grace_is_for_who_was_enrolled() -> None:
    """The grace excuses no mail to somebody who had never been enrolled."""
    Shop(TEN_DAYS).given(opt_out(2)).when(message(3)).assert_breaks("P11")


def test_nobody_is_enrolled_within_it() -> None:
    """A grace is for mail on its way and enrolls nobody."""
    shop = Shop(TEN_DAYS).given(order(1), opt_out(2), order(3, "O-2"))
    assert shop.state() == "opted_out"


def test_in_flight() -> None:
    """A message queued before the opt-out and handed over after it breaks the promise, and is marked as in flight."""
    shop = Shop().given(order(1), opt_out(2))
    queued = day(2 - SECOND).isoformat()
    outcome = shop.when(message(3, queued_at=queued)).assert_breaks("P11", "P17", "P18")
    assert outcome.codes("P17") == {"in_flight_at_opt_out"}
    outcome = shop.when(message(4, queued_at=day(2).isoformat()))
    assert outcome.codes("P17") == {"mailed_after_opt_out"}


def test_open_until_it_ends() -> None:
    """Settled at a time, an opt-out is due until its grace is over, and not before it happened."""
    judge = Judge(TEN_DAYS)
    shop = Shop(judge=judge).given(order(1), opt_out(2))
    assert list(judge.settle(shop.customer(), day(1))) == []
    ((promise, due),) = judge.settle(shop.customer(), day(2))
    assert (promise, shop.names[due.event], due.at) == ("P17", "/shop opt_out-2", day(12))
    assert list(judge.settle(shop.customer(), day(12))) == []

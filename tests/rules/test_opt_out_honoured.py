"""Rule kind opt_out_honoured: kept, broken, its edges, and what it settles."""

from __future__ import annotations

from typing import Any

from domain.policy.judge import Judge
from domain.rules.opt_out_honoured import OptOutHonoured
from domain.vocabulary import Program
from tests.controls import catalog_request, day, message, opt_out, order
from tests.scenario import judging, with_parameters, with_rule

EMAIL = OptOutHonoured(program=Program.EMAIL_MARKETING, needs_link=True)
POST = OptOutHonoured(program=Program.PHYSICAL_MAILINGS)
ANY = OptOutHonoured(program=Program.EMAIL_MARKETING, needs_link=True, link_in_any=True)
HOUR = 1 / 24


def test_kept() -> None:
    """Mail with a link to somebody who has not opted out, enrolled or not, is kept."""
    judging(EMAIL).when(message(1)).assert_breaks()
    judging(EMAIL).given(order(1), opt_out(2, "physical_mailings")).when(message(3)).assert_breaks()


def test_broken() -> None:
    """Mail after an opt-out breaks, and mail without a link."""
    shop = judging(EMAIL).given(opt_out(1))
    assert shop.when(message(2)).codes("X1") == {"mailed_after_opt_out"}
    assert shop.when(message(3, unsubscribe_link=False)).codes("X1") == {"no_unsubscribe_link", "mailed_after_opt_out"}


def test_the_other_program_is_not_concerned() -> None:
    """It binds one program, and messages outside programs not at all."""
    shop = judging(POST).given(opt_out(1), opt_out(1, "physical_mailings", fact_id="p"))
    shop.when(message(2)).assert_breaks()
    shop.when(message(3, channel="post", purpose="confirm_delivery")).assert_breaks()
    shop.when(message(4, channel="post")).assert_breaks("X1")


def test_in_flight_is_told_apart() -> None:
    """What was queued before the opt-out is still a breach, under a code of its own."""
    shop = judging(POST).given(catalog_request(1), opt_out(2, "physical_mailings"))
    outcome = shop.when(message(3, channel="post", queued_at=day(1).isoformat()))
    assert outcome.codes("X1") == {"in_flight_at_opt_out"}


def test_settles_with_a_grace() -> None:
    """While the grace runs the opt-out is due at its end; then, and without a grace, nothing is open."""
    with_grace = Judge(with_rule(EMAIL, with_parameters(opt_out_grace_seconds=7200)))
    shop = judging(EMAIL).given(opt_out(1))
    ((promise, due),) = with_grace.settle(shop.customer(), day(1 + HOUR))
    assert (promise, shop.names[due.event], due.at) == ("X1", "/shop opt_out-1", day(1 + 2 * HOUR))
    assert not list(with_grace.settle(shop.customer(), day(1 + 2 * HOUR)))
    assert not list(with_grace.settle(shop.customer(), day(0.5)))
    assert not list(shop.judge.settle(shop.customer(), day(1)))


def test_a_link_in_any_e_mail() -> None:
    """With `link_in_any` every e-mail needs the link, and nothing by post does; without it only mail of the program."""
    letter: dict[str, Any] = {"purpose": "confirm_delivery", "unsubscribe_link": False}
    shop = judging(ANY).given(order(1))
    outcome = shop.when(message(2, **letter))
    assert outcome.codes("X1") == {"no_unsubscribe_link"}
    assert shop.when(message(3, unsubscribe_link=False)).codes("X1") == {"no_unsubscribe_link"}
    assert not shop.tests(shop.when(message(4, channel="post", **letter)).assert_breaks())
    assert shop.tests(shop.when(message(5, purpose="confirm_delivery")).assert_breaks())
    assert not judging(EMAIL).tests(outcome)
    judging(EMAIL).given(order(1)).when(message(2, **letter)).assert_breaks()


def test_a_link_in_any_stops_only_the_program() -> None:
    """After an opt-out, e-mail outside the program may go on."""
    judging(ANY).given(opt_out(1)).when(message(2, purpose="confirm_delivery")).assert_breaks()

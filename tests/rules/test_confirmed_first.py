"""Rule kind confirmed_first: kept, broken, what it does not bind, and its edges of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from domain.events.customer import CustomerEnrolled, DataCollected
from domain.policy.judge import Judge
from domain.rules.confirmed_first import ConfirmedFirst
from domain.vocabulary import Program, Reading
from tests.controls import (
    CUSTOMER,
    EMAIL_ONLY,
    OTHER,
    collection,
    contest_entry,
    enrollment,
    fact,
    message,
    named,
    opt_out,
    order,
)
from tests.scenario import Shop, judging, with_parameters, with_rule

if TYPE_CHECKING:
    from domain.facts import Fact

EMAIL = Program.EMAIL_MARKETING
CONFIRMED = ConfirmedFirst(program=EMAIL, points=("link", "account"))
DAY = 24 * 3600
SECOND = 1 / DAY


def asked(on: float, reference: str = "S-1", **data: Any) -> Fact:  # noqa: ANN401 - any field of a collection
    """Return a sign-up: `/shop promotional_request-1`."""
    return collection("promotional_request", on, reference=reference, **{"values": EMAIL_ONLY, **data})


def confirmed(on: float, reference: str = "S-1", point: str = "link", **data: Any) -> Fact:  # noqa: ANN401 - as above
    """Return its confirmation: `/shop confirmation-1`."""
    return asked(on, reference, collection_point=point, fact_id=f"confirmation-{on:g}", **data)


ASKED = named("promotional_request", 1)


@pytest.mark.parametrize("reading", Reading)
def test_a_confirmation_enrolls(reading: Reading) -> None:
    """The sign-up itself enrolls nobody; its confirmation does, by itself, and mail may follow."""
    shop = Shop(judge=Judge(with_rule(CONFIRMED), reading)).given(asked(1))
    assert not shop.is_enrolled()
    outcome = shop.when(confirmed(2)).then(DataCollected, CustomerEnrolled).assert_breaks()
    assert outcome.relied(CustomerEnrolled) == (named("confirmation", 2),)
    mailed = shop.when(message(3)).assert_breaks()
    assert shop.tests(mailed)


@pytest.mark.parametrize("reading", Reading)
def test_broken_without_a_confirmation(reading: Reading) -> None:
    """Who only asked may be neither enrolled nor mailed; what they asked by is the evidence."""
    shop = Shop(judge=Judge(with_rule(CONFIRMED), reading)).given(asked(1))
    for one in (enrollment(2, EMAIL, "promotional_request", "S-1"), message(3)):
        (found,) = shop.when(one).findings
        assert (found.code, found.events) == ("not_confirmed", (ASKED,))


def test_whoever_asked_for_nothing() -> None:
    """An enrollment by the staff, and a mail to a stranger, were not confirmed either; there is nothing to show."""
    for one in (enrollment(1, EMAIL, "staff"), message(1)):
        (found,) = judging(CONFIRMED).when(one).findings
        assert (found.code, found.events) == ("not_confirmed", ())


def test_not_exercised_by_what_it_does_not_bind() -> None:
    """Mail outside of the program, the other program, and collections put nothing to the test."""
    shop = judging(CONFIRMED).given(asked(1))
    for one in (
        message(2, purpose="verify_identity"),
        message(2, channel="post"),
        enrollment(2, "physical_mailings", "catalog_request"),
        asked(2, "S-2"),
    ):
        assert not shop.tests(shop.when(one).assert_breaks())


def test_time_alone_decides_nothing() -> None:
    """A sign-up that nobody confirms has no deadline, so nothing is ever open."""
    assert judging(CONFIRMED).given(asked(1)).settled(1000) == []


def test_a_confirmation_is_of_its_own_reference() -> None:
    """To confirm one sign-up confirms no other; mail needs any one of them."""
    shop = judging(CONFIRMED).given(asked(1), asked(1, "S-2", fact_id="second"), confirmed(2, "S-2"))
    shop.when(enrollment(3, EMAIL, "promotional_request", "S-1")).assert_breaks("X1")
    shop.when(enrollment(3, EMAIL, "promotional_request", "S-2")).assert_breaks()
    shop.when(message(4)).assert_breaks()


def test_only_the_points_that_are_named() -> None:
    """To fill in the form again confirms nothing; each named point does."""
    shop = judging(CONFIRMED).given(asked(1), asked(2, collection_point="web"), asked(2.5, collection_point="links"))
    shop.when(message(3)).assert_breaks("X1")
    judging(CONFIRMED).given(asked(1), confirmed(2, point="account")).when(message(3)).assert_breaks()


def test_a_confirmation_of_something_else() -> None:
    """What was confirmed must ask for the program: an order under its own reference does by its route, a letter not."""
    letter = collection("inbound_message", 1, collection_point="link", reference="T-1", values=EMAIL_ONLY)
    judging(CONFIRMED).given(letter).when(message(2)).assert_breaks("X1")
    judging(CONFIRMED).given(order(1, collection_point="account")).when(message(2)).assert_breaks()


def test_an_act_of_another_kind_under_the_same_reference() -> None:
    """The reference decides, whichever act was asked by and confirmed by."""
    shop = judging(CONFIRMED).given(contest_entry(1, reference="S-1"), confirmed(2))
    shop.when(enrollment(3, EMAIL, "contest_entry", "S-1")).assert_breaks()


def test_a_confirmation_lasts_until_the_person_leaves() -> None:
    """After an opt-out the old confirmation is spent, and only a new one counts, under whichever reference."""
    shop = judging(CONFIRMED).given(asked(1), confirmed(2), opt_out(3))
    (found,) = shop.when(message(4)).findings
    assert found.events == (ASKED, named("confirmation", 2), named("opt_out", 3))
    (found,) = shop.when(enrollment(5, EMAIL, "promotional_request", "S-1")).findings
    assert found.events == (named("confirmation", 2), named("opt_out", 3))
    shop.given(asked(6, "S-2")).when(message(7)).assert_breaks("X1")
    shop.given(confirmed(8, "S-2"))
    assert shop.is_enrolled()
    shop.when(message(9)).assert_breaks()


def test_an_old_reference_used_again() -> None:
    """Asking anew under the reference of a spent confirmation confirms nothing."""
    shop = judging(CONFIRMED).given(asked(1), confirmed(2), opt_out(3), asked(4))
    assert not shop.is_enrolled()
    shop.when(enrollment(5, EMAIL, "promotional_request", "S-1")).assert_breaks("X1")
    shop.when(message(5)).assert_breaks("X1")


def test_who_asked_before_leaving_cannot_confirm_after_it() -> None:
    """The link of an old mail lifts no opt-out; asking anew and confirming that does."""
    shop = judging(CONFIRMED).given(asked(1), opt_out(2), confirmed(3))
    assert not shop.is_enrolled()
    shop.given(asked(4, "S-2"), confirmed(5, "S-2"))
    assert shop.is_enrolled()
    shop.when(message(6)).assert_breaks()


def test_mail_in_the_grace_of_an_opt_out() -> None:
    """While it runs the confirmation still counts for mail, and for no enrollment; at its end it is spent."""
    shop = Shop(with_rule(CONFIRMED, with_parameters(opt_out_grace_seconds=2 * DAY)))
    shop.given(asked(1), confirmed(2), opt_out(3))
    shop.when(message(5 - SECOND)).assert_breaks()
    shop.when(enrollment(5 - SECOND, EMAIL, "promotional_request", "S-1")).assert_breaks("X1")
    shop.when(message(5)).assert_breaks("X1")
    stranger = Shop(with_rule(CONFIRMED, with_parameters(opt_out_grace_seconds=2 * DAY)))
    stranger.given(asked(1), opt_out(3)).when(message(4)).assert_breaks("X1")


def test_at_one_instant_both_come_before_the_message() -> None:
    """At one instant a confirmation, and then an opt-out, counts for what was mailed, whichever is told first."""
    shop = judging(CONFIRMED).given(asked(1))
    early = shop.when(message(2)).assert_breaks("X1")
    shop.given(confirmed(2))
    between = shop.when(message(2)).assert_breaks()
    assert shop.again(early) == set()
    shop.given(opt_out(2))
    shop.when(message(2)).assert_breaks("X1")
    assert shop.again(early) == shop.again(between) == {"not_confirmed"}


def test_late_facts_count_at_their_own_time() -> None:
    """A confirmation told late enrolls at its own time and clears the mail; a late opt-out condemns it again."""
    shop = judging(CONFIRMED).given(asked(1))
    outcome = shop.when(message(4)).assert_breaks("X1")
    shop.when(confirmed(2)).then(DataCollected, CustomerEnrolled)
    assert shop.is_enrolled(on=3)
    assert shop.again(outcome) == set()
    shop.given(opt_out(3))
    assert shop.again(outcome) == {"not_confirmed"}


def test_a_sign_up_told_after_its_confirmation() -> None:
    """The confirmation enrolled already, at its own time; the sign-up changes nothing."""
    shop = judging(CONFIRMED)
    shop.when(confirmed(2)).then(DataCollected, CustomerEnrolled)
    shop.when(asked(1)).then(DataCollected)
    assert not shop.is_enrolled(on=1)
    assert shop.is_enrolled(on=2)


def test_a_late_opt_out_is_lifted_by_a_confirmation_alone() -> None:
    """It takes the person out at its own time, and the confirmation after it, not the sign-up, enrolls them again."""
    shop = judging(CONFIRMED).given(asked(1), confirmed(2), asked(4, "S-2"), confirmed(5, "S-2"), opt_out(3))
    assert [shop.is_enrolled(on=on) for on in (2, 3, 4, 5)] == [True, False, False, True]


def test_the_whole_person_is_bound() -> None:
    """What one name confirmed counts for the other once they are known to be one person's."""
    shop = judging(CONFIRMED).given(asked(1), confirmed(2))
    outcome = shop.when(message(3, subject=OTHER)).assert_breaks("X1")
    shop.link(CUSTOMER, OTHER, on=4)
    assert shop.again(outcome, OTHER) == set()


def test_it_can_be_enforced() -> None:
    """An enrollment asked for before the confirmation is refused, and done after it."""
    shop = judging(CONFIRMED).given(asked(1))
    assert shop.when(enrollment(2, EMAIL, "promotional_request", "S-1", mode="enforce")).refused
    sent = fact("message", 2, {**MESSAGE, "mode": "enforce"})
    assert shop.when(sent).refused
    shop.given(confirmed(3))
    assert not shop.when(enrollment(4, EMAIL, "promotional_request", "S-1", mode="enforce")).refused


MESSAGE = {"channel": "email", "purpose": "direct_marketing", "unsubscribe_link": True, "message_id": "m-1"}


@pytest.mark.parametrize("points", [(), ("",)])
def test_without_a_point_nobody_could_confirm(points: tuple[str, ...]) -> None:
    """A rule that names no collection point is refused when the file is read."""
    with pytest.raises(ValidationError):
        ConfirmedFirst(program=EMAIL, points=points)

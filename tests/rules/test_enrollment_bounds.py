"""Rule kind enrollment_bounds: kept, broken, and its edges."""

from __future__ import annotations

from domain.rules.enrollment_bounds import EnrollmentBounds
from domain.vocabulary import Act, Cause, Program
from tests.controls import (
    POSTAL_ONLY,
    cancellation,
    collection,
    contest_entry,
    enrollment,
    message,
    opt_out,
    order,
)
from tests.scenario import judging

EMAIL = Program.EMAIL_MARKETING
BOTH = tuple(Program)
CONTESTS = EnrollmentBounds(
    judges={Cause.CONTEST_ENTRY: BOTH}, acts=(Act.CONTEST_ENTRY,), programs=(EMAIL,), needs_contact=True
)
ORDERS = EnrollmentBounds(judges={Cause.PURCHASE: BOTH}, acts=(Act.ORDER,), programs=(EMAIL,), yields_to_opt_out=True)
FORMS = EnrollmentBounds(judges={Cause.REGISTRATION: BOTH}, acts=(Act.REGISTRATION,), programs=BOTH, needs_request=True)


def test_kept() -> None:
    """An enrollment that cites what it must cite, into a program that it may lead to, is kept."""
    judging(CONTESTS).given(contest_entry(1)).when(enrollment(2, EMAIL, "contest_entry")).assert_breaks()


def test_broken() -> None:
    """Without a collection, into another program, or without the contact, it breaks."""
    shop = judging(CONTESTS)
    assert shop.when(enrollment(1, EMAIL, "contest_entry")).codes("X1") == {"no_such_collection"}
    shop.given(contest_entry(2))
    assert shop.when(enrollment(3, "physical_mailings", "contest_entry")).codes("X1") == {
        "program_out_of_bounds",
        "no_contact_given",
    }
    shop.given(contest_entry(4, values=POSTAL_ONLY))
    assert shop.when(enrollment(5, EMAIL, "contest_entry")).codes("X1") == {"no_contact_given"}


def test_what_it_does_not_judge() -> None:
    """Other causes, and events that are no enrollment, are left to other promises."""
    shop = judging(CONTESTS)
    shop.when(enrollment(1, EMAIL, "staff")).assert_breaks()
    shop.when(message(2)).assert_breaks()


def test_yields_to_an_opt_out() -> None:
    """With `yields_to_opt_out` an enrollment while opted out is out of bounds."""
    shop = judging(ORDERS).given(order(1), opt_out(2))
    assert shop.when(enrollment(3, EMAIL, "purchase")).codes("X1") == {"overrides_opt_out"}


def test_cancelled_orders() -> None:
    """An order counts until it is cancelled; at that very moment, whoever is enrolled comes first."""
    shop = judging(ORDERS).given(order(1), cancellation(3))
    shop.when(enrollment(2, EMAIL, "purchase", "O-1")).assert_breaks()
    shop.when(enrollment(3, EMAIL, "purchase", "O-1")).assert_breaks()
    assert shop.when(enrollment(4, EMAIL, "purchase", "O-1")).codes("X1") == {"order_cancelled"}


def test_needs_the_request() -> None:
    """With `needs_request` the form must have recorded the wish for that program."""
    shop = judging(FORMS).given(collection("registration", 1, requests=["catalog"]))
    shop.when(enrollment(2, "physical_mailings", "registration")).assert_breaks()
    assert shop.when(enrollment(3, EMAIL, "registration")).codes("X1") == {"not_asked_for"}


def test_a_collection_of_another_act() -> None:
    """A rule may judge a cause whose act it does not accept: then what is cited is of the wrong act."""
    rule = EnrollmentBounds(judges={Cause.CATALOG_REQUEST: (EMAIL,)}, acts=(Act.CONTEST_ENTRY,), programs=(EMAIL,))
    shop = judging(rule).given(collection("catalog_request", 1))
    assert shop.when(enrollment(2, EMAIL, "catalog_request")).codes("X1") == {"act_not_allowed"}

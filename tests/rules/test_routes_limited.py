"""Rule kind routes_limited: kept, broken, and its edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.policy.judge import Judge
from domain.records.customer import Customer
from domain.records.customer_fold import evolve
from domain.rules.routes_limited import RoutesLimited
from domain.vocabulary import ADDRESS, EMAIL, NAME, Cause, Program, Reading
from tests.controls import (
    EMAIL_ONLY,
    POSTAL_ONLY,
    RECIPIENTS,
    cancellation,
    collection,
    contest_entry,
    enrollment,
    message,
    opt_out,
    order,
    share,
    use,
)
from tests.scenario import Shop, judging, with_rule

if TYPE_CHECKING:
    from domain.events import Finding
    from domain.facts import Fact

ROUTES = RoutesLimited(routes={Cause.PURCHASE: (Program.EMAIL_MARKETING,)})
ALL = RoutesLimited(routes=dict.fromkeys((Cause.PURCHASE, Cause.CONTEST_ENTRY, Cause.REGISTRATION), tuple(Program)))
FORM_ONLY = RoutesLimited(routes={Cause.REGISTRATION: tuple(Program)})
REGISTERED: dict[str, Any] = {"requests": ["updates"], "values": EMAIL_ONLY}


def strictly(*facts: Fact, rule: RoutesLimited = FORM_ONLY) -> set[str]:
    """Return what a rule of the strict reading, by default that the form is the only route, finds wrong with the last.

    All is decided by the wider routes of the harmonised one, which does not enroll twice.
    """
    policy = with_rule(ALL)
    promises = (policy.promises[0].model_copy(update={"otherwise": {Reading.STRICT: rule}}),)
    policy = policy.model_copy(update={"promises": promises})
    shop, strict = Shop(policy), Judge(policy, Reading.STRICT)
    found: tuple[Finding, ...] = ()
    customer = Customer(shop.customer().person)
    for told in facts:
        outcome = shop.when(told)
        for event in outcome.events:
            found = strict.judge(customer, shop.company, event)
            broken = {Reading.STRICT} if found else set()
            if any(one.is_breach for one in event.findings):
                broken.add(Reading.HARMONISED)
            evolve(customer, event, frozenset(broken))
    return {one.code for one in found}


def test_kept() -> None:
    """A route that is named opens its program, and mail in it is innocent."""
    shop = judging(ROUTES)
    shop.when(enrollment(1, "email_marketing", "purchase")).assert_breaks()
    shop.when(message(2)).assert_breaks()


def test_broken() -> None:
    """A cause that is no route, and a route into another program, break."""
    shop = judging(ROUTES)
    for program, cause in (("email_marketing", "import"), ("physical_mailings", "purchase")):
        assert shop.when(enrollment(1, program, cause)).codes("X1") == {"no_route"}
    outcome = shop.when(message(2))
    assert outcome.codes("X1") == {"not_enrolled"}
    assert outcome.findings[0].events == ("/shop enrollment-1",)


def test_marketing_uses_and_shares() -> None:
    """A use or share for direct marketing needs the enrollment of the contact in it; any other does not."""
    shop = judging(ROUTES).given(*RECIPIENTS, order(1))
    shop.when(use(2, "direct_marketing", [EMAIL])).assert_breaks()
    shop.when(use(3, "direct_marketing", [EMAIL, ADDRESS])).assert_breaks("X1")
    shop.when(share(4, "mail_service", [EMAIL], purpose="direct_marketing")).assert_breaks()
    shop.given(opt_out(5)).when(share(6, "mail_service", [NAME], purpose="direct_marketing")).assert_breaks("X1")
    shop.when(use(7, "keep_books", [EMAIL])).assert_breaks()


def test_mail_outside_programs() -> None:
    """A message in no program needs no route."""
    judging(ROUTES).when(message(1, purpose="answer_message")).assert_breaks()


def test_an_enrollment_that_another_reading_forbids() -> None:
    """Mail on the strength of an enrollment by another route breaks, where only the form is one."""
    assert strictly(order(1), message(2)) == {"not_enrolled"}
    assert strictly(collection("registration", 1, **REGISTERED), message(2)) == set()


def test_what_the_person_did_since_counts() -> None:
    """Who filled out the form while enrolled otherwise is enrolled by it, though no second enrollment was made."""
    registered = collection("registration", 2, **REGISTERED)
    assert strictly(order(1), registered, message(3)) == set()
    assert strictly(order(1), registered, use(3, "direct_marketing", [EMAIL])) == set()
    assert strictly(registered, order(3), message(4)) == set()


def test_only_what_opens_that_program_counts_since() -> None:
    """The form must have asked for updates and given the address; another act opens nothing under this reading."""
    for since in (
        collection("registration", 2, requests=["catalog"], values=EMAIL_ONLY),
        collection("registration", 2, requests=["updates"], values=POSTAL_ONLY),
        contest_entry(2),
        order(2, "O-2"),
    ):
        assert strictly(order(1), since, message(3)) == {"not_enrolled"}


def test_what_was_done_before_an_opt_out_does_not_count() -> None:
    """An opt-out ends what the person had asked for, and only what follows it counts."""
    registered = collection("registration", 2, **REGISTERED)
    assert strictly(order(1), registered, opt_out(3), message(4)) == {"not_enrolled"}
    again = collection("registration", 5, reference="again", **REGISTERED)
    assert strictly(order(1), registered, opt_out(3), contest_entry(4), message(4.5)) == {"not_enrolled"}
    assert strictly(order(1), registered, opt_out(3), contest_entry(4), again, message(6)) == set()


def test_at_one_instant_position_decides() -> None:
    """A form that was filled out at the instant of the message permits it if it stands before it."""
    registered = collection("registration", 2, **REGISTERED)
    assert strictly(order(1), registered, message(2)) == set()
    assert strictly(order(1), registered, message(1.5)) == {"not_enrolled"}


def test_an_unlawful_enrollment_is_not_made_good() -> None:
    """Where nobody would have been enrolled under any reading, what the person did since enrolled them by itself."""
    staff = enrollment(1, "email_marketing", "staff")
    assert strictly(staff, message(2)) == {"not_enrolled"}
    assert strictly(staff, collection("registration", 2, **REGISTERED), message(3)) == set()


def test_a_cancelled_order_does_not_count() -> None:
    """Where orders are the route of the other reading, one that was cancelled since is none; another one is."""
    entered, bought = contest_entry(1), order(2)
    assert strictly(entered, message(3), rule=ROUTES) == {"not_enrolled"}
    assert strictly(entered, bought, message(3), rule=ROUTES) == set()
    assert strictly(entered, bought, cancellation(3), message(4), rule=ROUTES) == {"not_enrolled"}
    assert strictly(entered, bought, order(2, "O-2", fact_id="two"), cancellation(3), message(4), rule=ROUTES) == set()

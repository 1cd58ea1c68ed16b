"""Rule kind routes_limited: kept, broken, and its edges."""

from __future__ import annotations

from domain.policy.rules.routes_limited import RoutesLimited
from domain.vocabulary import ADDRESS, EMAIL, NAME, Cause, Program
from tests.controls import RECIPIENTS, enrollment, message, opt_out, order, share, use
from tests.scenario import judging

ROUTES = RoutesLimited(routes={Cause.PURCHASE: (Program.EMAIL_MARKETING,)})


def test_kept() -> None:
    """A route that is named opens its program, and mail in it is innocent."""
    shop = judging(ROUTES)
    shop.when(enrollment(1, "email_marketing", "purchase")).breaks()
    shop.when(message(2)).breaks()


def test_broken() -> None:
    """A cause that is no route, and a route into another program, break."""
    shop = judging(ROUTES)
    for program, cause in (("email_marketing", "import"), ("physical_mailings", "purchase")):
        assert shop.when(enrollment(1, program, cause)).codes("X1") == {"no_route"}
    outcome = shop.when(message(2))
    assert outcome.codes("X1") == {"not_enrolled"}
    assert outcome.decision.findings[0].events == ("/shop enrollment-1",)


def test_marketing_uses_and_shares() -> None:
    """A use or share for direct marketing needs the enrollment of the contact in it; any other does not."""
    shop = judging(ROUTES).given(*RECIPIENTS, order(1))
    shop.when(use(2, "direct_marketing", [EMAIL])).breaks()
    shop.when(use(3, "direct_marketing", [EMAIL, ADDRESS])).breaks("X1")
    shop.when(share(4, "mail_service", [EMAIL], purpose="direct_marketing")).breaks()
    shop.given(opt_out(5)).when(share(6, "mail_service", [NAME], purpose="direct_marketing")).breaks("X1")
    shop.when(use(7, "keep_books", [EMAIL])).breaks()


def test_mail_outside_programs() -> None:
    """A message in no program needs no route."""
    judging(ROUTES).when(message(1, purpose="answer_message")).breaks()

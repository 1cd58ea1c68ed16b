"""Rule kind purposes_limited: kept, broken, and its edges."""

from __future__ import annotations

from domain.policy.rules.purposes_limited import PurposesLimited
from domain.vocabulary import ADDRESS, EMAIL, Act, Program
from tests.controls import contest_entry, enrollment, gift, message, opt_out, order, use
from tests.scenario import judging

ORDERS = PurposesLimited(act=Act.ORDER, purposes="completion", opens=(Program.EMAIL_MARKETING,))
CLOSED = PurposesLimited(act=Act.ORDER, purposes="completion")
GIFTS = PurposesLimited(act=Act.GIFT, purposes="delivery", bars_programs=True)
CITED = {"act": "order", "reference": "O-1"}


def test_kept() -> None:
    """A listed purpose, under the collection's own reference or under none, is kept."""
    shop = judging(ORDERS).given(order(1))
    shop.when(use(2, "keep_books", reference="O-1")).breaks()
    shop.when(use(3, "keep_books", relying_on=CITED)).breaks()


def test_broken() -> None:
    """Another purpose breaks, and so does a listed one for another reference."""
    shop = judging(ORDERS).given(order(1))
    assert shop.when(use(2, "improve_site", relying_on=CITED)).codes("X1") == {"purpose_not_allowed"}
    assert shop.when(use(3, "keep_books", reference="O-2", relying_on=CITED)).codes("X1") == {"other_reference"}


def test_other_acts_are_not_concerned() -> None:
    """What another act collected is not judged."""
    judging(ORDERS).given(contest_entry(1)).when(use(2, "improve_site")).breaks()


def test_opens_its_program_for_its_contact_while_enrolled() -> None:
    """The program that it opens carves out its contact alone, and only while the person is enrolled."""
    shop = judging(ORDERS).given(order(1))
    marketing = {"reference": "O-1"}
    shop.when(use(2, "direct_marketing", [EMAIL], **marketing)).breaks()
    shop.when(use(3, "direct_marketing", [EMAIL, ADDRESS], **marketing)).breaks("X1")
    shop.given(opt_out(4)).when(use(5, "direct_marketing", [EMAIL], **marketing)).breaks("X1")


def test_without_a_program_nothing_is_carved_out() -> None:
    """A rule that opens no program lets no marketing through."""
    judging(CLOSED).given(order(1)).when(use(2, "direct_marketing", [EMAIL])).breaks("X1")


def test_bars_programs() -> None:
    """Who is known by such collections alone may be neither enrolled nor mailed; who is known otherwise may."""
    shop = judging(GIFTS).given(gift(1))
    assert shop.when(message(2)).codes("X1") == {"mailed_as_recipient_only"}
    assert shop.when(enrollment(3, "email_marketing", "staff")).codes("X1") == {"enrolled_as_recipient_only"}
    shop.given(order(4)).when(message(5)).breaks()
    judging(GIFTS).when(message(1)).breaks()

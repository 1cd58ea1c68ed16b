"""Rule kind purposes_limited: kept, broken, and its edges."""

from __future__ import annotations

from domain.rules.purposes_limited import PurposesLimited
from domain.vocabulary import ADDRESS, EMAIL, NAME, Act, Program
from tests.controls import (
    POSTAL_ONLY,
    collection,
    contest_entry,
    enrollment,
    gift,
    message,
    named,
    objection,
    offer,
    opt_out,
    order,
    use,
)
from tests.scenario import judging

ORDERS = PurposesLimited(act=Act.ORDER, purposes="completion", opens=(Program.EMAIL_MARKETING,))
CLOSED = PurposesLimited(act=Act.ORDER, purposes="completion")
GIFTS = PurposesLimited(act=Act.GIFT, purposes="delivery", bars_programs=True)
NAMED = PurposesLimited(
    act=Act.ORDER, purposes="completion", opens=(Program.EMAIL_MARKETING,), opened_categories=(NAME,)
)
LETTERS = PurposesLimited(act=Act.INBOUND_MESSAGE, purposes="completion", bars_contact=True)
UNMARKETED = PurposesLimited(act=Act.ORDER, purposes="completion", bars_marketing=True)
CURED = PurposesLimited(act=Act.ORDER, purposes="completion", cured_by_offer=True)
CITED = {"act": "order", "reference": "O-1"}


def test_kept() -> None:
    """A listed purpose, under the collection's own reference or under none, is kept."""
    shop = judging(ORDERS).given(order(1))
    shop.when(use(2, "keep_books", reference="O-1")).assert_breaks()
    shop.when(use(3, "keep_books", relying_on=CITED)).assert_breaks()


def test_broken() -> None:
    """Another purpose breaks, and so does a listed one for another reference."""
    shop = judging(ORDERS).given(order(1))
    assert shop.when(use(2, "improve_site", relying_on=CITED)).codes("X1") == {"purpose_not_allowed"}
    assert shop.when(use(3, "keep_books", reference="O-2", relying_on=CITED)).codes("X1") == {"other_reference"}


def test_other_acts_are_not_concerned() -> None:
    """What another act collected is not judged."""
    judging(ORDERS).given(contest_entry(1)).when(use(2, "improve_site")).assert_breaks()


def test_opens_its_program_for_its_contact_while_enrolled() -> None:
    """The program that it opens carves out its contact alone, and only while the person is enrolled."""
    shop = judging(ORDERS).given(order(1))
    marketing = {"reference": "O-1"}
    shop.when(use(2, "direct_marketing", [EMAIL], **marketing)).assert_breaks()
    shop.when(use(3, "direct_marketing", [EMAIL, ADDRESS], **marketing)).assert_breaks("X1")
    shop.given(opt_out(4)).when(use(5, "direct_marketing", [EMAIL], **marketing)).assert_breaks("X1")


def test_without_a_program_nothing_is_carved_out() -> None:
    """A rule that opens no program lets no marketing through."""
    judging(CLOSED).given(order(1)).when(use(2, "direct_marketing", [EMAIL])).assert_breaks("X1")


def test_bars_programs() -> None:
    """Who is known by such collections alone may be neither enrolled nor mailed; who is known otherwise may."""
    shop = judging(GIFTS).given(gift(1))
    assert shop.when(message(2)).codes("X1") == {"mailed_as_recipient_only"}
    assert shop.when(enrollment(3, "email_marketing", "staff")).codes("X1") == {"enrolled_as_recipient_only"}
    shop.given(order(4)).when(message(5)).assert_breaks()
    judging(GIFTS).when(message(1)).assert_breaks()


def test_an_opened_program_may_use_more_than_its_contact() -> None:
    """With `opened_categories` the program may use these too, while the person is enrolled, and never another's."""
    shop = judging(NAMED).given(order(1))
    shop.when(use(2, "direct_marketing", [EMAIL, NAME], reference="O-1")).assert_breaks()
    shop.when(use(3, "direct_marketing", [EMAIL, ADDRESS], reference="O-1")).assert_breaks("X1")
    shop.when(use(4, "improve_site", [NAME], reference="O-1")).assert_breaks("X1")
    shop.given(opt_out(5)).when(use(6, "direct_marketing", [NAME], reference="O-1")).assert_breaks("X1")
    judging(ORDERS).given(order(1)).when(use(2, "direct_marketing", [EMAIL, NAME], reference="O-1")).assert_breaks("X1")


def test_bars_contact() -> None:
    """Whose contact for the program is known from such collections alone may be neither enrolled nor mailed."""
    shop = judging(LETTERS).given(collection("inbound_message", 1), order(1, values=POSTAL_ONLY))
    outcome = shop.when(message(2))
    (found,) = outcome.findings
    assert (found.code, found.events) == ("mailed_by_set_apart_contact", (named("inbound_message", 1),))
    assert shop.when(enrollment(3, "email_marketing", "staff")).codes("X1") == {"enrolled_by_set_apart_contact"}
    shop.when(enrollment(3, "physical_mailings", "staff")).assert_breaks()
    shop.when(message(4, channel="post")).assert_breaks()
    shop.given(contest_entry(5)).when(message(6)).assert_breaks()
    assert shop.again(outcome) == {"mailed_by_set_apart_contact"}


def test_bars_marketing() -> None:
    """No such collection may enroll anybody, nor carry mail to whom it enrolled; with other grounds they may."""
    shop = judging(UNMARKETED).given(order(1))
    outcome = shop.when(enrollment(2, "email_marketing", "purchase"))
    (found,) = outcome.findings
    assert (found.code, found.events) == ("marketed_by_this_act", (named("order", 1),))
    assert shop.when(message(3)).codes("X1") == {"marketed_by_this_act"}
    shop.given(contest_entry(4)).when(message(5)).assert_breaks()
    shop = judging(UNMARKETED).given(order(1))
    shop.when(enrollment(2, "email_marketing", "staff")).assert_breaks()
    shop.when(message(3)).assert_breaks()
    judging(CLOSED).given(order(1), enrollment(2, "email_marketing", "purchase")).when(message(3)).assert_breaks()


def test_cured_by_an_offer() -> None:
    """With `cured_by_offer` a purpose is allowed once its offer has stood, and until an objection; alone it is not."""
    shop = judging(CURED).given(order(1))
    shop.when(use(2, "improve_site", relying_on=CITED)).assert_breaks("X1")
    shop.given(offer(3, "improve_site"))
    shop.when(use(32, "improve_site", relying_on=CITED)).assert_breaks("X1")
    shop.when(use(33, "improve_site", relying_on=CITED)).assert_breaks()
    shop.when(use(34, "deliver_ads", relying_on=CITED)).assert_breaks("X1")
    shop.given(objection(35, "improve_site")).when(use(36, "improve_site", relying_on=CITED)).assert_breaks("X1")
    shop = judging(CLOSED).given(order(1), offer(2, "improve_site"))
    shop.when(use(33, "improve_site", relying_on=CITED)).assert_breaks("X1")


def test_an_offer_cures_no_other_reference() -> None:
    """A listed purpose is for the collection's own reference, whatever was offered."""
    shop = judging(CURED).given(order(1), offer(1, "keep_books"))
    assert shop.when(use(40, "keep_books", reference="O-2", relying_on=CITED)).codes("X1") == {"other_reference"}

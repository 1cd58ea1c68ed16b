"""Rule kind set_apart: kept, broken, the two sides of who is an outside party, and its edges."""

from __future__ import annotations

import pytest

from domain.rules.set_apart import SetApart
from domain.vocabulary import EMAIL, NAME, Act, Role, ShareKind
from tests.controls import (
    CUSTOMER,
    EMAIL_ONLY,
    OTHER,
    POSTAL_ONLY,
    RECIPIENTS,
    collection,
    contest_entry,
    enrollment,
    fact,
    gift,
    message,
    named,
    order,
    recipient,
    share,
    use,
)
from tests.scenario import Shop, first_policy, with_rule

CONTENT = "user.content"
WITH_HELPDESK = SetApart(act=Act.INBOUND_MESSAGE, purposes="answering", roles=(Role.HELPDESK,))
ALONE = SetApart(act=Act.INBOUND_MESSAGE, purposes="answering")
THREAD = {"act": "inbound_message", "reference": "T-1"}
RECEIVED = named("inbound_message", 1)
LETTER = collection("inbound_message", 1, reference="T-1", values={EMAIL: "ada@example.com", CONTENT: "Where is it?"})
HELPED = {"purpose": "answer_message", "reference": "T-1"}


def judging(rule: SetApart) -> Shop:
    """Return a shop whose only promise has this rule, and which knows what it is to answer."""
    policy = first_policy().model_copy(update={"purposes": {"answering": ("answer_message",)}})
    return Shop(with_rule(rule, policy)).given(*RECIPIENTS)


def test_kept() -> None:
    """To answer the very message is what it may serve; with or without its reference."""
    shop = judging(WITH_HELPDESK).given(LETTER)
    assert shop.tests(shop.when(use(2, "answer_message", [EMAIL, CONTENT], reference="T-1")).assert_breaks())
    shop.when(use(3, "answer_message", [EMAIL])).assert_breaks()
    shop.when(message(4, purpose="answer_message", relying_on=THREAD)).assert_breaks()


def test_broken() -> None:
    """Another purpose breaks, and so does the same one for another thread."""
    shop = judging(WITH_HELPDESK).given(LETTER)
    outcome = shop.when(use(2, "improve_site", [CONTENT], relying_on=THREAD))
    assert [(found.code, found.events) for found in outcome.findings] == [("purpose_not_allowed", (RECEIVED,))]
    other = use(3, "answer_message", [CONTENT], reference="T-2", relying_on=THREAD)
    assert shop.when(other).codes("X1") == {"other_reference"}
    outside = message(4, purpose="confirm_delivery", relying_on=THREAD)
    assert shop.when(outside).codes("X1") == {"purpose_not_allowed"}


def test_purposes_of_the_law() -> None:
    """To verify an identity or answer a request about rights breaks nothing; a legal order excuses."""
    shop = judging(ALONE).given(LETTER)
    shop.when(use(2, "verify_identity", [EMAIL], relying_on=THREAD)).assert_breaks()
    for on, outcome in (
        (3, shop.when(use(3, "legal_obligation", [EMAIL], relying_on=THREAD))),
        (4, shop.when(share(4, "authority", [EMAIL], purpose="legal_obligation", reference="T-1"))),
    ):
        assert [found.excused for found in outcome.findings] == [True], on


def test_newsletter() -> None:
    """Who is known from a letter alone may be neither enrolled nor mailed, by whatever cause."""
    shop = judging(WITH_HELPDESK).given(LETTER)
    outcome = shop.when(enrollment(2, "email_marketing", "staff"))
    (found,) = outcome.findings
    assert (found.code, found.events) == ("enrolled_by_set_apart_contact", (RECEIVED,))
    assert shop.when(message(3)).codes("X1") == {"mailed_by_set_apart_contact"}
    named_program = message(4, purpose="answer_message", program="email_marketing")
    assert shop.when(named_program).codes("X1") == {"mailed_by_set_apart_contact"}


def test_the_same_address_from_somewhere_else() -> None:
    """Permission follows the collection: an address that an order gave too may be used under that."""
    shop = judging(WITH_HELPDESK).given(LETTER, order(2))
    shop.when(message(3)).assert_breaks()
    shop.when(enrollment(4, "email_marketing", "purchase")).assert_breaks()
    shop.when(use(5, "deliver_ads", [EMAIL])).assert_breaks()
    assert shop.when(use(6, "deliver_ads", [EMAIL], relying_on=THREAD)).codes("X1") == {"purpose_not_allowed"}
    both = [THREAD, {"act": "order", "reference": "O-1"}]
    assert shop.tests(shop.when(use(7, "deliver_ads", [EMAIL], relying_on=both)).assert_breaks())


def test_known_from_elsewhere_only_later() -> None:
    """What the person did after the message does not heal it; an order from before it does, recorded however late."""
    shop = judging(WITH_HELPDESK).given(LETTER)
    outcome = shop.when(message(3)).assert_breaks("X1")
    shop.given(contest_entry(4))
    assert shop.again(outcome) == {"mailed_by_set_apart_contact"}
    shop.given(order(2))
    assert shop.again(outcome) == set()


def test_the_contact_of_the_program_counts() -> None:
    """A postal address from an order opens no e-mail address from a letter; another program is not concerned."""
    shop = judging(WITH_HELPDESK).given(LETTER, order(2, values=POSTAL_ONLY))
    shop.when(message(3)).assert_breaks("X1")
    shop.when(message(4, channel="post")).assert_breaks()
    judging(WITH_HELPDESK).when(message(3)).assert_breaks()


def test_at_one_instant_the_order_comes_first() -> None:
    """An order at the instant of the message comes before it, whichever is told first."""
    shop = judging(WITH_HELPDESK).given(LETTER)
    early = shop.when(message(2)).assert_breaks("X1")
    shop.given(order(2)).when(message(2, fact_id="after")).assert_breaks()
    assert shop.again(early) == set()


def test_a_helpdesk_may_answer() -> None:
    """With a role for it, a registered helpdesk may have what it needs to answer this thread."""
    shop = judging(WITH_HELPDESK).given(LETTER)
    assert shop.tests(shop.when(share(2, "helpdesk", [EMAIL, CONTENT], **HELPED)).assert_breaks())


def test_without_roles_everybody_is_an_outside_party() -> None:
    """Taken alone, the clause knows no exception."""
    outcome = judging(ALONE).given(LETTER).when(share(2, "helpdesk", [EMAIL, CONTENT], **HELPED))
    (found,) = outcome.findings
    assert (found.code, found.events) == ("shared_with_outside_party", (RECEIVED,))


@pytest.mark.parametrize(
    ("to", "categories", "changed"),
    [
        ("nobody", [EMAIL], {}),
        ("mail_service", [EMAIL], {}),
        ("helpdesk", [EMAIL], {"purpose": "improve_site"}),
        ("helpdesk", [EMAIL], {"reference": "T-2", "relying_on": THREAD}),
        ("helpdesk", [EMAIL, NAME], {}),
        ("helpdesk", [EMAIL], {"kind": ShareKind.SALE.value}),
        ("authority", [EMAIL], {}),
    ],
)
def test_outside_parties(to: str, categories: list[str], changed: dict[str, object]) -> None:
    """Not registered, in another role, for another purpose or thread, more than it needs, or sold: out of bounds."""
    shop = judging(WITH_HELPDESK).given(LETTER)
    assert shop.when(share(2, to, categories, **{**HELPED, **changed})).codes("X1") == {"shared_with_outside_party"}


def test_the_registration_bounds_it_too() -> None:
    """What the role allows must have been registered, and still be."""
    narrow = recipient(0, "desk", "helpdesk", [EMAIL])
    shop = judging(WITH_HELPDESK).given(narrow, LETTER)
    shop.when(share(2, "desk", [EMAIL], **HELPED)).assert_breaks()
    shop.when(share(3, "desk", [CONTENT], **HELPED)).assert_breaks("X1")
    shop.given(fact("recipient_ended", 4, {"recipient": "desk"}, subject=None))
    shop.when(share(5, "desk", [EMAIL], **HELPED)).assert_breaks("X1")


def test_other_acts_are_not_concerned() -> None:
    """What another act collected is not judged, and puts nothing to the test."""
    shop = judging(WITH_HELPDESK).given(order(1), gift(1))
    assert not shop.tests(shop.when(use(2, "improve_site", [EMAIL])).assert_breaks())
    shop.when(share(3, "nobody", [EMAIL], reference="O-1")).assert_breaks()
    assert not shop.tests(shop.when(message(4)).assert_breaks())


def test_linked_people_are_one() -> None:
    """An address known from an order under another name of the person counts, once they are linked."""
    shop = judging(WITH_HELPDESK).given(LETTER, contest_entry(1, subject=OTHER, values=EMAIL_ONLY))
    shop.link(CUSTOMER, OTHER, 2).when(message(3)).assert_breaks()

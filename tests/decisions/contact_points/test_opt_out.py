"""An opt-out that was told of an address binds the address, on whosever's record it stands, until it is lifted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.events.customer import CustomerEnrolled, DataCollected
from domain.records.customer import LAST
from domain.vocabulary import ADDRESS, EMAIL, Program
from tests.controls import (
    catalog_request,
    collection,
    contest_entry,
    correction,
    day,
    fact,
    message,
    opt_out,
    order,
    verified,
)
from tests.scenario import Shop

if TYPE_CHECKING:
    from datetime import datetime

    from domain.facts import Fact

ONE, TWO, GUEST, MAILBOX = "customer:1", "customer:2", "guest:F-1", "email:ada@example.com"
ELSEWHERE = {EMAIL: "elsewhere@example.com"}
POST = "physical_mailings"


def left(on: float = 2, via: str = "unsubscribe_link", **envelope: str) -> Fact:
    """Return an opt-out from the newsletter, by an address unless another subject is given."""
    data = {"program": "email_marketing", "via": via}
    if "to" in envelope:
        data["to"] = envelope.pop("to")
    return fact("opt_out", on, data, **{"subject": MAILBOX, **envelope})


def answered(on: float, subject: str) -> Fact:
    """Return that a mailbox answered, and was this person's."""
    return fact("contact_confirmed", on, {"contact": MAILBOX, "method": "mail"}, subject=subject)


def test_it_binds_every_holder() -> None:
    """Everybody who has the address is neither enrolled nor mailed: P17 and P18 break, and P11 does not."""
    shop = Shop().given(contest_entry(1), order(1, subject=TWO), contest_entry(1, subject=GUEST), left())
    for name in (ONE, TWO, GUEST):
        assert not shop.is_enrolled(subject=name)
        shop.when(order(3, "O-3", subject=name)).then(DataCollected)
        shop.when(message(4, subject=name)).assert_breaks("P17", "P18")


@pytest.mark.parametrize("is_known", [False, True])
def test_it_binds_where_a_message_went(*, is_known: bool) -> None:
    """A message that says where it went is judged by that address, whichever one is the current one."""
    shop = Shop().given(contest_entry(1, values=ELSEWHERE), left())
    if is_known:
        shop.given(contest_entry(2.5, reference="both", also=[MAILBOX], values=ELSEWHERE))
    shop.when(message(3)).assert_breaks()
    shop.when(message(4, to=MAILBOX)).assert_breaks("P17", "P18")
    shop.when(message(5, to="email:elsewhere@example.com")).assert_breaks()


@pytest.mark.parametrize("act", ["order", "contest_entry", "promotional_request"])
def test_it_binds_who_gives_the_address_later(act: str) -> None:
    """Nobody's typing lifts it, by whichever act: nobody is enrolled, and mail there breaks P17 and P18."""
    shop = Shop().given(left())
    shop.when(collection(act, 3)).then(DataCollected)
    assert not shop.is_enrolled()
    assert {"P17", "P18"} <= {found.promise for found in shop.when(message(4)).findings}


def test_a_stranger_does_not_lift_it_for_the_holder() -> None:
    """Who types the address after the opt-out asks for themself in vain, and the holder stays in peace."""
    shop = Shop().given(contest_entry(1), left(), contest_entry(3, subject=TWO, reference="typed"))
    for name in (ONE, TWO):
        assert not shop.is_enrolled(subject=name)
        assert {"P17", "P18"} <= {found.promise for found in shop.when(message(4, subject=name)).findings}


def test_the_holder_lifts_it_for_everybody() -> None:
    """A new request with that address, of a person on whose record it stood, opens the address again."""
    shop = Shop().given(contest_entry(1), order(1, subject=TWO), left())
    shop.when(contest_entry(3, reference="again")).then(DataCollected)
    shop.when(message(4)).assert_breaks()
    shop.given(order(5, "O-5", subject=GUEST))
    assert shop.is_enrolled(subject=GUEST)
    # The other holder was opted out as a person, and lifts that by nothing that somebody else asks for.
    shop.when(message(6, subject=TWO)).assert_breaks("P17", "P18")


@pytest.mark.parametrize("asked", [order(3, "O-3"), contest_entry(3, reference="again", values=ELSEWHERE)])
def test_what_lifts_no_address(asked: Fact) -> None:
    """A purchase lifts nothing, and a request with another address does not lift this one's."""
    shop = Shop().given(contest_entry(1), left(), asked)
    shop.given(order(4, "O-4", subject=TWO))
    assert not shop.is_enrolled(subject=TWO)


def test_an_old_confirmation_link_lifts_nothing() -> None:
    """The same act and reference told again is no new request: neither of the person, nor of the address."""
    shop = Shop().given(contest_entry(1), left(), contest_entry(3, fact_id="clicked-again"))
    assert not shop.is_enrolled()
    shop.when(message(4)).assert_breaks("P17", "P18")
    shop.given(contest_entry(5, reference="again"))
    shop.when(message(6)).assert_breaks()


@pytest.mark.parametrize("again", ["C-é1", " c-é1", "C-É1\t", "c-e\u03011", "c-é\u200b1", "\uff43-é1", "c -é 1"])
@pytest.mark.parametrize("about", [MAILBOX, ONE])
def test_what_looks_the_same_lifts_nothing(about: str, again: str) -> None:
    """An old link told again in another case, with a blank, or composed otherwise, is the old one still."""
    shop = Shop().given(contest_entry(1, reference="c-é1"), left(subject=about))
    shop.when(contest_entry(3, reference=again, fact_id="again")).then(DataCollected)
    assert not shop.is_enrolled()
    assert {"P17", "P18"} <= {one.promise for one in shop.when(message(4)).findings}
    shop.given(contest_entry(5, reference="c-é2", fact_id="anew"))
    shop.when(message(6)).assert_breaks()


def test_references_that_look_alike_are_not_one_order() -> None:
    """Only what lifts goes by the look: one order's cancellation is not that of another."""
    shop = Shop().given(order(1, "o-1"), order(1, "O-1", fact_id="other"))
    shop.given(fact("order_cancelled", 2, {"reference": "O-1"}))
    assert shop.is_enrolled()


def test_who_was_verified_for_the_address_lifts_it() -> None:
    """A mailbox that answered is theirs, so what they ask for with it counts; before it answered, it did not."""
    shop = Shop().given(left(), contest_entry(3, reference="typed"))
    assert not shop.is_enrolled()
    shop.given(answered(4, ONE))
    assert not shop.is_enrolled()
    shop.when(contest_entry(5, reference="again")).then(DataCollected, CustomerEnrolled).assert_breaks()
    shop.when(message(6)).assert_breaks()


def test_a_mailbox_that_did_not_answer_after_all_verifies_nobody() -> None:
    """Once it is corrected as a wrong entry, what they ask for later lifts nothing; another answer verifies anew."""
    wrong = {"entry": {"source": "/shop", "id": answered(3, ONE).id}, "reason": "it bounced"}
    corrected = fact("entry_correction", 4, wrong, subject=ONE)
    shop = Shop().given(left(), answered(3, ONE), corrected, contest_entry(5, reference="typed"))
    assert not shop.is_enrolled()
    shop.when(message(6)).assert_breaks("P17", "P18")
    shop.given(answered(7, ONE), contest_entry(8, reference="again"))
    assert shop.is_enrolled()


def test_an_answer_for_one_person_verifies_no_other() -> None:
    """That the mailbox answered for one person lets nobody else lift its opt-out."""
    shop = Shop().given(left(), answered(3, TWO), contest_entry(4))
    assert not shop.is_enrolled()


def test_a_link_to_the_address_lets_its_person_lift_it() -> None:
    """Who is linked with the stream of the address has opted out themself, and asks anew as themself."""
    shop = Shop().given(left(), contest_entry(3, reference="typed", also=[verified(MAILBOX)]))
    assert shop.is_enrolled()
    shop.when(message(4)).assert_breaks()


@pytest.mark.parametrize("late", [False, True])
def test_told_late(*, late: bool) -> None:
    """An opt-out told after the request that lifts it is lifted all the same, and one told before an order binds."""
    asked, bought = contest_entry(3, reference="again"), order(3, "O-3", subject=TWO)
    facts = [asked, bought, left()] if late else [left(), asked, bought]
    shop = Shop().given(contest_entry(1), order(1, subject=TWO), *facts)
    shop.when(message(4)).assert_breaks()
    assert not shop.is_enrolled(subject=TWO)
    shop.when(message(4, subject=TWO)).assert_breaks("P17", "P18")


def test_before_it_mail_is_innocent() -> None:
    """It binds from its own time on, whenever it is told."""
    shop = Shop().given(contest_entry(1), left(3))
    shop.when(message(2)).assert_breaks()
    assert shop.is_enrolled(on=2.5)


def test_the_first_of_two_begins_it_until_it_is_lifted() -> None:
    """To opt out twice begins nothing anew; to opt out after it was lifted does."""
    shop = Shop().given(contest_entry(1), left(2), left(3))
    assert _left_since(shop) == day(2)
    shop.given(contest_entry(4, reference="again"))
    assert _left_since(shop) is None
    shop.given(left(6))
    assert _left_since(shop) == day(6)
    shop.given(contest_entry(5, subject=TWO))
    assert _left_since(shop, TWO) == day(6)


def _left_since(shop: Shop, subject: str = ONE) -> datetime | None:
    left = shop.judge.opted_out(shop.customer(subject), Program.EMAIL_MARKETING, LAST)
    return left.moment.at if left else None


def test_a_holder_of_another_address_is_not_bound() -> None:
    """Who has corrected the address before, or never gave it, is mailed as ever."""
    shop = Shop().given(contest_entry(1, values=ELSEWHERE), left())
    shop.when(message(3)).assert_breaks()
    request = {"request": "R-1", "category": EMAIL, "value": "new@example.com"}
    shop = Shop().given(contest_entry(1), fact("correction", 1.5, request), left())
    shop.when(message(3)).assert_breaks()


def test_an_opt_out_of_the_corrected_address() -> None:
    """The address that a person corrected to is theirs; and the person's opt-out stays theirs with a third one."""
    request = {"request": "R-1", "category": EMAIL, "value": "new@example.com"}
    shop = Shop().given(contest_entry(1), fact("correction", 1.5, request), left(subject="email:new@example.com"))
    shop.when(message(3)).assert_breaks("P17", "P18")
    third = fact("correction", 4, {**request, "value": "third@example.com"})
    shop.given(third).when(message(5)).assert_breaks("P17", "P18")


@pytest.mark.parametrize(("via", "is_bound"), [("unsubscribe_link", True), ("portal", False)])
def test_told_under_a_number(via: str, *, is_bound: bool) -> None:
    """By the link of a message it binds the address that the message went to; else it binds the person."""
    shop = Shop().given(contest_entry(1), contest_entry(1, subject=TWO), left(via=via, subject=ONE))
    shop.when(message(3)).assert_breaks("P11", "P17", "P18")
    shop.when(message(3, subject=TWO)).assert_breaks(*(["P17", "P18"] if is_bound else []))


def test_a_link_that_carries_the_address_it_went_to() -> None:
    """The address in the link is bound, and not the one that is current now."""
    shop = Shop().given(contest_entry(1, values=ELSEWHERE), contest_entry(1, subject=TWO))
    shop.given(contest_entry(1, subject=GUEST, values=ELSEWHERE), left(subject=ONE, to=MAILBOX))
    shop.when(message(3, subject=TWO)).assert_breaks("P17", "P18")
    shop.when(message(3, subject=GUEST)).assert_breaks()


def test_of_post_it_binds_the_program_for_every_holder() -> None:
    """A postal opt-out under an address stops catalogs of whoever has the address, and no newsletter."""
    both = {ADDRESS: "1 Lantern Row", EMAIL: "ada@example.com"}
    shop = Shop().given(
        catalog_request(1, values=both), contest_entry(1, reference="C"), opt_out(2, POST, subject=MAILBOX)
    )
    assert not shop.is_enrolled(POST)
    shop.when(message(3, channel="post")).assert_breaks("P20")
    shop.when(message(3, fact_id="letter")).assert_breaks()
    shop.when(catalog_request(4, subject=TWO, values=both)).then(DataCollected)
    shop.given(catalog_request(5, reference="again", values=both)).when(message(6, channel="post")).assert_breaks()


def test_a_correction_of_a_postal_address_names_no_contact_point() -> None:
    """What is no address of a mailbox is matched with nobody's."""
    shop = Shop().given(contest_entry(1), correction(1.5), left())
    shop.when(message(3)).assert_breaks("P17", "P18")

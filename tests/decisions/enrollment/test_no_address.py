"""What is no address enrolls nobody in e-mail, and lifts no opt-out of it: nobody could be mailed there."""

from __future__ import annotations

import pytest

from domain.events.customer import CustomerEnrolled, CustomerRegistered, DataCollected
from domain.vocabulary import ADDRESS, EMAIL
from tests.controls import collection, contest_entry, opt_out, order
from tests.scenario import Shop

UNREAD = {EMAIL: "ada@example.com."}


@pytest.mark.parametrize("act", ["contest_entry", "promotional_request", "order"])
def test_it_enrolls_nobody(act: str) -> None:
    """The value is stored, and the event says that it is no contact point."""
    made = Shop().when(collection(act, 1, values=UNREAD)).then(DataCollected).the(DataCollected)
    assert made.unread == (EMAIL,)
    Shop().when(collection(act, 1, values={EMAIL: "ada@example.com"})).then(DataCollected, CustomerEnrolled)


def test_what_another_system_holds_is_not_unread() -> None:
    """Nobody knows here what it is, and it was collected."""
    Shop().when(contest_entry(1, values={EMAIL: None}, held_in="vault")).then(DataCollected, CustomerEnrolled)


def test_it_lifts_nothing() -> None:
    """Neither one's own opt-out nor that of the address that was meant."""
    shop = Shop().given(order(1), opt_out(2), contest_entry(3, values=UNREAD))
    assert not shop.is_enrolled()
    assert shop.given(contest_entry(4, reference="C-4")).is_enrolled()


def test_mail_by_post_needs_no_contact_point() -> None:
    """A postal address under a category above is none of e-mail, and a catalog can be sent there."""
    asked = collection("registration", 1, values={"user.contact": "1 Lantern Row", ADDRESS: "A"}, requests=["catalog"])
    Shop().when(asked).then(DataCollected, CustomerRegistered, CustomerEnrolled)

"""Who may say what is on record of the holder of an address: only who has verified whom they speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.contact_points import NotVouched
from domain.events import CUSTOMER
from tests.controls import (
    access_request,
    contest_entry,
    correction,
    day,
    fact,
    message,
    objection,
    opt_out,
    verification,
)
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

MAILBOX = "email:ada@example.com"
ANSWERED = {"contact": MAILBOX, "method": "mail"}
OF_THE_HOLDER = (
    contest_entry(1, subject=MAILBOX),
    contest_entry(1, subject="phone:+441632960001"),
    correction(1, subject=MAILBOX),
    fact("identity_verification", 1, {"request": "R-1", "method": "mail", "passed": True}, subject=MAILBOX),
)
OF_THE_ADDRESS = (
    message(1, subject=MAILBOX),
    opt_out(1, subject=MAILBOX),
    objection(1, subject=MAILBOX),
    access_request(1, subject=MAILBOX),
)


@pytest.mark.parametrize("told", OF_THE_HOLDER, ids=lambda told: f"{told.type} {told.subject}")
def test_values_under_a_contact_name_take_a_voucher(told: Fact) -> None:
    """Anybody else is refused, is told which name to use, and leaves nothing behind; who vouches is heard."""
    shop = Shop(vouches=False)
    with pytest.raises(NotVouched) as refused:
        shop.when(told)
    assert "own number" in refused.value.hint
    assert "guest:" in refused.value.hint
    assert "ada@" not in str(refused.value)
    assert not shop.store.people
    assert Shop().when(told).events[0].stream_kind == CUSTOMER


@pytest.mark.parametrize("subject", [MAILBOX, "customer:1"])
def test_an_answer_of_a_mailbox_takes_a_voucher(subject: str) -> None:
    """That an address answered is believed of nobody who may not vouch, under whichever name they say it."""
    answered = fact("contact_confirmed", 1, ANSWERED, subject=subject)
    with pytest.raises(NotVouched):
        Shop(vouches=False).when(answered)
    assert len(Shop().when(answered).events) == 1


@pytest.mark.parametrize("told", OF_THE_ADDRESS, ids=lambda told: told.type)
def test_what_is_about_the_address_itself_needs_none(told: Fact) -> None:
    """A message, an opt-out, an objection and a request may be told under an address by anybody."""
    assert Shop(vouches=False).when(told).events


def test_a_number_needs_none() -> None:
    """Under a number or a guest's reference anybody may give values, a stranger's address among them."""
    shop = Shop(vouches=False)
    for name in ("customer:1", "guest:F-1", "order:O-1"):
        assert shop.when(contest_entry(1, subject=name)).events[0].occurred_at == day(1)
    assert len({id(shop.customer(name)) for name in ("customer:1", "guest:F-1", "order:O-1")}) == 3
    assert not Shop(vouches=False).when(verification(1)).refused

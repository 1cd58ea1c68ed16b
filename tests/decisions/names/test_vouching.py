"""Who may say what is on record of the holder of an address: only who has verified whom they speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.contact_points import NotVouched
from domain.events import CUSTOMER
from domain.events.customer import CustomerOptedOut
from domain.facts import SHAPES, CustomerFact
from domain.ledger import ask, handle
from domain.policy.status import Status
from domain.store import Sender
from domain.vocabulary import LinkRefusal
from tests.controls import access_request, contest_entry, day, fact, named, verification
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

MAILBOX = "email:ada@example.com"
ANSWERED = {"contact": MAILBOX, "method": "mail"}
OF_THE_ADDRESS = {
    *("message", "opt_out", "objection", "access_request", "correction_request", "erasure_request"),
    *("use", "share", "enrollment", "record_read"),
    "link",
}
"""What anybody may tell under an address: what is about it, what the company did, and a link, which is not made."""
OF_THE_HOLDER = {
    *("collection", "order_completed", "order_cancelled", "age_learned", "opt_out_offer"),
    *("identity_verification", "correction", "access_report_issued", "recipient_notified"),
    *("correction_declined", "request_denied", "request_withdrawn"),
    *("erasure", "data_deleted", "data_anonymised", "entry_correction"),
    *("unlink", "name_ended", "link_rejected"),
}
"""What takes a voucher there: it says, answers, verifies, permits, undoes or closes."""
ALWAYS = {"contact_confirmed"}
"""What takes one under any name."""
WORDS = [name.split(".")[1] for name, (kind, _) in SHAPES.items() if issubclass(kind, CustomerFact)]


def told_of(word: str, subject: str) -> Fact:
    """Return a fact of a type about somebody."""
    return fact(word, 1, {}, subject=subject)


def test_every_type_has_chosen() -> None:
    """A type that did not choose who may tell it under an address, next to its fields, is found here."""
    assert {*OF_THE_ADDRESS, *OF_THE_HOLDER, *ALWAYS} == set(WORDS)
    for word in WORDS:
        assert "told_by" in vars(SHAPES[f"pledger.{word}.v1"][1]), word


@pytest.mark.parametrize("subject", [MAILBOX, "phone:+441632960001"])
@pytest.mark.parametrize("word", WORDS)
def test_who_may_tell_what_under_an_address(word: str, subject: str) -> None:
    """From who does not vouch, what speaks for the holder is neither stored nor decided on, and names no address."""
    told, shop = told_of(word, subject), Shop(vouches=False)
    if word in OF_THE_ADDRESS:
        assert shop.when(told).events
        return
    for tell in (lambda: shop.when(told), lambda: ask(shop.store, told, Sender("test", is_officer=True))):
        with pytest.raises(NotVouched) as refused:
            tell()
        assert "ada@" not in str(refused.value)
        assert "+44" not in str(refused.value)
    assert not shop.store.people


@pytest.mark.parametrize("word", sorted({*OF_THE_HOLDER} - {"link_rejected", "name_ended", "unlink"}))
def test_a_number_needs_no_voucher(word: str) -> None:
    """Under the company's own number the same is told by anybody, as far as this goes."""
    assert Shop(vouches=False).given(contest_entry(0.5)).when(told_of(word, "customer:1")).events


def test_a_stranger_closes_no_request() -> None:
    """The one who asked under their address is owed an answer until somebody who knows them gives it."""
    shop = Shop().given(access_request(1, subject=MAILBOX))
    shop.sender = Sender("form", is_officer=False)
    for word in ("request_denied", "request_withdrawn", "access_report_issued", "identity_verification"):
        with pytest.raises(NotVouched):
            shop.when(fact(word, 2, {"request": "R-1"}, subject=MAILBOX))
    (left,) = shop.settled(60, subject=MAILBOX)
    assert (left.status, left.event) == (Status.OPEN, named("ask", 1))


@pytest.mark.parametrize("subject", [MAILBOX, "phone:+441632960001"])
def test_values_under_a_contact_name_take_a_voucher(subject: str) -> None:
    """Anybody else is refused, is told which name to use, and leaves nothing behind; who vouches is heard."""
    shop, told = Shop(vouches=False), contest_entry(1, subject=subject)
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


def test_a_number_needs_none() -> None:
    """Under a number or a guest's reference anybody may give values, a stranger's address among them."""
    shop = Shop(vouches=False)
    for name in ("customer:1", "guest:F-1", "order:O-1"):
        assert shop.when(contest_entry(1, subject=name)).events[0].occurred_at == day(1)
    assert len({id(shop.customer(name)) for name in ("customer:1", "guest:F-1", "order:O-1")}) == 3
    assert not Shop(vouches=False).when(verification(1)).refused


def test_a_stranger_puts_no_second_address_beside_one() -> None:
    """What stands in `also` is taken under an address from who vouches alone; the fact itself is stored."""
    data = {"program": "email_marketing", "via": "portal", "also": ["email:b@example.com"]}
    out = fact("opt_out", 2, data, subject=MAILBOX)
    stranger, voucher = Shop(vouches=False), Shop()
    for shop, holds in ((stranger, 1), (voucher, 2)):
        handled = handle(shop.store, out, shop.sender)
        assert len(shop.customer(MAILBOX).contacts.points) == holds
        assert handled.not_linked == ((LinkRefusal.NOT_VOUCHED,) if holds == 1 else ())
        assert isinstance(handled.events[-1], CustomerOptedOut)

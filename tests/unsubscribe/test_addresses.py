"""The address of a link: a click opts it out on whosever's record it stands, also where the person is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.bootstrap import opened
from domain.vocabulary import EMAIL as EMAIL_CATEGORY
from tests.controls import (
    BUYER,
    CUSTOMER,
    catalog_request,
    contest_entry,
    correction_request,
    fact,
    message,
    order,
    verification,
)
from tests.unsubscribe.conftest import EMAIL, POST

if TYPE_CHECKING:
    from domain.facts import Fact
    from tests.unsubscribe.conftest import Mailing

ADDRESS = "email:ada@example.com"
"""What the canonical facts give."""
NEW = "email:new@example.com"
THIRD = "customer:3"


def erasure(on: float, subject: str = CUSTOMER) -> Fact:
    """Return the erasure of a person."""
    return fact("erasure", on, {"reason": "asked for it"}, subject=subject, fact_id=f"erase-{subject}")


def also_hers(on: float, subject: str = BUYER, email: str = ADDRESS) -> Fact:
    """Return an order of somebody with an address."""
    values = {EMAIL_CATEGORY: email.removeprefix("email:")}
    return order(on, "O-9", subject=subject, values=values, fact_id=f"order-of-{subject}")


def corrected(mailing: Mailing) -> None:
    """Let the customer correct the address to a new one."""
    new = fact("correction", 4, {"request": "R-1", "category": EMAIL_CATEGORY, "value": NEW.removeprefix("email:")})
    mailing.given(correction_request(2), verification(3), new)


def test_who_corrected_the_address_since(mailing: Mailing) -> None:
    """The click opts out the person, at the new address too, and the old address, on whosever's record it stands."""
    mailing.given(contest_entry(1))
    token = mailing.token(to=ADDRESS)
    corrected(mailing)
    mailing.given(also_hers(5), also_hers(5, THIRD, NEW))
    assert mailing.click(token, 10) is not None
    assert not mailing.may_mail(11)
    assert not mailing.may_mail(11, to=NEW)
    assert not mailing.may_mail(11, subject=BUYER)
    assert mailing.may_mail(11, subject=THIRD)


def test_without_an_address_the_current_one(mailing: Mailing) -> None:
    """A link that carries none opts out the address that is current at the click."""
    mailing.given(contest_entry(1))
    token = mailing.token()
    corrected(mailing)
    mailing.given(also_hers(5), also_hers(5, THIRD, NEW))
    mailing.click(token, 10)
    assert mailing.may_mail(11, subject=BUYER)
    assert not mailing.may_mail(11, subject=THIRD)


def test_without_an_address_that_of_the_message(mailing: Mailing) -> None:
    """A link that carries none opts out the address to which the message went, and not the one that came since."""
    mailing.given(contest_entry(1))
    mailing.at = 1.5
    token = mailing.token()
    corrected(mailing)
    mailing.given(also_hers(5), also_hers(5, THIRD, NEW))
    assert mailing.click(token, 10) is not None
    assert not mailing.may_mail(11)
    assert not mailing.may_mail(11, subject=BUYER)
    assert mailing.may_mail(11, subject=THIRD)
    assert mailing.click(token, 10.0001) is None


@pytest.mark.parametrize("to", [None, ADDRESS])
def test_without_an_address_what_is_on_record_of_the_message(mailing: Mailing, to: str | None) -> None:
    """Where the ledger has the message, its time counts and not the link's, and so does the address that it names."""
    mailing.given(contest_entry(1))
    mailing.at = 1.5
    token = mailing.token()
    corrected(mailing)
    mailing.given(message(6, message_id="m-1", **({"to": to} if to else {})))
    mailing.given(also_hers(5), also_hers(5, THIRD, NEW))
    mailing.click(token, 10)
    assert mailing.may_mail(11, subject=BUYER) is (to is None)
    assert mailing.may_mail(11, subject=THIRD) is (to is not None)


def test_without_an_address_before_anybody_had_one(mailing: Mailing) -> None:
    """Where no address was known when the link was made, it is the one that is current at the click."""
    mailing.given(catalog_request(1))
    mailing.at = 1.5
    token = mailing.token()
    mailing.given(contest_entry(2), also_hers(5))
    mailing.click(token, 10)
    assert not mailing.may_mail(11, subject=BUYER)


def test_an_address_on_two_records(mailing: Mailing) -> None:
    """Both are out, by one opt-out; the other one's next purchase enrolls nobody, and nobody is linked."""
    mailing.given(contest_entry(1), also_hers(1))
    assert mailing.may_mail(9, subject=BUYER)
    mailing.click(mailing.token(to=ADDRESS), 10)
    assert not mailing.may_mail(11)
    assert not mailing.may_mail(11, subject=BUYER)
    mailing.given(order(12, "O-10", subject=BUYER))
    assert not mailing.may_mail(13, subject=BUYER)
    assert len(mailing.opt_outs()) == 1
    assert "CustomersLinked.v1" not in [topic for topic, *_ in mailing.rows()]


def test_an_address_that_names_nobodys_stream(mailing: Mailing) -> None:
    """A mail service knows an address alone: its link opts out everybody who has it."""
    mailing.given(contest_entry(1), also_hers(1))
    token = mailing.token(ADDRESS)
    position = mailing.click(token, 10)
    assert position is not None
    assert not mailing.may_mail(11)
    assert not mailing.may_mail(11, subject=BUYER)
    assert mailing.click(token, 10.0001) is None
    assert len(mailing.opt_outs()) == 1


def test_two_addresses_within_the_minute(mailing: Mailing) -> None:
    """The second click is about another address, so it is recorded, although the person is out."""
    mailing.given(contest_entry(1))
    tokens = [mailing.token(to=one) for one in (ADDRESS, NEW)]
    corrected(mailing)
    mailing.given(also_hers(5, THIRD, NEW))
    mailing.click(tokens[0], 10)
    assert mailing.may_mail(11, subject=THIRD)
    assert mailing.click(tokens[1], 10.0001) is not None
    assert not mailing.may_mail(11, subject=THIRD)


def test_an_address_that_is_on_no_record(mailing: Mailing) -> None:
    """Where a message went to an address that nobody has told of, who gives it later is out; its sender is at once."""
    mailing.given(contest_entry(1))
    token = mailing.token(to=NEW)
    assert mailing.click(token, 10) is not None
    assert not mailing.may_mail(11)
    mailing.given(also_hers(12, THIRD, NEW), also_hers(12, BUYER, "email:other@example.com"))
    assert not mailing.may_mail(13, subject=THIRD)
    assert mailing.may_mail(13, subject=BUYER)


def test_after_an_erasure_somebody_else_has_the_address(mailing: Mailing) -> None:
    """The address is out on the record where it still stands, and the name of the erased is owed the same."""
    mailing.given(contest_entry(1), also_hers(1))
    token = mailing.token(to=ADDRESS)
    mailing.given(erasure(3))
    assert mailing.may_mail(9, subject=BUYER)
    mailing.click(token, 10)
    assert not mailing.may_mail(11, subject=BUYER)
    mailing.given(also_hers(12, CUSTOMER, NEW))
    assert not mailing.may_mail(13)


def test_after_an_erasure_nobody_has_the_address(mailing: Mailing) -> None:
    """Nothing is made but codes; who comes with the address later is not enrolled, and who returns may ask anew."""
    mailing.given(contest_entry(1))
    token = mailing.token(to=ADDRESS)
    mailing.given(erasure(3))
    events = mailing.all_rows()["events"]
    assert mailing.click(token, 10) is None
    once = mailing.all_rows()
    assert once["events"] == events
    assert once["contact_points"] == once["names"] == []
    assert [len(once[table]) for table in ("suppressions", "contact_bindings")] == [1, 1]
    assert mailing.click(token, 11) is None
    assert mailing.all_rows() == once
    mailing.given(also_hers(12), also_hers(12, CUSTOMER))
    assert not mailing.may_mail(13, subject=BUYER)
    assert not mailing.may_mail(13)
    mailing.given(contest_entry(14, reference="C-2", subject=BUYER, fact_id="strangers"))
    assert not mailing.may_mail(15, subject=BUYER)
    mailing.given(contest_entry(16, reference="C-3"))
    assert mailing.may_mail(17)


def test_planned_before_the_click(mailing: Mailing) -> None:
    """A process that appends next, on what it looked up before the click, enrolls nobody who was opted out by it."""
    mailing.given(contest_entry(1))
    token = mailing.token(to=ADDRESS)
    mailing.given(erasure(3))
    with opened(mailing.installation.settings) as other:
        other.ledger.ask(message(4, subject=BUYER, to=ADDRESS))
        mailing.click(token, 10)
        other.ledger.append(also_hers(12))
    assert not mailing.may_mail(13, subject=BUYER)
    enrolled = [topic for topic, *_ in mailing.rows() if topic == "CustomerEnrolled.v1"]
    assert len(enrolled) == 1


def test_the_other_program(mailing: Mailing) -> None:
    """The page's link for the other program carries the address too: it ends that program wherever the address is."""
    mailing.given(catalog_request(1, also=[ADDRESS]), catalog_request(1, subject=BUYER, also=[ADDRESS], fact_id="c-2"))
    other = mailing.unsubscriber.token_of(mailing.unsubscriber.read(mailing.token(to=ADDRESS)), POST)
    assert mailing.may_mail(9, channel="post", subject=BUYER)
    mailing.click(other, 10)
    assert mailing.opt_outs() == [(mailing.unsubscriber._clock(), POST)]
    assert not mailing.may_mail(11, channel="post")
    assert not mailing.may_mail(11, channel="post", subject=BUYER)
    assert EMAIL not in [program for _, program in mailing.opt_outs()]

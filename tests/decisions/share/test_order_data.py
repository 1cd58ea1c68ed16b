"""Who may be given the data of an order, and how much of it."""

from __future__ import annotations

import pytest

from domain.events.customer import DataShared
from domain.vocabulary import ADDRESS, EMAIL, NAME, PAYMENT
from tests.controls import (
    RECIPIENTS,
    contest_entry,
    fact,
    gift,
    named,
    opt_out,
    order,
    recipient,
    share,
)
from tests.scenario import Shop

ORDER = {"act": "order", "reference": "O-1"}


@pytest.fixture
def shop() -> Shop:
    """Return a shop with a recipient of each role, and one order."""
    return Shop().given(*RECIPIENTS, order(1))


@pytest.mark.parametrize(
    ("name", "categories"),
    [
        ("carrier", [NAME, ADDRESS]),
        ("carrier", ["user.contact.address.street"]),
        ("customs", [NAME, ADDRESS]),
        ("payment", [NAME, PAYMENT]),
    ],
)
def test_whom_the_order_needs(shop: Shop, name: str, categories: list[str]) -> None:
    """A recipient in a role that an order needs may get what that role needs."""
    shared = shop.when(share(2, name, categories)).assert_breaks().relied(DataShared)
    assert shared == (named("order", 1),)


@pytest.mark.parametrize(
    ("name", "categories", "code"),
    [
        ("carrier", [NAME, EMAIL], "categories_beyond_need"),
        ("carrier", ["user.contact"], "categories_beyond_need"),
        ("payment", [ADDRESS], "categories_beyond_need"),
        ("workshop", [NAME], "categories_beyond_need"),
        ("mail_service", [EMAIL], "role_not_allowed"),
        ("mailing_house", [NAME, ADDRESS], "role_not_allowed"),
        ("analytics", [NAME], "role_not_allowed"),
        ("helpdesk", [EMAIL], "role_not_allowed"),
        ("advertiser", [NAME], "role_not_allowed"),
        ("authority", [NAME], "role_not_allowed"),
        ("nobody", [NAME], "recipient_not_registered"),
    ],
)
def test_whom_it_does_not_need(shop: Shop, name: str, categories: list[str], code: str) -> None:
    """Another role, a category beyond the role or beyond the registration, or no registration: P05 breaks.

    An advertiser may get counts only, and an analytics service nothing that tells who somebody is.
    """
    also = {"advertiser": ["P12"], "analytics": ["P32"]}.get(name, [])
    assert shop.when(share(2, name, categories)).assert_breaks("P05", *also).codes("P05") == {code}


def test_both_bounds_hold() -> None:
    """A registration cannot widen what its role may have."""
    shop = Shop().given(recipient(0, "c", "carrier", [NAME, ADDRESS, EMAIL]), order(1))
    shop.when(share(2, "c", [EMAIL])).assert_breaks("P05")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"purpose": "deliver_ads"}, "purpose_not_allowed"),
        ({"reference": "O-2", "relying_on": ORDER}, "other_reference"),
        ({"kind": "sale"}, "kind_not_allowed"),
        ({"kind": "cross_context_advertising"}, "kind_not_allowed"),
        ({"kind": "legal_obligation"}, "kind_not_allowed"),
    ],
)
def test_for_that_order_only(shop: Shop, changes: dict[str, object], code: str) -> None:
    """The carrier gets data for this order, as a service provider, and for nothing else."""
    assert shop.when(share(2, "carrier", [NAME], **changes)).assert_breaks("P05").codes("P05") == {code}


def test_the_register_is_read_at_the_time_of_the_share(shop: Shop) -> None:
    """Registered later, or no longer, a recipient is not registered."""
    shop.given(recipient(5, "late", "carrier", [NAME]))
    shop.when(share(4, "late", [NAME])).assert_breaks("P05")
    shop.when(share(5, "late", [NAME])).assert_breaks()
    shop.given(fact("recipient_ended", 6, {"recipient": "late"}, subject=None))
    shop.when(share(5.5, "late", [NAME])).assert_breaks()
    shop.when(share(7, "late", [NAME])).assert_breaks("P05")
    shop.given(recipient(8, "late", "carrier", [NAME]))
    shop.when(share(9, "late", [NAME])).assert_breaks()


def test_legal_order_is_excused(shop: Shop) -> None:
    """What an authority orders is recorded as excused; to anybody else it is a breach."""
    outcome = shop.when(
        share(2, "authority", [NAME], kind="legal_obligation", purpose="legal_obligation")
    ).assert_breaks()
    assert outcome.codes("P05") == {"legal_order"}
    assert all(found.excused for found in outcome.findings)
    shop.when(share(3, "helpdesk", [NAME], kind="legal_obligation", purpose="legal_obligation")).assert_breaks("P05")


def test_rights_purposes_do_not_open_shares(shop: Shop) -> None:
    """To verify an identity is a use; giving data away for it is a share like any other."""
    shop.when(share(2, "helpdesk", [EMAIL], purpose="verify_identity")).assert_breaks("P05")


def test_mail_service_gets_the_address_of_who_is_enrolled(shop: Shop) -> None:
    """The purchaser's e-mail address, and no more, goes to the mail service while they are enrolled."""
    marketing = {"purpose": "direct_marketing"}
    shop.when(share(2, "mail_service", [EMAIL], **marketing)).assert_breaks()
    shop.when(share(3, "mail_service", [EMAIL, NAME], **marketing)).assert_breaks("P05")
    shop.when(share(4, "mailing_house", [EMAIL], **marketing)).assert_breaks("P05")
    shop.when(share(5, "mail_service", [EMAIL], kind="sale", **marketing)).assert_breaks("P05")
    shop.given(opt_out(6)).when(share(7, "mail_service", [EMAIL], **marketing)).assert_breaks("P05", "P11")


def test_contest_data_is_not_the_orders(shop: Shop) -> None:
    """What a contest entry gave is not bound by the order's promise."""
    shop.given(contest_entry(2))
    cited = {"act": "contest_entry", "reference": "contest_entry-1"}
    shop.when(share(3, "helpdesk", [EMAIL], reference=None, purpose="run_contest", relying_on=cited)).assert_breaks()


def test_a_gift_goes_to_who_delivers() -> None:
    """A recipient's data goes to the carrier and to customs, for that gift; to anybody else P07 breaks."""
    shop = Shop().given(*RECIPIENTS, gift(1))
    for name in ("carrier", "customs"):
        shop.when(share(2, name, [NAME, ADDRESS], reference="G-1")).assert_breaks()
    shop.when(share(3, "payment", [NAME], reference="G-1")).assert_breaks("P07")
    shop.when(share(3, "workshop", [NAME], reference="G-1")).assert_breaks("P07")
    shop.when(share(4, "mail_service", [EMAIL], reference="G-1", purpose="direct_marketing")).assert_breaks(
        "P07", "P11"
    )
    cited = {"act": "gift", "reference": "G-1"}
    shop.when(share(5, "carrier", [NAME], reference="G-2", relying_on=cited)).assert_breaks("P07")

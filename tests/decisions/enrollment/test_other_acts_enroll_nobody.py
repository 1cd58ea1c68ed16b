"""A gift, an inbound message, an account and a bare registration enroll nobody."""

from __future__ import annotations

from domain.events.customer import AccountOpened, CustomerRegistered, DataCollected
from tests.controls import collection, gift
from tests.scenario import Shop


def test_gift_enrolls_nobody() -> None:
    """What a buyer tells about a recipient is collected, and nothing happens beyond that."""
    shop = Shop()
    collected = shop.when(gift(1)).then(DataCollected).assert_breaks().the(DataCollected)
    assert collected.buyer == "customer:12347"
    assert shop.state() is None
    assert shop.state("physical_mailings") is None


def test_inbound_message_enrolls_nobody() -> None:
    """Writing to the company is no request for its mail."""
    Shop().when(collection("inbound_message", 1)).then(DataCollected).assert_breaks()


def test_account_enrolls_nobody() -> None:
    """An account is opened, and nobody enrolled by it."""
    Shop().when(collection("account", 1)).then(DataCollected, AccountOpened).assert_breaks()


def test_bare_registration_enrolls_nobody() -> None:
    """A registration that asks for nothing registers and does no more."""
    Shop().when(collection("registration", 1)).then(DataCollected, CustomerRegistered).assert_breaks()

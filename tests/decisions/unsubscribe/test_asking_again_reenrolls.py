"""Only what the person asks for after an unsubscribe brings them back."""

from __future__ import annotations

import pytest

from domain.events.customer import CustomerEnrolled, CustomerRegistered, DataCollected
from tests.controls import collection, enrollment, message, opt_out, order
from tests.scenario import Shop


@pytest.mark.parametrize("act", ["contest_entry", "promotional_request"])
def test_contest_or_promotional_request_reenrolls(act: str) -> None:
    """A later entry or request enrolls again, and mail is innocent from then on."""
    shop = Shop().given(order(1), opt_out(2))
    shop.when(collection(act, 3)).then(DataCollected, CustomerEnrolled).assert_breaks()
    shop.when(message(4)).assert_breaks()


def test_registration_with_updates_reenrolls() -> None:
    """To register for updates is to request promotional material."""
    shop = Shop().given(order(1), opt_out(2))
    shop.when(collection("registration", 3, requests=["updates"])).then(
        DataCollected, CustomerRegistered, CustomerEnrolled
    )


@pytest.mark.parametrize("requests", [(), ("catalog",)])
def test_registration_without_updates_does_not(requests: tuple[str, ...]) -> None:
    """A registration that does not ask for updates leaves the unsubscribe as it is."""
    shop = Shop().given(order(1), opt_out(2), collection("registration", 3, requests=requests))
    assert shop.state() == "opted_out"


@pytest.mark.parametrize("cause", ["import", "staff"])
def test_import_never_does(cause: str) -> None:
    """An imported or hand-made enrollment is recorded as what happened, and the person is still owed silence."""
    shop = Shop().given(order(1), opt_out(2))
    shop.when(enrollment(3, "email_marketing", cause)).assert_breaks("P11", "P18")
    assert shop.state() == "enrolled"
    shop.when(message(4)).assert_breaks("P11", "P17", "P18")


def test_an_entry_at_the_very_instant_comes_before_the_opt_out() -> None:
    """Of an entry and an opt-out at one instant, the opt-out is the later one, whichever is told first."""
    Shop().given(order(1), opt_out(2)).when(collection("contest_entry", 2)).then(DataCollected)
    shop = Shop().given(order(1), collection("contest_entry", 2), opt_out(2))
    assert shop.state() == "opted_out"

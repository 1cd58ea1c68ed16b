"""An opt-out from physical mailings is not for ever: a new catalog request brings them back."""

from __future__ import annotations

from domain.events.customer import CustomerEnrolled, DataCollected
from tests.controls import catalog_request, enrollment, message, opt_out, order
from tests.scenario import Shop

POST = "physical_mailings"


def test_new_catalog_request_reenrolls() -> None:
    """A catalog request after the removal enrolls again."""
    shop = Shop().given(catalog_request(1), opt_out(2, POST))
    shop.when(catalog_request(3, reference="again")).then(DataCollected, CustomerEnrolled).assert_breaks()
    shop.when(message(4, channel="post")).assert_breaks()


def test_an_old_catalog_request_does_not() -> None:
    """An enrollment that cites the request from before the removal does not undo it: mail breaks P20."""
    shop = Shop().given(catalog_request(1), opt_out(2, POST), enrollment(3, POST, "catalog_request"))
    assert not shop.is_enrolled(POST)
    shop.when(message(4, channel="post")).assert_breaks("P11", "P20")


def test_programs_are_apart() -> None:
    """To leave one program is not to leave the other."""
    shop = Shop().given(order(1), catalog_request(2), opt_out(3, POST))
    shop.when(message(4)).assert_breaks()
    shop.when(message(5, channel="post")).assert_breaks("P11", "P20")

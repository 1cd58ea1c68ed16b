"""Uses that the law asks for, and uses for marketing."""

from __future__ import annotations

import pytest

from domain.events.customer import DataUsed
from domain.vocabulary import ADDRESS, EMAIL, NAME
from tests.controls import (
    catalog_request,
    gift,
    message,
    opt_out,
    order,
    use,
)
from tests.scenario import Shop


@pytest.mark.parametrize("purpose", ["verify_identity", "answer_rights_request"])
def test_rights_break_nothing(purpose: str) -> None:
    """All data that is held may serve to verify an identity or answer a request."""
    Shop().given(order(1), gift(2)).when(use(3, purpose, [NAME, EMAIL, ADDRESS])).assert_breaks()


def test_legal_obligation_is_excused() -> None:
    """A use that the law demands is recorded under P04 as excused."""
    outcome = Shop().given(order(1)).when(use(2, "legal_obligation")).assert_breaks()
    (found,) = outcome.the(DataUsed).findings
    assert (found.promise, found.code, found.excused) == ("P04", "legal_order", True)


def test_legal_obligation_on_a_message() -> None:
    """A message that the law demands is excused too."""
    outcome = Shop().given(gift(1)).when(message(2, purpose="legal_obligation")).assert_breaks()
    assert outcome.codes("P06") == {"legal_order"}


def test_marketing_by_email_is_carved_out_of_the_order() -> None:
    """A purchaser's e-mail address may be used for direct marketing while they are enrolled."""
    shop = Shop().given(order(1))
    shop.when(use(2, "direct_marketing", [EMAIL], reference="O-1")).assert_breaks()
    shop.given(opt_out(3))
    shop.when(use(4, "direct_marketing", [EMAIL], reference="O-1")).assert_breaks("P04", "P11")


def test_the_carve_out_is_for_the_address_alone() -> None:
    """The name beside it breaks P04; the postal address breaks P11 too, being of the other program."""
    shop = Shop().given(order(1))
    shop.when(use(2, "direct_marketing", [EMAIL, NAME], reference="O-1")).assert_breaks("P04")
    shop.when(use(3, "direct_marketing", [ADDRESS], reference="O-1")).assert_breaks("P04", "P11")


def test_marketing_needs_its_channels_enrollment() -> None:
    """A use for direct marketing needs the enrollment of the contact that it uses, or either without a contact."""
    shop = Shop().given(catalog_request(1))
    shop.when(use(2, "direct_marketing", [ADDRESS, NAME])).assert_breaks()
    shop.when(use(3, "direct_marketing", [NAME])).assert_breaks()
    shop.when(use(4, "direct_marketing", [EMAIL])).assert_breaks("P11")
    shop.when(use(5, "direct_marketing", ["user.contact"])).assert_breaks("P11")
    Shop().when(use(1, "direct_marketing", [NAME])).assert_breaks("P11")

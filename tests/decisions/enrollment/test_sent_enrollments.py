"""An enrollment that a service sends is always stored, and judged by its cause."""

from __future__ import annotations

import pytest

from domain.events.customer import CustomerEnrolled
from tests.controls import (
    EMAIL_ONLY,
    POSTAL_ONLY,
    cancellation,
    catalog_request,
    collection,
    contest_entry,
    enrollment,
    gift,
    named,
    opt_out,
    order,
)
from tests.scenario import Shop

EMAIL, POST = "email_marketing", "physical_mailings"


@pytest.mark.parametrize(
    ("program", "cause", "act"),
    [
        (EMAIL, "contest_entry", "contest_entry"),
        (EMAIL, "promotional_request", "promotional_request"),
        (EMAIL, "purchase", "order"),
        (POST, "catalog_request", "catalog_request"),
    ],
)
def test_cites_the_latest_of_its_act(program: str, cause: str, act: str) -> None:
    """Without a reference an enrollment relies on the latest collection of its cause's act."""
    shop = Shop().given(collection(act, 1, reference="first"), collection(act, 2, reference="second"))
    outcome = shop.when(enrollment(3, program, cause)).then(CustomerEnrolled).assert_breaks()
    assert outcome.relied(CustomerEnrolled) == (named(act, 2),)


def test_cites_by_reference() -> None:
    """A reference names the collection that an enrollment relies on."""
    shop = Shop().given(order(1, "O-1"), order(2, "O-2"))
    assert shop.when(enrollment(3, EMAIL, "purchase", "O-1")).relied(CustomerEnrolled) == (named("order", 1),)


@pytest.mark.parametrize(
    ("program", "cause", "broken"),
    [
        (EMAIL, "contest_entry", {"P15"}),
        (EMAIL, "promotional_request", {"P15"}),
        (EMAIL, "purchase", {"P16"}),
        (EMAIL, "registration", {"P10"}),
        (POST, "registration", {"P10"}),
        (POST, "catalog_request", {"P19"}),
        (EMAIL, "import", {"P11"}),
        (EMAIL, "staff", {"P11"}),
        (POST, "staff", {"P11"}),
    ],
)
def test_without_the_act_its_promise_breaks(program: str, cause: str, broken: set[str]) -> None:
    """A cause that nothing on record bears out breaks the promise that permits it; import and staff break P11."""
    outcome = Shop().when(enrollment(3, program, cause)).then(CustomerEnrolled).assert_breaks(*broken)
    assert outcome.relied(CustomerEnrolled) == ()


def test_a_reference_that_is_not_there_is_no_ground() -> None:
    """A reference under which nothing of that act was collected cites nothing, even where the act exists."""
    Shop().given(order(1, "O-1")).when(enrollment(2, EMAIL, "purchase", "O-9")).assert_breaks("P16")


@pytest.mark.parametrize(
    ("cause", "act", "broken"),
    [
        ("contest_entry", "contest_entry", {"P11", "P15"}),
        ("purchase", "order", {"P11", "P16"}),
    ],
)
def test_wrong_channel(cause: str, act: str, broken: set[str]) -> None:
    """A contest entry or a purchase never opens physical mailings."""
    Shop().given(collection(act, 1)).when(enrollment(2, POST, cause)).assert_breaks(*broken)


def test_catalog_request_never_opens_email() -> None:
    """A request for a catalog by post is judged under P15 when it is taken for one of e-mail."""
    Shop().given(catalog_request(1)).when(enrollment(2, EMAIL, "catalog_request")).assert_breaks("P11", "P15")


def test_contest_without_an_email_address() -> None:
    """A contest entry that gave no e-mail address is no ground for e-mail."""
    shop = Shop().given(contest_entry(1, values=POSTAL_ONLY))
    assert shop.when(enrollment(2, EMAIL, "contest_entry")).codes("P15") == {"no_contact_given"}


def test_registration_that_did_not_ask() -> None:
    """A registration is a ground only for what its form asked for."""
    shop = Shop().given(collection("registration", 1, requests=["catalog"]))
    shop.when(enrollment(2, POST, "registration")).assert_breaks()
    shop.when(enrollment(3, EMAIL, "registration")).assert_breaks("P10")


def test_while_opted_out() -> None:
    """While the person is opted out of e-mail, P18 breaks besides the promise of the cause."""
    shop = Shop().given(order(1), opt_out(2))
    shop.when(enrollment(3, EMAIL, "purchase")).assert_breaks("P16", "P18")
    shop.when(enrollment(4, EMAIL, "import")).assert_breaks("P11", "P18")
    assert not shop.is_enrolled()


def test_an_old_contest_entry_lifts_no_opt_out() -> None:
    """Citing an entry from before the opt-out breaks P18; citing one from after it does not."""
    shop = Shop().given(contest_entry(1, reference="old"), opt_out(2))
    shop.when(enrollment(3, EMAIL, "contest_entry", "old")).assert_breaks("P18")
    shop.given(contest_entry(4, reference="new"), opt_out(5))
    shop.when(enrollment(6, EMAIL, "contest_entry", "new")).assert_breaks("P18")


def test_recipient_of_a_gift_only() -> None:
    """Of somebody known only as a gift's recipient, P06 breaks as well."""
    shop = Shop().given(gift(1))
    shop.when(enrollment(2, EMAIL, "staff")).assert_breaks("P06", "P11")
    shop.when(enrollment(3, POST, "catalog_request")).assert_breaks("P06", "P19")


def test_recipient_who_buys_is_known_otherwise() -> None:
    """A recipient's own later purchase starts a permission of its own."""
    Shop().given(gift(1), order(2, values=EMAIL_ONLY)).when(enrollment(3, EMAIL, "purchase")).assert_breaks()


def test_a_cancelled_order_is_no_ground() -> None:
    """A cancelled order is no purchase, cited by reference or looked for."""
    shop = Shop().given(order(1), cancellation(2))
    assert shop.when(enrollment(3, EMAIL, "purchase", "O-1")).codes("P16") == {"order_cancelled"}
    assert shop.when(enrollment(4, EMAIL, "purchase")).codes("P16") == {"no_such_collection"}
    shop.given(order(5, "O-2"))
    shop.when(enrollment(6, EMAIL, "purchase")).assert_breaks()

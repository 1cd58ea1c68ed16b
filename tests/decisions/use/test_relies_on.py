"""What a use relies on: what it names, else its reference, else what permits it best."""

from __future__ import annotations

import pytest

from domain.events.customer import DataUsed
from domain.vocabulary import ADDRESS, EMAIL, NAME, PAYMENT
from tests.controls import (
    collection,
    contest_entry,
    gift,
    named,
    order,
    use,
)
from tests.scenario import Shop

COMPLETION = ["complete_order", "deliver_order", "confirm_delivery", "take_payment", "handle_return", "keep_books"]
ORDER, CONTEST = {"act": "order", "reference": "O-1"}, {"act": "contest_entry", "reference": "contest_entry-1"}


@pytest.mark.parametrize("purpose", COMPLETION)
def test_order_data_completes_its_order(purpose: str) -> None:
    """Each of the purposes of completing an order is open to that order's data, under its reference."""
    shop = Shop().given(order(1))
    used = shop.when(use(2, purpose, [NAME, ADDRESS, EMAIL, PAYMENT], reference="O-1")).assert_breaks().relied(DataUsed)
    assert used == (named("order", 1),)


@pytest.mark.parametrize("purpose", ["improve_site", "run_contest", "deliver_ads", "direct_marketing_of_others"])
def test_order_data_serves_nothing_else(purpose: str) -> None:
    """Any other purpose, registered or not, breaks P04; one that nobody foresaw had to be offered first, too."""
    unforeseen = ["P14"] if purpose == "direct_marketing_of_others" else []
    Shop().given(order(1)).when(use(2, purpose, reference="O-1")).assert_breaks("P04", *unforeseen)


def test_another_orders_reference() -> None:
    """Data of one order used for another breaks P04, when it is named and when nothing else is there."""
    shop = Shop().given(order(1, "O-1"))
    outcome = shop.when(use(2, "deliver_order", [ADDRESS], reference="O-2", relying_on=ORDER)).assert_breaks("P04")
    assert outcome.codes("P04") == {"other_reference"}
    shop.when(use(3, "deliver_order", [ADDRESS], reference="O-2")).assert_breaks("P04")
    shop.given(order(4, "O-2")).when(use(5, "deliver_order", [ADDRESS], reference="O-2")).assert_breaks()


def test_named_wins_over_reference() -> None:
    """A use judged by the collection that it names may be broken though another would permit it."""
    shop = Shop().given(order(1), contest_entry(2))
    assert shop.when(use(3, "run_contest", relying_on=CONTEST)).assert_breaks().relied(DataUsed) == (
        named("contest_entry", 2),
    )
    shop.when(use(4, "run_contest", relying_on=ORDER)).assert_breaks("P04")


def test_a_list_permits_if_one_of_it_does() -> None:
    """Of several collections named, one that permits it is enough for the categories that it holds."""
    shop = Shop().given(order(1), contest_entry(2))
    shop.when(use(3, "run_contest", relying_on=[ORDER, CONTEST])).assert_breaks()
    shop.when(use(4, "run_contest", [EMAIL, NAME], relying_on=[ORDER, CONTEST])).assert_breaks("P04")


def test_best_is_what_permits() -> None:
    """Naming nothing, a use relies on the collection that permits it, and not on a later one that does not."""
    shop = Shop().given(contest_entry(1), order(2))
    assert shop.when(use(3, "run_contest")).assert_breaks().relied(DataUsed) == (named("contest_entry", 1),)


def test_best_is_found_for_each_category() -> None:
    """A contest entry that gave an e-mail address does not open the name that only an order gave."""
    shop = Shop().given(order(1), contest_entry(2))
    used = shop.when(use(3, "run_contest", [EMAIL, NAME])).assert_breaks("P04").relied(DataUsed)
    assert set(used) == {named("order", 1), named("contest_entry", 2)}


def test_none_permits() -> None:
    """If nothing permits it, the latest collection that holds the category is relied on, and its promise breaks."""
    shop = Shop().given(gift(1), order(2))
    outcome = shop.when(use(3, "improve_site")).assert_breaks("P04")
    assert outcome.relied(DataUsed) == (named("order", 2),)
    shop = Shop().given(order(1), gift(2))
    shop.when(use(3, "improve_site")).assert_breaks("P06")


def test_broad_categories_hold_narrow_ones() -> None:
    """A category is held by itself, by what is above it and by what is below it, on dot boundaries."""
    shop = Shop().given(collection("contest_entry", 1, values={"user.contact": "x"}))
    assert shop.when(use(2, "run_contest", [EMAIL])).relied(DataUsed)
    assert shop.when(use(3, "run_contest", ["user"])).relied(DataUsed)
    assert not shop.when(use(4, "run_contest", [NAME])).relied(DataUsed)


def test_nothing_is_held() -> None:
    """A use of what nobody ever collected relies on nothing; it needs an offer if no act allows its purpose."""
    assert Shop().when(use(1, "improve_site")).assert_breaks("P14").relied(DataUsed) == ()
    assert Shop().when(use(1, "deliver_order")).assert_breaks().relied(DataUsed) == ()


def test_later_collections_permit_nothing_earlier() -> None:
    """A use is judged by what had been collected by its own time."""
    Shop().given(order(1), contest_entry(3)).when(use(2, "run_contest")).assert_breaks("P04")


@pytest.mark.parametrize("purpose", ["deliver_order", "confirm_delivery"])
def test_gift_data_delivers(purpose: str) -> None:
    """A recipient's data serves to ship the gift and to confirm its delivery."""
    Shop().given(gift(1)).when(use(2, purpose, [ADDRESS], reference="G-1")).assert_breaks()


@pytest.mark.parametrize("purpose", ["complete_order", "take_payment", "keep_books", "improve_site"])
def test_gift_data_serves_nothing_else(purpose: str) -> None:
    """Anything else breaks P06, completing the buyer's order in other ways included."""
    Shop().given(gift(1)).when(use(2, purpose, [ADDRESS], reference="G-1")).assert_breaks("P06")


def test_gift_address_is_not_kept_for_the_next_gift() -> None:
    """A recipient's address used for another gift breaks P06."""
    cited = {"act": "gift", "reference": "G-1"}
    Shop().given(gift(1)).when(use(2, "deliver_order", [ADDRESS], reference="G-2", relying_on=cited)).assert_breaks(
        "P06"
    )


def test_value_from() -> None:
    """Whose value was used is stored by the name of its collection; left out, it is the current one."""
    shop = Shop().given(order(1), order(2, "O-2"))
    used = shop.when(use(3, "keep_books", reference="O-2", value_from=ORDER)).the(DataUsed)
    assert used.value_from is not None
    assert shop.names[used.value_from] == named("order", 1)
    assert shop.when(use(4, "keep_books", reference="O-2")).the(DataUsed).value_from is None

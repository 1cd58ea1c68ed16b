"""An unlink that is told before its link waits for it: the two are one person up to the time of the unlink alone."""

from __future__ import annotations

import pytest

from domain.events.links import CustomersLinked, CustomersUnlinked
from domain.records.customer import LAST
from domain.suppressions import owed_at
from domain.vocabulary import EMAIL, Program
from tests.controls import contest_entry, day, fact, link, opt_out, order, unlink
from tests.scenario import Shop

ONE, TWO, THREE = "customer:1", "customer:2", "customer:3"


def are_one(shop: Shop, one: str = ONE, other: str = TWO) -> bool:
    """Return whether two names lead to one record."""
    return shop.customer(one) is shop.customer(other)


@pytest.mark.parametrize("known", [True, False], ids=["both known", "one unknown"])
@pytest.mark.parametrize(("one", "other"), [(ONE, TWO), (TWO, ONE)])
def test_a_link_of_an_earlier_time_parts_at_once(one: str, other: str, *, known: bool) -> None:
    """From either side's name, and where one of the names leads to nobody yet, the link is made and undone."""
    shop = Shop().given(order(1, "O-2", subject=other)) if known else Shop()
    (told,) = shop.when(unlink(5, other, subject=one)).events
    assert isinstance(told, CustomersUnlinked)
    assert not told.others
    made = (
        shop.when(link(2, TWO, subject=ONE))
        .then(CustomersLinked, CustomersLinked, CustomersUnlinked, CustomersUnlinked)
        .events
    )
    assert [event.occurred_at for event in made] == [day(2), day(2), day(5), day(5)]
    assert not are_one(shop)


def test_a_link_of_a_later_time_stands() -> None:
    """It is a new link; and it stands where one of an earlier time is told behind it."""
    shop = Shop().given(unlink(5, TWO), link(6, TWO, fact_id="anew"))
    assert are_one(shop)
    shop.given(link(2, TWO, fact_id="early"))
    assert are_one(shop)
    person, (one, two) = shop.customer(ONE), shop.customer(ONE).streams
    assert two not in person.joins.streams_at(one, day(5.5))
    assert two in person.joins.streams_at(one, day(6))


def test_it_parts_those_whom_a_chain_of_links_joins() -> None:
    """It waits for whichever link makes the two one person."""
    shop = Shop().given(order(1, "O-2", subject=TWO), unlink(5, TWO), link(2, TWO, subject=THREE, fact_id="first"))
    assert are_one(shop, THREE)
    shop.given(link(3, THREE, fact_id="second"))
    assert not are_one(shop)
    assert are_one(shop, ONE, THREE)


def test_the_short_form_of_a_link_is_one() -> None:
    """The fact that tells it is decided on both histories, and parts them behind that."""
    shop = Shop().given(unlink(5, TWO), order(1, "O-1"))
    also = {"request": "Q-1", "also": [{"name": TWO, "verified": "login"}]}
    shop.given(fact("access_request", 2, also, fact_id="asks"))
    assert not are_one(shop)
    assert len(shop.customer(TWO).rights.matters) == 0
    assert len(shop.customer(ONE).rights.matters) == 1


def test_what_protected_one_through_the_link_goes_on_binding_the_other() -> None:
    """An opt-out between the two is theirs both, in whichever order it is told."""
    out = opt_out(4)
    facts = [contest_entry(1, subject=TWO, values={EMAIL: "two@example.com"}), unlink(5, TWO), link(2, TWO)]
    for place in range(1, 4):
        shop = Shop().given(*facts[:place], out, *facts[place:])
        for name in (ONE, TWO):
            assert Program.EMAIL_MARKETING in owed_at(shop.judge, shop.customer(name), LAST), (place, name)


def test_of_several_unlinks_the_earliest_parts() -> None:
    """Two unlinks of two people wait: from the time of the earlier one on they are two, whichever was told first."""
    for times in ((5, 6), (6, 5)):
        first, second = (unlink(on, TWO, fact_id=f"unlink {on}") for on in times)
        made = Shop().given(first, second).when(link(2, TWO)).events
        assert {event.occurred_at for event in made if isinstance(event, CustomersUnlinked)} == {day(5)}

"""Of a known child nothing is kept but which categories were given."""

from __future__ import annotations

from domain.events.customer import DataCollected, DataCorrected
from domain.vocabulary import EMAIL, NAME
from tests.controls import (
    age_learned,
    collection,
    contest_entry,
    fact,
    gift,
    order,
)
from tests.scenario import Shop


def test_values_are_dropped_and_categories_kept() -> None:
    """Even recorded, a collection from a known child keeps no value, and enrolls nobody."""
    shop = Shop().given(age_learned(1))
    collected = shop.when(contest_entry(2)).then(DataCollected).the(DataCollected)
    assert collected.values is None
    assert collected.withheld is True
    assert collected.categories == (EMAIL,)
    assert "ada@" not in collected.model_dump_json()


def test_a_gift_to_a_child_is_from_its_buyer() -> None:
    """What a buyer tells of a child as recipient is the buyer's, and is kept."""
    collected = Shop().given(age_learned(1)).when(gift(2)).the(DataCollected)
    assert collected.values is not None
    assert collected.withheld is None


def test_corrections_are_withheld_too() -> None:
    """A corrected value of a known child is dropped."""
    data = {"request": "r-1", "category": NAME, "value": "Bea"}
    corrected = Shop().given(age_learned(1)).when(fact("correction", 2, data)).the(DataCorrected)
    assert (corrected.value, corrected.withheld, corrected.category) == (None, True, NAME)
    assert Shop().when(fact("correction", 2, data)).the(DataCorrected).value == "Bea"


def test_before_it_was_known() -> None:
    """What was given before the company knew keeps its values, also when it is recorded late."""
    shop = Shop().given(age_learned(3))
    assert shop.when(order(2)).the(DataCollected).values is not None
    assert shop.when(collection("account", 3)).events[0].sealed_values().get("values") is None


def test_the_earliest_knowledge_counts() -> None:
    """Learned twice, the earlier time is when it was known from, whichever was recorded first."""
    shop = Shop().given(age_learned(5), age_learned(1))
    assert shop.when(order(2)).the(DataCollected).withheld is True

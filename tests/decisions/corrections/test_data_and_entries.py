"""A customer's wrong value and an entry of ours that was wrong are two things."""

from __future__ import annotations

from domain.events.customer import DataCorrected, EntryCorrected
from domain.vocabulary import EMAIL
from tests.controls import (
    fact,
    message,
    named,
    opt_out,
    order,
)
from tests.scenario import Shop

WRONG = {"source": "/shop", "id": "opt_out-2"}


def test_data_correction() -> None:
    """The right value of the customer is sealed, and its category is not."""
    data = {"request": "r-1", "category": EMAIL, "value": "new@example.com"}
    corrected = Shop().given(order(1)).when(fact("correction", 2, data)).then(DataCorrected).the(DataCorrected)
    assert corrected.sealed_values() == {"request": "r-1", "fact_id": "correction-2"}
    assert corrected.value_texts() == ((0, "new@example.com"),)
    assert "new@" not in corrected.data_json()


def test_entry_correction() -> None:
    """An entry of ours is cited by its fact, with what replaces it; the reason is sealed."""
    data = {"entry": WRONG, "reason": "typed into the wrong record", "replacement": {"source": "/shop", "id": "x"}}
    corrected = Shop().when(fact("entry_correction", 3, data)).then(EntryCorrected).the(EntryCorrected)
    # Neither is told yet, so only their names are known.
    assert (corrected.entry, corrected.entry_code, corrected.replacement) == (None, named("opt_out", 2), None)
    assert corrected.sealed_values() == {
        "entry_name": named("opt_out", 2),
        "replacement_name": "/shop x",
        "reason": "typed into the wrong record",
        "fact_id": "entry_correction-3",
    }
    shop = Shop().given(opt_out(2))
    corrected = shop.when(fact("entry_correction", 3, data)).the(EntryCorrected)
    assert corrected.entry is not None
    assert shop.names[corrected.entry] == named("opt_out", 2)


def test_annulling_turns_nothing_kept() -> None:
    """Mail before an opt-out was called a mistake breaks what it broke, told before the correction or after it."""
    shop = Shop().given(order(1), opt_out(2))
    early = shop.when(message(20)).assert_breaks("P11", "P17", "P18")
    shop.given(fact("entry_correction", 21, {"entry": WRONG, "reason": "mistake"}))
    assert shop.again(early) == {"not_enrolled", "mailed_after_opt_out"}
    shop.when(message(20.5)).assert_breaks("P11", "P17", "P18")
    shop.when(message(22)).assert_breaks()


def test_data_correction_changes_no_permission() -> None:
    """A corrected e-mail address neither enrolls nor opts out."""
    shop = Shop().given(order(1), fact("correction", 2, {"request": "r", "category": EMAIL, "value": "n@example.com"}))
    assert shop.state() == "enrolled"

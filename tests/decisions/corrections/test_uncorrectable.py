"""A link, an unlink and the end of a name are undone by a fact of their own, and by no correction of their entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.contract import parse_name
from domain import ledger
from domain.errors import MalformedFact
from domain.store import Sender
from domain.uncorrectable import EntryDeclaredWrong
from tests.controls import contest_entry, fact, link, message, name_ended, order, unlink
from tests.laws.audit import audit
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

ONE, TWO, ADDRESS = "customer:1", "customer:2", "email:one@example.com"
SERVICE = Sender("shop", vouches=True)
OF_ONE, OF_TWO = {"user.contact.email": "one@example.com"}, {"user.contact.email": "two@example.com"}
UNDOINGS = [
    (link(4, TWO), "an unlink of the two"),
    (unlink(4, TWO), "a link of the two"),
    (name_ended(4, ADDRESS), "a link of that name with the person who had it"),
]


def annul(entry: Fact, on: float = 5, subject: str | None = ONE) -> Fact:
    """Return the correction of an entry."""
    cited = {"source": entry.source, "id": entry.id}
    return fact(
        "entry_correction", on, {"entry": cited, "reason": "a mix-up"}, subject=subject, fact_id=f"annul-{on:g}"
    )


def shop_with(entry: Fact) -> Shop:
    """Return a shop with two people, whom an earlier link joins where an unlink is to come."""
    given = [contest_entry(1, values=OF_ONE), order(2, "O-2", subject=TWO, values=OF_TWO)]
    return Shop().given(*given, *([link(3, TWO)] if entry.type.startswith("pledger.unlink") else []))


@pytest.mark.parametrize(("entry", "instead"), UNDOINGS)
def test_the_correction_says_what_to_do_instead(entry: Fact, instead: str) -> None:
    """Under any name of the two; nothing is stored."""
    shop = shop_with(entry).given(entry)
    subjects = [ONE] if entry.type.startswith("pledger.name_ended") else [ONE, TWO]
    for subject in subjects:
        with pytest.raises(MalformedFact) as raised:
            shop.when(annul(entry, subject=subject))
        assert instead in str(raised.value)


@pytest.mark.parametrize(("entry", "instead"), UNDOINGS)
@pytest.mark.parametrize("on", [1, 6])
def test_what_was_declared_wrong_before_is_not_stored(entry: Fact, instead: str, on: float) -> None:
    """Whatever time the correction has; under another id the same fact does what it says."""
    del instead
    shop = shop_with(entry).given(annul(entry, on))
    before = set(shop.customer(ONE).streams), shop.store.spans_of(parse_name(ADDRESS))
    with pytest.raises(EntryDeclaredWrong) as raised:
        shop.when(entry)
    assert (raised.value.code, bool(raised.value.hint)) == ("entry_declared_wrong", True)
    assert (set(shop.customer(ONE).streams), shop.store.spans_of(parse_name(ADDRESS))) == before
    shop.when(entry.model_copy(update={"id": "anew"}))
    assert (set(shop.customer(ONE).streams), shop.store.spans_of(parse_name(ADDRESS))) != before


@pytest.mark.parametrize("entry", [one for one, _ in UNDOINGS[1:]])
def test_an_unlink_and_an_end_are_kept_away_by_an_officer_alone(entry: Fact) -> None:
    """Anybody else's correction of what is not told yet keeps nothing away."""
    shop = shop_with(entry)
    shop.store.keep(ledger.handle(shop.store, annul(entry), SERVICE).events)
    before = set(shop.customer(ONE).streams), shop.store.spans_of(parse_name(ADDRESS))
    shop.when(entry)
    assert (set(shop.customer(ONE).streams), shop.store.spans_of(parse_name(ADDRESS))) != before


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ([name_ended(4, ADDRESS), link(5, ADDRESS)], "kept"),
        ([name_ended(4, ADDRESS)], "broken"),
        ([link(3, TWO), unlink(4, TWO), link(5, TWO)], "kept"),
        ([link(3, TWO), unlink(4, TWO)], "broken"),
    ],
)
def test_what_the_refusal_names_instead_undoes_it(given: list[Fact], what: str) -> None:
    """A link with the person makes mail lawful again that an ended name or an unlink had made a breach."""
    mailed = ADDRESS if given[0].type.startswith("pledger.name_ended") else TWO
    told = [contest_entry(1, values=OF_ONE), *given, message(20, subject=mailed)]
    assert audit(*told).status("P11") == what


@pytest.mark.parametrize("subject", [ONE, None, "visitor:v1"])
def test_a_correction_is_corrected_by_nothing(subject: str | None) -> None:
    """It says to tell the entry again: to take back what it took away would be a third reading of one entry."""
    told = {
        ONE: contest_entry(1, values=OF_ONE),
        None: fact("collection_point_registered", 1, {"collection_point": "shop"}, subject=None, fact_id="point"),
        "visitor:v1": fact("cookies_refused", 1, {}, subject="visitor:v1", fact_id="refused"),
    }[subject]
    correction = annul(told, 2, subject)
    shop = Shop().given(told, correction)
    with pytest.raises(MalformedFact) as raised:
        shop.when(annul(correction, 3, subject))
    assert "tell the entry that it corrected again" in str(raised.value)


def test_a_correction_that_was_declared_wrong_before_is_not_stored() -> None:
    """The entry that it would have corrected counts on."""
    entry = contest_entry(1, values=OF_ONE)
    correction = annul(entry, 2)
    shop = Shop().given(entry, annul(correction, 3))
    with pytest.raises(EntryDeclaredWrong):
        shop.when(correction)
    assert shop.state() == "enrolled"

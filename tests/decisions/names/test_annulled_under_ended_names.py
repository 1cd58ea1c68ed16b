"""What a name's end lists is annulled under the name that it was told under, and told again of whom it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain import ledger
from domain.events.customer import EntryCorrected
from domain.meant import EntryForgotten
from domain.parting import OfficerOnly
from domain.records.customer import LAST
from domain.store import Handled, Sender
from domain.vocabulary import EMAIL
from tests.controls import contest_entry, fact, link, message, name_ended, opt_out, order, unlink
from tests.laws.audit import audit
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

ONE, TWO, NINE, MAILBOX = "customer:1", "customer:2", "customer:9", "email:ada@example.com"
NAMES = [NINE, MAILBOX, "order:O-7", "guest:F-1"]


def annul(entry: Fact, on: float = 21, subject: str = NINE) -> Fact:
    """Return the correction of an entry."""
    cited = {"source": entry.source, "id": entry.id}
    return fact("entry_correction", on, {"entry": cited, "reason": "the next one's"}, subject=subject, fact_id="annul")


def told(shop: Shop, one: Fact) -> Handled:
    """Tell a shop of a fact, and return what the ledger's core says of it."""
    handled = ledger.handle(shop.store, one, shop.sender)
    shop.store.keep(handled.events)
    shop.store.place += len(handled.events)
    return handled


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("is_known", [False, True])
def test_an_opt_out_that_was_the_next_ones(name: str, *, is_known: bool) -> None:
    """It binds the last one no longer, whether or not something was told of the next one yet."""
    out = opt_out(8, subject=name, fact_id="already")
    shop = Shop().given(contest_entry(1, subject=name), out, name_ended(5, name, subject=name))
    old = shop.customer(name, on=4)
    if is_known:
        shop.given(order(9, "O-9", subject=name, values={EMAIL: "next@example.com"}))
    handled = told(shop, annul(out, subject=name))
    (corrected, *_) = handled.events
    assert isinstance(corrected, EntryCorrected)
    assert (shop.names.get(corrected.entry or 0), handled.stream in old.streams) == ("/shop already", True)
    assert not handled.awaits
    assert shop.customer(name, on=4) is old
    assert old.protections.is_annulled(corrected.entry or 0, LAST)
    retold = opt_out(8, subject=name, fact_id="retold")
    assert told(shop, retold).stream not in old.streams


def test_it_is_an_officers_where_it_protects() -> None:
    """Under the name's next holder as under the last one's own names."""
    out = opt_out(8, subject=NINE, fact_id="already")
    shop = Shop().given(contest_entry(1, subject=NINE), out, name_ended(5, NINE, subject=NINE))
    for ways in (ledger.handle, ledger.ask):
        with pytest.raises(OfficerOnly):
            ways(shop.store, annul(out), Sender("shop", vouches=True))


def test_an_audit_lists_it() -> None:
    """Mail to the last one is judged without it from then on."""
    out = opt_out(8, subject=NINE, fact_id="already")
    facts = [
        contest_entry(1, subject=NINE),
        order(2, "O-2", subject=ONE, values={EMAIL: "one@example.com"}),
        link(3, ONE, subject=NINE),
        out,
        name_ended(10, NINE, subject=ONE, fact_id="ended"),
        annul(out, 21),
        message(22, subject=ONE, fact_id="mail"),
    ]
    facts[4] = name_ended(5, NINE, subject=ONE, fact_id="ended")
    document = audit(*facts)
    undone = [(one["event"], one["what"], one["entry"], one["later"]) for one in document.document["undone"]]
    assert ("/shop annul", "opt_out", "/shop already", []) in undone
    assert ("/shop ended", "name", None, ["/shop already"]) in undone
    assert document.breaches("P17") == []
    assert audit(*facts[:5], facts[6]).breaches("P17") == ["/shop mail"]


def test_what_is_another_persons_is_not_corrected_and_the_answer_says_so() -> None:
    """Of a name that was never theirs, of one they were parted from, and of somebody erased."""
    used = fact("use", 4, {"purpose": "keep_books", "categories": [EMAIL]}, subject=ONE, fact_id="used")
    shop = Shop().given(order(1, subject=NINE), order(1, "O-1", subject=ONE), link(2, NINE, subject=ONE), used)
    assert not told(shop, annul(used)).awaits
    shop.given(unlink(6, NINE, subject=ONE))
    again = annul(used).model_copy(update={"id": "again"})
    assert told(shop, again).awaits
    assert not told(shop, annul(used, subject=ONE).model_copy(update={"id": "own"})).awaits
    shop.erase(30, ONE)
    with pytest.raises(EntryForgotten):
        told(shop, annul(used, 40, ONE).model_copy(update={"id": "gone"}))
    shop.sender = Sender("shop", vouches=True)
    assert told(shop, annul(used, 40, ONE).model_copy(update={"id": "by a service"})).awaits

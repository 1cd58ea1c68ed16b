"""Annulling what protects a person is an officer's, whenever its entry is told; every audit lists it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain import ledger
from domain.errors import MalformedFact
from domain.events.customer import AgeLearned, CustomerEnrolled, CustomerOptedOut, EntryCorrected, ObjectionRaised
from domain.meant import EntryForgotten
from domain.parting import OfficerOnly
from domain.records.customer import LAST
from domain.store import Sender
from domain.suppressions import owed_at
from tests.controls import age_learned, fact, link, objection, opt_out, order, use
from tests.laws.audit import audit
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.events import Event
    from domain.facts import Fact

SERVICE = Sender("shop", vouches=True)
PROTECTING = [
    (opt_out(2), "opt_out", CustomerOptedOut),
    (objection(2), "objection", ObjectionRaised),
    (age_learned(2), "age", AgeLearned),
]


def annul(entry: Fact, on: float = 3, subject: str = "customer:1") -> Fact:
    """Return the correction of an entry."""
    cited = {"source": entry.source, "id": entry.id}
    return fact("entry_correction", on, {"entry": cited, "reason": "a bot"}, subject=subject, fact_id=f"annul-{on:g}")


@pytest.mark.parametrize(("entry", "what", "kind"), PROTECTING)
def test_only_an_officer(entry: Fact, what: str, kind: type[Event]) -> None:
    """From anybody else it is refused, also under another name of the person, and nothing is stored."""
    del kind
    shop = Shop().given(order(1), entry, order(1, "O-2", subject="customer:2"), link(2.5, "customer:2"))
    for told in (annul(entry), annul(entry, subject="customer:2")):
        with pytest.raises(OfficerOnly) as raised:
            ledger.handle(shop.store, told, SERVICE)
        assert (raised.value.code, bool(raised.value.hint)) == ("officer_only", True)
        with pytest.raises(OfficerOnly):
            ledger.ask(shop.store, told, SERVICE)
    goes_on = [CustomerEnrolled] if what == "opt_out" else []
    shop.when(annul(entry)).then(EntryCorrected, *goes_on)


def test_anything_else_is_anybodys() -> None:
    """A mistyped use protects nobody; nor is somebody else's opt-out reached by such a correction."""
    used, theirs = use(2, "keep_books"), opt_out(2, subject="customer:2", fact_id="theirs")
    shop = Shop().given(order(1), order(1, "O-2", subject="customer:2"), used, theirs)
    for told in (annul(used), annul(theirs, 4)):
        (event,) = ledger.handle(shop.store, told, SERVICE).events
        assert isinstance(event, EntryCorrected)
        assert (event.entry is None, event.by_officer) == (told.id == "annul-4", None)


@pytest.mark.parametrize(("entry", "what", "kind"), PROTECTING)
def test_an_entry_that_is_told_later(entry: Fact, what: str, kind: type[Event]) -> None:
    """Only an officer's correction awaits it; the event that it makes then names the officer."""
    del what
    shop = Shop().given(order(1))
    ledger.handle(shop.store, annul(entry), SERVICE)
    assert EntryCorrected not in {type(event) for event in shop.when(entry).events}
    shop = Shop().given(order(1), annul(entry))
    first, second, *_ = shop.when(entry).events
    assert isinstance(first, kind)
    assert isinstance(second, EntryCorrected)
    assert (second.entry, second.by_officer, second.actor) == (first.position, True, "test")


def test_a_reason_is_needed() -> None:
    """An empty one is none."""
    with pytest.raises(MalformedFact):
        fact("entry_correction", 3, {"entry": {"source": "/shop", "id": "a"}, "reason": ""})


@pytest.mark.parametrize(("entry", "what", "kind"), PROTECTING)
def test_an_audit_lists_it(entry: Fact, what: str, kind: type[Event]) -> None:
    """With what was annulled, by which fact and why; the correction of anything else is not among them."""
    del kind
    used = use(1.5, "keep_books", reference="O-1")
    (undone,) = audit(order(1), used, entry, annul(entry), annul(used, 4)).document["undone"]
    assert (undone["event"], undone["what"], undone["entry"]) == ("/shop annul-3", what, f"/shop {entry.id}")
    assert (undone["reason"], undone["reports"]) == ("a bot", [])
    later = entry.model_copy(update={"time": annul(entry, 5).time})
    assert audit(order(1), annul(entry, 4), later).document["undone"][0]["entry"] == f"/shop {entry.id}"


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize(("entry", "what", "kind"), PROTECTING)
def test_an_entry_about_somebody_erased(entry: Fact, what: str, kind: type[Event], *, is_late: bool) -> None:
    """What they are owed stays, whichever other facts said it, and the officer is told so; nothing is stored."""
    del what, kind
    gone = fact("erasure", 2.5, {"reason": "asked"})
    told = [order(1), *((gone, entry) if is_late else (entry, gone))]
    back = order(4, "O-4")
    owed = owed_at((shop := Shop().given(*told, back)).judge, shop.customer(), LAST)
    assert owed
    shop = Shop().given(*told)
    for subject in ("customer:1", "customer:2"):
        with pytest.raises(EntryForgotten) as raised:
            shop.when(annul(entry, subject=subject))
        assert (raised.value.code, bool(raised.value.hint)) == ("entry_forgotten", True)
    assert not shop.store.names
    shop.given(back)
    assert owed_at(shop.judge, shop.customer(), LAST).keys() == owed.keys()

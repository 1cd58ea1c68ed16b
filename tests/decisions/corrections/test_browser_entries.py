"""Corrected entries about browsers: they bind nobody from then on, and what is undone is an officer's and listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.events.visitor import CookiesRefused, SignalReceived, VisitorEntryCorrected
from domain.parting import OfficerOnly
from domain.store import Sender
from tests.controls import VISITOR, fact, wrong_entry
from tests.laws.audit import audit
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

REFUSED = fact("cookies_refused", 1, {}, fact_id="refused")
SIGNAL = fact("signal", 1, {"signal": "gpc", "value": "1"}, fact_id="signal")


def cookie(on: float, mode: str = "record") -> Fact:
    """Return a cookie that was set."""
    data = {"cookie": "c", "purpose": "track_visits", "categories": ["user.device.cookie_id"], "mode": mode}
    return fact("cookie_set", on, data)


def test_a_refusal_that_was_none() -> None:
    """It binds up to its correction, what was found stays, and the audit lists who undid it."""
    shop = Shop().given(REFUSED)
    assert shop.when(cookie(2)).findings
    shop.given(wrong_entry(3, "refused", VISITOR))
    assert not shop.when(cookie(4, "enforce")).refused
    said = audit(REFUSED, cookie(2), wrong_entry(3, "refused", VISITOR), cookie(4))
    (promise,) = said.broken()
    assert said.breaches(promise) == ["/shop cookie_set-2"]
    (undone,) = said.document["undone"]
    assert (undone["what"], undone["entry"], undone["event"]) == ("refusal", "/shop refused", "/shop wrong refused")


def test_another_refusal_binds_on() -> None:
    """Only the wrong entry counts for nothing."""
    again = fact("cookies_refused", 1.5, {}, fact_id="again")
    shop = Shop().given(REFUSED, again, wrong_entry(3, "refused", VISITOR))
    assert shop.when(cookie(4)).findings


def test_a_cookie_that_was_none() -> None:
    """Its breach stays, marked as annulled."""
    said = audit(REFUSED, cookie(2), wrong_entry(3, "cookie_set-2", VISITOR))
    (promise,) = said.broken()
    (breach,) = said.verdict(promise)["violations"]
    assert breach["entry_corrected"]["by"] == "/shop wrong cookie_set-2"
    assert said.document["undone"] == []


@pytest.mark.parametrize("entry", [REFUSED, SIGNAL], ids=["refusal", "signal"])
def test_a_refusal_is_undone_by_an_officer_alone(entry: Fact) -> None:
    """A service is refused; what it told before its entry undoes no refusal either, and an officer's word does."""
    correction = wrong_entry(3, entry.id, VISITOR)
    shop = Shop().given(entry)
    shop.sender = Sender("service")
    with pytest.raises(OfficerOnly):
        shop.when(correction)
    early = Shop()
    early.sender = Sender("service")
    early.given(correction)
    early.when(entry).then(CookiesRefused if entry is REFUSED else SignalReceived)
    kind = CookiesRefused if entry is REFUSED else SignalReceived
    Shop().given(correction).when(entry).then(kind, VisitorEntryCorrected)


def test_nothing_of_the_reason_is_kept() -> None:
    """A text could name a person, and nothing of a browser leads to one."""
    made = Shop().given(REFUSED).when(wrong_entry(3, "refused", VISITOR, reason="it was Ada"))
    assert "Ada" not in made.the(VisitorEntryCorrected).model_dump_json()

"""`pledger changes`: what a late fact changed about verdicts that were given before; and what is amiss now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.controls import cloud_event, contest_entry, lines, message, named, opt_out, point, posted

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran


@pytest.fixture
def ledger(pledger: Callable[..., Ran]) -> Callable[..., Ran]:
    """Make a ledger with a point that carries its notice, and one mail to somebody who had asked for it."""
    assert pledger("init").code == 0
    told = lines(point(0), posted(0, "web"), contest_entry(1), message(5))
    assert pledger("append", "-", stdin=told).code == 0
    return pledger


def test_what_a_late_opt_out_changes(ledger: Callable[..., Ran]) -> None:
    """A mail was lawful when it was told; an opt-out from before it came later, and the list says so, and when."""
    assert ledger("changes", "--format", "json").json["changes"] == []
    assert ledger("append", "-", stdin=lines(opt_out(3))).code == 0
    document = ledger("changes", "--format", "json").json
    (one,) = document["changes"]
    assert (one["event"], one["then"], one["now"]) == (named("message", 5), [], ["P11", "P17", "P18"])
    assert one["particulars"]["P18"]["told_later"] is True
    assert one["particulars"]["P18"]["told_at"] > "2020"
    assert "because of the opt-out" in one["why"]["P11"]
    assert "told only after it" in ledger("changes").out.replace("\n", " ") or "P18" in ledger("changes").out
    assert document["of_everybody"] is False


def test_what_a_late_request_changes(ledger: Callable[..., Ran]) -> None:
    """The other way round: a mail that broke promises breaks none since a request from before it came."""
    assert ledger("append", "-", stdin=lines(opt_out(6), message(8))).code == 0
    assert ledger("changes", "--format", "json").json["changes"] == []
    again = contest_entry(7, reference="C-2")
    assert ledger("append", "-", stdin=lines(again)).code == 0
    (one,) = ledger("changes", "--format", "json").json["changes"]
    assert (one["event"], one["then"], one["now"]) == (named("message", 8), ["P11", "P17", "P18"], [])
    last = ledger("status", "--format", "json").json["events"]
    assert ledger("changes", "--after", str(last), "--format", "json").json["changes"] == []


def test_what_is_known_is_amiss_at_once(pledger: Callable[..., Ran]) -> None:
    """A collection at a point that nobody registered is in the answer, `status` and `company`, with what to do."""
    assert pledger("init").code == 0
    told = lines(cloud_event("collection", "c-1", 1, collection_point="booth"))
    (found,) = pledger("append", "-", "--format", "json", stdin=told).json["findings"]
    assert (found["promises"], found["reasons"]) == (["P03"], ["point_not_registered"])
    amiss = {one["promise"]: one for one in pledger("status", "--format", "json").json["amiss"]}
    assert (amiss["P03"]["facts"], amiss["P03"]["since"]) == (1, "2016-04-02T00:00:00Z")
    assert "notice" in amiss["P03"]["do"]
    assert "Amiss now" in pledger("status").out
    of_company = [one for one in pledger("company", "--format", "json").json["amiss"] if one["promise"] == "P03"]
    assert "booth: 1 collection" in of_company[0]["why"]
    assert pledger("append", "-", stdin=lines(point(0, "booth"), posted(0, "booth"))).code == 0
    after = pledger("company", "--format", "json").json["amiss"]
    assert not [one for one in after if one["promise"] == "P03"]


def test_one_reason_for_a_service(ledger: Callable[..., Ran]) -> None:
    """P11, P17 and P18 are one reason to who sends a mail to somebody who left."""
    told = lines(opt_out(6), message(8), message(9, fact_id="asked", mode="enforce"))
    ran = ledger("append", "-", "--format", "json", stdin=told)
    (found,), (refused,) = ran.json["findings"], ran.json["refused"]
    assert found["reasons"] == refused["reasons"] == ["not_subscribed"]
    assert found["promises"] == ["P11", "P17", "P18"]

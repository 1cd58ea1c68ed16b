"""Corrected entries about the company count for nothing in what is later; nothing turns kept by correcting them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.events.company import CompanyEntryCorrected, NoticePosted
from domain.moments import end_of
from domain.vocabulary import ADDRESS
from tests.controls import RECIPIENTS, TEXT_DIGEST, VERSION, day, fact, order, share, wrong_entry
from tests.laws.audit import audit
from tests.scenario import Shop, first_policy

if TYPE_CHECKING:
    from domain.facts import Fact


def registered(recipient: str, role: str, on: float, fact_id: str) -> Fact:
    """Return a registration of a recipient for names and addresses."""
    data = {"recipient": recipient, "roles": [role], "categories": ["user.name", ADDRESS]}
    return fact("recipient_registered", on, data, fact_id=fact_id)


def point(on: float) -> Fact:
    """Return the registration of the collection point `web`."""
    return fact("collection_point_registered", on, {"collection_point": "web"}, fact_id="point")


def notice(on: float, word: str = "posted", location: str = "web", version: str = VERSION) -> Fact:
    """Return a notice that is posted at a location, or removed from it."""
    return fact(f"notice_{word}", on, {"location": location, "version": version}, fact_id=f"{word}-{on:g}")


def released(name: str, women: int, on: float) -> Fact:
    """Return a table of counts that was released to everybody."""
    data = {"release": name, "dimensions": ["gender"], "cells": [{"where": {"gender": "female"}, "count": women}]}
    return fact("aggregate_released", on, data, fact_id=name)


def test_a_recipient_with_a_wrong_role() -> None:
    """Shares from the correction on go to nobody registered; that of before stays as it was judged."""
    told = [order(1), registered("posty", "carrier", 1, "posty")]
    shop = Shop().given(*told)
    shop.when(share(2, "posty", [ADDRESS])).assert_breaks()
    shop.given(wrong_entry(3, "posty"))
    assert shop.when(share(4, "posty", [ADDRESS], mode="enforce")).refused
    late = shop.when(share(2.5, "posty", [ADDRESS]))
    late.assert_breaks()
    said = audit(*told, share(2, "posty", [ADDRESS]), wrong_entry(3, "posty"), share(4, "posty", [ADDRESS]))
    assert said.breaches("P05") == ["/shop share-4"]


def test_what_was_registered_before_is_so_again() -> None:
    """A registration that was replaced by mistake stands again, with its role."""
    shop = Shop().given(order(1), registered("posty", "carrier", 1, "right"), registered("posty", "advertiser", 2, "b"))
    assert shop.when(share(2.5, "posty", [ADDRESS])).codes("P05")
    shop.given(wrong_entry(3, "b"))
    shop.when(share(4, "posty", [ADDRESS])).assert_breaks()


def test_a_notice_posted_by_mistake() -> None:
    """It stood until the correction; from then on the point lacks it, and a collection shows that."""
    told = [point(1), notice(1), order(2), wrong_entry(3, "posted-1"), order(4, "O-2")]
    before = audit(*told[:3], as_of=2.5)
    assert before.status("P03") == "kept"
    said = audit(*told, as_of=5)
    assert said.status("P03") == "broken"
    assert set(said.breaches("P03")) == {"/shop order-4", "/shop wrong posted-1"}
    gap = next(one for one in said.verdict("P03")["violations"] if one["event"] == "/shop wrong posted-1")
    assert gap["at"] == day(3).isoformat().replace("+00:00", "Z")


def test_a_removal_by_mistake_leaves_its_gap() -> None:
    """The notice is there again from the correction on; the breach of before stays, marked annulled with the reason."""
    told = [point(1), notice(1), notice(2, "removed"), order(2.5), wrong_entry(3, "removed-2"), order(4, "O-2")]
    said = audit(*told, as_of=5)
    assert said.status("P03") == "broken"
    assert set(said.breaches("P03")) == {"/shop order-2.5", "/shop removed-2"}
    gap = next(one for one in said.verdict("P03")["violations"] if one["event"] == "/shop removed-2")
    assert gap["entry_corrected"] == {"by": "/shop wrong removed-2", "reason": "a mix-up"}


def test_a_point_registered_by_mistake() -> None:
    """It owes no notice from the correction on, and what it lacked until then stays broken."""
    alone = audit(point(1), wrong_entry(3, "point"), as_of=5)
    assert alone.status("P03") == "broken"
    in_time = audit(point(1), wrong_entry(1.01, "point"), as_of=5)
    assert in_time.status("P03") == "untested"
    shop = Shop(first_policy()).given(point(1), notice(1), wrong_entry(3, "point"))
    assert shop.company.has_point("web", end_of(day(2)))
    assert not shop.company.has_point("web", end_of(day(4)))


def test_a_policy_published_by_mistake() -> None:
    """The version in force before is in force again, and a location has the usual time to carry it."""
    first = fact("policy_published", 0, {"version": VERSION, "digest": TEXT_DIGEST}, fact_id="first")
    other = fact("policy_published", 2, {"version": "2017-01-01", "digest": "ab" * 32}, fact_id="other")
    told = [first, point(1), notice(1), other]
    assert audit(*told, order(3), as_of=4).status("P01") == "indeterminate"
    said = audit(*told, wrong_entry(2.02, "other"), order(3), as_of=4)
    assert said.status("P01") == "kept"
    assert said.status("P03") == "kept"


@pytest.mark.parametrize("promise", ["P24", "P21"], ids=["review", "measures"])
def test_an_attestation(promise: str) -> None:
    """What was vouched for by mistake is vouched for no more, and was until the correction."""
    until = {"until": day(100).isoformat()}
    made = [
        fact("security_attested", 1, {"kind": one, **until}, fact_id=one)
        for one in ("physical", "electronic", "managerial")
    ]
    made.append(fact("site_reviewed", 1, {"finding": "well", **until}, fact_id="review"))
    assert audit(*made, as_of=5).status(promise) == "attested"
    corrected = [*made, *(wrong_entry(3, one) for one in ("physical", "review"))]
    assert audit(*corrected, as_of=5).status(promise) == "indeterminate"
    assert audit(*corrected, as_of=2).status(promise) == "attested"


def test_an_incident_stays_a_breach() -> None:
    """Nothing turns kept by annulling it; what was found says that it was annulled."""
    told = fact("incident", 1, {"incident": "i", "unauthorised_reads": 3}, fact_id="incident")
    said = audit(told, wrong_entry(2, "incident"), as_of=5)
    assert said.status("P21") == "broken"
    assert said.verdict("P21")["violations"][0]["entry_corrected"]["reason"] == "a mix-up"


def test_a_purpose_and_a_release() -> None:
    """An unknown purpose is refused again; a release that never happened shows no group together with a later one."""
    purpose = fact("purpose_registered", 1, {"purpose": "polishing", "unrelated": False}, fact_id="purpose")
    used = {"purpose": "polishing", "categories": [ADDRESS], "mode": "enforce"}
    shop = Shop().given(order(1), purpose, wrong_entry(2, "purpose"))
    assert "purpose_not_registered" in {one.code for one in shop.when(fact("use", 3, used)).findings}

    releases = [released("a", 100, 1), released("b", 95, 3)]
    found = audit(*releases, as_of=4).broken()
    assert found
    assert audit(releases[0], wrong_entry(2, "a"), releases[1], as_of=4).broken() == set()
    assert audit(*releases, wrong_entry(3.5, "a"), as_of=4).broken() == found


def test_a_correction_waits_for_its_entry() -> None:
    """Told before its entry it counts once that is told, from its own time on, and the answer says that it waits."""
    shop = Shop(first_policy()).given(wrong_entry(3, "posted-1"))
    shop.when(notice(1)).then(NoticePosted, CompanyEntryCorrected)
    assert shop.company.shows("web", VERSION, end_of(day(2)))
    assert not shop.company.shows("web", VERSION, end_of(day(4)))


def test_what_was_told_before_the_correction_stays() -> None:
    """An undoing changes verdicts only on acts both later in time and told later."""
    said = audit(
        order(1), registered("posty", "carrier", 1, "posty"), share(4, "posty", [ADDRESS]), wrong_entry(3, "posty")
    )
    assert said.status("P05") == "kept"


def test_the_customers_entries_are_not_the_companys() -> None:
    """A correction without a subject corrects nothing of a person: it waits, and the answer says so."""
    shop = Shop().given(*RECIPIENTS, order(1))
    corrected = shop.when(wrong_entry(2, "order-1")).the(CompanyEntryCorrected)
    assert corrected.entry is None
    shop.when(share(3, "carrier", [ADDRESS])).assert_breaks()

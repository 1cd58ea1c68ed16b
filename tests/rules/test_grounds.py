"""What a use, share or message relies on, category by category, and what rests on nothing recorded."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from domain.audit.auditor import READINGS
from domain.events.customer import DataShared, DataUsed
from domain.events.refused import ShareRefused, UseRefused
from domain.vocabulary import ADDRESS, EMAIL, NAME
from tests.controls import RECIPIENTS, catalog_request, contest_entry, fact, message, named, offer, order, share, use
from tests.laws.audit import audit
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

ADDRESS_ONLY = {ADDRESS: "1 Lantern Row"}
EMAIL_ONLY = {EMAIL: "ada@example.com"}
ORDER = {"act": "order", "reference": "O-1"}
CONTEST = {"act": "contest_entry", "reference": "contest_entry-1"}
CATALOG = {"act": "catalog_request", "reference": "catalog_request-1"}
BY_ACT = {"use": ("P04", "P06", "P08", "P09"), "share": ("P05", "P07", "P09")}


def test_a_collection_permits_nothing_about_what_it_does_not_hold() -> None:
    """A contest entry with an e-mail address alone is no ground for selling the address of an order."""
    told = (*RECIPIENTS, order(1, values=ADDRESS_ONLY), contest_entry(2, values=EMAIL_ONLY))
    sold: dict[str, Any] = {"kind": "sale", "purpose": "run_contest", "relying_on": CONTEST}
    found = audit(*told, share(3, "carrier", [ADDRESS], **sold))
    assert found.breaches("P05") == [named("share", 3)]
    Shop().given(*told).when(share(3, "carrier", [ADDRESS], **sold, mode="enforce")).then(ShareRefused)


@pytest.mark.parametrize(
    ("named_by", "is_permitted"),
    [
        ({}, True),
        ({"relying_on": CATALOG}, True),
        ({"relying_on": ORDER}, False),
        ({"relying_on": [ORDER, CATALOG]}, True),
        ({"value_from": ORDER}, False),
        ({"value_from": ORDER, "relying_on": CATALOG}, False),
        ({"value_from": CONTEST, "relying_on": CATALOG}, True),
        ({"value_from": CONTEST, "relying_on": ORDER}, False),
        ({"reference": "O-1"}, False),
        ({"reference": "O-1", "relying_on": CATALOG}, True),
        ({"reference": "contest_entry-1"}, True),
        ({"reference": "O-9"}, True),
    ],
    ids=str,
)
def test_the_first_that_holds_the_category_decides(named_by: dict[str, Any], *, is_permitted: bool) -> None:
    """The value's own collection, then those relied on, then those of the reference, then whichever permits it best."""
    told = [order(1, values=ADDRESS_ONLY), contest_entry(2, values=EMAIL_ONLY), catalog_request(3, values=ADDRESS_ONLY)]
    used = use(4, "test_layouts", [ADDRESS], **named_by)
    for lines in permutations([*told, used]):
        assert bool(audit(*lines).breaches("P04")) is not is_permitted


def test_each_category_by_itself() -> None:
    """What one category may be used for says nothing of another one."""
    told = order(1, values=ADDRESS_ONLY), contest_entry(2, values=EMAIL_ONLY)
    assert audit(*told, use(3, "test_layouts", [EMAIL])).breaches("P04") == []
    assert audit(*told, use(3, "test_layouts", [ADDRESS, EMAIL])).breaches("P04") == [named("use", 3)]


def test_a_category_above_stands_for_every_part_that_is_held() -> None:
    """Who used all contacts used the address; a collection of all contacts holds the e-mail address."""
    told = order(1, values=ADDRESS_ONLY), contest_entry(2, values=EMAIL_ONLY)
    assert audit(*told, use(3, "test_layouts", ["user.contact"])).breaches("P04") == [named("use", 3)]
    whole = order(1, values={"user.contact": "all of it"})
    assert audit(whole, use(3, "test_layouts", [EMAIL])).breaches("P04") == [named("use", 3)]
    assert audit(whole, use(3, "test_layouts", [NAME])).document["ungrounded"]


@pytest.mark.parametrize("what", ["use", "share"])
def test_what_rests_on_nothing_recorded(what: str) -> None:
    """Each promise that limits it by act is undecided under each reading, it is listed, and nobody may do it."""
    told = [*RECIPIENTS, order(1, values=ADDRESS_ONLY)]

    def done(**more: Any) -> Fact:  # noqa: ANN401 - any data
        return use(2, "deliver_order", [EMAIL], **more) if what == "use" else share(2, "carrier", [EMAIL], **more)

    found = audit(*told, done())
    for reading in READINGS:
        assert {found.status(promise, reading) for promise in BY_ACT[what]} == {"indeterminate"}
    assert found.status("P14") == "untested"
    (listed,) = found.document["ungrounded"]
    assert (listed["event"], listed["categories"]) == (named(what, 2), [EMAIL])
    refused = ShareRefused if what == "share" else UseRefused
    Shop().given(*told).when(done(mode="enforce")).then(refused).assert_breaks("ground")


def test_a_purpose_that_the_policy_allows_for_no_act() -> None:
    """Without a collection it needs an offer: P14 breaks; with one that stood long enough it does not."""
    used = use(40, "deliver_ads", [EMAIL])
    assert audit(used).breaches("P14") == [named("use", 40)]
    assert audit(offer(1, "deliver_ads"), used).breaches("P14") == []
    assert audit(contest_entry(1, values=EMAIL_ONLY), used).status("P14") == "untested"


def test_what_needs_no_ground() -> None:
    """Verifying who somebody is breaks nothing and is not refused, and a legal order excuses; both are listed."""
    verifying = use(1, "verify_identity", [EMAIL])
    found = audit(*RECIPIENTS, verifying)
    assert found.breaches("P14") == []
    assert [one["event"] for one in found.document["ungrounded"]] == [verifying.name]
    Shop().when(use(1, "verify_identity", [EMAIL], mode="enforce")).then(DataUsed)
    ordered: dict[str, Any] = {"kind": "legal_obligation", "purpose": "legal_obligation"}
    found = audit(*RECIPIENTS, share(2, "authority", [EMAIL], **ordered))
    assert {found.status(promise) for promise in BY_ACT["share"]} == {"excused"}
    assert found.breaches("P14") == []
    given = share(2, "authority", [EMAIL], **ordered, mode="enforce")
    Shop().given(*RECIPIENTS).when(given).then(DataShared)
    assert audit(message(1)).document["ungrounded"] == []  # A message in a program rests on its enrollment.


OF_CONTEST = {"reference": "contest_entry-1"}
BY_CONTEST: list[dict[str, Any]] = [{}, {"relying_on": CONTEST}, {"value_from": CONTEST}, OF_CONTEST]


@pytest.mark.parametrize("named_by", BY_CONTEST, ids=str)
@pytest.mark.parametrize("above", ["user", "user.contact"])
def test_a_category_above_hides_no_part(above: str, named_by: dict[str, Any]) -> None:
    """A part that the named collection does not hold is judged by the one that holds it."""
    told = (*RECIPIENTS, order(1, values=ADDRESS_ONLY), contest_entry(2, values=EMAIL_ONLY))
    assert audit(*told, use(3, "run_contest", [above], **named_by)).breaches("P04") == [named("use", 3)]
    sold = share(3, "carrier", [above], kind="sale", purpose="run_contest", **named_by)
    assert audit(*told, sold).breaches("P05") == [named("share", 3)]
    Shop().given(*told).when(use(3, "run_contest", [above], **named_by, mode="enforce")).then(UseRefused)


def test_a_message_to_an_address_that_its_person_never_gave() -> None:
    """It rests on nothing recorded, and the audit lists the category; one of a person without any may be elsewhere."""
    told = order(1, values=EMAIL_ONLY)
    sent = message(2, program=None, purpose="complete_order", to="email:other@example.com")
    (listed,) = audit(told, sent).document["ungrounded"]
    assert (listed["event"], listed["categories"]) == (sent.name, [EMAIL])
    to_them = message(2, program=None, purpose="complete_order", to="email:ada@example.com")
    assert audit(told, to_them).document["ungrounded"] == []


def test_a_message_under_an_address() -> None:
    """Somebody who has the address may have given it for that; where nobody did, it rests on nothing."""
    told = order(1, values=EMAIL_ONLY)
    about: dict[str, Any] = {"subject": "email:ada@example.com", "program": None, "purpose": "complete_order"}
    sent = message(2, **about)
    assert audit(told, sent).document["ungrounded"] == []
    assert audit(told, sent).status("P04") != "broken"
    (listed,) = audit(sent).document["ungrounded"]
    assert listed["event"] == sent.name


@pytest.mark.parametrize(
    ("deleted", "is_held"),
    [
        ({"held_in": "vault"}, False),
        ({"held_in": "vault", "relying_on": ORDER}, False),
        ({"held_in": "archive"}, True),
        ({"held_in": "vault", "relying_on": CONTEST}, True),
        ({}, True),
    ],
    ids=str,
)
def test_what_another_system_deleted_is_held_no_more(deleted: dict[str, Any], *, is_held: bool) -> None:
    """A value that another system held permits nothing after that system deleted it; what it did not hold stays."""
    gone = {"categories": ["user.payment"], "reason": "paid", **deleted}
    told = [
        *RECIPIENTS,
        order(1, values={"user.payment": None}, held_in="vault"),
        contest_entry(2, values=EMAIL_ONLY),
        share(3, "payment", ["user.payment"], purpose="take_payment", reference="O-1"),
        fact("data_deleted", 4, gone),
        share(5, "payment", ["user.payment"], purpose="take_payment", reference="O-1"),
    ]
    ungrounded = [one["event"] for one in audit(*told).document["ungrounded"]]
    assert ungrounded == ([] if is_held else [named("share", 5)])

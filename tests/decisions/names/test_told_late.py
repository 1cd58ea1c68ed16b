"""What is told of somebody after their erasure, of a time before it: it is coded, owed, and on nobody's record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain import ledger
from domain.events.customer import CustomerErased, CustomerOptedOut, DataCollected
from domain.events.links import LinkProposed
from domain.events.suppressions import SuppressionRecalled
from domain.moments import start_of
from domain.policy.status import Status
from domain.records.customer import LAST
from domain.rules.common.by_kind import Rules
from domain.vocabulary import LinkRefusal, Program
from tests.controls import contest_entry, day, fact, message, opt_out, order, verified
from tests.laws.audit import audit
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

ONE, TWO, MAILBOX = "customer:1", "customer:2", "email:ada@example.com"
VALUES = {"user.contact.email": "ada@example.com", "user.name": "Ada"}


def erased() -> Shop:
    """Return a shop that knew somebody with an address, and erased them on day 5."""
    return Shop().given(order(1, values=VALUES)).erase(5, ONE)


def owed_peace(shop: Shop, subject: str = ONE) -> bool:
    """Tell whether an opt-out binds whoever has a name now."""
    return shop.judge.opted_out(shop.customer(subject), Program.EMAIL_MARKETING, LAST) is not None


@pytest.mark.parametrize("subject", [ONE, MAILBOX, "order:O-2", "guest:F-1"])
def test_a_late_collection(subject: str) -> None:
    """It is kept without a value, enrolls nobody, and no name leads to it."""
    shop = erased()
    made = shop.when(order(3, "O-2", values=VALUES, subject=subject)).then(DataCollected, CustomerErased).events
    collected, ended = made
    assert isinstance(collected, DataCollected)
    assert isinstance(ended, CustomerErased)
    assert (collected.values, collected.reference, collected.fact_id) == (None, None, None)
    assert collected.categories == tuple(sorted(VALUES))
    assert ended.is_late
    assert not shop.store.names


def test_a_guest_who_is_told_of_twice() -> None:
    """A later fact under the same order holds no address, and is about the erased person all the same."""
    shop = erased().given(order(3, "O-2", values=VALUES, subject="order:O-2"))
    late = fact("order_completed", 4, {"reference": "O-2"}, subject="order:O-2")
    assert isinstance(shop.when(late).events[-1], CustomerErased)


@pytest.mark.parametrize("subject", [ONE, MAILBOX, "order:O-2"])
def test_what_happens_afterwards_is_somebodys(subject: str) -> None:
    """A fact of a later time opens a new record, as for anybody."""
    shop = erased().given(order(6, "O-2", values=VALUES, subject=subject))
    assert shop.customer(subject).by_reference["O-2"]
    assert not shop.customer(subject).is_late


def test_an_address_that_a_living_person_has() -> None:
    """It is not the erased person's alone, so a guest with it is told of as anybody is."""
    shop = Shop().given(order(1, values=VALUES), order(1, "O-9", values=VALUES, subject=TWO)).erase(5, ONE)
    shop.given(order(3, "O-2", values=VALUES, subject="order:O-2"))
    assert shop.customer("order:O-2").by_reference["O-2"]
    assert isinstance(shop.when(order(3, "O-3", values=VALUES)).events[-1], CustomerErased)


def test_somebody_who_was_never_known() -> None:
    """An erasure of an unknown name leaves a tombstone as well."""
    shop = Shop().erase(5, ONE)
    assert isinstance(shop.when(order(3, values=VALUES)).events[-1], CustomerErased)


def test_an_erasure_that_came_before_its_facts() -> None:
    """What was told with a later time went with the person, so until then the name was theirs."""
    shop = Shop().given(order(8, values=VALUES)).erase(5, ONE)
    assert isinstance(shop.when(order(7, "O-2", values=VALUES)).events[-1], CustomerErased)
    shop.given(order(9, "O-3", values=VALUES))
    assert shop.customer().by_reference["O-3"]


@pytest.mark.parametrize("subject", [ONE, MAILBOX])
@pytest.mark.parametrize("returns_first", [True, False])
def test_a_late_opt_out_is_owed(subject: str, *, returns_first: bool) -> None:
    """Whoever has the name, or the address, is left in peace, whether they came back before it was told or after."""
    shop, back = erased(), order(6, "O-2", values=VALUES, subject=subject)
    late = opt_out(3, subject=subject)
    shop.given(*((back, late) if returns_first else (late, back)))
    assert owed_peace(shop, subject)
    assert not shop.is_enrolled(subject=subject)
    assert shop.when(message(7, program="email_marketing", subject=subject)).findings


def test_who_came_back_and_asked_lifts_it() -> None:
    """They are the person who opted out, so a contest entry after it lifts it, in either order of telling."""
    for facts in ((contest_entry(6), opt_out(3)), (opt_out(3), contest_entry(6))):
        shop = erased().given(*facts)
        assert not owed_peace(shop)
        assert shop.is_enrolled()


def test_a_late_age_is_owed() -> None:
    """A child is a child when they come back."""
    shop = erased().given(fact("age_learned", 3, {"under": 13}), order(6, "O-2", values=VALUES))
    assert shop.customer().is_known_child(start_of(day(6)))
    (recalled,) = (
        one for events in shop.store.events.values() for one in events if isinstance(one, SuppressionRecalled)
    )
    assert recalled.occurred_at == day(3)


def test_a_late_message_is_neither_kept_nor_broken() -> None:
    """Whether they were enrolled, and had opted out, is gone."""
    shop = erased()
    told = shop.when(message(3, program="email_marketing")).assert_breaks().events[0]
    case = shop.judge.case(shop.store.person(told.originator_id), shop.company, told)
    found = shop.judge.breaches_of(case, Rules.of(shop.judge.rules, type(told)))
    assert {one.promise: one.breach.status for one in found}["P11"] is Status.INDETERMINATE
    assert {one.breach.status for one in found} == {Status.INDETERMINATE}


@pytest.mark.parametrize("told", [order(2, "O-7", also=[verified(ONE)], subject=TWO), None])
def test_a_late_link(told: Fact | None) -> None:
    """Nobody is joined to the erased: what the link would have been is for the officer."""
    shop = erased().given(order(1, "O-9", subject=TWO))
    link = told or fact("link", 2, {"with": ONE, "verified": "document"}, subject=TWO)
    assert shop.when(link).the(LinkProposed).because is LinkRefusal.ERASED
    mirrored = fact("link", 2, {"with": TWO, "verified": "document"}, subject=ONE, fact_id="mirrored")
    assert [type(event) for event in shop.when(mirrored).events] == [LinkProposed, CustomerErased]
    assert len(shop.customer(TWO).streams) == 1


def test_a_late_opt_out_is_an_event() -> None:
    """It is on record, coded, on its own stream."""
    assert [type(event) for event in erased().when(opt_out(3)).events] == [CustomerOptedOut, CustomerErased]


def test_a_guest_who_is_known_already() -> None:
    """A fact under a guest's name with the erased person's address is about the erased person, and shows nothing."""
    shop = Shop().given(order(1, "O-2", values={"user.name": "Bea"}, subject="order:O-2"), order(1, values=VALUES))
    late = shop.erase(5, ONE).when(order(3, "O-2", values=VALUES, subject="order:O-2", fact_id="late"))
    assert isinstance(late.events[-1], CustomerErased)
    assert shop.customer("order:O-2").contacts.points == {}


GUEST, ASKED = "guest:F-1", contest_entry(3, values=VALUES, subject="guest:F-1", fact_id="asked")
MAILED = message(9, program="email_marketing", subject=GUEST, fact_id="mailed")


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_guest_with_the_address_of_somebody_erased(*, is_known: bool, is_first: bool) -> None:
    """Their entry is kept as the erased person's. Whether it had enrolled the guest is not known, in either order."""
    own = [contest_entry(1, subject=GUEST, values={"user.name": "Bea"}, reference="own", fact_id="own")]
    erasure = fact("erasure", 5, {"reason": "asked"}, fact_id="erase")
    told = [*(own if is_known else []), order(1, values=VALUES), erasure]
    told += [MAILED, ASKED] if is_first else [ASKED, MAILED]
    assert audit(*told).status("P11") == "indeterminate"
    assert audit(*[one for one in told if one is not ASKED]).status("P11") == "broken"
    other = contest_entry(3, values={"user.contact.email": "bea@example.com"}, subject=GUEST, fact_id="asked")
    assert audit(*[other if one is ASKED else one for one in told]).status("P11") == "kept"
    shop = Shop().given(*told[:-2], ASKED)
    assert ledger.ask(shop.store, MAILED, shop.sender)
    assert shop.when(MAILED).codes("P11") == set()


def test_an_entry_set_aside_excuses_nothing_later() -> None:
    """A guest who left afterwards was not enrolled, whatever the entry had done; nor is an erased name's own mail."""
    left = opt_out(6, subject=GUEST, fact_id="left")
    assert "P11" in {one.promise for one in erased().given(ASKED, left).when(MAILED).findings}
    to_one = message(9, program="email_marketing", fact_id="to one")
    assert "P11" in {one.promise for one in erased().given(contest_entry(3, values=VALUES)).when(to_one).findings}

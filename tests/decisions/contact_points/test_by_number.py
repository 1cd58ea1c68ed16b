"""An opt-out told under a number reaches records without a number that hold the person's current address."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from domain.facts.fields import Subject
from domain.ledger import ask
from domain.vocabulary import EMAIL
from tests.controls import collection, contest_entry, fact, link, message, order, verified
from tests.laws.audit import audit
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

ONE, TWO, GUEST, BUYER, MAILBOX = "customer:1", "customer:2", "guest:F-1", "order:O-9", "email:ada@example.com"
ELSEWHERE = {EMAIL: "elsewhere@example.com"}


def left(on: float = 2, subject: str = ONE) -> Fact:
    """Return an opt-out from the newsletter in the portal, under a number unless another subject is given."""
    return fact("opt_out", on, {"program": "email_marketing", "via": "portal"}, subject=subject)


def shop_of_guests() -> Shop:
    """Return a shop in which guests, and a second customer, gave the address of the first."""
    entries = (contest_entry(1, subject=name, reference=name) for name in (ONE, TWO, GUEST, BUYER))
    return Shop().given(*entries)


@pytest.mark.parametrize("name", [GUEST, BUYER])
def test_a_message_to_a_guest_cannot_be_judged(name: str) -> None:
    """Whether the guest is the one who left is not known: P17 and P18 are open questions, and P11 is kept."""
    told = [contest_entry(1, subject=one, reference=one, fact_id=one) for one in (ONE, TWO, name)]
    shop = Shop().given(*told, left())
    shop.when(message(3, subject=name)).assert_breaks()
    shop.when(message(3, subject=TWO)).assert_breaks()
    judged = audit(*told, left(), message(3, subject=name))
    assert [judged.status(promise) for promise in ("P11", "P17", "P18")] == ["kept", "indeterminate", "indeterminate"]
    assert audit(*told, left(), message(3, subject=TWO)).status("P17") == "kept"
    not_enrolled = audit(told[0], left(), contest_entry(3, subject=name), message(4, subject=name))
    assert {not_enrolled.status(promise) for promise in ("P11", "P17", "P18")} == {"indeterminate"}


def test_a_decision_says_no() -> None:
    """A guest is not written to, and an enrollment of theirs is refused, on the word of nobody."""
    shop = shop_of_guests().given(left())
    assert shop.when(message(3, subject=GUEST, mode="enforce")).refused
    entered = {"program": "email_marketing", "cause": "contest_entry", "mode": "enforce"}
    assert shop.when(fact("enrollment", 3, entered, subject=GUEST)).refused
    assert not shop.when(message(3, subject=TWO, mode="enforce")).refused


def test_nobody_is_enrolled_there() -> None:
    """A purchase and a contest entry enroll no guest with the address of somebody who left under a number."""
    shop = Shop().given(contest_entry(1), left())
    for name in (GUEST, BUYER):
        shop.given(order(3, name, subject=name), contest_entry(4, subject=name, reference=f"C {name}"))
        assert not shop.is_enrolled(subject=name)
        shop.when(message(5, subject=name)).assert_breaks()
    shop.given(contest_entry(4, subject=TWO))
    assert shop.is_enrolled(subject=TWO)


def test_the_person_lifts_it() -> None:
    """The one who left under the number and asks anew lets the guests be written to again."""
    shop = shop_of_guests().given(left(), contest_entry(4, reference="again"))
    assert not shop.when(message(5, subject=GUEST, mode="enforce")).refused


@pytest.mark.parametrize("had_it", [True, False])
def test_a_guest_lifts_it_for_themself(*, had_it: bool) -> None:
    """They do if the address stood on their record when it was left, and for nobody else; a stranger does not."""
    shop = Shop().given(contest_entry(1), contest_entry(1, subject=BUYER, reference="B"))
    if had_it:
        shop.given(contest_entry(1, subject=GUEST, reference="G"))
    shop.given(left(), contest_entry(4, subject=GUEST, reference="again"))
    assert shop.is_enrolled(subject=GUEST) is had_it
    assert shop.when(message(5, subject=GUEST, mode="enforce")).refused is not had_it
    assert shop.when(message(5, subject=BUYER, mode="enforce")).refused


def test_it_is_the_address_that_was_current() -> None:
    """An address that the person had given up by then is not reached; one that they took later is not either."""
    moved = fact("correction", 1.5, {"request": "R-1", "category": EMAIL, "value": "new@example.com"})
    shop = Shop().given(contest_entry(1), contest_entry(1, subject=GUEST, reference="G"), moved, left())
    assert not shop.when(message(3, subject=GUEST, mode="enforce")).refused
    shop.given(contest_entry(1, subject=BUYER, reference="B", values={EMAIL: "new@example.com"}))
    assert shop.when(message(3, subject=BUYER, mode="enforce")).refused


def test_an_address_told_late() -> None:
    """A correction from before the opt-out that is told after it moves what the opt-out reaches."""
    moved = fact("correction", 1.5, {"request": "R-1", "category": EMAIL, "value": "new@example.com"})
    shop = Shop().given(contest_entry(1), contest_entry(1, subject=GUEST, reference="G"))
    shop.given(contest_entry(1, subject=BUYER, reference="B", values={EMAIL: "new@example.com"}), left())
    assert shop.when(message(3, subject=GUEST, mode="enforce")).refused
    shop.given(moved)
    assert not shop.when(message(3, subject=GUEST, mode="enforce")).refused
    assert shop.when(message(3, subject=BUYER, mode="enforce")).refused


def test_a_guest_who_turns_out_to_be_somebody_else() -> None:
    """A guest who is linked to another number has a number, and is not reached any more."""
    shop = shop_of_guests().given(left())
    shop.given(fact("link", 3, {"with": GUEST, "verified": "login"}, subject=TWO))
    assert not shop.when(message(4, subject=GUEST, mode="enforce")).refused


def test_two_numbers_of_one_person() -> None:
    """What one number of a person left and another one asked for anew, after a link, reaches no guest any more."""
    shop = Shop().given(contest_entry(1), contest_entry(1, subject=TWO, reference="T", values=ELSEWHERE))
    shop.given(contest_entry(1, subject=GUEST, reference="G", values=ELSEWHERE), left(subject=TWO))
    assert shop.when(message(3, subject=GUEST, mode="enforce")).refused
    shop.given(fact("link", 3, {"with": TWO, "verified": "login"}), contest_entry(4, reference="again"))
    assert not shop.when(message(5, subject=GUEST, mode="enforce")).refused


def test_a_link_in_a_fact() -> None:
    """A name that a fact verifies beside its subject counts as one."""
    shop = shop_of_guests().given(left(), order(3, "O-3", subject=GUEST, also=[verified(TWO)]))
    assert not shop.when(message(4, subject=GUEST, mode="enforce")).refused


def test_a_refused_fact_gives_no_address() -> None:
    """What a refused fact held is on no record: the address is nobody's, and what is owed to it reaches nobody."""
    shop = Shop().given(contest_entry(1), fact("age_learned", 1, {"under": 13}, subject=GUEST))
    refused = shop.when(contest_entry(2, subject=GUEST, reference="G", mode="enforce"))
    assert refused.refused
    assert shop.customer(GUEST).contacts.points == {}
    assert [len(one.streams) for one in shop.store.holders(shop.store.point(Subject("email", MAILBOX[6:])))] == [1]


def test_who_asked_for_nothing_is_not_enrolled_whoever_they_are() -> None:
    """An opt-out under somebody else's number washes no breach away: no act of theirs would have enrolled the guest."""
    wrote = collection("inbound_message", 2, subject="guest:F-1", values={EMAIL: "ada@example.com"}, fact_id="wrote")
    other = collection("inbound_message", 1, subject="customer:9", values={EMAIL: "ada@example.com"}, fact_id="other")
    out = fact("opt_out", 1.5, {"program": "email_marketing", "via": "portal"}, subject="customer:9", fact_id="out 9")
    sent = message(5, subject="guest:F-1")
    assert audit(wrote, sent).status("P11") == "broken"
    assert audit(other, out, wrote, sent).status("P11") == "broken"


def test_a_decision_about_a_use_says_no_too() -> None:
    """Use and shares for direct marketing need the enrollment that nobody can know of."""
    entered = contest_entry(3, subject="guest:F-1", fact_id="entered")
    out = fact("opt_out", 2, {"program": "email_marketing", "via": "portal"}, subject="customer:9", fact_id="out 9")
    shop = Shop().given(contest_entry(1, subject="customer:9", fact_id="other"), out, entered)
    data = {"purpose": "direct_marketing", "categories": ["user.contact.email"]}
    used = fact("use", 5, data, subject="guest:F-1")
    assert "P11" in {one.promise for one in ask(shop.store, used, shop.sender)}


def test_a_numbers_own_record_is_one_from_its_first_fact() -> None:
    """An audit knows the number before the first event of the record is folded, as the append does."""
    other = contest_entry(1, subject="customer:9", fact_id="other")
    out = fact("opt_out", 2, {"program": "email_marketing", "via": "portal"}, subject="customer:9", fact_id="out 9")
    sent = message(5, subject="customer:8", to="email:ada@example.com")
    assert audit(other, out, sent).status("P11") == "broken"


def reached(*told: Fact) -> str:
    """Return what is said of mail to a guest who holds somebody's other address."""
    guest = contest_entry(1, subject=GUEST, reference="guest", fact_id="guest", values=ELSEWHERE)
    return audit(guest, *told, message(9, subject=GUEST)).status("P17")


def test_an_address_that_came_by_a_link_is_reached_from_the_link_on() -> None:
    """Whose address it was when somebody left is what reaches, in any order of telling."""
    entered = contest_entry(1, fact_id="one", reference="one")
    other = contest_entry(1.5, subject=BUYER, reference="other", fact_id="other", values=ELSEWHERE)
    out, early, late = left(3), link(2, BUYER, fact_id="join"), link(4, BUYER, fact_id="join")
    for told in permutations((entered, other, out)):
        assert reached(*told, late) == "kept"
        assert reached(*told, early) == "indeterminate"
    assert reached(late, out, other, entered) == "kept"
    assert reached(early, out, other, entered) == "indeterminate"


def test_an_opt_out_from_before_the_number_was_theirs_reaches_nobody() -> None:
    """A guest left, and only later turned out to be a customer: it was told under no number."""
    other = contest_entry(1.5, subject=BUYER, reference="other", fact_id="other", values=ELSEWHERE)
    told = (other, left(3, BUYER), contest_entry(1, fact_id="one", reference="one"))
    assert reached(*told, link(4, BUYER, fact_id="join")) == "kept"
    assert reached(*told, link(2, BUYER, fact_id="join")) == "indeterminate"

"""Nobody is enrolled where an opt-out binds the address: not by a purchase, nor by asking anew, nor by a sent fact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from domain.events.customer import CustomerEnrolled, DataCollected
from domain.ledger import ask
from domain.moments import end_of
from domain.store import Sender
from domain.vocabulary import NAME, Program, Reading
from tests.controls import collection, contest_entry, day, fact, message, opt_out, order
from tests.laws.audit import audit
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

ONE, TWO, GUEST, MAILBOX = "customer:1", "customer:2", "guest:F-1", "email:ada@example.com"
HAD_BEFORE: Final = (
    order(1),
    contest_entry(1, reference="C"),
    collection("promotional_request", 1, reference="P"),
    collection("registration", 1, reference="R", requests=["updates"]),
)
LEFT: Final = opt_out(3, subject=MAILBOX)
CAUSES: Final = ("purchase", "contest_entry", "promotional_request", "registration", "import", "staff")


def enrolled(cause: str, reference: str | None = None, subject: str = ONE, on: float = 8) -> Fact:
    """Return an enrollment in the newsletter that a service sends."""
    told = {"program": "email_marketing", "cause": cause, "reference": reference}
    return fact("enrollment", on, told, subject=subject)


def own(on: float, subject: str = ONE) -> Fact:
    """Return an opt-out of the person, told in the portal under their own name."""
    told = {"program": "email_marketing", "via": "portal"}
    return fact("opt_out", on, told, subject=subject, fact_id=f"own-{on}-{subject}")


def assert_p18_broken(*facts: Fact) -> None:
    """Assert that the last fact breaks P18 when it is told, when it is asked for, and in a trace, in every reading."""
    *before, sent = facts
    shop = Shop().given(*before)
    assert "P18" in {one.promise for one in ask(shop.store, sent, Sender("test", vouches=True))}
    assert "P18" in {one.promise for one in shop.when(sent).findings}
    judged = audit(*facts)
    assert {reading for reading in Reading if judged.breaches("P18", reading) == [sent.name]} == {*Reading}


@pytest.mark.parametrize("cause", CAUSES)
def test_an_enrollment_sent_for_who_had_the_address(cause: str) -> None:
    """Whatever it cites is from before the opt-out: P18 breaks under every reading."""
    assert_p18_broken(*HAD_BEFORE, LEFT, enrolled(cause))


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("act", ["order", "contest_entry", "registration"])
def test_an_enrollment_sent_for_who_gave_it_since(act: str, cause: str) -> None:
    """What they ask for lifts no opt-out of an address that was another's then."""
    requests = ["updates"] if act == "registration" else []
    assert_p18_broken(LEFT, collection(act, 4, requests=requests), enrolled(cause))


@pytest.mark.parametrize("values", [None, {NAME: "Ada Example"}])
def test_who_left_themself_and_asked_anew(values: dict[str, str] | None) -> None:
    """That lifts their own opt-out, and not the address's: they are not enrolled, and an enrollment sent breaks P18."""
    asked = contest_entry(6, reference="again", **({"values": values} if values else {}))
    before = (LEFT, order(4), own(5))
    Shop().given(*before).when(asked).then(DataCollected)
    assert_p18_broken(*before, asked, enrolled("contest_entry", "again"))
    mailed = (*before, asked, message(8))
    assert {"P17", "P18"} <= audit(*mailed).broken()
    # Without an address the entry asks for nothing.
    assert audit(*mailed).breaches("P11") == ([message(8).name] if values else [])
    # Before they asked anew, the mail breaks their own opt-out as well.
    assert audit(*before, message(5.5), asked).breaches("P11") == [message(5.5).name]


def test_what_they_asked_for_counts_once_the_address_is_free() -> None:
    """Their own opt-out is lifted by asking, not by an enrollment: later mail breaks no peace, and has no way in."""
    asked = contest_entry(6, reference="again")
    had_it = (contest_entry(1, subject=TWO), LEFT, order(4), own(5), asked)
    lifted = (*had_it, contest_entry(7, subject=TWO, reference="lifts"), message(8))
    shop = Shop().given(*lifted[:-1])
    assert shop.judge.opted_out(shop.customer(), Program.EMAIL_MARKETING, end_of(day(8))) is None
    shop.when(lifted[-1]).assert_breaks("P11")
    assert audit(*lifted).broken() & {"P11", "P17", "P18", "P20"} == {"P11"}


def test_a_purchase_lifts_nothing_of_their_own() -> None:
    """Who only buys after leaving has not asked anew, whatever binds the address."""
    assert {"P11", "P17", "P18"} <= audit(LEFT, order(4), own(5), order(6, "O-2"), message(8)).broken()


def test_a_guest_who_left_themself_under_anothers_number() -> None:
    """The address may be the guest's or the other's: who typed it since is not enrolled by asking, nor decided for."""
    before = (contest_entry(1), own(2), order(3, subject=GUEST), own(4, GUEST))
    asked = contest_entry(6, reference="again", subject=GUEST)
    shop = Shop().given(*before)
    shop.when(asked).then(DataCollected)
    sent = enrolled("contest_entry", "again", GUEST)
    assert "P18" in {one.promise for one in ask(shop.store, sent, Sender("test", vouches=True))}
    assert audit(*before, asked, sent).status("P18") == "indeterminate"
    # Their own opt-out is broken by a mail before they ask anew, whoever else left.
    assert {"P11", "P17", "P18"} <= audit(*before, message(5, subject=GUEST)).broken()


def test_who_asks_with_another_address_is_enrolled() -> None:
    """Their own opt-out is lifted, and the current address is bound by nobody."""
    values = {"user.contact.email": "else@example.com"}
    shop = Shop().given(LEFT, order(4), own(5))
    shop.when(contest_entry(6, reference="again", values=values)).then(DataCollected, CustomerEnrolled)
    shop.when(message(7)).assert_breaks()
    assert not Shop().given(LEFT, order(4, subject=TWO)).is_enrolled(subject=TWO)

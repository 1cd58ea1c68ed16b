"""Nobody is enrolled where an opt-out binds the address: not by a purchase, nor by asking anew, nor by a sent fact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from domain.events.customer import CustomerEnrolled, DataCollected
from domain.ledger import ask
from domain.store import Sender
from domain.vocabulary import NAME, Reading
from tests.controls import collection, contest_entry, fact, message, opt_out, order
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


def breaks_p18(*facts: Fact) -> None:
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
    breaks_p18(*HAD_BEFORE, LEFT, enrolled(cause))


@pytest.mark.parametrize("cause", CAUSES)
@pytest.mark.parametrize("act", ["order", "contest_entry", "registration"])
def test_an_enrollment_sent_for_who_gave_it_since(act: str, cause: str) -> None:
    """What they ask for lifts no opt-out of an address that was another's then."""
    requests = ["updates"] if act == "registration" else []
    breaks_p18(LEFT, collection(act, 4, requests=requests), enrolled(cause))


@pytest.mark.parametrize("values", [None, {NAME: "Ada Example"}])
def test_who_left_themself_and_asked_anew(values: dict[str, str] | None) -> None:
    """That lifts their own opt-out, and not the address's: they are not enrolled, and an enrollment sent breaks P18."""
    asked = contest_entry(6, reference="again", **({"values": values} if values else {}))
    before = (LEFT, order(4), own(5))
    Shop().given(*before).when(asked).then(DataCollected)
    breaks_p18(*before, asked, enrolled("contest_entry", "again"))
    assert {"P17", "P18"} <= audit(*before, asked, message(8)).broken()


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
    shop.when(message(7)).breaks()
    assert not Shop().given(LEFT, order(4, subject=TWO)).is_enrolled(subject=TWO)

"""A corrected entry counts for nothing in what is both later than the correction and told later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from domain.errors import MalformedFact
from domain.events.customer import CustomerEnrolled, EnrollmentEnded, EntryCorrected as Corrected
from domain.vocabulary import ADDRESS, EMAIL
from tests.controls import (
    OTHER,
    access_request,
    age_learned,
    cancellation,
    contest_entry,
    enrollment,
    fact,
    link,
    message,
    offer,
    opt_out,
    order,
    report_issued,
    share,
    use,
    verification,
)
from tests.laws.audit import audit
from tests.scenario import Shop

if TYPE_CHECKING:
    from domain.facts import Fact

MAILBOX = "email:ada@example.com"


def wrong(entry: str, on: float, subject: str = "customer:1", **said: str) -> Fact:
    """Return the correction of a fact as a wrong entry."""
    data = {"entry": {"source": "/shop", "id": entry}, "reason": "another's", **said}
    return fact("entry_correction", on, data, subject=subject, fact_id=f"wrong {entry}")


def test_it_licenses_no_use() -> None:
    """What was done before stays as it was judged; what is done after it rests on nothing recorded."""
    facts = [
        order(1),
        use(2, "deliver_order", [ADDRESS], reference="O-1"),
        wrong("order-1", 3),
        use(4, "deliver_order", [ADDRESS], reference="O-1"),
    ]
    said = audit(*facts)
    assert said.status("P04") == "indeterminate"
    assert [one["event"] for one in said.verdict("P04")["indeterminate"]] == ["/shop use-4"]
    assert [one["event"] for one in said.document["ungrounded"]] == ["/shop use-4"]
    asked = Shop().given(*facts[:3])
    assert asked.when(share(5, "post", [ADDRESS], mode="enforce")).refused
    assert not Shop().given(facts[0]).when(use(5, "deliver_order", [ADDRESS], reference="O-1", mode="enforce")).refused


def test_an_act_that_was_told_before_the_correction_keeps_its_ground() -> None:
    """An undoing changes verdicts only on acts both later in time and told later."""
    said = audit(order(1), use(4, "deliver_order", [ADDRESS], reference="O-1"), wrong("order-1", 3))
    assert said.status("P04") == "kept"


def test_what_it_alone_caused_ends() -> None:
    """The enrollment ends with the correction, and mail after it is mail to somebody who is not enrolled."""
    shop = Shop().given(contest_entry(1, fact_id="a"))
    shop.when(wrong("a", 3)).then(Corrected, EnrollmentEnded)
    assert shop.is_enrolled(on=2)
    assert not shop.is_enrolled(on=4)
    assert shop.state(on=2) == "enrolled"
    assert shop.state(on=4) == "ended"
    shop.when(message(2.5, fact_id="late")).assert_breaks()
    shop.when(message(4)).assert_breaks("P11")


def test_another_entry_lets_it_go_on() -> None:
    """Whatever else was asked keeps the person in, whichever of the facts is told last."""
    shop = Shop().given(contest_entry(1, fact_id="a"), contest_entry(2, reference="b", fact_id="b"))
    shop.when(wrong("a", 3)).then(Corrected, CustomerEnrolled)
    assert shop.is_enrolled(on=4)
    late = Shop().given(contest_entry(1, fact_id="a"), wrong("a", 3))
    late.when(contest_entry(2, reference="b", fact_id="b"))
    assert late.is_enrolled(on=4)
    assert late.state(on=4) == "enrolled"
    late.when(message(5)).assert_breaks()


def test_a_lift_ends() -> None:
    """What a wrong entry lifted is out again from the correction on, of a person and of an address."""
    shop = Shop().given(contest_entry(1), opt_out(2), contest_entry(3, reference="anew", fact_id="anew"))
    assert shop.is_enrolled(on=5)
    shop.given(wrong("anew", 4))
    assert {one.promise for one in shop.when(message(5)).findings} >= {"P17", "P18"}
    assert shop.is_enrolled(on=3.5)
    two = Shop().given(
        contest_entry(1), opt_out(2, subject=MAILBOX), contest_entry(3, reference="anew", fact_id="anew")
    )
    two.when(message(3.5, fact_id="before")).assert_breaks()
    two.given(wrong("anew", 4), order(4.5, "O-9", subject="customer:2", values={EMAIL: "ada@example.com"}))
    assert not two.is_enrolled(on=10, subject="customer:2")
    assert {one.promise for one in two.when(message(5)).findings} >= {"P17", "P18"}


def test_a_cancellation_that_was_wrong_ends_nothing_more() -> None:
    """The purchase is one again."""
    shop = Shop().given(order(1), cancellation(2))
    assert not shop.is_enrolled(on=3)
    shop.given(wrong("cancel-2", 4))
    assert not shop.is_enrolled(on=3)
    assert shop.is_enrolled(on=5)


def test_a_sent_enrollment_and_an_offer() -> None:
    """Neither counts for what is later than the correction."""
    shop = Shop().given(enrollment(1, "email_marketing", "import"))
    assert shop.state(on=3) == "enrolled"
    shop.given(wrong("enrollment-1", 4))
    assert shop.state(on=3) == "enrolled"
    assert shop.state(on=5) == "ended"
    offered = Shop().given(order(1), offer(2, "print_posters"), wrong("offer-2", 10))
    posters = {code for one in offered.when(use(60, "print_posters", [ADDRESS])).findings for code in (one.code,)}
    assert "no_offer" in posters


def test_a_correction_that_waits_for_its_entry() -> None:
    """Told before its entry, it counts once that is told, from its own time on."""
    shop = Shop().given(wrong("a", 3)).given(contest_entry(1, fact_id="a"))
    assert shop.is_enrolled(on=2)
    assert not shop.is_enrolled(on=4)
    assert shop.state(on=4) == "ended"


def test_a_verification_and_an_answer() -> None:
    """A report that was none answers nothing; what nobody verified lets nobody correct."""
    asked = (access_request(1), verification(2))
    said = audit(*asked, report_issued(3), wrong("report-3", 4), as_of=20)
    assert said.status("P25") == "open"
    assert audit(*asked, report_issued(3), as_of=20).status("P25") == "kept"
    unverified = audit(*asked, wrong("verify-2", 2.5), report_issued(3), as_of=20)
    assert unverified.breaches("P27") == ["/shop report-3"]
    assert audit(access_request(1), wrong("ask-1", 2), as_of=20).status("P25") == "untested"


def test_it_turns_nothing_kept() -> None:
    """A breach of before the correction stays, marked annulled, with the reason."""
    said = audit(message(1), wrong("message-1", 2), as_of=20)
    assert said.breaches("P11") == ["/shop message-1"]
    (found,) = said.verdict("P11")["violations"]
    assert found["entry_corrected"] == {"by": "/shop wrong message-1", "reason": "another's"}


def test_what_a_correction_cites_is_listed_with_its_reason() -> None:
    """An audit of a trace lists the evidence of a correction, also of one that was told before its entry."""
    told = wrong("message-1", 2, evidence="ticket T-7")
    for facts in ((message(1), told), (told, message(1))):
        (found,) = audit(*facts, as_of=20).verdict("P11")["violations"]
        assert found["entry_corrected"]["evidence"] == "ticket T-7"


def test_an_opt_out_that_reached_somebody_goes_on() -> None:
    """Nobody but an officer undoes what protects: a wrong collection ends no opt-out that had reached its person."""
    shop = Shop().given(contest_entry(1, fact_id="a"), opt_out(2, subject=MAILBOX), wrong("a", 3))
    shop.given(contest_entry(4, reference="b", values={ADDRESS: "1 Lantern Row"}))
    assert "P17" in {one.promise for one in shop.when(message(5)).findings}


def test_a_link_is_undone_by_an_unlink_alone() -> None:
    """The answer says so, and nothing is stored."""
    shop = Shop().given(order(1), order(1, subject=OTHER, fact_id="other"), link(2, OTHER, fact_id="join"))
    with pytest.raises(MalformedFact, match="unlink"):
        shop.when(wrong("join", 3))
    assert len(shop.customer().streams) == 2


def test_what_was_deleted_is_held_no_more() -> None:
    """What was used before stays kept; a use that is later than the deletion and told later rests on nothing."""
    gone = fact("data_deleted", 3, {"categories": [ADDRESS], "reason": "no longer needed"})
    uses = [use(on, "deliver_order", [ADDRESS], reference="O-1") for on in (2, 4)]
    said = audit(order(1), uses[0], gone, uses[1])
    assert [one["event"] for one in said.verdict("P04")["indeterminate"]] == ["/shop use-4"]
    assert said.verdict("P04")["exercised"] > 1
    assert audit(order(1), *uses, gone).status("P04") == "kept"
    assert Shop().given(order(1), gone).when(use(4, "deliver_order", [ADDRESS], mode="enforce")).refused


def test_what_a_known_child_gave_is_held_by_nobody() -> None:
    """Its values were withheld, so nothing that was collected permits a use of them."""
    shop = Shop().given(age_learned(1), order(2))
    assert shop.when(use(3, "deliver_order", [ADDRESS], reference="O-1", mode="enforce")).refused
    said = audit(age_learned(1), order(2), use(3, "deliver_order", [ADDRESS], reference="O-1"))
    assert [one["event"] for one in said.document["ungrounded"]] == ["/shop use-3"]


def test_what_it_lifted_under_a_number_reaches_others_again() -> None:
    """Nobody knows whether a guest with the address is the one who is out again."""
    given = {EMAIL: "ada@example.com"}
    mails = [message(on, subject="guest:g", fact_id=f"guest {on}") for on in (3.5, 5)]
    told = [
        order(0.5, "O-7", subject="guest:g", fact_id="guest", values=given),
        contest_entry(1),
        fact("opt_out", 2, {"program": "email_marketing", "via": "portal"}),
        contest_entry(3, reference="anew", fact_id="anew"),
        mails[0],
        wrong("anew", 4),
        mails[1],
    ]
    undecided = audit(*told).verdict("P17").get("indeterminate", [])
    assert [one["event"] for one in undecided] == ["/shop guest 5"]

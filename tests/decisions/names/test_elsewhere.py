"""Addresses of a person on other records: what an erasure or a report left out keeps its request open until settled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from domain.elsewhere import reach_of
from domain.rules.requests_answered import RequestsAnswered
from domain.vocabulary import EMAIL
from tests.controls import access_request, contest_entry, fact, link, opt_out, order, report_issued
from tests.laws.audit import audit
from tests.scenario import Shop, with_parameters, with_rule

if TYPE_CHECKING:
    from domain.facts import Fact

ONE, GUEST, MAILBOX = "customer:1", "guest:F-1", "email:ada@example.com"
HERS = {EMAIL: "other@example.com"}
TEN_DAYS = 10 * 24 * 3600
ASKED = fact("erasure_request", 2, {"request": "R-1"}, fact_id="forget")
ERASED = fact("erasure", 5, {"reason": "asked", "request": "R-1"}, fact_id="erase")
MINE = contest_entry(1, fact_id="mine")
THEIRS = contest_entry(1.5, subject=GUEST, fact_id="theirs")


def apart(on: float, one: str, other: str) -> Fact:
    """Return the decision that two people are not one."""
    return fact("link_rejected", on, {"with": other, "reason": "another person"}, subject=one, fact_id=f"apart-{on:g}")


def verdict(*facts: Fact, asks: Any = "erasure", as_of: float = 100) -> tuple[str, list[str]]:  # noqa: ANN401
    """Return the status of the promise to answer within ten days, and the codes of what is said of it."""
    parameters = {"erasure_answer_seconds": TEN_DAYS, "access_answer_seconds": TEN_DAYS}
    deadline: Any = f"{asks}_answer_seconds"
    rule = RequestsAnswered(asks=asks, deadline=deadline)
    said = audit(*facts, policy=with_rule(rule, with_parameters(**parameters)), as_of=as_of).verdict("X1")
    stated = [one for kind in ("violations", "open") for one in said.get(kind, ())]
    return str(said["status"]), [code for one in stated for code in one["codes"]]


def test_an_erasure_names_the_other_records() -> None:
    """They are those on which an address of the person stands, with nothing of the address itself."""
    other = order(2, subject="customer:2", values=HERS)
    shop = Shop().given(MINE, THEIRS, opt_out(2, subject=MAILBOX, fact_id="out"), other)
    others = {str(shop.customer(name).person) for name in (GUEST, MAILBOX)}
    made = shop.when(ERASED).events
    reach = reach_of(made)
    assert {str(stream) for stream in reach.elsewhere} == others
    assert (len(reach.erased), reach.took_later) == (1, False)
    assert not any("ada@example.com" in event.data_json() for event in made)


def test_a_record_that_the_erasure_itself_links_is_not_another() -> None:
    """It goes with the person's own, and nothing is left out."""
    linked = fact("erasure", 5, {"reason": "asked", "also": [{"name": GUEST, "verified": "login"}]}, fact_id="erase")
    reach = reach_of(Shop().given(MINE, THEIRS).when(linked).events)
    assert (len(reach.erased), reach.elsewhere) == (2, ())


def test_nothing_is_left_out_of_who_is_alone() -> None:
    """Nobody else has an address of theirs, or the one who has it is one person with them."""
    assert reach_of(Shop().given(MINE).when(ERASED).events).elsewhere == ()
    joined = Shop().given(MINE, THEIRS, link(3, GUEST))
    reach = reach_of(joined.when(ERASED).events)
    assert (len(reach.erased), reach.elsewhere) == (2, ())


def test_an_address_that_a_message_only_went_to_is_no_record() -> None:
    """A service that sends to a stranger's address has put nothing of the stranger's on the record."""
    sent = {
        "channel": "email",
        "purpose": "answer_message",
        "unsubscribe_link": False,
        "message_id": "m",
        "to": MAILBOX,
    }
    mailed = fact("message", 2, sent, subject=GUEST)
    assert reach_of(Shop().given(MINE, mailed).when(ERASED).events).elsewhere == ()


def test_what_was_told_with_a_later_time_goes_too() -> None:
    """An erasure acts on all that was told before it, and says so."""
    later = contest_entry(9, reference="late", fact_id="later")
    assert reach_of(Shop().given(MINE, later).when(ERASED).events).took_later
    assert not reach_of(Shop().given(MINE).when(ERASED).events).took_later


def test_the_request_stays_open() -> None:
    """Up to its deadline it is open, although the person was erased; after it, it was not honoured."""
    told = (MINE, THEIRS, ASKED, ERASED)
    assert verdict(*told, as_of=11) == ("open", ["left_out"])
    assert verdict(*told) == ("broken", ["left_out"])
    assert verdict(MINE, ASKED, ERASED) == ("kept", [])


@pytest.mark.parametrize("settled", [apart(3, ONE, GUEST), apart(3, GUEST, ONE)])
def test_an_officer_says_before_the_erasure_that_it_is_anothers(settled: Fact) -> None:
    """From either side."""
    assert verdict(MINE, THEIRS, ASKED, settled, ERASED) == ("kept", [])


@pytest.mark.parametrize("on", [3, 6])
def test_an_officer_says_after_the_erasure_that_it_is_anothers(on: float) -> None:
    """Of the living record, under a name that the erased had, whatever the time; of the erased nothing can be said."""
    assert verdict(MINE, THEIRS, ASKED, ERASED, apart(on, GUEST, ONE)) == ("kept", [])
    assert verdict(MINE, THEIRS, ASKED, ERASED, apart(3, ONE, GUEST)) == ("broken", ["left_out"])


def test_two_people_who_were_parted_are_told_apart() -> None:
    """That a link was undone says of both that the other is somebody else: neither is asked about again."""
    parted = fact("unlink", 4, {"with": GUEST, "reason": "another person"}, fact_id="part")
    assert verdict(MINE, THEIRS, link(3, GUEST), parted, ASKED, ERASED) == ("kept", [])
    shop = Shop().given(MINE, THEIRS, link(3, GUEST), parted)
    assert reach_of(shop.when(ERASED).events).elsewhere == ()


def test_a_decision_about_other_people_settles_nothing() -> None:
    """Nor does one about somebody who came back under the name."""
    other = order(1, subject="customer:2", values=HERS, fact_id="other")
    back = order(6, fact_id="back", values={EMAIL: "back@example.com"})
    assert verdict(MINE, THEIRS, other, ASKED, ERASED, apart(7, GUEST, "customer:2"))[0] == "broken"
    assert verdict(MINE, THEIRS, ASKED, ERASED, back, apart(7, GUEST, ONE))[0] == "broken"


@pytest.mark.parametrize(("on", "expected"), [(8, ("kept", [])), (20, ("broken", ["answered_late"]))])
def test_the_other_record_is_erased_too(on: float, expected: tuple[str, list[str]]) -> None:
    """Then the answer is whole, from that time on."""
    gone = fact("erasure", on, {"reason": "hers as well"}, subject=GUEST, fact_id="erase too")
    assert verdict(MINE, THEIRS, ASKED, ERASED, gone) == expected


def test_each_of_several_is_to_be_settled() -> None:
    """One that is left keeps the request open."""
    third = contest_entry(1.6, subject="guest:F-2", fact_id="third")
    told = (MINE, THEIRS, third, ASKED, ERASED, apart(6, GUEST, ONE))
    assert verdict(*told)[0] == "broken"
    assert verdict(*told, apart(6.5, "guest:F-2", ONE)) == ("kept", [])


def test_a_report_does_the_same() -> None:
    """It answers once the other record is another's, or was linked and is in a new report."""
    told = (MINE, THEIRS, access_request(2), report_issued(3))
    assert verdict(*told, asks="access", as_of=11) == ("open", ["left_out"])
    assert verdict(*told, asks="access") == ("broken", ["left_out"])
    for settled in ((apart(4, ONE, GUEST),), (apart(4, GUEST, ONE),), (link(4, GUEST), report_issued(5))):
        assert verdict(*told, *settled, asks="access") == ("kept", [])
    assert verdict(*told, link(4, GUEST), asks="access")[0] == "broken"


def test_a_report_that_is_not_whole_when_the_person_is_erased() -> None:
    """The request is open then, and broken by an erasure that nobody asked for, whatever is settled afterwards."""
    told = (MINE, THEIRS, access_request(2), report_issued(3))
    gone = fact("erasure", 5, {"reason": "left"}, fact_id="erase")
    theirs_gone = fact("erasure", 4, {"reason": "left"}, subject=GUEST, fact_id="erase theirs")
    for settled in (apart(4, ONE, GUEST), apart(4, GUEST, ONE), theirs_gone):
        assert verdict(*told, settled, gone, asks="access") == ("kept", [])
        assert Shop().given(*told, settled).when(gone).codes("P25") == set()
    broken = ("broken", ["erased_unanswered"])
    assert verdict(*told, gone, asks="access") == broken
    assert verdict(*told, gone, apart(6, GUEST, ONE), asks="access") == broken
    assert verdict(*told, gone, theirs_gone, asks="access") == broken
    assert verdict(*told, link(4, GUEST), gone, asks="access") == broken
    for between in ((), (link(4, GUEST),)):
        assert Shop().given(*told, *between).when(gone).codes("P25") == {"erased_unanswered"}


def test_a_decision_is_about_each_record_of_a_person() -> None:
    """Whichever record of theirs it is told under, all of them are another's."""
    third = contest_entry(1, subject="customer:3", fact_id="third", values=HERS)
    joined = (third, link(2, GUEST, subject="customer:3"))
    told = (MINE, THEIRS, *joined, ASKED, ERASED)
    assert verdict(*told)[0] == "broken"
    assert verdict(*told, apart(6, "customer:3", ONE)) == ("kept", [])
    assert verdict(*told, apart(6, GUEST, ONE), as_of=5.5) == ("open", ["left_out"])

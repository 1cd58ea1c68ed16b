"""Rule kind requests_answered: what settles a request, in what order, by when, and which requests are bound."""

from __future__ import annotations

from domain.policy.status import Status
from domain.rules.common.base import Settled
from domain.rules.requests_answered import RequestsAnswered
from tests.controls import (
    CUSTOMER,
    OTHER,
    access_request,
    correction,
    correction_request,
    day,
    declined,
    fact,
    named,
    report_issued,
    verification,
)
from tests.scenario import judging

ACCESS = RequestsAnswered(asks="access", deadline="access_answer_seconds")
CORRECTION = RequestsAnswered(
    asks="correction", deadline="correction_answer_seconds", verified_only=True, showing_error=True
)
ASKED, ASKED_CORRECTION = named("ask", 1), named("ask-correction", 1)
SECOND = 1 / 24 / 3600
TEN_DAYS = 10 * 24 * 3600


def kept(asked: str, on: float, by: str) -> Settled:
    """Return a request that was answered on a day."""
    return Settled(Status.KEPT, asked, day(on), events=(by,))


def test_kept() -> None:
    """A report answers an access request, and so does a denial with its reason."""
    shop = judging(ACCESS).given(access_request(1), report_issued(2))
    assert shop.settled(100) == [kept(ASKED, 2, named("report", 2))]
    shop = judging(ACCESS).given(access_request(1), declined(2, kind="request_denied"))
    assert shop.settled(100) == [kept(ASKED, 2, named("decline", 2))]


def test_a_correction_is_answered_by_itself_or_a_decline_or_a_denial() -> None:
    """Each of these ends a verified request that shows an error."""
    for answer, name in (
        (correction(3), "correct"),
        (declined(3), "decline"),
        (declined(3, kind="request_denied"), "decline"),
    ):
        shop = judging(CORRECTION).given(correction_request(1), verification(2), answer)
        assert shop.settled(100) == [kept(ASKED_CORRECTION, 3, named(name, 3))]


def test_open_without_a_deadline() -> None:
    """Where no time is set a request stays open, as of whenever one looks."""
    shop = judging(ACCESS).given(access_request(1))
    for on in (1, 1000):
        assert shop.settled(on) == [Settled(Status.OPEN, ASKED, day(on))]


def test_a_deadline_that_runs_and_has_passed() -> None:
    """Up to its last instant a deadline is open; after it the request is broken from the deadline on."""
    shop = judging(ACCESS, access_answer_seconds=TEN_DAYS).given(access_request(1))
    assert shop.settled(11) == [Settled(Status.OPEN, ASKED, day(11))]
    assert shop.settled(11 + SECOND) == [Settled(Status.BROKEN, ASKED, day(11), "not_answered")]


def test_answered_in_time_and_late() -> None:
    """At the last instant is in time; a second later it is late, and the answer has remedied it."""
    shop = judging(ACCESS, access_answer_seconds=TEN_DAYS).given(access_request(1), report_issued(11))
    assert shop.settled(100) == [kept(ASKED, 11, named("report", 11))]
    late = report_issued(11 + SECOND, fact_id="late")
    shop = judging(ACCESS, access_answer_seconds=TEN_DAYS).given(access_request(1), late)
    assert shop.settled(100) == [Settled(Status.BROKEN, ASKED, day(11), "answered_late", remedied="/shop late")]


def test_each_deadline_is_its_own() -> None:
    """The time for one kind of request does not bind the other."""
    shop = judging(ACCESS, correction_answer_seconds=TEN_DAYS).given(access_request(1))
    assert shop.settled(100)[0].status is Status.OPEN


def test_answers_before_the_request_or_without_one() -> None:
    """What came before a request does not answer it, and an answer that nobody asked for settles nothing."""
    shop = judging(ACCESS).given(report_issued(1))
    assert shop.settled(100) == []
    shop.given(access_request(2))
    assert shop.settled(100) == [Settled(Status.OPEN, named("ask", 2), day(100))]


def test_answers_to_other_requests() -> None:
    """An answer counts for the request that it names."""
    shop = judging(ACCESS).given(access_request(1), access_request(2, "R-2"), report_issued(3, "R-2"))
    assert {one.event: one.status for one in shop.settled(100)} == {
        ASKED: Status.OPEN,
        named("ask", 2): Status.KEPT,
    }


def test_at_one_instant_position_decides() -> None:
    """An answer at the instant of the request is one if it stands after it."""
    shop = judging(ACCESS).given(access_request(1), report_issued(1))
    assert shop.settled(2)[0].status is Status.KEPT
    shop = judging(ACCESS).given(report_issued(1), access_request(1))
    assert shop.settled(2)[0].status is Status.OPEN


def test_one_name_for_two_kinds() -> None:
    """A name that an access and a correction request share is two requests; a report answers only the first."""
    for rule, wanted in ((ACCESS, Status.KEPT), (CORRECTION, Status.OPEN)):
        shop = judging(rule).given(access_request(1), correction_request(1), verification(2), report_issued(3))
        assert [one.status for one in shop.settled(100)] == [wanted]
    for rule, wanted in ((ACCESS, Status.OPEN), (CORRECTION, Status.KEPT)):
        shop = judging(rule).given(access_request(1), correction_request(1), verification(2), correction(3))
        assert [one.status for one in shop.settled(100)] == [wanted]
    for rule in (ACCESS, CORRECTION):
        denied = declined(3, kind="request_denied")
        shop = judging(rule).given(access_request(1), correction_request(1), verification(2), denied)
        assert [one.status for one in shop.settled(100)] == [Status.KEPT]


def test_to_ask_again() -> None:
    """Before an answer it is the same request, with its first deadline; after one it is another."""
    shop = judging(ACCESS, access_answer_seconds=TEN_DAYS).given(access_request(1), access_request(5))
    assert shop.settled(6) == [Settled(Status.OPEN, ASKED, day(11))]
    shop.given(report_issued(7))
    assert shop.settled(8) == [kept(ASKED, 7, named("report", 7))]
    shop.given(access_request(9))
    assert shop.settled(10) == [kept(ASKED, 7, named("report", 7)), Settled(Status.OPEN, named("ask", 9), day(19))]
    shop.given(report_issued(12))
    assert [one.status for one in shop.settled(100)] == [Status.KEPT, Status.KEPT]


def test_an_erasure_closes_every_request() -> None:
    """Who was forgotten has no record left to see; in time it is kept, and late it is late."""
    shop = judging(ACCESS).given(access_request(1)).erase(2)
    assert shop.settled(100) == [kept(ASKED, 2, "/shop erase")]
    shop = judging(ACCESS, access_answer_seconds=TEN_DAYS).given(access_request(1)).erase(20)
    assert shop.settled(100) == [Settled(Status.BROKEN, ASKED, day(11), "answered_late", remedied="/shop erase")]
    shop = judging(ACCESS).given(access_request(1), report_issued(2)).erase(3)
    assert shop.settled(100) == [kept(ASKED, 2, named("report", 2))]


def test_an_erasure_is_the_last_of_a_stream() -> None:
    """Recorded with a time before the request's, it came after it all the same, and nobody can answer any more."""
    shop = judging(ACCESS).given(access_request(5)).erase(2)
    assert shop.settled(100) == [kept(named("ask", 5), 5, "/shop erase")]


def test_only_verified_requests_that_show_an_error() -> None:
    """Without the error, and until the identity was verified for this very request, nothing is bound."""
    shop = judging(CORRECTION).given(correction_request(1), verification(2, "R-2"), verification(3, passed=False))
    assert shop.settled(100) == []
    shop.given(verification(4))
    assert shop.settled(100) == [Settled(Status.OPEN, ASKED_CORRECTION, day(100))]
    shop = judging(CORRECTION).given(correction_request(1, shows_error=False), verification(2))
    assert shop.settled(100) == []
    shop.given(correction_request(3))
    assert shop.settled(4) == [Settled(Status.OPEN, named("ask-correction", 3), day(4))]


def test_any_request_may_be_bound() -> None:
    """Both are parameters: another company binds itself to every request."""
    rule = RequestsAnswered(asks="correction", deadline="correction_answer_seconds")
    assert judging(rule).given(correction_request(1, shows_error=False)).settled(2)[0].status is Status.OPEN


def test_the_time_of_a_verified_request_runs_from_the_verification() -> None:
    """Where only verified requests are bound, nobody is late before the identity is known; others run at once."""
    shop = judging(CORRECTION, correction_answer_seconds=TEN_DAYS).given(correction_request(1), verification(5))
    assert shop.settled(15) == [Settled(Status.OPEN, ASKED_CORRECTION, day(15))]
    assert shop.settled(15 + SECOND)[0].code == "not_answered"
    shop = judging(CORRECTION, correction_answer_seconds=TEN_DAYS).given(verification(0), correction_request(1))
    assert shop.settled(11) == [Settled(Status.OPEN, ASKED_CORRECTION, day(11))]
    shop = judging(ACCESS, access_answer_seconds=TEN_DAYS).given(access_request(1), verification(5))
    assert shop.settled(11)[0].at == day(11)


def test_late_facts_are_in_order_of_time() -> None:
    """A request that is recorded after its answer, but came before it, was answered."""
    shop = judging(ACCESS).given(report_issued(3), access_request(1))
    assert shop.settled(100) == [kept(ASKED, 3, named("report", 3))]


def test_linked_people_have_one_record() -> None:
    """What was asked under one name of a person can be answered under another."""
    shop = judging(ACCESS).given(access_request(1), report_issued(2, subject=OTHER)).link(CUSTOMER, OTHER, 3)
    assert shop.settled(100) == [kept(ASKED, 2, named("report", 2))]


def test_requests_of_other_kinds_are_not_concerned() -> None:
    """An erasure request is no promise's of this kind, and asking alone puts nothing to the test."""
    shop = judging(ACCESS).given(fact("erasure_request", 1, {"request": "R-1"}))
    assert shop.settled(100) == []
    assert not shop.tests(shop.when(access_request(2)).breaks())
    assert not ACCESS.at_append

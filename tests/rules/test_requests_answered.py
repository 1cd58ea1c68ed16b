"""Rule kind requests_answered: what settles a request, in what order, by when, and which requests are bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.events.customer import CustomerErased
from domain.policy.status import Status
from domain.rules.requests_answered import RequestsAnswered
from domain.vocabulary import ADDRESS, EMAIL, NAME
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
    order,
    report_issued,
    verification,
)
from tests.scenario import Settled, judging

if TYPE_CHECKING:
    from domain.facts import Fact

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


def test_a_correction_of_another_category_is_no_answer() -> None:
    """One of the category, or of one above or below it, is."""
    for category, status in (
        (NAME, Status.OPEN),
        (EMAIL, Status.OPEN),
        (ADDRESS, Status.KEPT),
        ("user.contact", Status.KEPT),
        (f"{ADDRESS}.city", Status.KEPT),
    ):
        shop = judging(CORRECTION).given(correction_request(1), verification(2), correction(3, category=category))
        assert [one.status for one in shop.settled(100)] == [status], category


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


def test_at_one_instant_the_answer_comes_after_the_request() -> None:
    """An answer at the instant of the request answers it, whichever is told first; a correction does so too."""
    shop = judging(ACCESS).given(access_request(1), report_issued(1))
    assert shop.settled(2)[0].status is Status.KEPT
    shop = judging(ACCESS).given(report_issued(1), access_request(1))
    assert shop.settled(2)[0].status is Status.KEPT
    shop = judging(CORRECTION).given(correction(1), verification(1), correction_request(1))
    assert shop.settled(2)[0].status is Status.KEPT


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


FORGET = fact("erasure_request", 0.5, {"request": "R-9"}, word="forget")
VERIFIED = (correction_request(1), verification(1.5))


def unanswered(asked: str, on: float) -> Settled:
    """Return a request that an erasure left unanswered, of somebody who had not asked to be erased."""
    return Settled(Status.BROKEN, asked, day(on), "erased_unanswered", events=("/shop erase",))


def erasing(request: str) -> Fact:
    """Return an erasure that names the request that it answers."""
    return fact("erasure", 2, {"reason": "asked", "request": request}, fact_id="erase")


def test_an_erasure_ends_the_requests_of_who_asked_for_it() -> None:
    """Who was forgotten on their own wish has no record left to see; in time it is kept, and late it is late."""
    shop = judging(ACCESS).given(FORGET, access_request(1)).erase(2)
    assert shop.settled(100) == [kept(ASKED, 2, "/shop erase")]
    shop = judging(ACCESS, access_answer_seconds=TEN_DAYS).given(FORGET, access_request(1)).erase(20)
    assert shop.settled(100) == [Settled(Status.BROKEN, ASKED, day(11), "answered_late", remedied="/shop erase")]
    shop = judging(CORRECTION).given(FORGET, *VERIFIED).erase(2)
    assert shop.settled(100) == [kept(ASKED_CORRECTION, 2, "/shop erase")]


def test_an_erasure_breaks_the_access_request_of_who_did_not_ask_for_it() -> None:
    """Nobody can show them their record any more; a report that they had before stays an answer."""
    shop = judging(ACCESS).given(access_request(1)).erase(2)
    assert shop.settled(100) == [unanswered(ASKED, 2)]
    shop = judging(ACCESS).given(access_request(1), report_issued(2)).erase(3)
    assert shop.settled(100) == [kept(ASKED, 2, named("report", 2))]
    shop = judging(ACCESS).given(access_request(1), report_issued(2), access_request(3)).erase(4)
    assert shop.settled(100) == [kept(ASKED, 2, named("report", 2)), unanswered(named("ask", 3), 4)]


def test_a_deadline_that_passed_before_the_erasure() -> None:
    """The promise was broken then, and an erasure that nobody asked for sets nothing right."""
    for on, wanted in (
        (11, unanswered(ASKED, 11)),
        (11 + SECOND, Settled(Status.BROKEN, ASKED, day(11), "not_answered")),
    ):
        shop = judging(ACCESS, access_answer_seconds=TEN_DAYS).given(access_request(1)).erase(on)
        assert shop.settled(100) == [wanted]


def test_an_erasure_ends_no_other_request_of_who_did_not_ask_for_it() -> None:
    """Time alone decides of a request for a correction, as if nobody were erased."""
    shop = judging(CORRECTION).given(*VERIFIED).erase(2)
    assert shop.settled(100) == [Settled(Status.OPEN, ASKED_CORRECTION, day(100))]
    shop = judging(CORRECTION, correction_answer_seconds=TEN_DAYS).given(*VERIFIED).erase(2)
    assert shop.settled(100) == [Settled(Status.BROKEN, ASKED_CORRECTION, day(11.5), "not_answered")]


def test_who_asked_to_be_erased() -> None:
    """By a request that is unanswered, or that the erasure names; not by one that was denied, or of another kind."""
    denied = declined(0.7, "R-9", kind="request_denied")
    withdrawn = fact("request_withdrawn", 0.7, {"request": "R-9"}, fact_id="withdrawn")
    for told, wanted in (
        ((FORGET, erasing("R-9")), kept(ASKED, 2, "/shop erase")),
        ((FORGET, erasing("R-8")), kept(ASKED, 2, "/shop erase")),
        ((FORGET, denied, erasing("R-9")), kept(ASKED, 2, "/shop erase")),
        ((FORGET, denied, erasing("R-8")), unanswered(ASKED, 2)),
        ((FORGET, withdrawn, erasing("R-8")), unanswered(ASKED, 2)),
        ((erasing("R-9"),), unanswered(ASKED, 2)),
        ((erasing("R-1"),), unanswered(ASKED, 2)),
    ):
        assert judging(ACCESS).given(access_request(1), *told).settled(100) == [wanted]


def test_asked_under_another_name_of_the_person() -> None:
    """A wish to be forgotten is the whole person's; one who was parted from them asked for themself alone."""
    wish = fact("erasure_request", 0.5, {"request": "R-9"}, subject=OTHER, word="forget")
    shop = judging(ACCESS).given(access_request(1), wish).link(CUSTOMER, OTHER, 1.5)
    assert shop.erase(2).settled(100) == [kept(ASKED, 2, "/shop erase")]
    parted = fact("unlink", 1.7, {"with": OTHER, "reason": "two people"}, fact_id="part")
    shop = judging(ACCESS).given(access_request(1), wish).link(CUSTOMER, OTHER, 1.5).given(parted)
    assert shop.erase(2).settled(100) == [unanswered(ASKED, 2)]


def test_an_erasure_says_itself_what_it_leaves_unanswered() -> None:
    """It is taken all the same, in either mode; its finding is about the request. A passed deadline is no news."""
    for mode in ("record", "enforce"):
        gone = fact("erasure", 2, {"reason": "left", "mode": mode}, fact_id="erase")
        shop = judging(ACCESS).given(access_request(1), access_request(1.5, "R-2"))
        found = shop.when(gone).then(CustomerErased).findings
        assert [(one.promise, one.code, one.about) for one in found] == [
            ("X1", "erased_unanswered", ASKED),
            ("X1", "erased_unanswered", named("ask", 1.5)),
        ]
    for told in ((access_request(1), FORGET), (access_request(1), report_issued(1.5)), (order(1),)):
        assert judging(ACCESS).given(*told).when(erasing("R-8")).findings == ()
    shop = judging(ACCESS, access_answer_seconds=1).given(access_request(1))
    assert shop.when(erasing("R-8")).findings == ()


def test_an_erasure_is_the_last_of_a_stream() -> None:
    """Recorded with a time before the request's, it came after it all the same, and nobody can answer any more."""
    late = fact("erasure_request", 6, {"request": "R-9"}, fact_id="late")
    shop = judging(ACCESS).given(access_request(5), late).erase(2)
    assert shop.settled(100) == [kept(named("ask", 5), 5, "/shop erase")]
    shop = judging(ACCESS).given(access_request(5)).erase(2)
    assert shop.settled(100) == [unanswered(named("ask", 5), 5)]
    shop = judging(ACCESS).given(access_request(5), report_issued(6)).erase(2)
    assert shop.settled(100) == [kept(named("ask", 5), 6, named("report", 6))]


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
    assert not shop.tests(shop.when(access_request(2)).assert_breaks())
    assert not ACCESS.at_append

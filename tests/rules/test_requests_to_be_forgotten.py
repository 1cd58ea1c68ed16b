"""Rule kind requests_answered, asked about erasures: what forgets in time, what is late, and whom it binds."""

from __future__ import annotations

import pytest

from domain.policy.judge import Judge
from domain.policy.status import Status
from domain.rules.common.base import Settled
from domain.rules.requests_answered import RequestsAnswered
from domain.vocabulary import Reading
from tests.controls import CUSTOMER, OTHER, correction, day, declined, fact, named, order, report_issued, verification
from tests.scenario import Shop, judging, with_parameters, with_rule

FORGOTTEN = RequestsAnswered(asks="erasure", deadline="erasure_answer_seconds")
VERIFIED = FORGOTTEN.model_copy(update={"verified_only": True})
ASK = fact("erasure_request", 1, {"request": "R-1"}, word="forget")
ASKED = named("forget", 1)
TEN_DAYS = 10 * 24 * 3600
SECOND = 1 / 24 / 3600


@pytest.mark.parametrize("reading", Reading)
def test_kept_to_the_last_instant(reading: Reading) -> None:
    """An erasure at the deadline is in time; a second later it is late, and sets right what stays a breach."""
    for on, wanted in (
        (11, Settled(Status.KEPT, ASKED, day(11), events=("/shop erase",))),
        (11 + SECOND, Settled(Status.BROKEN, ASKED, day(11), "answered_late", remedied="/shop erase")),
    ):
        policy = with_rule(FORGOTTEN, with_parameters(erasure_answer_seconds=TEN_DAYS))
        shop = Shop(judge=Judge(policy, reading)).given(order(0), ASK).erase(on)
        assert shop.settled(100) == [wanted]


def test_open_and_broken() -> None:
    """Up to its last instant the deadline runs; then the request was not honoured."""
    shop = judging(FORGOTTEN, erasure_answer_seconds=TEN_DAYS).given(order(0), ASK)
    assert shop.settled(11) == [Settled(Status.OPEN, ASKED, day(11))]
    assert shop.settled(11 + SECOND) == [Settled(Status.BROKEN, ASKED, day(11), "not_answered")]


def test_open_without_a_deadline() -> None:
    """A policy that gives no time leaves the request open."""
    assert judging(FORGOTTEN).given(ASK).settled(1000) == [Settled(Status.OPEN, ASKED, day(1000))]


def test_not_exercised() -> None:
    """Who asked for nothing is owed nothing, and an erasure that nobody asked for settles nothing."""
    assert judging(FORGOTTEN).given(order(0)).erase(5).settled(100) == []


def test_only_an_erasure_or_a_denial_answers() -> None:
    """A report, a correction and its decline under the same name forget nobody; a denial answers."""
    shop = judging(FORGOTTEN).given(ASK, report_issued(2), correction(3), declined(4))
    assert shop.settled(100)[0].status is Status.OPEN
    shop.given(declined(5, kind="request_denied"))
    assert shop.settled(100) == [Settled(Status.KEPT, ASKED, day(5), events=(named("decline", 5),))]


def test_the_time_runs_from_the_verification() -> None:
    """With `verified_only` nobody who did not show who they are is owed it, and the time runs from when they did."""
    shop = judging(VERIFIED, erasure_answer_seconds=TEN_DAYS).given(ASK, verification(2, "R-2"))
    assert shop.settled(100) == []
    shop.given(verification(5))
    assert shop.settled(15) == [Settled(Status.OPEN, ASKED, day(15))]
    assert shop.settled(15 + SECOND) == [Settled(Status.BROKEN, ASKED, day(15), "not_answered")]


def test_a_verification_from_before_the_request() -> None:
    """Then the time runs from the asking."""
    shop = judging(VERIFIED, erasure_answer_seconds=TEN_DAYS).given(verification(0), ASK)
    assert shop.settled(12) == [Settled(Status.BROKEN, ASKED, day(11), "not_answered")]


def test_a_request_that_is_told_late() -> None:
    """It is judged by its own time, whenever it was told."""
    shop = judging(FORGOTTEN, erasure_answer_seconds=TEN_DAYS).given(order(30), ASK)
    assert shop.settled(30) == [Settled(Status.BROKEN, ASKED, day(11), "not_answered")]


def test_the_other_kinds_of_request_are_not_bound() -> None:
    """The rule for access leaves an erasure request alone, and this one leaves the others."""
    access = RequestsAnswered(asks="access", deadline="access_answer_seconds")
    assert judging(access).given(ASK).settled(100) == []
    assert judging(FORGOTTEN).given(fact("access_request", 1, {"request": "R-1"})).settled(100) == []


def test_a_person_of_two_names() -> None:
    """Asked under one name, the whole person is forgotten."""
    shop = judging(FORGOTTEN).given(ASK, order(2, subject=OTHER)).link(CUSTOMER, OTHER, on=3).erase(4)
    assert shop.settled(100) == [Settled(Status.KEPT, ASKED, day(4), events=("/shop erase",))]

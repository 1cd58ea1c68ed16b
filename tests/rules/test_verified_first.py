"""Rule kind verified_first: kept, broken, and that the order of the log decides."""

from __future__ import annotations

from domain.events.refused import UseRefused
from domain.rules.verified_first import VerifiedFirst
from domain.vocabulary import ADDRESS
from tests.controls import CUSTOMER, OTHER, access_request, correction, declined, fact, report_issued, verification
from tests.scenario import judging

RULE = VerifiedFirst()


def test_kept() -> None:
    """A report and a correction after a verification for their own request are kept."""
    shop = judging(RULE).given(access_request(1), verification(2))
    assert shop.tests(shop.when(report_issued(3)).assert_breaks())
    shop.when(correction(3)).assert_breaks()
    shop.when(report_issued(4, fact_id="again")).assert_breaks()


def test_broken() -> None:
    """Without a verification it breaks, also if the check was failed, or none was asked for."""
    shop = judging(RULE).given(access_request(1), verification(2, passed=False))
    assert shop.when(report_issued(3)).codes("X1") == {"not_verified_first"}
    assert shop.when(correction(3)).codes("X1") == {"not_verified_first"}
    judging(RULE).when(report_issued(1)).assert_breaks("X1")


def test_verified_after_it() -> None:
    """A verification that comes after is named, and excuses nothing; of several the first."""
    shop = judging(RULE)
    outcome = shop.when(report_issued(2)).assert_breaks("X1")
    assert outcome.findings[0].events == ()
    shop.given(verification(3, fact_id="first"), verification(2.5, fact_id="second"))
    event = outcome.events[0]
    (found,) = shop.judge.judge(shop.customer(), shop.company, event)
    assert (found.code, [shop.names[one] for one in found.events]) == ("not_verified_first", ["/shop first"])


def test_the_log_decides_and_not_the_clock() -> None:
    """One told of before counts, whatever its time; one told of later with an earlier time does not."""
    judging(RULE).given(verification(5)).when(report_issued(2)).assert_breaks()
    shop = judging(RULE)
    outcome = shop.when(correction(5)).assert_breaks("X1")
    shop.given(verification(2))
    assert shop.again(outcome) == {"not_verified_first"}


def test_it_never_carries_over() -> None:
    """A verification for one request says nothing about another."""
    shop = judging(RULE).given(verification(1, "R-1"))
    shop.when(report_issued(2, "R-2")).assert_breaks("X1")
    shop.when(report_issued(3, "R-1")).assert_breaks()


def test_linked_people_verify_once() -> None:
    """What was verified under one name of a person counts under another, for the same request."""
    shop = judging(RULE).given(verification(1, "R-1"), access_request(1, subject=OTHER)).link(CUSTOMER, OTHER, 2)
    shop.when(report_issued(3, "R-1")).assert_breaks()


def test_other_answers_are_not_concerned() -> None:
    """A decline or denial tells nothing of the record."""
    shop = judging(RULE)
    shop.when(declined(1)).assert_breaks()
    shop.when(declined(2, kind="request_denied")).assert_breaks()


def test_audits_ask_in_the_order_of_the_log() -> None:
    """It is one of the rules that are put to events once all of them are known."""
    assert RULE.by_position


def test_enforced_it_is_refused() -> None:
    """Asked to be enforced, an unverified report or correction is not made, and the refusal holds no value."""
    enforced = {"request": "R-1", "mode": "enforce"}
    corrected = {**enforced, "category": ADDRESS, "value": "2 Lantern Row"}
    shop = judging(RULE)
    for kind, data, refused in (
        ("correction", corrected, "correction"),
        ("access_report_issued", enforced, "access_report"),
    ):
        refusal = shop.when(fact(kind, 1, data)).then(UseRefused).the(UseRefused)
        assert refusal.refused == refused
        assert "Lantern" not in refusal.model_dump_json()
    assert not shop.customer().rights.corrections

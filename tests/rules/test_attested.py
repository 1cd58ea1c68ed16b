"""Rule kind attested: attested, lapsed, never attested, broken, and the edges of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.rules.attested import Attested
from tests.controls import day, fact, named
from tests.laws.audit import audit
from tests.scenario import with_rule

if TYPE_CHECKING:
    from domain.facts import Fact

SECURED = with_rule(Attested(kinds=("physical", "electronic", "managerial"), no_unauthorised_reads=True))
REVIEWED = with_rule(Attested(kinds=("site_review",)))
SECOND = 1 / 86_400


def vouch(on: float, kind: str, until: float) -> Fact:
    """Return an attestation of a security measure."""
    return fact("security_attested", on, {"kind": kind, "until": day(until).isoformat()}, subject=None, word=kind)


def review(on: float, until: float) -> Fact:
    """Return a review of the site."""
    return fact("site_reviewed", on, {"finding": "nothing for children", "until": day(until).isoformat()}, subject=None)


def incident(on: float, reads: int) -> Fact:
    """Return an incident in which so many records were read unlawfully."""
    return fact("incident", on, {"incident": "I-1", "unauthorised_reads": reads}, subject=None)


ALL = (vouch(1, "physical", 100), vouch(1, "electronic", 100), vouch(1, "managerial", 100))


def test_attested() -> None:
    """With each kind vouched for, it is attested, by these facts."""
    verdict = audit(*ALL, policy=SECURED, as_of=50).verdict("X1")
    assert verdict["status"] == "attested"
    assert {said["event"] for said in verdict["attested"]} == {
        named("physical", 1),
        named("electronic", 1),
        named("managerial", 1),
    }
    assert {said["at"] for said in verdict["attested"]} == {"2016-07-10T00:00:00Z"}


def test_indeterminate_when_nobody_ever_vouched() -> None:
    """It always answers: without an attestation, even in an empty history, nothing can be said."""
    for policy in (SECURED, REVIEWED):
        verdict = audit(policy=policy).verdict("X1")
        assert (verdict["status"], verdict["exercised"]) == ("indeterminate", 0)
        assert [said["codes"] for said in verdict["indeterminate"]] == [["not_attested"]]


def test_indeterminate_when_one_kind_lacks() -> None:
    """One kind that nobody vouches for leaves the whole open to doubt; what is attested is shown all the same."""
    verdict = audit(*ALL[:2], review(1, 100), policy=SECURED, as_of=50).verdict("X1")
    assert verdict["status"] == "indeterminate"
    assert len(verdict["attested"]) == 2


def test_the_last_instant_of_an_attestation() -> None:
    """It holds up to its end, which it no longer covers."""
    assert audit(review(1, 100), policy=REVIEWED, as_of=100 - SECOND).status("X1") == "attested"
    verdict = audit(review(1, 100), policy=REVIEWED, as_of=100).verdict("X1")
    assert verdict["status"] == "indeterminate"
    (said,) = verdict["indeterminate"]
    assert (said["event"], said["codes"], said["at"]) == (
        named("site_reviewed", 1),
        ["attestation_lapsed"],
        "2016-07-10T00:00:00Z",
    )


def test_the_latest_counts() -> None:
    """A shorter attestation that came later replaces a longer one; a renewal after a lapse holds again."""
    (said,) = audit(review(1, 100), review(2, 60), policy=REVIEWED, as_of=50).verdict("X1")["attested"]
    assert said["event"] == named("site_reviewed", 2)
    assert audit(review(1, 100), review(2, 5), policy=REVIEWED, as_of=50).status("X1") == "indeterminate"
    assert audit(review(1, 5), review(20, 60), policy=REVIEWED, as_of=50).status("X1") == "attested"
    assert audit(review(1, 5), review(50, 60), policy=REVIEWED, as_of=50).status("X1") == "attested"


def test_only_what_had_happened() -> None:
    """An attestation made after the time that is asked about does not count; one told late does."""
    assert audit(review(51, 60), policy=REVIEWED, as_of=50).status("X1") == "indeterminate"
    late = audit(incident(40, 0), review(1, 60), policy=REVIEWED)
    assert late.status("X1") == "attested"


def test_broken_by_unauthorised_reads() -> None:
    """Each incident with unlawful reads breaks it, with or without an attestation; one without is a test passed."""
    verdict = audit(*ALL, incident(2, 0), incident(3, 1), incident(4, 70), policy=SECURED).verdict("X1")
    assert verdict["status"] == "broken"
    assert [(said["event"], said["codes"]) for said in verdict["violations"]] == [
        (named("incident", 3), ["unauthorised_reads"]),
        (named("incident", 4), ["unauthorised_reads"]),
    ]
    assert audit(*ALL, incident(2, 0), policy=SECURED).verdict("X1")["exercised"] == 3 + 1


def test_incidents_are_a_parameter() -> None:
    """Without that parameter incidents are not concerned."""
    verdict = audit(review(1, 100), incident(2, 5), policy=REVIEWED).verdict("X1")
    assert (verdict["status"], verdict["exercised"]) == ("attested", 1)

"""The particulars of findings, kind by kind: what the person who answers for one asks next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from domain.rules.common.kinds import KINDS
from domain.rules.confirmed_first import ConfirmedFirst
from domain.rules.shared_after import SharedAfter
from domain.times import rfc3339
from domain.vocabulary import ADDRESS, EMAIL, NAME, Program, Role
from tests.controls import (
    CUSTOMER,
    RECIPIENTS,
    VISITOR,
    access_request,
    age_learned,
    cancellation,
    collection,
    contest_entry,
    correction,
    day,
    enrollment,
    fact,
    gift,
    message,
    named,
    objection,
    offer,
    opt_out,
    order,
    point,
    posted,
    published,
    report_issued,
    share,
    use,
    verification,
)
from tests.laws.audit import audit
from tests.scenario import first_policy, with_parameters, with_rule

if TYPE_CHECKING:
    from domain.facts import Fact
    from domain.policy.model import Policy


def at(number: float) -> str:
    """Return a day as particulars say it."""
    return rfc3339(day(number))


def cookie(on: float, **data: Any) -> Fact:  # noqa: ANN401
    """Return a cookie."""
    return fact("cookie_set", on, {"cookie": "c", "purpose": "track_visits", **data}, subject=VISITOR)


def forwarded(on: float, **data: Any) -> Fact:  # noqa: ANN401
    """Return analytics data that was sent on."""
    whole = {"recipient": "analytics", "categories": ["user.behavior"], "server_side": False, **data}
    return fact("analytics_forwarded", on, whole, subject=VISITOR)


def release(on: float, *cells: tuple[dict[str, str], int]) -> Fact:
    """Return a release of counts to everybody."""
    shown = [{"where": where, "count": count} for where, count in cells]
    return fact("aggregate_released", on, {"release": f"r-{on:g}", "dimensions": ["country"], "cells": shown})


CITED: Final = [{"act": "order", "reference": "O-1"}]
COUNTED: Final = ("P13", "cells_large_enough")
DAY: Final = 86_400
TABLE: Final[list[tuple[str, str, str, tuple[Fact, ...], dict[str, Any]]]] = [
    (
        "aggregates_only",
        "P12",
        "violations",
        (*RECIPIENTS, order(1), share(2, "advertiser", [EMAIL], relying_on=CITED)),
        {"recipient": "advertiser", "roles": ["advertiser"], "categories": [EMAIL]},
    ),
    (
        "analytics_bounded",
        "P32",
        "violations",
        (forwarded(1, categories=["user.name", "user.behavior"]),),
        {"recipient": "analytics", "categories": ["user.name"]},
    ),
    (
        "attested",
        "P21",
        "violations",
        (fact("incident", 1, {"incident": "I-1", "unauthorised_reads": 12, "categories": [EMAIL]}),),
        {"unauthorised_reads": 12, "categories": [EMAIL]},
    ),
    (
        "cells_large_enough",
        "P13",
        "violations",
        (release(1, ({"country": "CH"}, 4), ({"country": "FR"}, 40)),),
        {"smallest_count": 10, "cells": [{"where": {"country": "CH"}, "count": 4}]},
    ),
    (
        "cells_large_enough",
        "P13",
        "violations",
        (release(1, ({"country": "CH"}, 40)), release(2, ({"country": "CH"}, 43))),
        {
            "smallest_count": 10,
            "groups": [
                {
                    "persons": 3,
                    "counts": [
                        {"where": {"country": "CH"}, "count": 43, "release": named("aggregate_released", 2)},
                        {"where": {"country": "CH"}, "count": 40, "release": named("aggregate_released", 1)},
                    ],
                }
            ],
        },
    ),
    ("cookie_contents", "P28", "violations", (cookie(1, categories=[EMAIL]),), {"categories": [EMAIL]}),
    ("cookie_purposes", "P30", "violations", (cookie(1, purpose="keep_books"),), {"purpose": "keep_books"}),
    (
        "current_value",
        "P22",
        "violations",
        (
            order(1),
            verification(2),
            correction(3),
            use(4, "deliver_order", [ADDRESS], value_from={"act": "order", "reference": "O-1"}, reference="O-1"),
        ),
        {"categories": [ADDRESS], "corrected_at": at(3), "value_of": named("order", 1), "collected_at": at(1)},
    ),
    (
        "enrollment_bounds",
        "P16",
        "violations",
        (order(1), cancellation(2), enrollment(3, "email_marketing", "purchase", "O-1")),
        {"program": "email_marketing", "cause": "purchase", "act": "order", "cancelled_at": at(2)},
    ),
    (
        "enrollment_bounds",
        "P15",
        "violations",
        (enrollment(3, "email_marketing", "contest_entry"),),
        {"cause": "contest_entry", "needs": ["contest_entry", "promotional_request"]},
    ),
    (
        "never_from_children",
        "P23",
        "violations",
        (age_learned(1), order(2)),
        {"act": "order", "known_since": at(1)},
    ),
    (
        "never_to_group",
        "P33",
        "violations",
        (
            fact(
                "recipient_registered",
                0,
                {"recipient": "ads", "roles": ["advertiser"], "group": "google", "categories": []},
            ),
            collection("account", 1),
            share(2, "ads", [EMAIL]),
        ),
        {"recipient": "ads", "group": "google", "categories": [EMAIL], "account_since": at(1)},
    ),
    (
        "no_linkage",
        "P29",
        "violations",
        (fact("identifier_linked", 1, {"to": "x"}, subject=VISITOR),),
        {"linked_at": at(1)},
    ),
    (
        "notice_at_points",
        "P03",
        "violations",
        (published(0, effective=0), point(1), posted(1.5, "web"), order(2, notice="old")),
        {"collection_point": "web", "version": "2016-03-14", "since": at(1), "notice": "old"},
    ),
    (
        "notice_at_points",
        "P03",
        "violations",
        (published(0, effective=0), order(2, collection_point="booth"), point(3, "booth")),
        {"collection_point": "booth", "act": "order", "registered_at": at(3)},
    ),
    (
        "notice_posted",
        "P02",
        "violations",
        (published(0, effective=0), posted(2)),
        {
            "location": "homepage",
            "version": "2016-03-14",
            "since": at(0),
            "due": rfc3339(day(1 / 24)),
            "without_seconds": 2 * DAY - 3600,
        },
    ),
    (
        "offer_first",
        "P14",
        "violations",
        (order(1), offer(2), use(3, "posters", relying_on=CITED)),
        {"purpose": "posters", "offers": 1, "offered_at": at(2), "stood_seconds": DAY, "missing_seconds": 29 * DAY},
    ),
    (
        "offer_first",
        "P14",
        "violations",
        (order(1), offer(2), objection(3), use(9, "posters", relying_on=CITED)),
        {"purpose": "posters", "objected_at": at(3)},
    ),
    (
        "opt_out_honoured",
        "P17",
        "violations",
        (contest_entry(1), opt_out(2), message(3)),
        {"program": "email_marketing", "opted_out_at": at(2), "via": "unsubscribe_link"},
    ),
    (
        "opt_out_permanent",
        "P18",
        "violations",
        (contest_entry(1), opt_out(2), message(3)),
        {"program": "email_marketing", "opted_out_at": at(2), "via": "unsubscribe_link"},
    ),
    (
        "opt_out_permanent",
        "P18",
        "violations",
        (contest_entry(1), message(3), opt_out(2)),
        {"opted_out_at": at(2), "told_later": True},
    ),
    (
        "policy_in_force",
        "P01",
        "indeterminate",
        (published(0, "2020-01-01", "ab" * 32), order(1)),
        {"version": "2020-01-01", "expected": "2016-03-14"},
    ),
    (
        "purposes_limited",
        "P04",
        "violations",
        (order(1), use(2, "deliver_order", [ADDRESS], reference="O-2", relying_on=CITED)),
        {"expected_reference": "O-1", "reference": "O-2", "expected_of": named("order", 1), "categories": [ADDRESS]},
    ),
    (
        "recipients_limited",
        "P05",
        "violations",
        (*RECIPIENTS, order(1), share(2, "carrier", [NAME, EMAIL])),
        {"recipient": "carrier", "categories": [EMAIL], "act": "order", "collected_at": at(1)},
    ),
    (
        "refusal_honoured",
        "P31",
        "violations",
        (fact("cookies_refused", 1, {}, subject=VISITOR), cookie(2)),
        {"refused_at": at(1), "purpose": "track_visits"},
    ),
    (
        "requests_answered",
        "P25",
        "open",
        (access_request(1),),
        {"asked": "access", "asked_at": at(1)},
    ),
    (
        "routes_limited",
        "P11",
        "violations",
        (contest_entry(1), opt_out(2), enrollment(3, "email_marketing", "import"), message(4)),
        {"because": "opt_out", "opted_out_at": at(2)},
    ),
    (
        "routes_limited",
        "P11",
        "violations",
        (order(1), cancellation(2), message(3)),
        {"because": "enrollment_ended", "ended_at": at(2)},
    ),
    ("routes_limited", "P11", "violations", (gift(1), message(2)), {"because": "never_enrolled"}),
    (
        "set_apart",
        "P09",
        "violations",
        (
            *RECIPIENTS,
            collection("inbound_message", 1, reference="T-1"),
            share(2, "advertiser", [EMAIL], reference="T-1"),
        ),
        {"recipient": "advertiser", "purpose": "deliver_order", "act": "inbound_message"},
    ),
    (
        "verified_first",
        "P27",
        "violations",
        (access_request(1), report_issued(2), verification(3)),
        {"requested_at": at(1), "verified_at": at(3), "verifications": 1},
    ),
]


@pytest.mark.parametrize(
    ("promise", "key", "facts", "known"), [one[1:] for one in TABLE], ids=[one[0] for one in TABLE]
)
def test_each_kind(promise: str, key: str, facts: tuple[Fact, ...], known: dict[str, Any]) -> None:
    """A finding of each rule kind says since when, which category, which reference, how much was missing."""
    said = [one["particulars"] for one in audit(*facts, as_of=20).verdict(promise)[key]]
    assert any(known.items() <= one.items() for one in said), said


@pytest.mark.parametrize(
    ("policy", "facts", "known"),
    [
        (
            with_rule(ConfirmedFirst(program=Program.EMAIL_MARKETING, points=("mail",))),
            (contest_entry(1), message(2)),
            {"program": "email_marketing", "points": ["mail"], "asked_at": at(1)},
        ),
        (
            with_rule(SharedAfter(roles=(Role.ADVERTISER,), period_seconds=DAY, programs=(Program.EMAIL_MARKETING,))),
            (*RECIPIENTS, order(1), opt_out(2), share(3, "advertiser", [EMAIL])),
            {"opted_out_at": at(2), "purpose": "deliver_order", "offers": 0, "needed_seconds": DAY},
        ),
    ],
    ids=["confirmed_first", "shared_after"],
)
def test_kinds_of_other_policies(policy: Policy, facts: tuple[Fact, ...], known: dict[str, Any]) -> None:
    """So does a finding of the kinds that the web shop's policy does not use."""
    said = audit(*facts, policy=policy).verdict("X1")["violations"][-1]["particulars"]
    assert known.items() <= said.items(), said


def test_the_table_has_every_kind() -> None:
    """No rule kind is left out of these tables."""
    assert {one[0] for one in TABLE} | {"confirmed_first", "shared_after"} == set(KINDS)


def test_a_late_answer() -> None:
    """An answer that came after its deadline says how much later."""
    policy = with_parameters(access_answer_seconds=DAY)
    (said,) = audit(access_request(1), verification(1.5), report_issued(4), policy=policy).verdict("P25")["violations"]
    assert said["particulars"]["due"] == at(2)
    assert said["particulars"]["late_seconds"] == 2 * DAY
    assert "2 days over the time" in said["why"]


def test_the_sentence_says_the_particulars() -> None:
    """P11 beside P18 says that it is because of the opt-out, since when, and shows the opt-out."""
    told = audit(contest_entry(1), opt_out(2), enrollment(3, "email_marketing", "import"), message(4))
    for promise, says in (("P11", "because of the opt-out"), ("P17", at(2)), ("P18", "by unsubscribe_link")):
        said = told.verdict(promise)["violations"][-1]
        assert says in said["why"]
        assert at(2) in said["why"]
        assert said["evidence"] == [named("opt_out", 2)]


def test_evidence_is_what_shows_it() -> None:
    """An enrollment in spite of an opt-out, and mail because of it, are shown by the opt-out, not what was before."""
    facts = (order(1), opt_out(2), enrollment(3, "email_marketing", "purchase", "O-1"), message(4))
    told = audit(*facts)
    for promise in ("P11", "P16", "P17", "P18"):
        assert {tuple(one["evidence"]) for one in told.verdict(promise)["violations"]} == {(named("opt_out", 2),)}


def test_an_opt_out_of_another_stream_is_named_by_its_time() -> None:
    """An opt-out told under the address binds it; the finding about the person has its time and no name of it."""
    facts = (
        order(1),
        opt_out(2, subject="email:ada@example.com"),
        message(3, to="ada@example.com"),
    )
    (said,) = audit(*facts).verdict("P18")["violations"]
    assert said["particulars"]["opted_out_at"] == at(2)
    assert "evidence" not in said
    assert CUSTOMER in str(said["subject"])
    assert "ada@" not in str(said)


def test_every_status_has_them() -> None:
    """What is open, attested or undecided says since when and until when, as what is broken does."""
    facts = (
        fact("security_attested", 1, {"kind": "physical", "until": at(30)}),
        fact("security_attested", 1, {"kind": "electronic", "until": at(5)}, fact_id="e"),
        use(2, "deliver_order", [ADDRESS]),
    )
    verdicts = audit(*facts, as_of=10).document["readings"]["harmonised"]
    attested, lapsed = verdicts["P21"]["attested"][0], verdicts["P21"]["indeterminate"]
    assert attested["particulars"] == {"attestation": "physical", "attested_at": at(1), "covered_until": at(30)}
    assert {"attestation": "electronic", "attested_at": at(1), "covered_until": at(5)} in [
        one["particulars"] for one in lapsed
    ]
    assert verdicts["P04"]["indeterminate"][0]["particulars"] == {"purpose": "deliver_order", "categories": [ADDRESS]}
    assert first_policy().parameters.smallest_cell_count == 10

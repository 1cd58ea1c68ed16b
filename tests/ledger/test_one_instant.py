"""What happened at one instant: a ledger and a trace say the same of it, in whichever order it was told."""

from __future__ import annotations

import random
from itertools import permutations
from typing import TYPE_CHECKING, Any, Final

import pytest

from adapters.audits import ledgers
from adapters.queries.audits import audit_scope
from domain.audit.question import Question
from domain.policy.model import Modality
from domain.vocabulary import ADDRESS, EMAIL
from projections import engine, subscription_history
from tests.controls import (
    RECIPIENTS,
    access_request,
    cancellation,
    contest_entry,
    correction,
    correction_request,
    day,
    enrollment,
    fact,
    message,
    objection,
    offer,
    opt_out,
    order,
    report_issued,
    use,
    verification,
)
from tests.laws.audit import audit
from tests.reading import stream_of
from tests.scenario import first_policy

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from adapters.bootstrap import Installation
    from domain.facts import Fact

    Ledgers = Callable[[], AbstractContextManager[Installation]]

AS_OF: Final = 400
NOT_ASKED: Final = {"P01", "P02", "P34", "P21", "P24", "P27", "P32"}
"""What the creation of a ledger says something about, what nobody vouched for, and what goes by telling."""
STORIES: Final[dict[str, tuple[tuple[Fact, ...], dict[str, str]]]] = {
    "an opt-out and mail": ((order(1), opt_out(2), message(2)), {"P17": "broken", "P18": "broken", "P11": "broken"}),
    "an order and mail": ((order(2), message(2)), {"P11": "kept"}),
    "an opt-out and a contest entry": ((order(1), opt_out(2), contest_entry(2), message(3)), {"P18": "broken"}),
    "a cancellation and mail": ((order(1), cancellation(2), message(2)), {"P11": "broken"}),
    "an enrollment and an opt-out": (
        (opt_out(2), enrollment(2, "email_marketing", "import"), message(3)),
        {"P18": "broken"},
    ),
    "an order and its use": ((order(2), use(2, "deliver_order", [ADDRESS])), {"P04": "kept"}),
    "an objection and a use": (
        (order(1), offer(1, "posters"), objection(50, "posters"), use(50, "posters", [EMAIL])),
        {"P14": "broken"},
    ),
    "a request and its answer": ((access_request(2), verification(2), report_issued(2)), {"P25": "kept"}),
    "a correction of what was asked": (
        (order(1), correction_request(2), verification(2), correction(2)),
        {"P26": "kept"},
    ),
    "cookies": (
        (
            fact("cookies_refused", 2, {}, subject="visitor:b"),
            fact(
                "cookie_set",
                2,
                {"cookie": "c", "purpose": "track_visits", "categories": ["user.behavior"]},
                subject="visitor:b",
            ),
        ),
        {"P31": "broken"},
    ),
    "a recipient and a share": (
        (
            order(1, "O-1"),
            fact("recipient_registered", 2, {"recipient": "late", "roles": ["carrier"], "categories": [ADDRESS]}),
            fact(
                "share",
                2,
                {"recipient": "late", "purpose": "deliver_order", "categories": [ADDRESS], "reference": "O-1"},
            ),
        ),
        {"P05": "kept"},
    ),
}


def said(document: dict[str, Any]) -> dict[str, dict[str, tuple[str, list[str]]]]:
    """Return the status of each promise that is no permission, and when it was broken, under each reading."""
    permissions = {one.id for one in first_policy().promises if one.modality is Modality.PERMISSION}
    return {
        reading: {
            promise: (verdict["status"], sorted(one["at"] for one in verdict["violations"]))
            for promise, verdict in found.items()
            if promise not in permissions | NOT_ASKED
        }
        for reading, found in document["readings"].items()
    }


@pytest.mark.parametrize("story", STORIES)
def test_whichever_is_told_first(story: str) -> None:
    """Every order of lines gives one verdict, that of the contract's order."""
    facts, expected = STORIES[story]
    found = [audit(*RECIPIENTS, *told, as_of=AS_OF) for told in permutations(facts)]
    for one in found:
        assert {promise: one.status(promise) for promise in expected} == expected
        assert said(one.document) == said(found[0].document)


@pytest.mark.parametrize("story", STORIES)
def test_a_ledger_says_what_a_trace_says(ledgers_made: Ledgers, story: str) -> None:
    """Also where it was told backwards, and one by one; and what it shows is what it is owed."""
    facts, expected = STORIES[story]
    shown = []
    for told in (facts, facts[::-1], random.Random(3).sample(facts, len(facts))):  # noqa: S311 - any order will do
        right = audit(*RECIPIENTS, *told, as_of=AS_OF)
        with ledgers_made() as installation:
            for one in (*RECIPIENTS, *told):
                installation.ledger.append(one)
            with installation.connect() as connection:
                document = ledgers.audit(audit_scope(installation, connection, Question(day(AS_OF))), workers=1)
                engine.catch_up(connection)
                streams = [stream_of(installation, facts[0].id)]
                current = subscription_history.current(connection, streams)
            shown.append({program: change.state for program, change in current.items()})
            found = document["readings"]["harmonised"]
            assert {promise: found[promise]["status"] for promise in expected} == expected, [one.name for one in told]
            assert said(document) == said(right.document), [one.name for one in told]
    assert shown == shown[:1] * len(shown)

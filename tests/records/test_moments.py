"""What comes first at one instant: the order that the wire contract gives, for every type of fact."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import pytest

from domain.events import TOPICS, Refusal
from domain.facts import SHAPES
from domain.moments import Moment, Turn, end_of, start_of
from tests.controls import day

IN_ORDER: Final = (
    {
        *("policy_published", "notice_posted", "notice_removed", "collection_point_registered"),
        *("collection_point_closed", "recipient_registered", "recipient_ended", "purpose_registered"),
        *("aggregate_released", "security_attested", "site_reviewed", "incident"),
    },
    {"link", "link_rejected"},
    {"collection", "correction", "enrollment", "opt_out_offer"},
    {
        *("opt_out", "objection", "cookies_refused", "signal", "age_learned", "order_cancelled"),
        "order_completed",
    },
    {"use", "share", "message", "record_read", "cookie_set", "analytics_forwarded", "identifier_linked"},
    {"access_request", "correction_request", "erasure_request"},
    {"identity_verification", "contact_confirmed"},
    {"access_report_issued", "correction_declined", "request_denied", "request_withdrawn", "recipient_notified"},
    {"entry_correction", "unlink", "name_ended"},
    {"erasure", "data_deleted", "data_anonymised"},
)


def test_every_type_of_fact_has_its_turn() -> None:
    """The list is whole, and each type stands where the contract says."""
    turns = {word: turn for turn, words in zip(Turn, IN_ORDER, strict=False) for word in words}
    found = {kind.split(".")[1]: shape.facts[kind.split(".")[1]].turn for kind, (_, shape) in SHAPES.items()}
    assert found == turns


@pytest.mark.parametrize(("one", "other"), list(pairwise(Turn)))
def test_turns_are_in_order(one: Turn, other: Turn) -> None:
    """At one instant the turn decides, whatever was told first; between two instants it decides nothing."""
    at = day(1)
    assert Moment(at, one, 9) < Moment(at, other, 1)
    assert Moment(at, other, 1) < Moment(day(2), one, 9)
    assert Moment(at, one, 1) < Moment(at, one, 2)
    assert start_of(at) < Moment(at, one, 1) < end_of(at)


def test_what_the_ledger_makes_stands_with_what_it_is() -> None:
    """A recalled opt-out protects as one that is told does; what ends it, and what is refused, have a turn as well."""
    turns = {topic.partition(".")[0]: cls.turn for topic, cls in TOPICS.items()}
    assert turns["SuppressionRecalled"] is turns["CustomerOptedOut"] is turns["EnrollmentEnded"] is Turn.PROTECTION
    assert turns["SuppressionEnded"] is turns["EntryCorrected"] is Turn.UNDOING
    assert {cls.turn for cls in TOPICS.values() if issubclass(cls, Refusal)} == {Turn.ACT}

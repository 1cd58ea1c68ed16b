"""Facts that state one event and have no consequence."""

from __future__ import annotations

import pytest

from domain.events import COMPANY, CUSTOMER, VISITOR, Event, customer as events
from domain.facts import SHAPES, CompanyFact, CustomerFact, VisitorFact
from tests.controls import example
from tests.examples import EXAMPLES
from tests.scenario import Shop

PLAIN: dict[str, type[Event]] = {
    "opt_out": events.CustomerOptedOut,
    "opt_out_offer": events.OptOutOffered,
    "objection": events.ObjectionRaised,
    "age_learned": events.AgeLearned,
    "access_request": events.AccessRequested,
    "correction_request": events.CorrectionRequested,
    "erasure_request": events.ErasureRequested,
    "request_withdrawn": events.RequestWithdrawn,
    "identity_verification": events.IdentityVerified,
    "access_report_issued": events.AccessReportIssued,
    "correction": events.DataCorrected,
    "correction_declined": events.CorrectionDeclined,
    "request_denied": events.RequestDenied,
    "recipient_notified": events.RecipientNotified,
    "record_read": events.RecordRead,
    "entry_correction": events.EntryCorrected,
    "order_completed": events.OrderCompleted,
}


ALSO = ["email:second@example.com"]
"""A contact point, which is matched and links nobody."""
NEED_VERIFICATION = {"access_report_issued", "correction"}


@pytest.mark.parametrize("word", PLAIN)
def test_one_fact_one_event(word: str) -> None:
    """Each of these facts makes exactly its own event, and those that need a verification first show that it lacks."""
    Shop().when(example(word, also=ALSO)).then(PLAIN[word]).assert_breaks(
        *(["P27"] if word in NEED_VERIFICATION else [])
    )


def test_failed_verification_is_another_event() -> None:
    """An identity that could not be verified is recorded as such."""
    Shop().when(example("identity_verification", passed=False, also=ALSO)).then(events.IdentityNotVerified)


@pytest.mark.parametrize("word", sorted(EXAMPLES))
def test_a_fact_goes_to_its_own_kind_of_stream(word: str) -> None:
    """A fact about one kind of stream makes events of that kind only."""
    fact = example(word)
    kind = {CustomerFact: CUSTOMER, CompanyFact: COMPANY, VisitorFact: VISITOR}[SHAPES[fact.type][0]]
    assert {event.stream_kind for event in Shop().when(fact).events} == {kind}

"""No event of a customer can stop a report."""

from __future__ import annotations

import pytest

from domain.events import CUSTOMER, TOPICS, Refusal, customer as events
from projections.access_report.fold import _REQUESTS_ONLY
from projections.access_report.words import NOTES

LISTED = (
    events.DataCollected,
    events.DataUsed,
    events.MessageSent,
    events.CustomerEnrolled,
    events.CustomerOptedOut,
    events.EnrollmentEnded,
    events.DataCorrected,
    Refusal,
    *_REQUESTS_ONLY,
)


@pytest.mark.parametrize("topic", sorted(topic for topic, cls in TOPICS.items() if cls.stream_kind == CUSTOMER))
def test_it_is_listed_or_noted(topic: str) -> None:
    """Each event has a list of its own in the access report, or stands under what else is on record."""
    assert issubclass(TOPICS[topic], LISTED) or TOPICS[topic] in NOTES

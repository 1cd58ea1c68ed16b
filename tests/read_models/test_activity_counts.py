"""Activity counts: exact as of any position and any time, cheap, and about nobody."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from projections import activity_counts, engine
from tests.controls import START
from tests.read_models import slow_fold

if TYPE_CHECKING:
    from projections.as_of import PositionOrTime
    from tests.read_models.conftest import History

ADA = "customer:1"
MAIL = "email_marketing"
BUCKET = 4096


def _counted(history: History, as_of: PositionOrTime = None) -> dict[tuple[str, str], int]:
    found = activity_counts.by_activity(history.connection, as_of=as_of)
    return {(one.event, one.detail): one.events for one in found}


def test_activities_promises_and_days(history: History) -> None:
    """An order and a share that breaks a promise: what was done, what it broke, and when."""
    history.tell(
        history.collection("order", ADA, 1, "O-1"),
        history.fact("share", ADA, 3, recipient="ads", purpose="deliver_ads", categories=["user.name"]),
    )
    engine.catch_up(history.connection)
    assert _counted(history) == {
        ("PolicyPublished", ""): 1,
        ("DataCollected", "order"): 1,
        ("CustomerEnrolled", "purchase"): 1,
        ("DataShared", "deliver_ads"): 1,
    }
    broken = {one.promise: one for one in activity_counts.by_promise(history.connection)}
    third = date(2016, 4, 3)
    shared = (activity_counts.ActivityCount("DataShared", "deliver_ads", 1, third, third),)
    assert broken["P05"] == activity_counts.PromiseCount("P05", 1, 0, third, third, shared)
    assert [(one.day, one.events, one.broken) for one in activity_counts.by_day(history.connection)] == [
        (date(2016, 3, 14), 1, 0),
        (date(2016, 4, 1), 2, 1),  # P03: nobody registered the collection point.
        (third, 1, len(broken) - 1),
    ]


def test_a_promise_counts_once_for_an_event(history: History) -> None:
    """A message without a link to somebody who left breaks P17 twice over, and is one event that breaks it."""
    history.tell(
        history.fact("opt_out", ADA, 1, program=MAIL, via="portal"),
        history.fact(
            "message", ADA, 2, channel="email", purpose="direct_marketing", unsubscribe_link=False, message_id="m-1"
        ),
    )
    engine.catch_up(history.connection)
    (found,) = [event.findings for event in history.events() if event.findings]
    assert [one.promise for one in found].count("P17") == 2
    broken = {one.promise: one.broken for one in activity_counts.by_promise(history.connection)}
    assert broken["P17"] == 1


def test_what_erased_people_did_stays_counted(history: History) -> None:
    """The counts hold nothing about a person, so an erasure takes nothing from them and adds itself."""
    history.tell(history.collection("order", ADA, 1, "O-1"), history.fact("access_request", ADA, 2, request="q-1"))
    engine.catch_up(history.connection)
    before = _counted(history)
    history.tell(history.fact("erasure", ADA, 3, reason="asked"))
    assert _counted(history) == before
    engine.catch_up(history.connection)
    assert _counted(history) == before | {("CustomerErased", ""): 1}
    history.start_over()
    engine.catch_up(history.connection)
    assert _counted(history) == before | {("CustomerErased", ""): 1}


@pytest.fixture
def busy(history: History) -> History:
    """Tell of more than two buckets of events on four days, not in the order of the days; catch up."""
    for number in range(0, 6400, 400):
        history.tell(
            *(
                history.fact(
                    "record_read", f"customer:{one % 50}", 1 + one % 7 / 2, reader="clerk", purpose=f"p{one % 3}"
                )
                for one in range(number, number + 400)
            )
        )
    for number in range(0, 2400, 400):
        facts = (history.fact("objection", ADA, 2.25, purpose="deliver_ads") for _ in range(number, number + 400))
        history.tell(*facts)
    engine.catch_up(history.connection, window=1000)
    return history


def test_counts_are_exact_around_buckets_and_days(busy: History) -> None:
    """As of positions at and beside the bounds of buckets, and times at and beside midnights, nothing is off by one."""
    log = busy.events()
    assert len(log) > 2 * BUCKET
    positions = [0, 1, BUCKET - 1, BUCKET, BUCKET + 1, 2 * BUCKET, 2 * BUCKET + 1, len(log) - 1, len(log)]
    instant = timedelta(microseconds=1)
    days = [START + timedelta(days=day) for day in (-30, 0, 0.5, 1, 1.25, 3)]
    moments: list[PositionOrTime] = [
        *positions,
        *days,
        *(day - instant for day in days),
        datetime.max.replace(tzinfo=UTC),
        None,
    ]
    for moment in moments:
        seen = slow_fold.let_in(log, moment)
        expected = Counter((type(event).__name__, slow_fold.detail(event)) for event in seen)
        assert _counted(busy, moment) == expected, moment
        by_day = Counter(slow_fold.day(event) for event in seen)
        found = activity_counts.by_day(busy.connection, as_of=moment)
        assert {one.day: one.events for one in found} == by_day, moment


def test_counts_know_what_was_read_and_no_more(busy: History) -> None:
    """Behind the log, the answer is that of the place where this read model has read to, as of a time too."""
    busy.tell(*(busy.fact("objection", ADA, 2.25, purpose="deliver_ads") for _ in range(5)))
    log = busy.events()
    read = engine.positions(busy.connection)["activity_counts"]
    assert read == len(log) - 5
    third = START + timedelta(days=2)
    for moment in (None, third):
        expected = Counter(
            (type(event).__name__, slow_fold.detail(event)) for event in slow_fold.let_in(log[:read], moment)
        )
        assert _counted(busy, moment) == expected

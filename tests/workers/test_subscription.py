"""Our subscription, beside what the library's own cases ask of it: what it looks through, and how it ends."""

from __future__ import annotations

import time
from threading import Timer
from typing import TYPE_CHECKING

import pytest

from adapters.postgres.connection import NoLedger
from adapters.postgres.event_store import LedgerFactory, environment
from adapters.postgres.log_feed import LogFeed
from domain.events.company import PolicyPublished
from domain.events.customer import CustomerErased
from tests.serving import eventually
from tests.workers.conftest import append, end_sessions

if TYPE_CHECKING:
    from adapters.bootstrap import Installation


def _subscribe(installation: Installation, gt: int | None = None, *topics: str) -> LogFeed:
    recorder = LedgerFactory(environment(installation.database)).application_recorder()
    subscription = recorder.subscribe(gt=gt, topics=topics)
    assert isinstance(subscription, LogFeed)
    return subscription


def test_the_same_feed_after_every_session_was_ended(installation: Installation) -> None:
    """More events than one look takes come once and in order, though sessions are ended while they are asked for."""
    last = append(installation, 600)
    with _subscribe(installation, 1) as subscription:
        given = []
        guard = Timer(30, subscription.stop)  # What is missed must not be waited for in vain.
        guard.start()
        for notification in subscription:
            given.append(notification.id)
            if notification.id % 300 == 0:
                end_sessions(installation)
                if notification.id == 600:
                    last = append(installation)
            if notification.id == last:
                break
        guard.cancel()
    assert given == list(range(2, last + 1))


def test_a_rare_topic_is_not_looked_for_twice(installation: Installation) -> None:
    """With a topic that few events have, what was looked through once is not looked through again."""
    last = append(installation, 10)
    with _subscribe(installation, None, PolicyPublished.topic, CustomerErased.topic) as subscription:
        assert next(subscription).id == 1
        eventually(lambda: subscription._seen == last)
        last = append(installation, 10)
        eventually(lambda: subscription._seen == last)


def test_an_error_that_would_come_again_ends_it(installation: Installation) -> None:
    """Where the ledger is dropped, the iteration raises what says so, instead of waiting for ever."""
    with _subscribe(installation, 1) as subscription:
        with installation.database.connect_as_owner() as owner:
            owner.execute("DROP SCHEMA pledger CASCADE")
        with pytest.raises(NoLedger):
            next(subscription)


@pytest.mark.parametrize("events", [0, 6_000])
def test_it_stops_from_outside(installation: Installation, events: int) -> None:
    """It stops within two seconds while it waits for news, and while nobody takes what it has looked up."""
    if events:
        append(installation, events // 2)
    with _subscribe(installation, 1) as subscription:
        if events:
            eventually(subscription._notifications_queue.full)
        Timer(0.2, subscription.stop).start()
        began = time.monotonic()
        if events:
            eventually(lambda: not subscription._pull_thread.is_alive())
        assert list(subscription) == []
    assert time.monotonic() - began < 2
    assert not subscription._pull_thread.is_alive()

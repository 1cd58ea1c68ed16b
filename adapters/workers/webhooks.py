"""The sender of webhooks: reads the log for each webhook, and sends until it has answered.

Each event is sent at least once, under the same id each time, and the events of one person in order: a later one waits
for an earlier one, and no person waits for another. How far the log was read is stored in one transaction with what was
found in it. A delivery is removed only after its answer, so a program that dies in between sends it again. One sender
works for a ledger at a time; others stand by.

A failed attempt is repeated after 5 seconds, then after twice as long each time, up to an hour. A webhook that has
failed for three days without a success is disabled, as is one that answers 410. A delivery that alone has failed for so
long is stuck. A webhook that no attempt reaches gets one attempt at a time, with pauses of up to a minute; when one
succeeds, all others are due.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from contextlib import closing, suppress
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import psycopg

from adapters.ledger import utc_now
from adapters.postgres.connection import translated
from adapters.postgres.wake_ups import POLL_SECONDS, listen, wait_for_news
from adapters.transient import Backoff, backoff_seconds, interruption, is_transient
from adapters.webhooks import deliveries
from adapters.webhooks.posting import Poster, PostResult, WebhookRequest
from adapters.workers.verdict_changes import VerdictChanges
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from datetime import datetime
    from threading import Event

    from adapters.bootstrap import Installation
    from adapters.webhooks.deliveries import AttemptResult, Delivery

    Connection = psycopg.Connection[tuple[Any, ...]]

AT_ONCE: Final = 8
"""The most attempts at one webhook at a time; one, if none reaches it."""
PROBE_SECONDS_MAX: Final = 60.0
STOP_SECONDS: Final = 5.0
"""How long a stop waits for the answers to what was sent."""
_GLANCE_SECONDS: Final = 0.1
_log = logging.getLogger("pledger.webhooks")


class _Attempt(NamedTuple):
    webhook: str
    delivery: Delivery
    future: Future[PostResult]


def deliver(
    installation: Installation,
    stop: Event,
    report: Callable[[AttemptResult], None] | None = None,
    *,
    clock: Callable[[], datetime] = utc_now,
) -> None:
    """Send the webhooks of a ledger until `stop` is set; transient errors of the database are waited for.

    `report` is called from this thread for each attempt. Raise every `PledgerError` that is not transient.
    """
    backoff = Backoff(stop.wait)
    while not stop.is_set():
        try:
            with installation.connect() as connection:
                if deliveries.try_lock(connection):
                    _Sender(installation, connection, report, clock).run(stop, backoff)
                else:
                    stop.wait(POLL_SECONDS)
        except (psycopg.Error, PledgerError) as error:
            if not is_transient(error):
                with translated():
                    raise
            _log.warning("webhooks interrupted: %s", interruption(error).code)
            backoff.pause()


class _Sender:
    """The work on one connection, which holds the sender's lock."""

    def __init__(
        self,
        installation: Installation,
        connection: Connection,
        report: Callable[[AttemptResult], None] | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._installation = installation
        self._connection = connection
        self._report = report
        self._clock = clock
        self._under_way: dict[str, dict[int, _Attempt]] = defaultdict(dict)
        self._ended: SimpleQueue[_Attempt] = SimpleQueue()
        self._quiet_until: dict[str, datetime] = {}

    def run(self, stop: Event, backoff: Backoff) -> None:
        with closing(Poster()) as poster, closing(VerdictChanges(self._installation)) as verdicts:
            listen(self._connection)
            while not stop.is_set():
                for webhook in deliveries.active_webhooks(self._connection):
                    deliveries.enqueue(self._connection, webhook, self._clock())
                    self._begin(poster, webhook)
                verdicts.turn(self._connection, self._clock())
                backoff.reset()
                self._wait(stop)
            self._finish()

    def _begin(self, poster: Poster, webhook: deliveries.ActiveWebhook) -> None:
        """Begin as many attempts at a webhook as there is room for."""
        now = self._clock()
        under_way = self._under_way[webhook.name]
        most = AT_ONCE
        if webhook.failures >= deliveries.DOWN_FROM:
            most = 0 if now < self._quiet_until.get(webhook.name, now) else 1
        room = most - len(under_way)
        if room <= 0:
            return
        requests = deliveries.due(self._connection, self._installation, webhook, under_way, now, room)
        for delivery, request in requests:
            under_way[delivery.number] = self._begun(poster, webhook.name, delivery, request)

    def _begun(self, poster: Poster, name: str, delivery: Delivery, request: WebhookRequest) -> _Attempt:
        attempt = _Attempt(name, delivery, poster.post(request))
        attempt.future.add_done_callback(lambda _: self._ended.put(attempt))
        return attempt

    def _wait(self, stop: Event) -> None:
        """Wait for an answer if one is due, else for news of the log; record the answers that came."""
        if any(self._under_way.values()):
            self._record(_GLANCE_SECONDS)
        else:
            wait_for_news(self._connection, POLL_SECONDS, stop.is_set)

    def _finish(self) -> None:
        """Record the answers that come soon; what is not answered by then is sent again by the next sender."""
        until = self._clock() + timedelta(seconds=STOP_SECONDS)
        while any(self._under_way.values()) and self._clock() < until:
            self._record(_GLANCE_SECONDS)

    def _record(self, seconds: float) -> None:
        ended: list[_Attempt] = []
        with suppress(Empty):
            ended.append(self._ended.get(timeout=seconds))
            while True:
                ended.append(self._ended.get_nowait())
        for attempt in ended:
            now = self._clock()
            posted = attempt.future.result()
            result = deliveries.record(self._connection, attempt.webhook, attempt.delivery, posted, now)
            del self._under_way[attempt.webhook][attempt.delivery.number]
            if result.failures >= deliveries.DOWN_FROM:
                self._quiet_until[attempt.webhook] = now + _probe_pause(result.failures)
            if result.disabled_by:
                _log.error("webhook %s is disabled: %s", attempt.webhook, result.disabled_by)
            if self._report:
                self._report(result)


def _probe_pause(failures: int) -> timedelta:
    """Return the pause before the next attempt at a webhook that none reaches: a second, then twice as long each."""
    # As many as AT_ONCE attempts may have been under way when it was found to be down; their failures say nothing new.
    probes = max(failures - deliveries.DOWN_FROM - AT_ONCE, 0)
    return timedelta(seconds=backoff_seconds(probes, 1.0, PROBE_SECONDS_MAX))

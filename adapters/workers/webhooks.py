"""The worker: reads the log for each webhook, and tells it, until it has answered.

Promise: what was appended is told at least once, under the same id each time, and each person's events in order: a
later one waits for an earlier one, and nobody waits for somebody else. How far the log has been read is written with
what was found in it, in one transaction; a delivery is forgotten only after its answer, so that a program that dies in
between tells it again. One worker a ledger is at work at a time, whoever else stands by.

An attempt that fails is made again after 5 seconds, then after twice as long each time, up to an hour. A webhook that
has failed for three days without one success is disabled, as is one that answers 410; a delivery that alone has failed
for so long is stuck. A webhook of which nothing arrives is only knocked at by one attempt at a time, with pauses of up
to a minute, and as soon as one arrives the others are due.
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
from adapters.postgres.outages import Pauses, interrupted, passes
from adapters.postgres.wake_ups import POLL_SECONDS, listen, wait_for_news
from adapters.webhooks import deliveries
from adapters.webhooks.posting import Letter, Outcome, Poster
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from datetime import datetime
    from threading import Event

    from adapters.bootstrap import Installation
    from adapters.webhooks.deliveries import Told

    Connection = psycopg.Connection[tuple[Any, ...]]

AT_ONCE: Final = 8
"""So many attempts at one webhook are under way at most; one, where nothing arrives."""
KNOCK_SECONDS_MAX: Final = 60.0
STOP_SECONDS: Final = 5.0
"""How long a stop waits for the answers to what has been sent."""
_GLANCE_SECONDS: Final = 0.1
_log = logging.getLogger("pledger.webhooks")


class _Attempt(NamedTuple):
    webhook: str
    position: int
    outcome: Future[Outcome]


def deliver(
    installation: Installation,
    stop: Event,
    told: Callable[[Told], None] | None = None,
    *,
    clock: Callable[[], datetime] = utc_now,
) -> None:
    """Tell the webhooks of a ledger until `stop` is set; interruptions by the database are waited for.

    `told` hears of each attempt, from this thread. Raises the `PledgerError` that will not pass by itself.
    """
    pauses = Pauses(stop.wait)
    while not stop.is_set():
        try:
            with installation.connect() as connection:
                if deliveries.is_mine(connection):
                    _Round(installation, connection, told, clock).run(stop, pauses)
                else:
                    stop.wait(POLL_SECONDS)
        except (psycopg.Error, PledgerError) as error:
            if not passes(error):
                with translated():
                    raise
            _log.warning("webhooks interrupted: %s", interrupted(error).code)
            pauses.pause()


class _Round:
    """The work on one connection, which holds the lock that says whose turn it is."""

    def __init__(
        self,
        installation: Installation,
        connection: Connection,
        told: Callable[[Told], None] | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._installation = installation
        self._connection = connection
        self._told = told
        self._clock = clock
        self._under_way: dict[str, dict[int, _Attempt]] = defaultdict(dict)
        self._ended: SimpleQueue[_Attempt] = SimpleQueue()
        self._quiet_until: dict[str, datetime] = {}

    def run(self, stop: Event, pauses: Pauses) -> None:
        with closing(Poster()) as poster:
            listen(self._connection)
            while not stop.is_set():
                for webhook in deliveries.webhooks(self._connection):
                    deliveries.take_up(self._connection, webhook, self._clock())
                    self._begin(poster, webhook)
                pauses.reset()
                self._wait(stop)
            self._finish()

    def _begin(self, poster: Poster, webhook: deliveries.Open) -> None:
        """Begin what attempts at a webhook there is room for."""
        now = self._clock()
        under_way = self._under_way[webhook.name]
        most = AT_ONCE
        if webhook.failures >= deliveries.DOWN_FROM:
            most = 0 if now < self._quiet_until.get(webhook.name, now) else 1
        room = most - len(under_way)
        if room <= 0:
            return
        letters = deliveries.due(self._connection, self._installation, webhook, under_way, now, room)
        for position, letter in letters:
            under_way[position] = self._begun(poster, webhook.name, position, letter)

    def _begun(self, poster: Poster, name: str, position: int, letter: Letter) -> _Attempt:
        attempt = _Attempt(name, position, poster.post(letter))
        attempt.outcome.add_done_callback(lambda _: self._ended.put(attempt))
        return attempt

    def _wait(self, stop: Event) -> None:
        """Wait for an answer where one is due, and else for news of the log; write down what came."""
        if any(self._under_way.values()):
            self._note(_GLANCE_SECONDS)
        else:
            wait_for_news(self._connection, POLL_SECONDS, stop.is_set)

    def _finish(self) -> None:
        """Take the answers that come soon; what has not been answered then is told again by whoever goes on."""
        until = self._clock() + timedelta(seconds=STOP_SECONDS)
        while any(self._under_way.values()) and self._clock() < until:
            self._note(_GLANCE_SECONDS)

    def _note(self, seconds: float) -> None:
        ended: list[_Attempt] = []
        with suppress(Empty):
            ended.append(self._ended.get(timeout=seconds))
            while True:
                ended.append(self._ended.get_nowait())
        for attempt in ended:
            now = self._clock()
            outcome = attempt.outcome.result()
            told = deliveries.note(self._connection, attempt.webhook, attempt.position, outcome, now)
            del self._under_way[attempt.webhook][attempt.position]
            if told.failures >= deliveries.DOWN_FROM:
                self._quiet_until[attempt.webhook] = now + _knock_pause(told.failures)
            if told.disabled_by:
                _log.error("webhook %s is disabled: %s", attempt.webhook, told.disabled_by)
            if self._told:
                self._told(told)


def _knock_pause(failures: int) -> timedelta:
    """Give how long to leave a webhook alone at which nothing arrives: a second, and after each knock twice as long."""
    # So many more may have been under way when it was found to be down; their failures tell nothing new.
    knocks = max(failures - deliveries.DOWN_FROM - AT_ONCE, 0)
    return timedelta(seconds=min(2.0 ** min(knocks, 10), KNOCK_SECONDS_MAX))

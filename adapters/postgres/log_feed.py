"""A subscription to the log, under the interface of the eventsourcing library.

Promise: it gives every event after the one it was told, once and in order, for as long as nobody stops it. A dropped
connection, a server that restarts and a wake-up that nobody sent delay it and do nothing else: it connects anew with
growing pauses, listens before it looks, and looks every `POLL_SECONDS` unasked. The library's own ends in an error when
the connection on which it listens is dropped, and waits for ever when a wake-up is lost.
Refused: going on after an error that would come again, such as a missing table; the iteration raises it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import psycopg
from eventsourcing.persistence import ListenNotifySubscription, ShutDown

from adapters.postgres.connection import translated
from adapters.postgres.outages import Pauses, passes
from adapters.postgres.rows import EventRow
from adapters.postgres.schema import query
from adapters.postgres.wake_ups import POLL_SECONDS, listen, wait_for_news
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventsourcing.persistence import Notification

    from adapters.postgres.event_store import LedgerRecorder

_AT_ONCE: Final = 500
"""How many events one look takes; the library's queue holds ten looks until they are asked for."""


class LedgerSubscription(ListenNotifySubscription["LedgerRecorder"]):
    """Follows the log on one connection of its own, in the thread that the library starts for pulling."""

    def __init__(self, recorder: LedgerRecorder, gt: int | None = None, topics: Sequence[str] = ()) -> None:
        # How far the log has been looked through, which is further than the last event where `topics` leaves some out.
        self._seen = gt or 0
        super().__init__(recorder=recorder, gt=gt, topics=topics)

    def _loop_on_pull(self) -> None:
        # The library's flag for news is set by nothing but `stop` here, so that waiting for it is a pause.
        pauses = Pauses(self._has_been_notified.wait)
        try:
            while not self._has_been_stopped:
                try:
                    with self._recorder.database.connect() as connection:
                        listen(connection)
                        self._follow(connection, pauses)
                except (psycopg.Error, PledgerError) as error:
                    if not passes(error):
                        with translated():
                            raise
                    pauses.pause()
        except BaseException as error:  # noqa: BLE001 - it is raised in the thread that iterates, as the library does
            self._thread_error = error
            self.stop()

    def _follow(self, connection: psycopg.Connection[tuple[Any, ...]], pauses: Pauses) -> None:
        while not self._has_been_stopped:
            ((head,),) = connection.execute(query("head")).fetchall()
            pauses.reset()
            if head > self._seen:
                self._look(connection, head)
            else:
                wait_for_news(connection, POLL_SECONDS, lambda: self._has_been_stopped)

    def _look(self, connection: psycopg.Connection[tuple[Any, ...]], head: int) -> None:
        """Take the next events up to the head, which the log has without a gap."""
        wanted = {"start": self._seen + 1, "stop": head, "limit": _AT_ONCE, "topics": list(self._topics) or None}
        rows = connection.execute(query("select_notifications"), wanted).fetchall()
        notifications: list[Notification] = [self._recorder.codec.to_notification(EventRow(*row)) for row in rows]
        if notifications:
            with suppress(ShutDown):  # It was stopped meanwhile.
                self._notifications_queue.put(notifications)
        self._seen = notifications[-1].id if len(notifications) == _AT_ONCE else head

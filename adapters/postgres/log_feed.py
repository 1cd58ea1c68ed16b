"""A feed of the log: a subscription under the interface of the eventsourcing library.

It gives every event after a position, once and in order, until it is stopped. A dropped connection, a restart of the
server or a lost wake-up only delays it: it connects again with growing pauses, listens before it looks, and looks every
`POLL_SECONDS` in any case. The library's own subscription ends in an error when its connection is dropped, and waits
for ever when a wake-up is lost. An error that would come again, such as a missing table, is raised by the iteration.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import psycopg
from eventsourcing.persistence import ListenNotifySubscription, ShutDown
from eventsourcing.postgres import PostgresApplicationRecorder

from adapters.postgres.connection import translated
from adapters.postgres.queries import query
from adapters.postgres.rows import EventRow
from adapters.postgres.wake_ups import POLL_SECONDS, listen, wait_for_news
from adapters.transient import Backoff, is_transient
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eventsourcing.persistence import Notification

    Connection = psycopg.Connection[tuple[Any, ...]]

_AT_ONCE: Final = 500
"""How many events one look takes; the library's queue holds ten looks."""


class LogFeed(ListenNotifySubscription[PostgresApplicationRecorder]):
    """Follows the log on a connection of its own, in the thread that the library starts for pulling."""

    def __init__(
        self,
        recorder: PostgresApplicationRecorder,
        connect: Callable[[], Connection],
        to_notification: Callable[[EventRow], Notification],
        gt: int | None = None,
        topics: Sequence[str] = (),
    ) -> None:
        self._connect = connect
        self._to_notification = to_notification
        # How far the log has been read, which is further than the last event where `topics` leaves some out.
        self._seen = gt or 0
        super().__init__(recorder=recorder, gt=gt, topics=topics)

    def _loop_on_pull(self) -> None:
        # Here only `stop` sets the library's flag for news, so waiting for it is a pause.
        backoff = Backoff(self._has_been_notified.wait)
        try:
            while not self._has_been_stopped:
                try:
                    with self._connect() as connection:
                        listen(connection)
                        self._follow(connection, backoff)
                except (psycopg.Error, PledgerError) as error:
                    if not is_transient(error):
                        with translated():
                            raise
                    backoff.pause()
        except BaseException as error:  # noqa: BLE001 - the iterating thread raises it, as in the library
            self._thread_error = error
            self.stop()

    def _follow(self, connection: Connection, backoff: Backoff) -> None:
        while not self._has_been_stopped:
            ((head,),) = connection.execute(query("head")).fetchall()
            backoff.reset()
            if head > self._seen:
                self._look(connection, head)
            else:
                wait_for_news(connection, POLL_SECONDS, lambda: self._has_been_stopped)

    def _look(self, connection: Connection, head: int) -> None:
        """Take the next events up to the head; the log has no gaps."""
        wanted = {"start": self._seen + 1, "stop": head, "limit": _AT_ONCE, "topics": list(self._topics) or None}
        rows = connection.execute(query("select_notifications"), wanted).fetchall()
        notifications: list[Notification] = [self._to_notification(EventRow(*row)) for row in rows]
        if notifications:
            with suppress(ShutDown):  # It was stopped in the meantime.
                self._notifications_queue.put(notifications)
        self._seen = notifications[-1].id if len(notifications) == _AT_ONCE else head

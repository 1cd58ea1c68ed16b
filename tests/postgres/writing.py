"""Writing rows past the ledger's one way in, for tests of what the tables and the recorder hold by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.rows import tuple_row

from adapters.ledger.insertion import copy_rows
from adapters.postgres.event_store import LedgerFactory, LedgerRecorder
from adapters.postgres.rows import RowStoredEvent
from adapters.postgres.wake_ups import WAKE_UP_CHANNEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg
    from eventsourcing.persistence import StoredEvent

    from adapters.postgres.rows import EventRow

TAKE_HEAD = "UPDATE head SET size = size + %s WHERE one RETURNING size - %s, clock_timestamp()"


def append_rows(connection: psycopg.Connection[Any], rows: Sequence[EventRow]) -> int:
    """Take the head row and insert rows after it, in the caller's transaction; return the position before them."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        taken = cursor.execute(TAKE_HEAD, (len(rows), len(rows))).fetchone()
    assert taken is not None
    base, recorded_at = taken
    copy_rows(connection, rows, base=base, recorded_at=recorded_at)
    return int(base)


class WritingRecorder(LedgerRecorder):
    """Our recorder, which also stores what the library hands it."""

    def to_row(self, event: StoredEvent) -> EventRow:
        """Return the row that the mapper made of an event."""
        assert isinstance(event, RowStoredEvent)
        return event.row

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:  # noqa: ANN401
        """Store events, all or none; return their positions."""
        if not stored_events:
            return []
        rows = [self.to_row(event) for event in stored_events]
        with self.datastore.get_connection() as connection, connection.transaction():
            base = append_rows(connection, rows)
        # After the commit and outside of it: NOTIFY takes a lock that all databases of the server share.
        with self.datastore.get_connection() as connection:
            connection.execute(f"NOTIFY {WAKE_UP_CHANNEL}".encode())
        return list(range(base + 1, base + 1 + len(rows)))


class WritingFactory(LedgerFactory):
    """Our factory, with the recorder that stores."""

    application_recorder_class = WritingRecorder

"""What the library's own test cases need to run on a ledger: a recorder for their raw states, and a view that they ask.

They store states that are no events of ours, under topics that are not in our registry; the recorder puts them into the
sealed column. The cases themselves are `cases` and `projection_cases`.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any

from eventsourcing.persistence import Notification, StoredEvent
from eventsourcing.postgres import PostgresAggregateRecorder, PostgresTrackingRecorder
from psycopg.sql import SQL

from adapters.postgres.event_store import LedgerFactory, LedgerRecorder
from adapters.postgres.rows import EventRow
from tests.postgres.writing import WritingRecorder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from eventsourcing.persistence import Tracking
    from eventsourcing.postgres import PostgresDatastore


@contextmanager
def _standing_in(module: str, **names: type) -> Iterator[None]:
    """Let a module that needs a library that we do not have be imported from; the cases that use it are not run."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = ModuleType(module)
    vars(sys.modules[module]).update(names)
    yield
    del sys.modules[module]


class _Decision:
    pass


with _standing_in("eventsourcing.cipher", AESCipher=object):
    from eventsourcing.tests import persistence as cases
with _standing_in("eventsourcing.dcb.msgpack", Decision=_Decision, InitialDecision=type("Initial", (_Decision,), {})):
    from eventsourcing.tests import projection as projection_cases


class StateRecorder(WritingRecorder):
    """Our recorder for raw states: each goes into the sealed column, unsealed; what else a row needs is made up."""

    def to_row(self, event: StoredEvent) -> EventRow:
        """Return a row with the state where the envelope would be."""
        return EventRow(
            0,
            event.originator_id,  # type: ignore[arg-type]  # The test cases number their streams by UUID, as we do.
            event.originator_version,
            event.topic,
            datetime(2016, 4, 2, tzinfo=UTC),
            None,
            "test",
            "/test",
            0,
            "none",
            "{}",
            event.state,
            b"no key",
        )

    def to_stored_event(self, row: EventRow) -> StoredEvent:
        """Return the state back."""
        return StoredEvent(row.stream_id, row.version, row.topic, row.sealed or b"")

    def to_notification(self, row: EventRow) -> Notification:
        """Return the state back with its position."""
        return Notification(row.stream_id, row.version, row.topic, row.sealed or b"", row.position)


class StateFactory(LedgerFactory):
    """Our factory, with the recorder for raw states."""

    application_recorder_class = StateRecorder


class WithoutPositions(PostgresAggregateRecorder):
    """Our recorder as an aggregate recorder, which has no positions to give back."""

    def __init__(self, recorder: LedgerRecorder) -> None:
        self._recorder = recorder

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: object) -> None:
        """Append, and keep the positions to itself."""
        self._recorder.insert_events(stored_events)

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Read."""
        return list(self._recorder.select_events(originator_id, gt=gt, lte=lte, desc=desc, limit=limit))


class EventCounters(PostgresTrackingRecorder, projection_cases.EventCountersView):
    """A view of the kind that the library's cases ask: it counts events by whether they began a stream."""

    def __init__(self, datastore: PostgresDatastore, **options: Any) -> None:  # noqa: ANN401 - the library's
        super().__init__(datastore, **options)
        self.sql_create_statements.append(
            SQL("CREATE TABLE IF NOT EXISTS event_counters (kind text PRIMARY KEY, events bigint NOT NULL)").format()
        )

    def get_created_event_counter(self) -> int:
        """Count those that did."""
        return self._counted("created")

    def get_subsequent_event_counter(self) -> int:
        """Count those that did not."""
        return self._counted("subsequent")

    def incr_created_event_counter(self, tracking: Tracking) -> None:
        """Count one that did."""
        self._count("created", tracking)

    def incr_subsequent_event_counter(self, tracking: Tracking) -> None:
        """Count one that did not."""
        self._count("subsequent", tracking)

    def _counted(self, kind: str) -> int:
        with self.datastore.get_connection() as connection:
            row = connection.execute("SELECT events FROM event_counters WHERE kind = %s", (kind,)).fetchone()
        return int(row["events"]) if row else 0

    def _count(self, kind: str, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(
                "INSERT INTO event_counters VALUES (%s, 1)"
                " ON CONFLICT (kind) DO UPDATE SET events = event_counters.events + 1",
                (kind,),
            )
            self._insert_tracking(cursor, tracking)


__all__ = ["EventCounters", "StateFactory", "WithoutPositions", "cases", "projection_cases"]

"""The library's own test cases, from `eventsourcing.tests.persistence`, on our recorder.

They store states that are no events of ours, under topics that are not in our registry; a codec of this test carries
them in the sealed column. What does not apply is said where it is set aside.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest import TestCase

import pytest
from eventsourcing.persistence import AggregateRecorder, ApplicationRecorder, Notification, StoredEvent
from eventsourcing.postgres import PostgresAggregateRecorder

from adapters.postgres.event_store import LedgerRecorder
from adapters.postgres.rows import EventRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from adapters.bootstrap import Installation

if "eventsourcing.cipher" not in sys.modules:
    # The test cases of mappers, which are not used here, import a cipher from a library that we do not have.
    cipher = ModuleType("eventsourcing.cipher")
    cipher.AESCipher = object  # type: ignore[attr-defined]
    sys.modules["eventsourcing.cipher"] = cipher
    from eventsourcing.tests import persistence as cases

    del sys.modules["eventsourcing.cipher"]
else:
    from eventsourcing.tests import persistence as cases


class StateCodec:
    """Carries any state in the sealed column, unsealed; what else a row needs is made up."""

    def to_row(self, event: StoredEvent) -> EventRow:
        """Give a row with the state where the envelope would be."""
        made_up = ("test", "/test", "1", "none", None, None, "{}")
        return EventRow(
            0,
            event.originator_id,  # type: ignore[arg-type]  # The test cases number their streams by UUID, as we do.
            event.originator_version,
            event.topic,
            datetime(2016, 4, 2, tzinfo=UTC),
            None,
            *made_up,
            event.state,
            b"no key",
        )

    def to_stored_event(self, row: EventRow) -> StoredEvent:
        """Give the state back."""
        return StoredEvent(row.stream_id, row.version, row.topic, row.sealed or b"")

    def to_notification(self, row: EventRow) -> Notification:
        """Give the state back with its position."""
        return Notification(row.stream_id, row.version, row.topic, row.sealed or b"", row.position)


class _OnAnEmptyLog(TestCase):
    recorder: LedgerRecorder

    @pytest.fixture(autouse=True)
    def _recorder(self, installation: Installation) -> None:
        """Give a recorder on a log that is empty: creating a ledger appends the first event, so it is taken back."""
        with installation.database.connect_as_owner() as connection:
            connection.execute("SET search_path TO pledger")
            connection.execute("ALTER TABLE events DISABLE TRIGGER events_stay")
            connection.execute("DELETE FROM events")
            connection.execute("UPDATE head SET size = 0")
            connection.execute("ALTER TABLE events ENABLE ALWAYS TRIGGER events_stay")
        application_recorder = installation.application.recorder
        assert isinstance(application_recorder, LedgerRecorder)
        self.recorder = application_recorder
        self.recorder.codec = StateCodec()
        # The cases have up to a dozen threads at once; the application's own pool keeps one connection.
        self.recorder.datastore.pool.resize(1, 15)

    def create_recorder(self) -> Any:  # noqa: ANN401 - each case has an interface of its own
        """Give the recorder under test."""
        return self.recorder


class TestApplicationRecorder(_OnAnEmptyLog, cases.ApplicationRecorderTestCase[ApplicationRecorder]):
    """All of the library's expectations of an application recorder hold, the optional one of subscriptions too."""

    def test_insert_subscribe(self) -> None:
        """A subscription gives events from any position on, wakes up for new ones, and stops when it is told to."""
        self.optional_test_insert_subscribe()


class TestPositionsOfOneInsertStandTogether(_OnAnEmptyLog, cases.NonInterleavingNotificationIDsBaseCase):
    """Many events appended at once by several threads keep their positions together, in the order of each insert."""


class _WithoutPositions(PostgresAggregateRecorder):
    """Our recorder, but for the positions that `insert_events` gives back."""

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


class TestAggregateRecorder(_OnAnEmptyLog, cases.AggregateRecorderTestCase):
    """All of the library's expectations of an aggregate recorder hold, save one.

    It expects None from `insert_events`, since an aggregate recorder has no notification ids. Ours is an application
    recorder and gives positions, so they are dropped on the way.
    """

    def create_recorder(self) -> AggregateRecorder:
        """Give the recorder under test."""
        return _WithoutPositions(self.recorder)


del _OnAnEmptyLog

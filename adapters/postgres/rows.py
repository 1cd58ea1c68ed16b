"""An event as a row of the log, and the codec between rows and the library's stored events.

Promise: the row holds all that the sealed header holds, so the header can be worked out from the row alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from eventsourcing.persistence import Notification, StoredEvent

from domain.canonical import canonical_json, sealed_header

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


class EventRow(NamedTuple):
    """One row of the table events, in its order. `data` is JSON text; times are aware, in UTC.

    `position` and `recorded_at` are given by the database, so a row to be appended holds them only as placeholders.
    """

    position: int
    stream_id: UUID
    version: int
    topic: str
    occurred_at: datetime
    recorded_at: datetime | None
    actor: str
    source: str
    fact_id: str
    policy: str
    correlation: str | None
    causation: str | None
    data: str
    sealed: bytes | None
    key_commitment: bytes | None

    def header(self) -> bytes:
        """Work out the sealed header; the database keeps `data` in an order of its own, so it is put in ours."""
        return sealed_header(
            stream=self.stream_id,
            version=self.version,
            topic=self.topic,
            occurred_at=self.occurred_at,
            actor=self.actor,
            source=self.source,
            fact_id=self.fact_id,
            policy=self.policy,
            correlation=self.correlation,
            causation=self.causation,
            data=canonical_json(json.loads(self.data)),
        )


@dataclass(frozen=True)
class RowStoredEvent(StoredEvent):
    """The library's stored event, with the row that it stands for; its `state` is the sealed envelope."""

    row: EventRow


@dataclass(frozen=True)
class RowNotification(Notification):
    """The library's notification, with the row that it stands for."""

    row: EventRow


class Codec(Protocol):
    """Between the library's stored events and rows."""

    def to_row(self, event: StoredEvent) -> EventRow:
        """Give the row of a stored event."""

    def to_stored_event(self, row: EventRow) -> StoredEvent:
        """Give the stored event of a row."""

    def to_notification(self, row: EventRow) -> Notification:
        """Give the notification of a row."""


class RowCodec:
    """The ledger's own codec: stored events carry their row."""

    def to_row(self, event: StoredEvent) -> EventRow:
        """Give the row that the mapper made."""
        if not isinstance(event, RowStoredEvent):
            message = f"{event.topic} was not mapped by the ledger's mapper"
            raise TypeError(message)
        return event.row

    def to_stored_event(self, row: EventRow) -> StoredEvent:
        """Wrap a row."""
        return RowStoredEvent(row.stream_id, row.version, row.topic, row.sealed or b"", row)

    def to_notification(self, row: EventRow) -> Notification:
        """Wrap a row."""
        return RowNotification(row.stream_id, row.version, row.topic, row.sealed or b"", row.position, row)

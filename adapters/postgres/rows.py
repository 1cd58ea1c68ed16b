"""An event as a row of the log, and the eventsourcing library's stored event and notification that carry a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from eventsourcing.persistence import Notification, StoredEvent

from domain.canonical import canonical_again, sealed_header

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


class EventRow(NamedTuple):
    """One row of the table events, in the order of its columns, and the keys of its values, which are in another table.

    `data` is JSON text; times have a zone, UTC.

    The database sets `position` and `recorded_at`; in a row to be appended they are placeholders.
    """

    position: int
    stream_id: UUID
    version: int
    topic: str
    occurred_at: datetime
    recorded_at: datetime | None
    actor: str
    source: str
    part: int
    policy: str
    data: str
    sealed: bytes | None
    key_commitment: bytes | None
    value_keys: bytes | None = None

    def header(self) -> bytes:
        """Return the sealed header, which holds `data` in its canonical form."""
        return sealed_header(
            stream=self.stream_id,
            version=self.version,
            topic=self.topic,
            occurred_at=self.occurred_at,
            actor=self.actor,
            source=self.source,
            part=self.part,
            policy=self.policy,
            data=canonical_again(self.data),
        )


@dataclass(frozen=True)
class RowStoredEvent(StoredEvent):
    """The library's stored event with its row; `state` is the sealed envelope."""

    row: EventRow


@dataclass(frozen=True)
class RowNotification(Notification):
    """The library's notification with its row."""

    row: EventRow

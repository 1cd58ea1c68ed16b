"""Between events and rows: coded data as canonical JSON, personal values and the ids that services chose sealed.

What is sealed is encrypted under the key of their stream and bound to the event's header; sealing cannot be switched
off. An event comes back with its sealed fields only where the key is given. A topic that is not in the registry is
refused, and so is an envelope that does not open.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, cast
from uuid import UUID

from eventsourcing.persistence import Mapper
from pydantic_core import from_json, to_json

from adapters.keys.sealing import commitment, event_key, fresh_bytes, seal, seal_event, unseal_event, unseal_rest
from adapters.postgres.rows import EventRow, RowNotification, RowStoredEvent
from domain.canonical import sealed_header
from domain.events import Event, event_class
from domain.events.base import place_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventsourcing.domain import DomainEventProtocol
    from eventsourcing.persistence import StoredEvent, Transcoder

    from adapters.keys.mac import Mac

    KeyOf = Callable[[UUID], bytes | None]
    """Returns the data key of a stream, or None where it has no key, or has none any more."""
    SourceCode = Callable[[str], str]
    """Returns how the source of a fact stands in the log."""


def to_row(event: Event, dek: bytes | Mac | None, source_code: SourceCode) -> EventRow:
    """Return the row of an event, its personal values sealed under the stream's data key.

    A source that does not stand in the log as it is, is sealed with them.
    """
    fields = event.__dict__  # An attribute of a model takes several times as long to read (measured).
    data, source = event.data_json(), source_code(fields["source"])
    return EventRow(
        fields["position"] or 0,
        fields["originator_id"],
        fields["originator_version"],
        event.topic,
        fields["occurred_at"],
        None,
        fields["actor"],
        source,
        fields["part"],
        fields["policy"],
        data,
        *_sealed(event, data, source, dek),
    )


def _sealed(event: Event, data: str, source: str, dek: bytes | Mac | None) -> tuple[bytes | None, ...]:
    """Return the seal of an event, its commitment, and its value keys, as far as it needs them."""
    fields, rest, values = event.__dict__, event.sealed_values(), event.value_texts()
    if source != fields["source"] and event.sealed_envelope:
        rest["source"] = fields["source"]
    if not rest and not values:
        return None, None, None
    if dek is None:
        message = f"{event.topic} holds values to seal, and its stream has no key"
        raise ValueError(message)
    stream, version = fields["originator_id"], fields["originator_version"]
    key = event_key(dek, stream.bytes, version)
    header = sealed_header(
        stream=stream,
        version=version,
        topic=event.topic,
        occurred_at=fields["occurred_at"],
        actor=fields["actor"],
        source=source,
        part=fields["part"],
        policy=fields["policy"],
        data=data,
    )
    if not values:
        return seal(key, to_json(rest), header, os.urandom(12)), commitment(key), None
    texts = [(place, value.encode()) for place, value in values]
    return seal_event(key, to_json(rest), texts, header, os.urandom(fresh_bytes(len(texts))))


def to_event(row: EventRow, dek: bytes | None = None) -> Event:
    """Return the event of a row. With a data key its sealed fields are opened; without one they are None.

    Of the values those are opened whose own keys are still there.
    """
    cls = event_class(row.topic)
    fields = {"source": row.source, "actor": row.actor, **cls.placed(json.loads(row.data), row.position)}
    if dek is not None and row.sealed is not None:
        key = event_key(dek, row.stream_id.bytes, row.version)
        rest, values = unseal_event(key, row.sealed, row.header(), row.key_commitment or b"", row.value_keys)
        fields |= from_json(rest)
        if values:
            texts = {place: None if text is None else text.decode() for place, text in values.items()}
            cls.put_values(fields, texts)
        if row.actor == row.source:  # Who handed it in is its source, and is shown as that.
            fields["actor"] = fields["source"]
    return cls(
        originator_id=row.stream_id,
        originator_version=row.version,
        occurred_at=row.occurred_at,
        part=row.part,
        policy=row.policy,
        position=row.position,
        recorded_at=row.recorded_at,
        **fields,
    )


def fact_name(row: EventRow, dek: bytes | None) -> str:
    """Return the name of the fact of a row's event, as `Event.fact` of the whole event; its values stay closed."""
    source, fact_id = row.source, None
    if dek is not None and row.sealed is not None:
        key = event_key(dek, row.stream_id.bytes, row.version)
        rest = from_json(unseal_rest(key, row.sealed, row.header(), row.key_commitment or b""))
        source, fact_id = rest.get("source", source), rest.get("fact_id")
    return place_name(row.position - row.part) if fact_id is None else f"{source} {fact_id}"


class SealingMapper(Mapper[UUID]):
    """The library's mapper over these two functions."""

    def __init__(self, transcoder: Transcoder, key_of: KeyOf, source_code: SourceCode) -> None:
        super().__init__(transcoder)
        self._key_of = key_of
        self._source_code = source_code

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """Seal an event into a stored event that carries its row."""
        event = cast("Event", domain_event)
        row = to_row(event, self._key_of(event.originator_id), self._source_code)
        return RowStoredEvent(row.stream_id, row.version, row.topic, row.sealed or b"", row)

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        """Open a stored event."""
        if not isinstance(stored_event, RowStoredEvent | RowNotification):
            message = f"{stored_event.topic} was not read by the ledger's recorder"
            raise TypeError(message)
        return cast("DomainEventProtocol[UUID]", to_event(stored_event.row, self._key_of(stored_event.row.stream_id)))

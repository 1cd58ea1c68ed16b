"""The messages to webhooks: CloudEvents made of codes, without personal values.

The same event always makes the same bytes. They are made from the log's coded fields at each attempt, so no copy of
them is stored. A message has the customer's id, what happened and when, but no value: a system that may read values
asks the ledger with its key.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID, uuid5

from domain.events.customer import CustomerErased, CustomerOptedOut, DataCorrected
from domain.events.suppressions import SuppressionRecalled
from domain.times import rfc3339
from domain.vocabulary import PROGRAM_OF_CHANNEL, Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

CONTENT_TYPE: Final = "application/cloudevents+json"
_CHANNEL_OF: Final = {program: channel for channel, program in PROGRAM_OF_CHANNEL.items()}


class MessageKind(StrEnum):
    """What a message reports."""

    OPT_OUT = "opt_out"
    CORRECTION = "correction"
    ERASURE = "erasure"
    VERDICT_CHANGE = "verdict_change"


FOR_COPIES: Final = (MessageKind.OPT_OUT, MessageKind.CORRECTION, MessageKind.ERASURE)
"""What a system needs that keeps copies of people's data. It is not told how the company is judged."""
_TOPICS: Final[Mapping[MessageKind, tuple[str, ...]]] = {
    MessageKind.OPT_OUT: (CustomerOptedOut.topic, SuppressionRecalled.topic),
    MessageKind.CORRECTION: (DataCorrected.topic,),
    MessageKind.ERASURE: (CustomerErased.topic,),
    MessageKind.VERDICT_CHANGE: (),
}
_KINDS: Final = {topic: kind for kind, topics in _TOPICS.items() for topic in topics}
TYPES: Final[Mapping[MessageKind, str]] = {
    MessageKind.OPT_OUT: "pledger.opted_out.v1",
    MessageKind.CORRECTION: "pledger.corrected.v1",
    MessageKind.ERASURE: "pledger.erased.v1",
    MessageKind.VERDICT_CHANGE: "pledger.verdict_changed.v1",
}
TEST_TYPE: Final = "pledger.webhook_tested.v1"


class CodedEvent(NamedTuple):
    """The coded fields of an event, of which its message is made."""

    position: int
    stream: UUID
    topic: str
    at: datetime
    data: Mapping[str, Any]

    @property
    def kind(self) -> MessageKind:
        """The kind of its message."""
        return kind_of(self.topic)


class ChangedVerdict(NamedTuple):
    """A fact that breaks other promises by what was known at a position of the log than when it was appended."""

    position: int
    stream: UUID
    known_at: int
    at: datetime
    """When the event at `known_at` was recorded."""
    then: tuple[str, ...]
    now: tuple[str, ...]


class Message(NamedTuple):
    """One message. Its id is the same at each attempt, so that a receiver recognises a repeat."""

    id: str
    body: bytes


def topics_of(kinds: Iterable[MessageKind]) -> list[str]:
    """Return the types of the events that messages of these kinds report."""
    return [topic for kind in kinds for topic in _TOPICS[kind]]


def kind_of(topic: str) -> MessageKind:
    """Return the kind of message for a type of event."""
    return _KINDS[topic]


def delivery_kind(topic: str, known_at: int | None) -> MessageKind:
    """Return the kind of message of a delivery: of an event of this type, or of a verdict that changed."""
    return kind_of(topic) if known_at is None else MessageKind.VERDICT_CHANGE


def event_message(ledger: UUID, event: CodedEvent) -> Message:
    """Return the message that reports an event of a ledger."""
    data: dict[str, Any] = {"position": event.position}
    if event.kind is MessageKind.OPT_OUT:
        program = Program(event.data["program"])
        data |= {"program": program.value, "channel": _CHANNEL_OF[program].value}
        data["returned"] = event.topic == SuppressionRecalled.topic
    elif event.kind is MessageKind.CORRECTION:
        data["categories"] = [event.data["category"]]
    identifier = str(uuid5(ledger, str(event.position)))
    return _message(ledger, identifier, TYPES[event.kind], event.at, data, subject=f"id:{event.stream}")


def change_message(ledger: UUID, change: ChangedVerdict) -> Message:
    """Return the message that reports a verdict that a late fact changed."""
    data = {
        "position": change.position,
        "known_at": change.known_at,
        "then": list(change.then),
        "now": list(change.now),
    }
    identifier = str(uuid5(ledger, f"{change.position} as known at {change.known_at}"))
    type_ = TYPES[MessageKind.VERDICT_CHANGE]
    return _message(ledger, identifier, type_, change.at, data, subject=f"id:{change.stream}")


def trial_message(ledger: UUID, identifier: UUID, at: datetime) -> Message:
    """Return a message that reports nothing, to try out a receiver."""
    return _message(ledger, str(identifier), TEST_TYPE, at, {})


def _message(  # noqa: PLR0913, PLR0917 - what a CloudEvent is made of
    ledger: UUID, identifier: str, type_: str, at: datetime, data: dict[str, Any], subject: str | None = None
) -> Message:
    envelope = {"specversion": "1.0", "id": identifier, "source": ledger.urn, "type": type_, "time": rfc3339(at)}
    if subject is not None:
        envelope["subject"] = subject
    whole = {**envelope, "datacontenttype": "application/json", "data": data}
    return Message(identifier, json.dumps(whole, separators=(",", ":")).encode())

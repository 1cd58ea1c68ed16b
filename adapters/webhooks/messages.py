"""What a webhook is told: a CloudEvent made of codes, and nothing personal.

Promise: pure, and the same bytes for the same event, however often it is sent. It is made from the log's coded fields
at each attempt, so no copy of it lies anywhere. It says who, as `id:…`, what and when; never a value: whoever may have
that asks the ledger for it, with a key.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID, uuid5

from domain.events.customer import CustomerErased, CustomerOptedOut, DataCorrected, SuppressionRecalled
from domain.vocabulary import PROGRAM_OF_CHANNEL, Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

CONTENT_TYPE: Final = "application/cloudevents+json"
_CHANNEL_OF: Final = {program: channel for channel, program in PROGRAM_OF_CHANNEL.items()}


class Kind(StrEnum):
    """What a webhook can be told of."""

    OPT_OUT = "opt_out"
    CORRECTION = "correction"
    ERASURE = "erasure"


_TOPICS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.OPT_OUT: (CustomerOptedOut.topic, SuppressionRecalled.topic),
    Kind.CORRECTION: (DataCorrected.topic,),
    Kind.ERASURE: (CustomerErased.topic,),
}
_KINDS: Final = {topic: kind for kind, topics in _TOPICS.items() for topic in topics}
TYPES: Final[Mapping[Kind, str]] = {
    Kind.OPT_OUT: "pledger.opted_out.v1",
    Kind.CORRECTION: "pledger.corrected.v1",
    Kind.ERASURE: "pledger.erased.v1",
}
TEST_TYPE: Final = "pledger.webhook_tested.v1"


class Happened(NamedTuple):
    """What is read of an event to tell of it: coded fields only."""

    position: int
    stream: UUID
    topic: str
    at: datetime
    data: Mapping[str, Any]

    @property
    def kind(self) -> Kind:
        """What it is told as."""
        return kind_of(self.topic)


class Message(NamedTuple):
    """One message: its id is the same at each attempt, so that a receiver can tell that it has had it."""

    id: str
    body: bytes


def topics_of(kinds: Iterable[Kind]) -> list[str]:
    """Give the types of events of which something is told, for these kinds."""
    return [topic for kind in kinds for topic in _TOPICS[kind]]


def kind_of(topic: str) -> Kind:
    """Give the kind of a type of event that is told of."""
    return _KINDS[topic]


def message(ledger: UUID, event: Happened) -> Message:
    """Give what is told of an event of a ledger."""
    data: dict[str, Any] = {"position": event.position}
    if event.kind is Kind.OPT_OUT:
        program = Program(event.data["program"])
        data |= {"program": program.value, "channel": _CHANNEL_OF[program].value}
        data["returned"] = event.topic == SuppressionRecalled.topic
    elif event.kind is Kind.CORRECTION:
        data["categories"] = [event.data["category"]]
    identifier = str(uuid5(ledger, str(event.position)))
    return _message(ledger, identifier, TYPES[event.kind], event.at, data, subject=f"id:{event.stream}")


def trial(ledger: UUID, identifier: UUID, at: datetime) -> Message:
    """Give a message that tells of nothing, by which a receiver is tried out."""
    return _message(ledger, str(identifier), TEST_TYPE, at, {})


def _message(  # noqa: PLR0913, PLR0917 - what a CloudEvent is made of
    ledger: UUID, identifier: str, type_: str, at: datetime, data: dict[str, Any], subject: str | None = None
) -> Message:
    told = {"specversion": "1.0", "id": identifier, "source": ledger.urn, "type": type_}
    told["time"] = at.isoformat().replace("+00:00", "Z")
    if subject is not None:
        told["subject"] = subject
    whole = {**told, "datacontenttype": "application/json", "data": data}
    return Message(identifier, json.dumps(whole, separators=(",", ":")).encode())

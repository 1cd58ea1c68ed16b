"""What is kept of contact points of before an erasure: no address, but what bound each, and when it was whose."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class PastBinding(BaseModel):
    """What bound a contact point that was erased, or what lifted that; `what` by its word, None: its end.

    `since` as in `domain.records.bindings.Binding`. `owed_to` tells apart to whom of the erased what bound it was owed,
    by a number of this event alone; 0: it was told of the contact point.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ordinal: int
    what: str | None = None
    annuls: bool = False
    has_source: bool = False
    is_out: bool
    at: datetime
    by: str = ""
    since: datetime | None = None
    owed_to: int = 0


class SamePoint(BaseModel):
    """A contact point of an erased stream was the same as the one with the ordinal `other` of another `stream`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ordinal: int
    stream: UUID
    other: int


class HeldBefore(BaseModel):
    """A contact point that a person gives stood on their record before an erasure, after which they came back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ordinal: int
    since: datetime
    until: datetime

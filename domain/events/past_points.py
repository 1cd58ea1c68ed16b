"""What an erasure keeps of contact points: no address, but what bound each, and which of them were the same."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class PastBinding(BaseModel):
    """What bound a contact point that was erased, or what lifted that; `what` by its word, None: its end.

    `since` as in `domain.records.contacts.Binding`.
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


class SamePoint(BaseModel):
    """A contact point of an erased stream was the same as the one with the ordinal `other` of another `stream`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ordinal: int
    stream: UUID
    other: int

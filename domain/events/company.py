"""The events of the Company stream, which are not about one person."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from domain.events.base import COMPANY, Event, Refusal, SealedText
from domain.events.entry_correction import EntryCorrection
from domain.moments import Turn
from domain.vocabulary import Role


class CompanyEvent(Event, turn=Turn.COMPANY):
    """An event on the Company stream."""

    stream_kind: ClassVar[str] = COMPANY


class PolicyPublished(CompanyEvent):
    """A version of the policy was published; `digest` is the SHA-256 of its text, in hex."""

    version: str
    digest: str
    effective_from: datetime | None = None


class NoticePosted(CompanyEvent):
    """A notice stands at a place."""

    location: str
    version: str
    evidence: SealedText = None


class NoticeRemoved(CompanyEvent):
    """A notice was taken from a place."""

    location: str
    version: str
    evidence: SealedText = None


class CollectionPointRegistered(CompanyEvent):
    """A point where data is asked for was opened."""

    collection_point: str
    online: bool


class CollectionPointClosed(CompanyEvent):
    """A point where data was asked for was closed."""

    collection_point: str


class RecipientRegistered(CompanyEvent):
    """A recipient may get these categories, in these roles; `group` is the company it belongs to."""

    recipient: str
    roles: tuple[Role, ...] = ()
    categories: tuple[str, ...] = ()
    group: str | None = None


class RecipientEnded(CompanyEvent):
    """A recipient's registration ended."""

    recipient: str


class PurposeRegistered(CompanyEvent):
    """A purpose was registered."""

    purpose: str
    unrelated: bool


class ReleasedCell(BaseModel):
    """One cell of a released table: the count of the people `where` the dimensions have these values."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    where: dict[str, str]
    count: int


class AggregateReleased(CompanyEvent):
    """A table of counts was released. It was counted from the log up to a position, as of a time.

    `empty_is_public` are those of its dimensions of which it is public that nobody has some value.
    """

    release: str
    dimensions: tuple[str, ...] = ()
    empty_is_public: tuple[str, ...] | None = None
    cells: tuple[ReleasedCell, ...] = ()
    recipient: str | None = None
    counted_at: int | None = None
    counted_as_of: datetime | None = None


class SecurityMeasureAttested(CompanyEvent):
    """Somebody attests a security measure, until a time."""

    kind: str
    until: datetime


class SiteReviewAttested(CompanyEvent):
    """Somebody reviewed the site, and the finding holds until a time."""

    until: datetime
    finding: SealedText = None


class IncidentRecorded(CompanyEvent):
    """Something happened to the data."""

    unauthorised_reads: int
    categories: tuple[str, ...] = ()
    incident: SealedText = None


class CompanyEntryCorrected(EntryCorrection, CompanyEvent, turn=Turn.UNDOING):
    """An entry of this record was wrong."""


class ReleaseRefused(Refusal, CompanyEvent):
    """A table of counts was not released."""

"""The data of each fact about the company and about browsers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictInt

from domain.facts.data import Data
from domain.facts.fields import (
    COUNT_MAX,
    LIST_MAX,
    Area,
    Categories,
    Count,
    DataCategory,
    Instant,
    Text,
    Word,
    sorted_keys,
    sorted_set,
)
from domain.vocabulary import Role


class PolicyPublication(Data):
    """A version of the policy was published."""

    version: Word
    digest: Word
    effective_from: Instant | None = None


class NoticeData(Data):
    """A notice was posted at a location, or removed from it."""

    location: Word
    version: Word
    evidence: Word | None = None


class CollectionPoint(Data):
    """A point where data is asked for was opened, or closed."""

    collection_point: Word
    online: StrictBool = True


class Recipient(Data):
    """A recipient was registered: what it does, and which categories may go there."""

    recipient: Word
    roles: Annotated[tuple[Role, ...], Field(max_length=LIST_MAX), AfterValidator(sorted_set)]
    categories: Annotated[tuple[DataCategory, ...], Field(max_length=LIST_MAX), AfterValidator(sorted_set)]
    group: Word | None = None


class RecipientEnd(Data):
    """A recipient's registration ended; the fact may repeat what was registered."""

    recipient: Word
    roles: Annotated[tuple[Role, ...], Field(max_length=LIST_MAX), AfterValidator(sorted_set)] = ()
    categories: Annotated[tuple[DataCategory, ...], Field(max_length=LIST_MAX), AfterValidator(sorted_set)] = ()
    group: Word | None = None


class Purpose(Data):
    """A purpose was registered; `unrelated` ones need an offer to opt out first."""

    purpose: Word
    unrelated: StrictBool


class Cell(BaseModel):
    """One cell of a released table: the count of the people `where` the dimensions have these values."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    where: Annotated[dict[Word, Word], AfterValidator(sorted_keys)]
    count: Count


class AggregateRelease(Data):
    """A table of counts was released. It was counted from the log up to a position, as of a time."""

    release: Word
    dimensions: Annotated[tuple[Word, ...], Field(max_length=LIST_MAX)]
    cells: Annotated[tuple[Cell, ...], Field(max_length=100_000)]
    recipient: Word | None = None
    counted_at: Count | None = None
    counted_as_of: Instant | None = None


class SecurityAttestation(Data):
    """Somebody attests a security measure, until a time."""

    kind: Literal["physical", "electronic", "managerial"]
    until: Instant


class SiteReview(Data):
    """Somebody reviewed the site, and the finding holds until a time."""

    finding: Text
    until: Instant


class Incident(Data):
    """Something happened to the data."""

    incident: Word
    unauthorised_reads: Count
    categories: Annotated[tuple[DataCategory, ...], Field(max_length=LIST_MAX), AfterValidator(sorted_set)] = ()


class Cookie(Data):
    """A cookie was set in a browser; `area` is the part of the site that was visited."""

    cookie: Word
    purpose: Word
    categories: Annotated[tuple[DataCategory, ...], Field(max_length=LIST_MAX), AfterValidator(sorted_set)]
    area: Area | None = None


class Signal(Data):
    """A browser sent a privacy signal."""

    signal: Literal["gpc", "dnt"]
    value: StrictBool | Annotated[StrictInt, Field(ge=-COUNT_MAX, le=COUNT_MAX)] | Word


class AnalyticsForwarding(Data):
    """Analytics data about a browser was forwarded."""

    recipient: Word
    categories: Categories
    server_side: StrictBool


class IdentifierLink(Data):
    """A browser's identifier was linked. `to` is checked and dropped, so that no digest can be tested for names."""

    to: Annotated[Word, Field(exclude=True)]

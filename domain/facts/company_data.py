"""The data of each fact about the company and about browsers."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, StrictBool, StrictInt, Tag

from domain.events import company, visitor
from domain.facts.data import Data
from domain.facts.fields import (
    DIMENSION_FORMS,
    LIST_MAX,
    Area,
    Categories,
    CookieName,
    Count,
    DataCategory,
    EntryName,
    Instant,
    OldInstant,
    OpenWord,
    PlainCode,
    Text,
    TextDigest,
    Word,
    sorted_keys,
    sorted_set,
)
from domain.vocabulary import Role


class CompanyData(Data):
    """Data about the company."""


class VisitorData(Data):
    """Data about one browser."""


class PublicationData(CompanyData):
    """A version of the policy was published."""

    facts: ClassVar = {"policy_published": company.PolicyPublished}

    version: PlainCode
    digest: TextDigest
    effective_from: OldInstant | None = None


class NoticeData(CompanyData):
    """A notice was posted at a location, or removed from it."""

    facts: ClassVar = {"notice_posted": company.NoticePosted, "notice_removed": company.NoticeRemoved}

    location: PlainCode
    version: PlainCode
    evidence: Word | None = None


class CollectionPointData(CompanyData):
    """A point where data is asked for was opened, or closed."""

    facts: ClassVar = {
        "collection_point_registered": company.CollectionPointRegistered,
        "collection_point_closed": company.CollectionPointClosed,
    }

    collection_point: PlainCode
    online: StrictBool = True


class RecipientData(CompanyData):
    """A recipient was registered: what it does, and which categories may go there."""

    facts: ClassVar = {"recipient_registered": company.RecipientRegistered}

    recipient: OpenWord
    roles: Annotated[tuple[Role, ...], Field(max_length=LIST_MAX), AfterValidator(sorted_set)]
    categories: Annotated[tuple[DataCategory, ...], Field(max_length=LIST_MAX), AfterValidator(sorted_set)]
    group: PlainCode | None = None


class RecipientEndData(CompanyData):
    """A recipient's registration ended; the fact may repeat what was registered."""

    facts: ClassVar = {"recipient_ended": company.RecipientEnded}

    recipient: OpenWord
    roles: Annotated[tuple[Role, ...], Field(max_length=LIST_MAX), AfterValidator(sorted_set)] = ()
    categories: Annotated[tuple[DataCategory, ...], Field(max_length=LIST_MAX), AfterValidator(sorted_set)] = ()
    group: PlainCode | None = None


class PurposeRegistrationData(CompanyData):
    """A purpose was registered; `unrelated` ones need an offer to opt out first."""

    facts: ClassVar = {"purpose_registered": company.PurposeRegistered}

    purpose: OpenWord
    unrelated: StrictBool


class CellData(BaseModel):
    """One cell of a released table: the count of the people `where` the dimensions have these values."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    where: Annotated[dict[PlainCode, Word], AfterValidator(sorted_keys)]
    count: Count


class DimensionData(BaseModel):
    """A dimension of a released table, and whether it is public that nobody has some value of it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: PlainCode
    empty_is_public: StrictBool = False


def _by_form(raw: object) -> str:
    return DIMENSION_FORMS[isinstance(raw, dict | DimensionData)]


_Dimension = Annotated[
    Annotated[PlainCode, Tag(DIMENSION_FORMS[0])] | Annotated[DimensionData, Tag(DIMENSION_FORMS[1])],
    Discriminator(_by_form),
]


class ReleaseData(CompanyData):
    """A table of counts was released. It was counted from the log up to a position, as of a time.

    A dimension is a name, or a name with whether it is public that nobody has some value of it.
    """

    facts: ClassVar = {"aggregate_released": company.AggregateReleased}

    release: Word
    dimensions: Annotated[tuple[_Dimension, ...], Field(max_length=LIST_MAX)]
    cells: Annotated[tuple[CellData, ...], Field(max_length=100_000)]
    recipient: OpenWord | None = None
    counted_at: Count | None = None
    counted_as_of: Instant | None = None


class AttestationData(CompanyData):
    """Somebody attests a security measure, until a time."""

    facts: ClassVar = {"security_attested": company.SecurityMeasureAttested}

    kind: Literal["physical", "electronic", "managerial"]
    until: Instant


class SiteReviewData(CompanyData):
    """Somebody reviewed the site, and the finding holds until a time."""

    facts: ClassVar = {"site_reviewed": company.SiteReviewAttested}

    finding: Text
    until: Instant


class IncidentData(CompanyData):
    """Something happened to the data."""

    facts: ClassVar = {"incident": company.IncidentRecorded}

    incident: Word
    unauthorised_reads: Count
    categories: Annotated[tuple[DataCategory, ...], Field(max_length=LIST_MAX), AfterValidator(sorted_set)] = ()


class CompanyEntryCorrectionData(CompanyData):
    """Our own entry about the company was wrong."""

    facts: ClassVar = {"entry_correction": company.CompanyEntryCorrected}

    entry: EntryName
    reason: Annotated[Text, Field(min_length=1)]
    replacement: EntryName | None = None
    evidence: Word | None = None


class VisitorEntryCorrectionData(VisitorData):
    """Our own entry about a browser was wrong. Why is checked and dropped: a text could name a person."""

    facts: ClassVar = {"entry_correction": visitor.VisitorEntryCorrected}

    entry: EntryName
    reason: Annotated[Text, Field(min_length=1, exclude=True)]
    replacement: EntryName | None = None
    evidence: Annotated[Word | None, Field(exclude=True)] = None


class CookieData(VisitorData):
    """A cookie was set in a browser; `area` is the part of the site that was visited."""

    facts: ClassVar = {"cookie_set": visitor.CookieSet}

    cookie: CookieName
    purpose: OpenWord
    categories: Annotated[tuple[DataCategory, ...], Field(max_length=LIST_MAX), AfterValidator(sorted_set)]
    area: Area | None = None


class CookieRefusal(VisitorData):
    """A browser disallowed cookies."""

    facts: ClassVar = {"cookies_refused": visitor.CookiesRefused}


class SignalData(VisitorData):
    """A browser sent a privacy signal."""

    facts: ClassVar = {"signal": visitor.SignalReceived}

    signal: Literal["gpc", "dnt"]
    value: StrictBool | Annotated[StrictInt, Field(ge=-9_999, le=9_999)] | PlainCode


class ForwardingData(VisitorData):
    """Analytics data about a browser was forwarded."""

    facts: ClassVar = {"analytics_forwarded": visitor.AnalyticsForwarded}

    recipient: OpenWord
    categories: Categories
    server_side: StrictBool


class IdentifierLinkData(VisitorData):
    """A browser's identifier was linked. `to` is checked and dropped, so that no digest can be tested for names."""

    facts: ClassVar = {"identifier_linked": visitor.IdentifierLinked}

    to: Annotated[Word, Field(exclude=True)]

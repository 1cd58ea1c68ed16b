"""The data of each fact: what stands in the table of facts of the wire contract, one class a shape.

Refused: a field that a shape does not have, a code outside its vocabulary, a number that is no integer.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from domain.commands.fields import (
    COUNT_MAX,
    LIST_MAX,
    NAMES_MAX,
    Categories,
    Citation,
    Citations,
    Count,
    DataCategory,
    EntryName,
    Instant,
    Name,
    Text,
    Word,
    sorted_keys,
    sorted_set,
)
from domain.vocabulary import Act, Cause, Channel, OptOutVia, Program, Role, ShareKind


class Data(BaseModel):
    """What every fact's data may hold."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    correlation: Word | None = None
    causation: Word | None = None
    mode: Literal["record", "enforce"] = "record"


class CustomerData(Data):
    """Data about one person; `also` lists further names of the same person."""

    also: Annotated[tuple[Name, ...], Field(max_length=NAMES_MAX)] = ()


class Collection(CustomerData):
    """Data about a person was collected; a null value is held in another system, `held_in`."""

    act: Act
    reference: Word
    collection_point: Word
    notice: Word
    values: Annotated[dict[DataCategory, Text | None], Field(min_length=1), AfterValidator(sorted_keys)]
    held_in: Word | None = None
    source: Name | None = None
    requests: tuple[Literal["catalog", "updates"], ...] = ()
    online: StrictBool = True

    @model_validator(mode="after")
    def _fields_agree(self) -> Self:
        if self.source is not None and self.act is not Act.GIFT:
            raise PydanticCustomError("disagreement", "source is the buyer of a gift, so it goes with act gift only")
        if self.requests and self.act is not Act.REGISTRATION:
            raise PydanticCustomError("disagreement", "requests are what a registration asks for, and go with that act")
        return self


class OrderCompletion(CustomerData):
    """An order was completed, or cancelled."""

    reference: Word


class Use(CustomerData):
    """Data was used inside the company."""

    purpose: Word
    categories: Categories
    reference: Word | None = None
    relying_on: Citations = ()
    value_from: Citation | None = None


class Share(Use):
    """Data was given to a recipient outside the company."""

    recipient: Word
    kind: ShareKind = ShareKind.SERVICE_PROVIDER


class Message(CustomerData):
    """A message was handed over to be delivered; the fact's time is that hand-over."""

    channel: Channel
    purpose: Word
    unsubscribe_link: StrictBool
    message_id: Word
    program: Program | None = None
    queued_at: Instant | None = None
    relying_on: Citations = ()
    value_from: Citation | None = None


class Enrollment(CustomerData):
    """A person was enrolled in a program."""

    program: Program
    cause: Cause
    reference: Word | None = None


class OptOut(CustomerData):
    """A person left a program."""

    program: Program
    via: OptOutVia


class PurposeData(CustomerData):
    """An opportunity to opt out of a purpose, or an objection to it."""

    purpose: Word


class AgeLearned(CustomerData):
    """The company learned that a person is under an age, in years."""

    under: Annotated[StrictInt, Field(ge=13, le=13)]


class Request(CustomerData):
    """A person's request about their own data, or an answer to it."""

    request: Word


class CorrectionRequest(Request):
    """A person asked for a correction."""

    category: DataCategory
    shows_error: StrictBool


class IdentityVerification(Request):
    """The identity behind a request was checked."""

    method: Word
    passed: StrictBool


class Correction(Request):
    """A person's value was wrong and has been corrected."""

    category: DataCategory
    value: Text | None


class ReasonedAnswer(Request):
    """A request was declined, with the reason."""

    reason: Text


class RecipientNotification(Request):
    """A recipient was told of a correction or an erasure."""

    recipient: Word


class Erasure(CustomerData):
    """A person is to be forgotten: this fact itself erases."""

    reason: Text
    request: Word | None = None


class RecordReading(CustomerData):
    """Somebody looked at a person's record."""

    reader: Word
    purpose: Word


class EntryCorrection(CustomerData):
    """Our own entry was wrong."""

    entry: EntryName
    reason: Text
    replacement: EntryName | None = None


class PolicyPublication(Data):
    """A version of the policy was published."""

    version: Word
    digest: Word
    effective_from: Instant | None = None


class NoticeData(Data):
    """A notice was posted at a place, or taken from it."""

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
    roles: Annotated[tuple[Role, ...], Field(max_length=LIST_MAX)]
    categories: Annotated[tuple[DataCategory, ...], Field(max_length=LIST_MAX), AfterValidator(sorted_set)]
    group: Word | None = None


class RecipientEnd(Data):
    """A recipient's registration ended; what it had been registered with may be repeated."""

    recipient: Word
    roles: Annotated[tuple[Role, ...], Field(max_length=LIST_MAX)] = ()
    categories: Annotated[tuple[DataCategory, ...], Field(max_length=LIST_MAX), AfterValidator(sorted_set)] = ()
    group: Word | None = None


class Purpose(Data):
    """A purpose was registered; `unrelated` ones need an offer to opt out first."""

    purpose: Word
    unrelated: StrictBool


class Cell(BaseModel):
    """One cell of a released table: a count of the people `where` the dimensions have these values."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    where: Annotated[dict[Word, Word], AfterValidator(sorted_keys)]
    count: Count


class AggregateRelease(Data):
    """A table of counts was released."""

    release: Word
    dimensions: Annotated[tuple[Word, ...], Field(max_length=LIST_MAX)]
    cells: Annotated[tuple[Cell, ...], Field(max_length=100_000)]
    recipient: Word | None = None


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
    """A cookie was set in a browser."""

    cookie: Word
    purpose: Word
    categories: Annotated[tuple[DataCategory, ...], Field(max_length=LIST_MAX), AfterValidator(sorted_set)]


class Signal(Data):
    """A browser sent a privacy signal."""

    signal: Literal["gpc", "dnt"]
    value: StrictBool | Annotated[StrictInt, Field(ge=-COUNT_MAX, le=COUNT_MAX)] | Word


class AnalyticsForwarding(Data):
    """Analytics data about a browser was sent on."""

    recipient: Word
    categories: Categories
    server_side: StrictBool


class IdentifierLink(Data):
    """A browser's identifier was linked; to what is checked and dropped, so that no digest can be tried for names."""

    to: Annotated[Word, Field(exclude=True)]

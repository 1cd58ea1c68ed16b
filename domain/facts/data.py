"""The data of each fact about a customer, as the wire contract defines it.

A class rejects a field that it does not have, a code outside its vocabulary, and a number that is not an integer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from domain.events import Event, customer as events, deletions
from domain.facts.fields import (
    NAMES_MAX,
    AlsoNamed,
    Categories,
    Citation,
    Citations,
    ContactPoint,
    DataCategory,
    EntryName,
    Instant,
    Name,
    OpenWord,
    PlainCode,
    Text,
    Word,
    sorted_keys,
    sorted_set,
)
from domain.vocabulary import Act, Cause, Channel, OptOutVia, Program, ShareKind


class Data(BaseModel):
    """The fields that the data of every fact may have."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    facts: ClassVar[Mapping[str, type[Event]]] = {}
    """Of which facts this is the data: the word in the type of each, and the event that it states."""

    correlation: Word | None = None
    causation: Word | None = None
    mode: Literal["record", "enforce"] = "record"


class CustomerData(Data):
    """Data about one person; `also` lists the person's contact points, and further names that the sender verified."""

    also: Annotated[tuple[AlsoNamed, ...], Field(max_length=NAMES_MAX)] = ()


class CollectionData(CustomerData):
    """Data about a person was collected; another system, `held_in`, holds a value that is null."""

    facts: ClassVar = {"collection": events.DataCollected}

    act: Act
    reference: Word
    collection_point: PlainCode
    notice: PlainCode
    values: Annotated[dict[DataCategory, Text | None], Field(min_length=1), AfterValidator(sorted_keys)]
    held_in: Word | None = None
    source: Name | None = None
    requests: Annotated[tuple[Literal["catalog", "updates"], ...], AfterValidator(sorted_set)] = ()
    online: StrictBool = True

    @model_validator(mode="after")
    def _fields_agree(self) -> Self:
        if self.source is not None and self.act is not Act.GIFT:
            raise PydanticCustomError("disagreement", "source is the buyer of a gift, so it goes with act gift only")
        if self.requests and self.act is not Act.REGISTRATION:
            raise PydanticCustomError("disagreement", "requests are what a registration asks for, and go with that act")
        return self


class OrderData(CustomerData):
    """An order was completed, or cancelled."""

    facts: ClassVar = {"order_completed": events.OrderCompleted, "order_cancelled": events.OrderCancelled}

    reference: Word


class UseData(CustomerData):
    """Data was used inside the company."""

    facts: ClassVar = {"use": events.DataUsed}

    purpose: OpenWord
    categories: Categories
    reference: Word | None = None
    relying_on: Citations = ()
    value_from: Citation | None = None


class ShareData(UseData):
    """Data was given to a recipient outside the company."""

    facts: ClassVar = {"share": events.DataShared}

    recipient: OpenWord
    kind: ShareKind = ShareKind.SERVICE_PROVIDER


class MessageData(CustomerData):
    """A message was handed over for delivery, at the fact's time."""

    facts: ClassVar = {"message": events.MessageSent}

    channel: Channel
    purpose: OpenWord
    unsubscribe_link: StrictBool
    message_id: Word
    program: Program | None = None
    to: ContactPoint | None = None
    queued_at: Instant | None = None
    relying_on: Citations = ()
    value_from: Citation | None = None


class EnrollmentData(CustomerData):
    """A person was enrolled in a program."""

    facts: ClassVar = {"enrollment": events.CustomerEnrolled}

    program: Program
    cause: Cause
    reference: Word | None = None


class OptOutData(CustomerData):
    """A person left a program."""

    facts: ClassVar = {"opt_out": events.CustomerOptedOut}

    program: Program
    via: OptOutVia
    to: ContactPoint | None = None


class PurposeData(CustomerData):
    """An offer to opt out of a purpose, or an objection to it."""

    facts: ClassVar = {"opt_out_offer": events.OptOutOffered, "objection": events.ObjectionRaised}

    purpose: OpenWord


class AgeData(CustomerData):
    """The company learned that a person is under an age, in years."""

    facts: ClassVar = {"age_learned": events.AgeLearned}

    under: Annotated[StrictInt, Field(ge=13, le=13)]


class RequestData(CustomerData):
    """A person's request about their own data, or that they took it back."""

    facts: ClassVar = {
        "access_request": events.AccessRequested,
        "erasure_request": events.ErasureRequested,
        "request_withdrawn": events.RequestWithdrawn,
    }

    request: Word


class ReportData(RequestData):
    """A report of their record was given to a person."""

    facts: ClassVar = {"access_report_issued": events.AccessReportIssued}


class CorrectionRequestData(RequestData):
    """A person asked for a correction."""

    facts: ClassVar = {"correction_request": events.CorrectionRequested}

    category: DataCategory
    shows_error: StrictBool


class VerificationData(RequestData):
    """The identity behind a request was checked."""

    facts: ClassVar = {"identity_verification": events.IdentityVerified}

    method: Word
    passed: StrictBool


class CorrectionData(RequestData):
    """A person's value was wrong and has been corrected."""

    facts: ClassVar = {"correction": events.DataCorrected}

    category: DataCategory
    value: Text | None


class ReasonedAnswerData(RequestData):
    """A request was declined, with the reason."""

    facts: ClassVar = {"correction_declined": events.CorrectionDeclined, "request_denied": events.RequestDenied}

    reason: Text


class NotificationData(RequestData):
    """A recipient was told of a correction or an erasure."""

    facts: ClassVar = {"recipient_notified": events.RecipientNotified}

    recipient: OpenWord


class ErasureData(CustomerData):
    """A person is to be forgotten. This fact erases them."""

    facts: ClassVar = {"erasure": events.CustomerErased}

    reason: Text
    request: Word | None = None


class DeletionData(CustomerData):
    """Values were deleted, or made anonymous: ours, or, with `held_in`, what another system holds."""

    facts: ClassVar = {"data_deleted": deletions.DataDeleted, "data_anonymised": deletions.DataAnonymised}

    categories: Categories
    reason: Text
    held_in: Word | None = None
    relying_on: Citations = ()


class RecordReadingData(CustomerData):
    """Somebody looked at a person's record."""

    facts: ClassVar = {"record_read": events.RecordRead}

    reader: Word
    purpose: OpenWord


class EntryCorrectionData(CustomerData):
    """Our own entry was wrong."""

    facts: ClassVar = {"entry_correction": events.EntryCorrected}

    entry: EntryName
    reason: Annotated[Text, Field(min_length=1)]
    replacement: EntryName | None = None

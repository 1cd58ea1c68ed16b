"""The data of each fact about a customer, as the wire contract defines it.

A class rejects a field that it does not have, a code outside its vocabulary, and a number that is not an integer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal, Self

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
from domain.vocabulary import Act, Cause, Channel, OptOutVia, Program, ShareKind, Teller


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

    told_by: ClassVar[Teller] = Teller.VOUCHER
    """Who may tell the fact under a contact point; each shape that has `facts` says it anew."""

    also: Annotated[tuple[AlsoNamed, ...], Field(max_length=NAMES_MAX)] = ()


class CollectionData(CustomerData):
    """Data about a person was collected; another system, `held_in`, holds a value that is null."""

    facts: ClassVar = {"collection": events.DataCollected}
    told_by: ClassVar = Teller.VOUCHER

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
    told_by: ClassVar = Teller.VOUCHER

    reference: Word


class UseData(CustomerData):
    """Data was used inside the company."""

    facts: ClassVar = {"use": events.DataUsed}
    told_by: ClassVar = Teller.ANYBODY

    purpose: OpenWord
    categories: Categories
    reference: Word | None = None
    relying_on: Citations = ()
    value_from: Citation | None = None


class ShareData(UseData):
    """Data was given to a recipient outside the company."""

    facts: ClassVar = {"share": events.DataShared}
    told_by: ClassVar = Teller.ANYBODY

    recipient: OpenWord
    kind: ShareKind = ShareKind.SERVICE_PROVIDER


class MessageData(CustomerData):
    """A message was handed over for delivery, at the fact's time."""

    facts: ClassVar = {"message": events.MessageSent}
    told_by: ClassVar = Teller.ANYBODY

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
    told_by: ClassVar = Teller.ANYBODY

    program: Program
    cause: Cause
    reference: Word | None = None


class OptOutData(CustomerData):
    """A person left a program."""

    facts: ClassVar = {"opt_out": events.CustomerOptedOut}
    told_by: ClassVar = Teller.ANYBODY

    program: Program
    via: OptOutVia
    to: ContactPoint | None = None


class ObjectionData(CustomerData):
    """A person objected to a purpose."""

    facts: ClassVar = {"objection": events.ObjectionRaised}
    told_by: ClassVar = Teller.ANYBODY

    purpose: OpenWord


class OfferData(CustomerData):
    """A person was offered to opt out of a purpose, without which no unrelated use of their data is permitted."""

    facts: ClassVar = {"opt_out_offer": events.OptOutOffered}
    told_by: ClassVar = Teller.VOUCHER

    purpose: OpenWord


class AgeData(CustomerData):
    """The company learned that a person is under an age, in years."""

    facts: ClassVar = {"age_learned": events.AgeLearned}
    told_by: ClassVar = Teller.VOUCHER

    under: Annotated[StrictInt, Field(ge=13, le=13)]


class RequestData(CustomerData):
    """A person's request about their own data."""

    facts: ClassVar = {"access_request": events.AccessRequested, "erasure_request": events.ErasureRequested}
    told_by: ClassVar = Teller.ANYBODY

    request: Word


class WithdrawalData(RequestData):
    """A person took a request back, which then is open no more."""

    facts: ClassVar = {"request_withdrawn": events.RequestWithdrawn}
    told_by: ClassVar = Teller.VOUCHER


class ReportData(RequestData):
    """A report of their record was given to a person."""

    facts: ClassVar = {"access_report_issued": events.AccessReportIssued}
    told_by: ClassVar = Teller.VOUCHER


class CorrectionRequestData(RequestData):
    """A person asked for a correction."""

    facts: ClassVar = {"correction_request": events.CorrectionRequested}
    told_by: ClassVar = Teller.ANYBODY

    category: DataCategory
    shows_error: StrictBool


class VerificationData(RequestData):
    """The identity behind a request was checked."""

    facts: ClassVar = {"identity_verification": events.IdentityVerified}
    told_by: ClassVar = Teller.VOUCHER

    method: Word
    passed: StrictBool


class CorrectionData(RequestData):
    """A person's value was wrong and has been corrected."""

    facts: ClassVar = {"correction": events.DataCorrected}
    told_by: ClassVar = Teller.VOUCHER

    category: DataCategory
    value: Text | None


class ReasonedAnswerData(RequestData):
    """A request was declined, with the reason."""

    facts: ClassVar = {"correction_declined": events.CorrectionDeclined, "request_denied": events.RequestDenied}
    told_by: ClassVar = Teller.VOUCHER

    reason: Text


class NotificationData(RequestData):
    """A recipient was told of a correction or an erasure."""

    facts: ClassVar = {"recipient_notified": events.RecipientNotified}
    told_by: ClassVar = Teller.VOUCHER

    recipient: OpenWord


class ErasureData(CustomerData):
    """A person is to be forgotten. This fact erases them, or, with `only`, the one record that its name leads to."""

    facts: ClassVar = {"erasure": events.CustomerErased}
    told_by: ClassVar = Teller.VOUCHER

    reason: Text
    request: Word | None = None
    only: StrictBool = False


class DeletionData(CustomerData):
    """Values were deleted, or made anonymous: ours, or, with `held_in`, what another system holds."""

    facts: ClassVar = {"data_deleted": deletions.DataDeleted, "data_anonymised": deletions.DataAnonymised}
    told_by: ClassVar = Teller.VOUCHER

    categories: Categories
    reason: Text
    held_in: Word | None = None
    relying_on: Citations = ()


class RecordReadingData(CustomerData):
    """Somebody looked at a person's record."""

    facts: ClassVar = {"record_read": events.RecordRead}
    told_by: ClassVar = Teller.ANYBODY

    reader: Word
    purpose: OpenWord


class EntryCorrectionData(CustomerData):
    """Our own entry was wrong."""

    facts: ClassVar = {"entry_correction": events.EntryCorrected}
    told_by: ClassVar = Teller.VOUCHER

    entry: EntryName
    reason: Annotated[Text, Field(min_length=1)]
    replacement: EntryName | None = None
    evidence: Word | None = None


ACTS: Final = frozenset({MessageData, ShareData, UseData})
"""The shapes of facts that say what the company did. They undo, answer, protect and permit nothing."""

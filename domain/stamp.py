"""From facts to events: the stamp that fills in an envelope, and the facts that map onto one event as they are.

Promise: the events of one fact get consecutive versions and places, and all carry the fact's name and time. Refused: a
fact of another kind of stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from domain.events import Event, Moment, company, customer, visitor
from domain.facts import VisitorFact, company_data as others, data as facts

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from domain.facts import Fact

_E = TypeVar("_E", bound=Event)


@dataclass(slots=True)
class Stamp:
    """Makes events on one stream: counts versions and places up from the last, and fills in the envelope of a fact."""

    stream: UUID
    version: int
    place: int
    occurred_at: datetime
    envelope: dict[str, Any]

    @classmethod
    def of(cls, fact: Fact, stream: UUID, version: int, place: int, envelope: dict[str, Any]) -> Stamp:
        """Start after `version` of a stream and `place` of the log, for the events of one fact.

        `envelope` holds what the fact does not say: the actor, and the version of the policy in force. What a fact
        about a browser names beside it (a session, an order) is dropped: a fact about a person could name the same.
        """
        data = fact.data
        named: dict[str, Any] = {"source": fact.source, "fact_id": fact.id}
        if not isinstance(fact, VisitorFact):
            named |= {"correlation": data.correlation, "causation": data.causation}
        return cls(stream, version, place, fact.time, {**envelope, **named})

    def make(self, cls: type[_E], at: datetime | None = None, **fields: Any) -> _E:  # noqa: ANN401 - any event's fields
        """Make the next event of the stream; it happened when the fact did, unless `at` says otherwise."""
        self.version += 1
        self.place += 1
        return cls(
            originator_id=self.stream,
            originator_version=self.version,
            occurred_at=at or self.occurred_at,
            position=self.place,
            **self.envelope,
            **fields,
        )

    @property
    def now(self) -> Moment:
        """Give the moment at which the next event will stand."""
        return Moment(self.occurred_at, self.place + 1)

    def take_back(self) -> None:
        """Forget the last event made: it is not to be appended."""
        self.version -= 1
        self.place -= 1


def plain_customer_event(fact: Fact, stamp: Stamp) -> customer.CustomerEvent:
    """Give the event of a fact about a person that needs nothing resolved."""
    data = fact.data
    match data:
        case facts.OptOut():
            return stamp.make(customer.CustomerOptedOut, program=data.program, via=data.via)
        case facts.PurposeData():
            cls = customer.ObjectionRaised if fact.type == "pledger.objection.v1" else customer.OptOutOffered
            return stamp.make(cls, purpose=data.purpose)
        case facts.AgeLearned():
            return stamp.make(customer.AgeLearned, under=data.under)
        case facts.RecordReading():
            return stamp.make(customer.RecordRead, reader=data.reader, purpose=data.purpose)
        case facts.EntryCorrection():
            replacement = data.replacement and f"{data.replacement.source} {data.replacement.id}"
            entry = f"{data.entry.source} {data.entry.id}"
            return stamp.make(customer.EntryCorrected, entry=entry, replacement=replacement, reason=data.reason)
        case facts.Request():
            return _request_event(fact, data, stamp)
        case _:
            raise _not_about(fact, "a customer")


def _request_event(fact: Fact, data: facts.Request, stamp: Stamp) -> customer.CustomerEvent:
    match data:
        case facts.CorrectionRequest():
            return stamp.make(
                customer.CorrectionRequested,
                request=data.request,
                category=data.category,
                shows_error=data.shows_error,
            )
        case facts.IdentityVerification():
            cls = customer.IdentityVerified if data.passed else customer.IdentityNotVerified
            return stamp.make(cls, request=data.request, method=data.method)
        case facts.RecipientNotification():
            return stamp.make(customer.RecipientNotified, request=data.request, recipient=data.recipient)
        case facts.ReasonedAnswer():
            answers = {
                "pledger.correction_declined.v1": customer.CorrectionDeclined,
                "pledger.request_denied.v1": customer.RequestDenied,
            }
            return stamp.make(answers[fact.type], request=data.request, reason=data.reason)
        case _:
            requests = {
                "pledger.access_request.v1": customer.AccessRequested,
                "pledger.erasure_request.v1": customer.ErasureRequested,
                "pledger.access_report_issued.v1": customer.AccessReportIssued,
            }
            return stamp.make(requests[fact.type], request=data.request)


def company_event(fact: Fact, stamp: Stamp) -> company.CompanyEvent:
    """Give the event of a fact about the company."""
    data = fact.data
    own = data.model_dump(exclude={"correlation", "causation", "mode"})
    match data:
        case others.NoticeData():
            cls = company.NoticeRemoved if fact.type == "pledger.notice_removed.v1" else company.NoticePosted
            return stamp.make(cls, **own)
        case others.CollectionPoint() if fact.type == "pledger.collection_point_closed.v1":
            return stamp.make(company.CollectionPointClosed, collection_point=data.collection_point)
        case others.RecipientEnd():
            return stamp.make(company.RecipientEnded, recipient=data.recipient)
        case _ if (simple := _COMPANY_EVENTS.get(type(data))) is not None:
            return stamp.make(simple, **own)
        case _:
            raise _not_about(fact, "the company")


_COMPANY_EVENTS: dict[type[facts.Data], type[company.CompanyEvent]] = {
    others.PolicyPublication: company.PolicyPublished,
    others.CollectionPoint: company.CollectionPointRegistered,
    others.Recipient: company.RecipientRegistered,
    others.Purpose: company.PurposeRegistered,
    others.AggregateRelease: company.AggregateReleased,
    others.SecurityAttestation: company.SecurityMeasureAttested,
    others.SiteReview: company.SiteReviewAttested,
    others.Incident: company.IncidentRecorded,
}


def visitor_event(fact: Fact, stamp: Stamp) -> visitor.VisitorEvent:
    """Give the event of a fact about a browser; what an identifier was linked to is dropped here."""
    data = fact.data
    match data:
        case others.Cookie():
            return stamp.make(
                visitor.CookieSet,
                cookie=data.cookie,
                purpose=data.purpose,
                categories=data.categories,
                area=data.area,
            )
        case others.Signal():
            value = str(data.value).lower() if isinstance(data.value, bool) else str(data.value)
            return stamp.make(visitor.SignalReceived, signal=data.signal, value=value)
        case others.AnalyticsForwarding():
            return stamp.make(
                visitor.AnalyticsForwarded,
                recipient=data.recipient,
                categories=data.categories,
                server_side=data.server_side,
            )
        case others.IdentifierLink():
            return stamp.make(visitor.IdentifierLinked)
        case _ if fact.type == "pledger.cookies_refused.v1":
            return stamp.make(visitor.CookiesRefused)
        case _:
            raise _not_about(fact, "a visitor")


def _not_about(fact: Fact, whom: str) -> TypeError:
    return TypeError(f"{fact.type} is not a plain fact about {whom}")

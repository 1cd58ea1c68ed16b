"""The events of a person's stream.

References, ids of requests and messages, values, free text, words that nothing is compared by, and a gift's buyer are
sealed. `reference_code` and `request_code` are digests under the person's key, by which they are compared. `relies_on`
are the positions of the events that a use, share, message or enrollment relies on, as resolved when it was appended.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final
from uuid import UUID

from domain.events.base import CUSTOMER, Event, Place, Places, SealedText, TextApart, ValuesApart
from domain.events.entry_correction import EntryCorrection
from domain.events.past_points import HeldBefore, PastBinding, SamePoint
from domain.moments import Turn
from domain.vocabulary import Act, Cause, Channel, OptOutVia, Program, ShareKind

Cite = tuple[str, str]
"""A collection that a fact names: its act, and the code of its reference."""


class CustomerEvent(Event):
    """An event on a person's stream.

    `contacts` are the ordinals of the stream's contact points that the fact gave, the current one of a channel first.
    Which address or number an ordinal stands for is in a table from which it can be deleted, and in no event. The first
    event of a stream says under which kind of name it was `opened_as`.
    """

    stream_kind: ClassVar[str] = CUSTOMER

    contacts: tuple[int, ...] = ()
    opened_as: str | None = None


class CustomerRegistered(CustomerEvent):
    """A person filled out the registration form."""


class AccountOpened(CustomerEvent):
    """A person opened an account to log in with."""


class DataCollected(CustomerEvent, turn=Turn.GIVEN):
    """Data about a person was collected. That of a gift comes from its buyer; a known child's values are `withheld`.

    `alike_code` is the code of what the reference looks like, where that is not the reference itself. `unread` are the
    categories that should hold a contact point and hold something else. `held_before`: which of the contact points
    were the person's before an erasure, after which they came back under the same name.
    """

    act: Act
    reference_code: str
    collection_point: str
    notice: str
    categories: tuple[str, ...]
    requests: tuple[str, ...] = ()
    online: bool = True
    withheld: bool | None = None
    alike_code: str | None = None
    unread: tuple[str, ...] = ()
    held_before: tuple[HeldBefore, ...] = ()
    reference: SealedText = None
    values: ValuesApart = None
    buyer: SealedText = None
    held_in: SealedText = None


class OrderCompleted(CustomerEvent, turn=Turn.PROTECTION):
    """An order was completed."""

    reference_code: str
    reference: SealedText = None


class OrderCancelled(CustomerEvent, turn=Turn.PROTECTION):
    """An order was cancelled."""

    reference_code: str
    reference: SealedText = None


class DataUsed(CustomerEvent):
    """Data was used inside the company. `value_from` is the collection whose value was used; None: the current.

    `cites` and `value_cited` are what the fact itself names, by act and code; `relies_on` and `value_from` are what
    that came to when it was told.
    """

    purpose: str
    categories: tuple[str, ...]
    reference_code: str | None = None
    cites: tuple[Cite, ...] = ()
    relies_on: Places = ()
    value_cited: Cite | None = None
    value_from: Place = None
    reference: SealedText = None


class DataShared(DataUsed):
    """Data was given to a recipient outside the company."""

    recipient: str
    kind: ShareKind


class MessageSent(CustomerEvent):
    """A message was handed over for delivery; one for direct marketing belongs to its channel's program."""

    channel: Channel
    purpose: str
    unsubscribe_link: bool
    program: Program | None = None
    contact: int | None = None
    """The contact point that the message went to, if the fact says so."""
    by_address: bool | None = None
    """Whether it was told under that contact point, which is all that a mail service knows."""
    queued_at: datetime | None = None
    cites: tuple[Cite, ...] = ()
    relies_on: Places = ()
    value_cited: Cite | None = None
    value_from: Place = None
    message_id: SealedText = None


class CustomerEnrolled(CustomerEvent, turn=Turn.GIVEN):
    """A person was enrolled in a program. One that `follows` is the ledger's own, made of what was told."""

    program: Program
    cause: Cause
    follows: bool | None = None
    reference_code: str | None = None
    relies_on: Places = ()
    reference: SealedText = None


class EnrollmentEnded(CustomerEvent, turn=Turn.PROTECTION):
    """An enrollment ended as the one order that caused it was cancelled; with no code, that was another's, or erased.

    It `follows` from a correction or from what came late; with an address `bound`, the enrollment never followed.
    """

    program: Program
    follows: bool | None = None
    bound: bool | None = None
    reference_code: str = ""
    reference: SealedText = None


class CustomerOptedOut(CustomerEvent, turn=Turn.PROTECTION):
    """A person left a program; with `contact`, that contact point left it too, on whosever's record it stands.

    One that `follows` is the ledger's own: an opt-out told late ends what had been enrolled in between.
    """

    program: Program
    via: OptOutVia
    contact: int | None = None
    follows: bool | None = None


class OptOutOffered(CustomerEvent, turn=Turn.GIVEN):
    """A person was offered to opt out of a purpose."""

    purpose: str


class ObjectionRaised(CustomerEvent, turn=Turn.PROTECTION):
    """A person objected to a purpose."""

    purpose: str


class AgeLearned(CustomerEvent, turn=Turn.PROTECTION):
    """The company learned that a person is under this many years old."""

    under: int


class RequestEvent(CustomerEvent, turn=Turn.REQUEST):
    """An event about a request; `request_code` is the digest of the request's id under that person's key."""

    request_code: str
    request: SealedText = None


class AccessRequested(RequestEvent):
    """A person asked to see their record (GDPR Art. 15)."""


class CorrectionRequested(RequestEvent):
    """A person asked for a correction (GDPR Art. 16)."""

    category: str
    shows_error: bool


class ErasureRequested(RequestEvent):
    """A person asked to be forgotten (GDPR Art. 17)."""


class IdentityVerified(RequestEvent, turn=Turn.VERIFICATION):
    """The identity behind a request was verified."""

    method: SealedText = None


class IdentityNotVerified(RequestEvent, turn=Turn.VERIFICATION):
    """The identity behind a request could not be verified."""

    method: SealedText = None


class DataCorrected(RequestEvent, turn=Turn.GIVEN):
    """The person's value was wrong; this is the right one."""

    category: str
    withheld: bool | None = None
    value: TextApart = None


class CorrectionDeclined(RequestEvent, turn=Turn.ANSWER):
    """A correction was declined."""

    reason: SealedText = None


class AccessReportIssued(RequestEvent, turn=Turn.ANSWER):
    """A report of their record was given to a person; it left out the streams `elsewhere` that hold their addresses."""

    elsewhere: tuple[UUID, ...] = ()


class RequestWithdrawn(RequestEvent, turn=Turn.ANSWER):
    """A person took a request back."""


class RequestDenied(RequestEvent, turn=Turn.ANSWER):
    """A request was denied. One that is `by_officer` ends a waiting period as well."""

    by_officer: bool | None = None
    reason: SealedText = None


class RecipientNotified(RequestEvent, turn=Turn.ANSWER):
    """A recipient was told of a correction or an erasure."""

    recipient: str


class RecordRead(CustomerEvent):
    """Somebody looked at a person's record."""

    purpose: str
    reader: SealedText = None


class EntryCorrected(EntryCorrection, CustomerEvent, turn=Turn.UNDOING):
    """An entry of a person's record was wrong."""


class CustomerErased(CustomerEvent, turn=Turn.ERASURE):
    """A person was forgotten: the key `key_id` is destroyed. This event seals nothing.

    `kinds` are those of the stream's contact points, by ordinal, and `bindings` what bound them. `told`: the event of
    each, and what it annuls. `is_late`: told after it. `same_points`: see `domain.same_points`. Its first event says
    besides: `elsewhere`, the streams of others with the person's contact points; `took_later`: later facts went;
    `asked`, the requests to be forgotten that it answers; `unanswered`, those that it leaves so; where it alone was
    erased: `left`, the streams with which the person goes on; `was_asked`, on whichever stream.
    """

    sealed_envelope: ClassVar[tuple[str, ...]] = ()

    key_id: str
    receipt: str
    request_code: str | None = None
    kinds: tuple[str, ...] = ()
    bindings: tuple[PastBinding, ...] = ()
    told: Places = ()
    is_late: bool = False
    elsewhere: tuple[UUID, ...] = ()
    same_points: tuple[SamePoint, ...] = ()
    took_later: bool | None = None
    asked: Places = ()
    unanswered: Places = ()
    was_asked: bool | None = None
    left: tuple[UUID, ...] = ()


ACTS: Final = (DataUsed, MessageSent)
"""What the company does with data, a share among it: such an event relies on a collection or an enrollment."""

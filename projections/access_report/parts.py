"""The parts of an access report. Their fields are the keys of `AccessReport.as_dict`; a later version only adds keys.

`fact` names the fact that an entry comes from (`source id`), and `at` is when it happened. `entry_corrected_by` names
the fact that declared an entry wrong; the entry stays listed. Codes are those of `domain.vocabulary`; `dpv` is a
purpose's DPV identifier, if it has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

FROM_THE_PERSON = "you"
FROM_A_BUYER = "the buyer of a gift"

HELD, HELD_ELSEWHERE, WITHHELD, SEALED = "held", "held_elsewhere", "withheld", "sealed"
DELETED, ANONYMISED = "deleted", "anonymised"
OPEN, ANSWERED, DENIED, DECLINED, WITHDRAWN = "open", "answered", "denied", "declined", "withdrawn"
UNANSWERED = "unanswered"


class Superseded(NamedTuple):
    """What replaced a value: `how` is collection, correction or entry_correction."""

    how: str
    fact: str
    at: datetime


class Deleted(NamedTuple):
    """What deleted a value: `how` is deleted or anonymised; `reason` is None where the seal was not opened."""

    how: str
    fact: str
    at: datetime
    reason: str | None


class Value(NamedTuple):
    """One value of one category; the same value collected again is one value.

    `state` is held (in `value`), held_elsewhere (in the system `held_in`), withheld (a known child's, not kept),
    deleted or anonymised (as `deleted` says; in the system `held_in`, if that had it), or sealed (not opened for this
    report; what was not given here is in `held_in`, if that is named). `collected` names the facts that the value came
    with, in order of time. What was deleted is not current any more, and nothing else is in its place.
    """

    category: str
    value: str | None
    state: str
    held_in: str | None
    source: str
    current: bool
    superseded: Superseded | None
    collected: tuple[str, ...]
    deleted: Deleted | None


class CollectionEntry(NamedTuple):
    """Data was collected: by which act, under which reference, where, under which notice, and from whom."""

    fact: str
    at: datetime
    act: str
    reference: str | None
    collection_point: str
    notice: str
    online: bool
    source: str
    held_in: str | None
    withheld: bool
    categories: tuple[str, ...]
    requests: tuple[str, ...]
    entry_corrected_by: str | None


class UseEntry(NamedTuple):
    """Data was used in the company; `relies_on` names the collections, `value_from` the one whose value was used."""

    fact: str
    at: datetime
    purpose: str
    dpv: str | None
    categories: tuple[str, ...]
    reference: str | None
    relies_on: tuple[str, ...]
    value_from: str | None
    entry_corrected_by: str | None


class SharingEntry(NamedTuple):
    """Data was given to a recipient; `kind` is the recipient's capacity."""

    fact: str
    at: datetime
    recipient: str
    kind: str
    purpose: str
    dpv: str | None
    categories: tuple[str, ...]
    reference: str | None
    relies_on: tuple[str, ...]
    value_from: str | None
    entry_corrected_by: str | None


class SubscriptionEntry(NamedTuple):
    """A subscription changed. `cause` is why the person was enrolled, `via` the way by which they left."""

    fact: str
    at: datetime
    program: str
    state: str
    cause: str | None
    via: str | None
    reference: str | None
    relies_on: tuple[str, ...]
    broken: tuple[str, ...]
    entry_corrected_by: str | None


class MessageEntry(NamedTuple):
    """A message was handed over for delivery."""

    fact: str
    at: datetime
    channel: str
    program: str | None
    purpose: str
    dpv: str | None
    message_id: str | None
    unsubscribe_link: bool
    queued_at: datetime | None
    relies_on: tuple[str, ...]
    value_from: str | None
    entry_corrected_by: str | None


class RequestEntry(NamedTuple):
    """A request about one's own data; `state` is open, answered, denied, declined, withdrawn or unanswered.

    It is unanswered where the person was erased before an answer, and had not asked to be erased.
    `waits_until` is when the waiting period of an open request to be forgotten ends. `identity` is verified,
    not_verified or None. `fact` and `at` are None where only the answer is on record.
    """

    request: str
    kind: str
    gdpr: str
    state: str
    dpv: str
    fact: str | None
    at: datetime | None
    category: str | None
    identity: str | None
    answered_by: str | None
    answered_at: datetime | None
    reason: str | None
    recipients_notified: tuple[str, ...]
    waits_until: datetime | None = None


class CorrectionEntry(NamedTuple):
    """A value was corrected on request; the value that it replaced is among the data, as superseded."""

    fact: str
    at: datetime
    request: str
    category: str
    value: str | None
    state: str
    entry_corrected_by: str | None


class RefusalEntry(NamedTuple):
    """A service asked to do something and was refused, because of the promises `because`."""

    fact: str
    at: datetime
    refused: str
    purpose: str | None
    recipient: str | None
    program: str | None
    categories: tuple[str, ...]
    because: tuple[str, ...]


class FindingEntry(NamedTuple):
    """An entry breaks a promise, or a legal order excuses it. `statement` is the promise in plain words."""

    fact: str
    at: datetime
    what: str
    promise: str
    statement: str | None
    code: str
    excused: bool
    relies_on: tuple[str, ...]
    entry_corrected_by: str | None


class LinkEntry(NamedTuple):
    """From here on the records `streams` are one person's: `vouched_by` said so, after verifying it by `method`.

    `method` is None where the seal was not opened, and `evidence` where there was none, too. Somebody can have parted
    this person's records from others of them since: at `until`, by the fact `undone_by`. Then neither is shown, which
    can be another's.
    """

    fact: str
    at: datetime
    streams: tuple[str, ...]
    method: str | None
    evidence: str | None
    vouched_by: str
    entry_corrected_by: str | None
    until: datetime | None = None
    undone_by: str | None = None
    by_erasure: bool = False
    """Whether they were parted as the other record alone was erased."""
    undone_method: str | None = None
    """How it was verified that they are two, where the one who parted them said so."""


class Note(NamedTuple):
    """Any other event. `what` is a code such as order_completed, or the event's type where it has no code."""

    fact: str
    at: datetime
    what: str
    detail: dict[str, str | None]
    entry_corrected_by: str | None


class Right(NamedTuple):
    """A right that the person has, with its article of the GDPR."""

    right: str
    gdpr: str
    words: str


RIGHTS = (
    Right("access", "Art. 15", "to see what is held, where it came from, what it was used for and who got it"),
    Right("rectification", "Art. 16", "to have what is wrong corrected"),
    Right("erasure", "Art. 17", "to be forgotten"),
    Right("restriction", "Art. 18", "to have a use restricted while it is disputed"),
    Right("objection", "Art. 21", "to object to a use, and to direct marketing at any time"),
    Right("complaint", "Art. 77", "to complain to a supervisory authority"),
)

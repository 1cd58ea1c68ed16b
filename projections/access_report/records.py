"""The parts of an access report: plain records, each with the JSON keys that it has in the contract.

Promise: the fields here are the keys of `AccessReport.as_dict`; a later version only ever adds keys. `fact` names the
fact that an entry comes from (`source id`), `at` is when it happened. `entry_corrected_by` names the fact that declared
an entry wrong; the entry stays listed. Codes are those of `domain.vocabulary`; purposes carry their DPV identifier
where they have one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

FROM_THE_PERSON = "you"
FROM_A_BUYER = "the buyer of a gift"

HELD, HELD_ELSEWHERE, WITHHELD, SEALED = "held", "held_elsewhere", "withheld", "sealed"
OPEN, ANSWERED, DENIED, DECLINED = "open", "answered", "denied", "declined"


class Superseded(NamedTuple):
    """What took the place of a value: `how` is correction, collection or entry_correction."""

    how: str
    fact: str
    at: datetime


class Value(NamedTuple):
    """One value of one category, however often the same was collected.

    `state`: held (`value` is it), held_elsewhere (in the system `held_in`), withheld (a known child's, not kept), or
    sealed (not opened for this report; what was not given here is in `held_in`, if that is named). `collected` names
    the facts that it came with, in order of time.
    """

    category: str
    value: str | None
    state: str
    held_in: str | None
    source: str
    current: bool
    superseded: Superseded | None
    collected: tuple[str, ...]


class Collection(NamedTuple):
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


class Use(NamedTuple):
    """Data was used inside the company; `relies_on` names the collections, `value_from` the one whose value it was."""

    fact: str
    at: datetime
    purpose: str
    dpv: str | None
    categories: tuple[str, ...]
    reference: str | None
    relies_on: tuple[str, ...]
    value_from: str | None
    entry_corrected_by: str | None


class Share(NamedTuple):
    """Data was given to a recipient; `kind` says in what capacity."""

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


class Change(NamedTuple):
    """A subscription changed. `cause` says why one was enrolled, `via` which way one left."""

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


class Message(NamedTuple):
    """A message was handed over for delivery."""

    fact: str
    at: datetime
    channel: str
    program: str | None
    purpose: str
    dpv: str | None
    message_id: str
    unsubscribe_link: bool
    queued_at: datetime | None
    relies_on: tuple[str, ...]
    value_from: str | None
    entry_corrected_by: str | None


class Request(NamedTuple):
    """A request about one's own data, and how it stands: open, answered, denied or declined.

    `identity` is verified, not_verified or None. `fact` and `at` are None where only the answer is on record.
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


class Correction(NamedTuple):
    """A value was corrected on request; the value that it replaced is marked superseded among the data."""

    fact: str
    at: datetime
    request: str
    category: str
    value: str | None
    state: str
    entry_corrected_by: str | None


class Refusal(NamedTuple):
    """Something was asked for and not done, because of the promises `because`."""

    fact: str
    at: datetime
    refused: str
    purpose: str | None
    recipient: str | None
    program: str | None
    categories: tuple[str, ...]
    because: tuple[str, ...]


class Finding(NamedTuple):
    """An entry breaks a promise, or would, were it not excused by law. `statement` is the promise in plain words."""

    fact: str
    at: datetime
    what: str
    promise: str
    statement: str | None
    code: str
    excused: bool
    relies_on: tuple[str, ...]
    entry_corrected_by: str | None


class Note(NamedTuple):
    """Anything else on record. `what` is a code such as order_completed; `detail` its further codes."""

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

"""Requests about one's own data, and the state of each.

A report answers an access request, a correction a correction request, and the erasure an erasure request; a denial or a
decline ends the request that it names. What is asked again under the same name after an answer is another request. An
answer to a request that is not on record is listed too. An erasure ends all
requests of a person who had asked for it; of one who had not, it leaves those for access unanswered for good.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from uuid import UUID

from domain.events import customer as events
from domain.events.base import place_name
from domain.events.links import CustomersLinked, CustomersUnlinked
from domain.events.past_answers import PastAnswer
from domain.moments import Moment, Turn
from domain.vocabulary import overlaps
from domain.waiting import waits_until
from projections.access_report.parts import ANSWERED, DECLINED, DENIED, OPEN, UNANSWERED, WITHDRAWN, RequestEntry

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping
    from datetime import datetime

    from domain.events import Event

_OfRequest = (
    events.AccessRequested
    | events.CorrectionRequested
    | events.ErasureRequested
    | events.IdentityVerified
    | events.IdentityNotVerified
    | events.AccessReportIssued
    | events.DataCorrected
    | events.CorrectionDeclined
    | events.RequestDenied
    | events.RequestWithdrawn
    | events.RecipientNotified
)
ACCESS, CORRECTION, ERASURE = "access", "correction", "erasure"
_ARTICLES: Final[Mapping[str, str]] = {ACCESS: "Art. 15", CORRECTION: "Art. 16", ERASURE: "Art. 17"}
_DPV: Final[Mapping[str, str]] = {
    OPEN: "dpv:RequestInitiated",
    ANSWERED: "dpv:RequestFulfilled",
    DENIED: "dpv:RequestRejected",
    DECLINED: "dpv:RequestRejected",
    WITHDRAWN: "dpv:RequestUnfulfilled",
    UNANSWERED: "dpv:RequestUnfulfilled",
}


_PAST: Final[Mapping[str, tuple[str | None, str]]] = {
    "report": (ACCESS, ANSWERED),
    "correction": (CORRECTION, ANSWERED),
    "declined": (CORRECTION, DECLINED),
    "denied": (None, DENIED),
    "withdrawn": (None, WITHDRAWN),
}
"""What an answer on an erased record answers, None: whatever was asked, and to which state."""


@dataclass(slots=True)
class _Request:
    request: str
    kind: str
    state: str = OPEN
    fact: str | None = None
    at: datetime | None = None
    category: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    reason: str | None = None
    is_waiting: bool = False
    """Whether it was denied by nobody who may end a waiting period."""

    def is_about(self, corrected: str | None) -> bool:
        """Return whether a correction is of what was asked: of that category, or one above or below it."""
        return self.category is None or corrected is None or overlaps(corrected, self.category)


@dataclass(slots=True)
class Requests:
    """The requests so far, by name and kind; one name may be used for two kinds.

    What was told of them on a record that was erased alone stands on the event that parted it, and is read by its time.
    """

    _steps: list[tuple[Moment, _OfRequest | PastAnswer]] = field(default_factory=list)
    _asked: dict[tuple[str, str], list[_Request]] = field(default_factory=dict)
    _identity: dict[str, str] = field(default_factory=dict)
    _notified: dict[str, list[str]] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    """The ids of requests, by their codes."""
    _same: list[tuple[str, str]] = field(default_factory=list)
    """Pairs of codes that stand for one request, on streams that were joined."""
    _erased: events.CustomerErased | None = None
    _gone: set[UUID] = field(default_factory=set)
    """The streams of somebody living that alone were erased."""
    waiting_days: int = 0
    """The policy's waiting period between a request to be forgotten and the erasure."""
    left_open: Container[int] = ()
    """The positions of answers that left out other records, and so answer nothing yet."""

    def take(self, event: Event) -> None:
        """Take note of one event. An event that is not about a request changes nothing."""
        if isinstance(event, CustomersLinked | CustomersUnlinked):
            self._same += event.same_codes
        if event.originator_id in self._gone:
            return
        if isinstance(event, events.CustomerErased):
            self._erased = self._erased or event
        elif isinstance(event, _OfRequest):
            self._name(event)
            is_answer = isinstance(event, events.DataCorrected)  # The value that it puts right was given before.
            self._steps.append((event.moment._replace(turn=Turn.ANSWER) if is_answer else event.moment, event))

    def know(self, told: Iterable[Event], last: int | None = None, until: datetime | None = None) -> None:
        """Take note of what records told of requests that alone were erased since: up to a position, and up to a time.

        Each answer counts from its own moment on, also where the erasure that passed it on comes later. Of such a
        record nothing else is left: what was asked there is the erased one's.
        """
        streams, gone = set[UUID](), set[UUID]()
        for event in told:
            streams.add(event.originator_id)
            if isinstance(event, events.CustomerErased):
                gone.add(event.originator_id)
            if isinstance(event, CustomersUnlinked):
                passed_on = zip(event.answers, event.answered_by, strict=True)
                self._steps += [
                    (Moment(past.at, past.turn, place), past)
                    for past, place in passed_on
                    if past.request_code and (last is None or place <= last) and (until is None or past.at <= until)
                ]
        self._gone = gone if gone < streams else set()

    def _fold(self, event: _OfRequest) -> None:  # noqa: C901, PLR0912 - one case for each sort of event
        match event:
            case events.AccessRequested():
                self._ask(event.occurred_at, event.fact, self._name(event), ACCESS)
            case events.CorrectionRequested():
                self._ask(event.occurred_at, event.fact, self._name(event), CORRECTION).category = event.category
            case events.ErasureRequested():
                self._ask(event.occurred_at, event.fact, self._name(event), ERASURE)
            case events.IdentityVerified():
                self._identity[self._name(event)] = "verified"
            case events.IdentityNotVerified():
                self._identity.setdefault(self._name(event), "not_verified")
            case events.AccessReportIssued():
                self._answer(event, self._one(self._name(event), ACCESS), ANSWERED)
            case events.DataCorrected():
                if (asked := self._one(self._name(event), CORRECTION)).is_about(event.category):
                    self._answer(event, asked, ANSWERED)
            case events.CorrectionDeclined():
                self._answer(event, self._one(self._name(event), CORRECTION), DECLINED, event.reason)
            case events.RequestDenied():
                for asked in self._all(self._name(event)):
                    self._answer(event, asked, DENIED, event.reason)
                    asked.is_waiting = not event.by_officer
            case events.RequestWithdrawn():
                for asked in self._all(self._name(event)):
                    self._answer(event, asked, WITHDRAWN)
            case events.RecipientNotified():
                self._notified.setdefault(self._name(event), []).append(event.recipient)

    def _fold_past(self, past: PastAnswer, place: int) -> None:
        """Fold what was told of a request on a record of the person that alone was erased since."""
        alike = self._alike(past.request_code)
        name = next((self._names[code] for code in alike if code in self._names), past.request_code)
        if past.what == "verified":
            self._identity[name] = "verified"
            return
        if past.what == "asked":
            asked = self._ask(past.at, place_name(place), name, past.kind or ACCESS)
            asked.category = past.category or asked.category
            return
        if past.what not in _PAST:
            return
        kind, state = _PAST[past.what]
        for asked in [self._one(name, kind)] if kind else self._all(name):
            is_about = past.what != "correction" or asked.is_about(past.category)
            if place not in self.left_open and is_about:
                asked.state, asked.answered_by, asked.answered_at = state, place_name(place), past.at
                asked.is_waiting = past.what == "denied" and not past.by_officer

    def listed(self) -> tuple[RequestEntry, ...]:
        """Return the requests in the order in which they first appear."""
        for moment, step in sorted(self._steps, key=lambda one: one[0]):
            if isinstance(step, PastAnswer):
                self._fold_past(step, moment.position)
            else:
                self._fold(step)
        self._steps.clear()
        if self._erased is not None:  # It is the last event of a stream, whatever its time is.
            self._end(self._erased)
        return tuple(
            RequestEntry(
                asked.request,
                asked.kind,
                _ARTICLES[asked.kind],
                asked.state,
                _DPV[asked.state],
                asked.fact,
                asked.at,
                asked.category,
                self._identity.get(asked.request),
                asked.answered_by,
                asked.answered_at,
                asked.reason,
                tuple(dict.fromkeys(self._notified.get(asked.request, ()))),
                self._waits_until(asked),
            )
            for asked in self._each()
        )

    def _each(self) -> list[_Request]:
        return [asked for several in self._asked.values() for asked in several]

    def _end(self, erased: events.CustomerErased) -> None:
        """Let an erasure end the requests that are open."""
        named = None if erased.request_code is None else self._names.get(erased.request_code, erased.request_code)
        is_asked = any(
            asked.kind == ERASURE and asked.fact is not None and (asked.state == OPEN or asked.request == named)
            for asked in self._each()
        )
        if named is not None:
            self._one(named, ERASURE)
        for asked in self._each():
            if asked.state != OPEN:
                continue
            if asked.kind == ERASURE:
                self._answer(erased, asked, ANSWERED)
            elif is_asked:
                asked.state, asked.answered_by, asked.answered_at = ANSWERED, erased.fact, erased.occurred_at
            elif asked.kind == ACCESS:
                asked.state = UNANSWERED

    def _waits_until(self, asked: _Request) -> datetime | None:
        goes_on = asked.state == OPEN or (asked.state == DENIED and asked.is_waiting)
        is_waiting = asked.kind == ERASURE and goes_on and asked.at and self.waiting_days
        return waits_until(asked.at, self.waiting_days) if is_waiting and asked.at else None

    def _name(self, event: _OfRequest) -> str:
        """Return the id of an event's request, or its code where the seal was not opened."""
        return self._names.setdefault(event.request_code, event.request or event.request_code)

    def _alike(self, code: str) -> list[str]:
        """Return the codes that stand for the same request as one, itself first."""
        found = {code: None}
        while more := [(one, two) for one, two in self._same if (one in found) != (two in found)]:
            for pair in more:
                found |= dict.fromkeys(pair)
        return list(found)

    def _one(self, request: str, kind: str) -> _Request:
        """Return the last request of a name and kind."""
        return self._asked.setdefault((request, kind), [_Request(request, kind)])[-1]

    def _all(self, request: str) -> list[_Request]:
        known = [several[-1] for (name, _), several in self._asked.items() if name == request]
        still_open = [asked for asked in known if asked.state == OPEN]
        return still_open or known or [self._one(request, ACCESS)]

    def _ask(self, at: datetime, fact: str, request: str, kind: str) -> _Request:
        asked = self._one(request, kind)
        if asked.state != OPEN:
            asked = _Request(request, kind)
            self._asked[request, kind].append(asked)
        asked.fact, asked.at = asked.fact or fact, asked.at or at
        return asked

    def _answer(self, event: Event, asked: _Request, state: str, reason: str | None = None) -> None:
        if event.position in self.left_open:
            return
        asked.state, asked.reason = state, reason
        asked.answered_by, asked.answered_at = event.fact, event.occurred_at

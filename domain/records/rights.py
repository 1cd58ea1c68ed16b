"""What a person asked about their own data and was told, as part of their record: requests, corrections, offers.

Every entry keeps its moment, and lists are in order of time, whichever order the events were folded in. Verifications
are compared by position, since identity comes before access or correction in the order of the log (wire contract,
"How facts are read").
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from domain.events import customer as events
from domain.events.suppressions import SuppressionOwed, SuppressionRecalled
from domain.moments import Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from domain.events.past_answers import PastAnswer
    from domain.moments import Moment

ACCESS: Final = "access"
CORRECTION: Final = "correction"
ERASURE: Final = "erasure"
_moment = attrgetter("moment")


class Entry(NamedTuple):
    """Something done about a request or a purpose, and on which stream that was told."""

    moment: Moment
    stream: UUID | None = None
    said: Moment | None = None
    """Of an objection that was recalled of this very person, when and at which position it was said."""
    is_recalled: bool = False
    """Of an objection, whether it is one of before an erasure, of somebody parted, or of who had a name before."""
    by_last: Moment | None = None
    """Of an objection that was recalled of the one who had a name before, when it was said."""
    learned: int = 0
    """Of an objection that was recalled, the position at which it was told, where that is not its own."""

    @property
    def position(self) -> int:
        """The position of its event, which identifies it."""
        return self.moment.position

    @property
    def evidence(self) -> tuple[int, ...]:
        """The position of what shows it; none of what was forgotten, or said by somebody else."""
        if self.said is not None:
            return (self.said.position,)
        return () if self.is_recalled else (self.position,)


class Reported(NamedTuple):
    """A report was given, and left out streams of others on which the person's contact points stand."""

    moment: Moment
    elsewhere: tuple[UUID, ...] = ()
    stream: UUID | None = None

    @property
    def position(self) -> int:
        """The position of its event, which identifies it."""
        return self.moment.position


class RequestMade(NamedTuple):
    """A request: what `kind` of thing was asked, and whether a correction was asked for with the error shown.

    `code` is that of its own stream.
    """

    moment: Moment
    kind: str
    shows_error: bool = True
    stream: UUID | None = None
    code: str = ""
    category: str | None = None

    @property
    def position(self) -> int:
        """The position of its event, which identifies it."""
        return self.moment.position


class Corrected(NamedTuple):
    """A value was replaced, on a request."""

    moment: Moment
    category: str
    stream: UUID | None = None

    @property
    def position(self) -> int:
        """The position of its event, which identifies it."""
        return self.moment.position


class Denied(NamedTuple):
    """A request was denied with a reason, by an officer or by somebody else."""

    moment: Moment
    by_officer: bool = False
    stream: UUID | None = None

    @property
    def position(self) -> int:
        """The position of its event, which identifies it."""
        return self.moment.position


@dataclass(slots=True)
class Matter:
    """All that is on record about requests of one code; services choose the id, and one of each kind may share it."""

    requests: list[RequestMade] = field(default_factory=list)
    verified: list[Entry] = field(default_factory=list)
    reported: list[Reported] = field(default_factory=list)
    corrected: list[Corrected] = field(default_factory=list)
    declined: list[Entry] = field(default_factory=list)
    """A correction was declined with a reason."""
    denied: list[Denied] = field(default_factory=list)
    withdrawn: list[Entry] = field(default_factory=list)
    """The person took the request back."""
    asked_there: set[str] = field(default_factory=set)
    """What was asked on another stream of the person as well, who goes on with that one."""

    def ended(self) -> Iterator[Entry | Denied]:
        """Return what ended the request, whatever was asked."""
        yield from self.denied
        yield from self.withdrawn

    def ended_waiting(self) -> Iterator[Entry | Denied]:
        """Return what ended a waiting period: the person took the request back, or an officer denied it."""
        yield from (one for one in self.denied if one.by_officer)
        yield from self.withdrawn

    def answers(self, kind: str) -> Iterator[Entry | Denied | Corrected | Reported]:
        """Return the answers to what was asked, in no order."""
        if kind == ACCESS:
            yield from self.reported
        elif kind == CORRECTION:
            yield from self.corrected
            yield from self.declined
        yield from self.ended()

    def absorb(self, other: Matter) -> None:
        """Take over what is on record of a request that turned out to be the same."""
        for own, others in (
            (self.verified, other.verified),
            (self.declined, other.declined),
            (self.withdrawn, other.withdrawn),
        ):
            own[:] = sorted(own + others, key=_moment)
        self.denied = sorted(self.denied + other.denied, key=_moment)
        self.asked_there |= other.asked_there
        self.requests = sorted(self.requests + other.requests, key=_moment)
        self.reported = sorted(self.reported + other.reported, key=_moment)
        self.corrected = sorted(self.corrected + other.corrected, key=_moment)


@dataclass(slots=True)
class Rights:
    """What a person asked, was offered and objected to."""

    matters: dict[str, Matter] = field(default_factory=lambda: defaultdict(Matter))
    offers: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    objections: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    corrections: list[Corrected] = field(default_factory=list)

    def note(self, event: events.CustomerEvent, request: str) -> None:  # noqa: C901 - one case an event, as in any fold
        """Fold one event; `request` is the code of the request that it names.

        Events that are not about a person's rights change nothing.
        """
        moment, stream = event.moment, event.originator_id
        match event:
            case events.AccessRequested():
                self._ask(request, RequestMade(moment, ACCESS, stream=stream, code=event.request_code))
            case events.CorrectionRequested():
                self._ask(request, _correction_asked(event))
            case events.ErasureRequested():
                self._ask(request, RequestMade(moment, ERASURE, stream=stream, code=event.request_code))
            case events.IdentityVerified():
                insort(self.matters[request].verified, Entry(moment, stream), key=_moment)
            case events.AccessReportIssued():
                insort(self.matters[request].reported, Reported(moment, event.elsewhere, stream), key=_moment)
            case events.DataCorrected():
                corrected = Corrected(moment, event.category, stream)
                insort(self.matters[request].corrected, _as_answer(corrected), key=_moment)
                insort(self.corrections, corrected, key=_moment)
            case events.CorrectionDeclined():
                insort(self.matters[request].declined, Entry(moment, stream), key=_moment)
            case events.RequestDenied():
                insort(self.matters[request].denied, Denied(moment, bool(event.by_officer), stream), key=_moment)
            case events.RequestWithdrawn():
                insort(self.matters[request].withdrawn, Entry(moment, stream), key=_moment)
            case events.OptOutOffered():
                insort(self.offers[event.purpose], Entry(moment, stream), key=_moment)
            case events.ObjectionRaised() | SuppressionRecalled(purpose=str()) | SuppressionOwed(purpose=str()):
                assert event.purpose is not None, "it is an objection to one"
                insort(self.objections[event.purpose], _objection(event), key=_moment)
            case _:
                pass  # On record, and read by reports; no promise rests on it.

    def note_past(self, request: str, past: PastAnswer, moment: Moment, stream: UUID) -> None:
        """Take over what was told of a request under a stream that was erased; `request` is its code, "" of none."""
        if past.what == "correction":
            corrected = Corrected(moment, past.category or "", stream)
            insort(self.corrections, corrected, key=_moment)
            if request:
                insort(self.matters[request].corrected, _as_answer(corrected), key=_moment)
        elif past.what == "asked":
            assert past.kind is not None, "something was asked"
            made = RequestMade(moment, past.kind, past.shows_error, stream, past.request_code, past.category)
            self._ask(request, made)
        elif past.what == "asked_there":
            self.matters[request].asked_there.add(past.kind or "")
        elif past.what == "report":
            insort(self.matters[request].reported, Reported(moment, past.elsewhere, stream), key=_moment)
        elif past.what == "denied":
            insort(self.matters[request].denied, Denied(moment, past.by_officer, stream), key=_moment)
        else:
            matter = self.matters[request]
            of_kind = {"verified": matter.verified, "declined": matter.declined, "withdrawn": matter.withdrawn}
            insort(of_kind[past.what], Entry(moment, stream), key=_moment)

    def _ask(self, request: str, made: RequestMade) -> None:
        insort(self.matters[request].requests, made, key=_moment)

    def asks_for_erasure(self, named: str | None) -> Iterator[RequestMade]:
        """Yield by what the person asked to be erased: each request without an answer, and the one `named`.

        One that was told several times is yielded once.
        """
        for code, matter in self.matters.items():
            for request in matter.requests:
                is_ended = code != named and any(one.moment >= request.moment for one in matter.ended())
                if request.kind == ERASURE and not is_ended and ERASURE not in matter.asked_there:
                    yield request
                    break

    def absorb(self, other: Rights) -> None:
        """Take over what is on record of somebody who turned out to be the same person."""
        for request, matter in other.matters.items():
            self.matters[request].absorb(matter)
        for own_entries, other_entries in ((self.offers, other.offers), (self.objections, other.objections)):
            for purpose, entries in other_entries.items():
                own_entries[purpose] = sorted(own_entries[purpose] + entries, key=_moment)
        self.corrections = sorted(self.corrections + other.corrections, key=_moment)

    def move(self, moved: Callable[[Any], Any]) -> None:
        """Put in the place of each entry what `moved` returns for it."""
        of_matters = (
            (one.requests, one.verified, one.reported, one.corrected, one.declined, one.denied, one.withdrawn)
            for one in self.matters.values()
        )
        others: tuple[list[Any], ...] = (*self.offers.values(), *self.objections.values(), self.corrections)
        timelines: Iterator[list[Any]] = chain(chain.from_iterable(of_matters), others)
        for timeline in timelines:
            timeline[:] = map(moved, timeline)

    def unify(self, code: str, into: str) -> None:
        """Take two codes for one request from here on."""
        if code in self.matters:
            self.matters[into].absorb(self.matters.pop(code))


def _as_answer(corrected: Corrected) -> Corrected:
    """Return a correction as what answers its request; the value that it puts right was given before."""
    return corrected._replace(moment=corrected.moment._replace(turn=Turn.ANSWER))


def _correction_asked(event: events.CorrectionRequested) -> RequestMade:
    stream, code = event.originator_id, event.request_code
    return RequestMade(event.moment, CORRECTION, event.shows_error, stream, code, event.category)


def _objection(event: events.ObjectionRaised | SuppressionRecalled | SuppressionOwed) -> Entry:
    """Return an objection that was raised, or is recalled of somebody who had raised it before."""
    entry = Entry(event.moment, event.originator_id)
    if not isinstance(event, SuppressionRecalled):
        return entry
    before = event.moment._replace(at=event.owed_since) if event.owed_since else None
    return entry._replace(said=event.said, is_recalled=True, by_last=before, learned=event.told_at)

"""What a person asked about their own data and was told, as part of their record: requests, corrections, offers.

Every entry keeps its moment, and lists are in order of time, whichever order the events were folded in. Verifications
are compared by position, since identity comes before access or correction in the order of the log (wire contract,
"How facts are read").
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from domain.events import Moment, customer as events

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCESS, CORRECTION, ERASURE = "access", "correction", "erasure"
_moment = attrgetter("moment")


class Entry(NamedTuple):
    """Something done about a request or a purpose, by which fact."""

    moment: Moment
    name: str


class RequestMade(NamedTuple):
    """A request: what `kind` of thing was asked, and whether a correction was asked for with the error shown."""

    moment: Moment
    name: str
    kind: str
    shows_error: bool = True


class Corrected(NamedTuple):
    """A value was replaced, on a request."""

    moment: Moment
    name: str
    category: str


@dataclass(slots=True)
class Matter:
    """All that is on record about requests of one name; services choose the name, and one of each kind may share it."""

    requests: list[RequestMade] = field(default_factory=list)
    verified: list[Entry] = field(default_factory=list)
    reported: list[Entry] = field(default_factory=list)
    corrected: list[Corrected] = field(default_factory=list)
    declined: list[Entry] = field(default_factory=list)
    """A correction was declined with a reason."""
    denied: list[Entry] = field(default_factory=list)
    """The request was denied with a reason."""

    def answers(self, kind: str) -> Iterator[Entry | Corrected]:
        """Return the answers to what was asked, in no order."""
        if kind == ACCESS:
            yield from self.reported
        elif kind == CORRECTION:
            yield from self.corrected
            yield from self.declined
        yield from self.denied


@dataclass(slots=True)
class Rights:
    """What a person asked, was offered and objected to."""

    matters: dict[str, Matter] = field(default_factory=lambda: defaultdict(Matter))
    offers: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    objections: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    corrections: list[Corrected] = field(default_factory=list)

    def note(self, event: events.CustomerEvent) -> None:  # noqa: C901 - one case an event, as in any fold
        """Fold one event; those that are not about a person's rights change nothing."""
        moment, name = event.moment, event.fact
        match event:
            case events.AccessRequested():
                insort(self.matters[event.request].requests, RequestMade(moment, name, ACCESS), key=_moment)
            case events.CorrectionRequested():
                request = RequestMade(moment, name, CORRECTION, event.shows_error)
                insort(self.matters[event.request].requests, request, key=_moment)
            case events.ErasureRequested():
                insort(self.matters[event.request].requests, RequestMade(moment, name, ERASURE), key=_moment)
            case events.IdentityVerified():
                insort(self.matters[event.request].verified, Entry(moment, name), key=_moment)
            case events.AccessReportIssued():
                insort(self.matters[event.request].reported, Entry(moment, name), key=_moment)
            case events.DataCorrected():
                corrected = Corrected(moment, name, event.category)
                insort(self.matters[event.request].corrected, corrected, key=_moment)
                insort(self.corrections, corrected, key=_moment)
            case events.CorrectionDeclined():
                insort(self.matters[event.request].declined, Entry(moment, name), key=_moment)
            case events.RequestDenied():
                insort(self.matters[event.request].denied, Entry(moment, name), key=_moment)
            case events.OptOutOffered():
                insort(self.offers[event.purpose], Entry(moment, name), key=_moment)
            case events.ObjectionRaised():
                insort(self.objections[event.purpose], Entry(moment, name), key=_moment)
            case _:
                pass  # On record, and read by reports; no promise rests on it.

    def absorb(self, other: Rights) -> None:
        """Take over what is on record of somebody who turned out to be the same person."""
        for request, matter in other.matters.items():
            mine = self.matters[request]
            for own, others in (
                (mine.verified, matter.verified),
                (mine.reported, matter.reported),
                (mine.declined, matter.declined),
                (mine.denied, matter.denied),
            ):
                own[:] = sorted(own + others, key=_moment)
            mine.requests = sorted(mine.requests + matter.requests, key=_moment)
            mine.corrected = sorted(mine.corrected + matter.corrected, key=_moment)
        for own_entries, other_entries in ((self.offers, other.offers), (self.objections, other.objections)):
            for purpose, entries in other_entries.items():
                own_entries[purpose] = sorted(own_entries[purpose] + entries, key=_moment)
        self.corrections = sorted(self.corrections + other.corrections, key=_moment)

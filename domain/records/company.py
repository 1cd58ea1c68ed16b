"""The company, as the fold of the Company stream: who may receive what, what is registered, posted and attested.

Everything keeps its moment, whose position identifies it, in order of time, so a late fact meets the register as it
stood at its own time. An event that is not the company's raises `TypeError`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from domain.events import Event, company as events
from domain.moments import start_of
from domain.records.entries import by_moment, place
from domain.records.restated import restated, spliced, spliced_by
from domain.records.wrong_entries import WrongEntries
from domain.vocabulary import PURPOSES, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from uuid import UUID

    from domain.moments import Moment


class Registration(NamedTuple):
    """A recipient's entry in the register from a moment on; `ended` where the entry ends its registration."""

    moment: Moment
    roles: tuple[Role, ...]
    categories: tuple[str, ...]
    group: str | None
    ended: bool


class Opening(NamedTuple):
    """A collection point opened, or closed, at a moment."""

    moment: Moment
    is_open: bool
    online: bool = True

    @property
    def position(self) -> int:
        """The position of its event, which identifies it."""
        return self.moment.position


class Purpose(NamedTuple):
    """A purpose was registered; an unrelated one needs an offer to opt out first."""

    moment: Moment
    unrelated: bool


class Publication(NamedTuple):
    """A version of the policy was published; `digest` is hexadecimal, `effective_from` None where it is unknown."""

    moment: Moment
    version: str
    digest: str
    effective_from: datetime | None

    @property
    def position(self) -> int:
        """The position of its event, which identifies it."""
        return self.moment.position


class Posting(NamedTuple):
    """A notice in a version was posted at a location, or taken from it."""

    moment: Moment
    version: str
    is_posted: bool

    @property
    def position(self) -> int:
        """The position of its event, which identifies it."""
        return self.moment.position


class Attestation(NamedTuple):
    """Somebody vouched for something, until a time."""

    moment: Moment
    until: datetime

    @property
    def position(self) -> int:
        """The position of its event, which identifies it."""
        return self.moment.position


class Trouble(NamedTuple):
    """Something happened to the data of these categories (none: of any), and so many records were read unlawfully."""

    moment: Moment
    unauthorised_reads: int
    categories: tuple[str, ...]


class Released(NamedTuple):
    """A table of counts went to a recipient; None: to everybody."""

    moment: Moment
    release: str
    recipient: str | None
    cells: tuple[tuple[Mapping[str, str], int], ...]

    @property
    def position(self) -> int:
        """The position of its event, which identifies it."""
        return self.moment.position


EVER: Final = start_of(datetime.min.replace(tzinfo=UTC))
"""No moment comes before this one."""
_T = TypeVar("_T", Registration, Opening, Purpose, Posting)
SITE_REVIEW = "site_review"
"""The kind of attestation that a review of the site is; the others are the three kinds of security measure."""


@dataclass(slots=True)
class Company:
    """What decisions rest on of the company's own record. `version` is that of the Company stream."""

    stream: UUID
    version: int = 0
    recipients: dict[str, list[Registration]] = field(default_factory=lambda: defaultdict(list))
    points: dict[str, list[Opening]] = field(default_factory=lambda: defaultdict(list))
    purposes: dict[str, list[Purpose]] = field(default_factory=lambda: defaultdict(list))
    publications: list[Publication] = field(default_factory=list)
    notices: dict[str, list[Posting]] = field(default_factory=lambda: defaultdict(list))
    """By location."""
    attestations: dict[str, list[Attestation]] = field(default_factory=lambda: defaultdict(list))
    """By kind: physical, electronic, managerial, or `SITE_REVIEW`."""
    incidents: list[Trouble] = field(default_factory=list)
    releases: list[Released] = field(default_factory=list)
    wrong: WrongEntries = field(default_factory=WrongEntries)
    before: tuple[tuple[Company, Moment], ...] = ()
    """Of what is left of a record: what counted up to each correction, in order of time."""
    restated_by: dict[tuple[tuple[Moment, int], ...], Company] = field(default_factory=dict, compare=False, repr=False)
    """What is left by which corrections, as far as it was asked for since the last event."""

    def standing(self, until: Moment) -> Company:
        """Return what of the record stands at a moment: all but what was corrected by then as a wrong entry."""
        corrected = self.wrong.counting(until) if self.wrong.told else ()
        if not corrected:
            return self
        left = self.restated_by.get(corrected)
        if left is None:
            left = self.restated_by[corrected] = restated(self, corrected)
        return left

    def moments(self) -> Iterator[Moment]:
        """Yield when the company did what acts are judged by, and corrected it."""
        timelines: Iterable[Iterable[Any]] = (
            *(self.recipients.values()),
            *(self.points.values()),
            *(self.purposes.values()),
            *(self.notices.values()),
        )
        yield from (one.moment for timeline in (self.publications, *timelines) for one in timeline)
        yield from (one for moments in self.wrong.told.values() for one in moments)

    def version_of(self, stream: UUID) -> int:
        """Return the version of the Company stream, the only one of this record."""
        assert stream == self.stream, "a record holds its own streams"
        return self.version

    def recipient(self, name: str, at: Moment) -> Registration | None:
        """Return a recipient's registration in force at a moment, or None."""
        left = self.standing(at) if self.wrong.told else self
        latest = _latest(left.recipients, name, at)
        return None if latest is None or latest.ended else latest

    def group_of(self, name: str, at: Moment) -> str | None:
        """Return the group of a recipient's last registration by a moment; it stays when the registration ends."""
        entries = self.standing(at).recipients.get(name, ())
        known = [one.group for one in entries if one.moment <= at and not one.ended]
        return known[-1] if known else None

    def point(self, name: str, at: Moment) -> Opening | None:
        """Return the opening of a collection point that is registered, and open, at a moment."""
        latest = _latest(self.standing(at).points, name, at)
        return latest if latest is not None and latest.is_open else None

    def has_point(self, name: str, at: Moment) -> bool:
        """Return whether a collection point was registered, and open, at a moment."""
        return self.point(name, at) is not None

    def knows_purpose(self, name: str, at: Moment) -> bool:
        """Return whether a purpose is one that every ledger knows, or had been registered by a moment."""
        return name in PURPOSES or _latest(self.standing(at).purposes, name, at) is not None

    def is_unrelated(self, name: str, at: Moment) -> bool:
        """Return whether a purpose is unrelated: not one that every ledger knows, and not registered as related."""
        if name in PURPOSES:
            return False
        registered = _latest(self.standing(at).purposes, name, at)
        return registered is None or registered.unrelated

    def shows(self, location: str, version: str, at: Moment) -> bool:
        """Return whether a location carries the notice in a version at a moment."""
        # A posting replaces what stood there; removing a version that no longer stands does nothing.
        ended = (one for one in reversed(self.standing(at).notices.get(location, ())) if one.moment <= at)
        last = next((one for one in ended if one.is_posted or one.version == version), None)
        return last is not None and last.is_posted and last.version == version

    def points_ever(self) -> Sequence[str]:
        """Return the collection points that were ever registered or closed, by mistake too."""
        return list(self.before[0][0].points if self.before else self.points)

    def openings(self, name: str) -> Sequence[Opening]:
        """Return when a collection point opened and closed, in order of time; a correction can do either."""
        if not self.before:
            return self.points.get(name, ())
        never = Opening(EVER, is_open=False)
        return spliced(self, lambda left: left.points.get(name, ()), never)

    def postings(self, location: str) -> Sequence[Posting]:
        """Return when which notices came to a location and left it, in order of time; a correction can do either."""
        if not self.before:
            return self.notices.get(location, ())
        never = Posting(EVER, "", is_posted=False)
        return spliced_by(self, lambda left: left.notices.get(location, ()), "version", never)

    def was_published(self) -> bool:
        """Return whether any version of the policy was published, by mistake too."""
        return bool(self.publications) or any(left.publications for left, _ in self.before)


def evolve(state: Company, event: Event) -> Company:  # noqa: C901, PLR0912 - one case an event is what a fold is
    """Fold one event of the Company stream; the state that is given is changed and returned."""
    state.version = event.originator_version
    state.restated_by.clear()
    moment = event.moment
    match event:
        case events.RecipientRegistered():
            entry = Registration(moment, event.roles, event.categories, event.group, ended=False)
            place(state.recipients[event.recipient], entry)
        case events.RecipientEnded():
            place(state.recipients[event.recipient], Registration(moment, (), (), None, ended=True))
        case events.CollectionPointRegistered():
            place(state.points[event.collection_point], Opening(moment, is_open=True, online=event.online))
        case events.CollectionPointClosed():
            place(state.points[event.collection_point], Opening(moment, is_open=False))
        case events.PurposeRegistered():
            place(state.purposes[event.purpose], Purpose(moment, event.unrelated))
        case events.PolicyPublished():
            published = Publication(moment, event.version, event.digest, event.effective_from)
            place(state.publications, published)
        case events.NoticePosted() | events.NoticeRemoved():
            is_posted = isinstance(event, events.NoticePosted)
            place(state.notices[event.location], Posting(moment, event.version, is_posted))
        case events.SecurityMeasureAttested():
            place(state.attestations[event.kind], Attestation(moment, event.until))
        case events.SiteReviewAttested():
            place(state.attestations[SITE_REVIEW], Attestation(moment, event.until))
        case events.IncidentRecorded():
            place(state.incidents, Trouble(moment, event.unauthorised_reads, event.categories))
        case events.AggregateReleased():
            cells = tuple((cell.where, cell.count) for cell in event.cells)
            place(state.releases, Released(moment, event.release, event.recipient, cells))
        case events.CompanyEntryCorrected():
            state.wrong.note(event)
        case events.CompanyEvent():
            pass  # On record; no promise rests on it.
        case _:
            message = f"{type(event).__name__} is not an event of the company"
            raise TypeError(message)
    return state


def _latest(timelines: Mapping[str, list[_T]], name: str, at: Moment) -> _T | None:
    """Return the last entry of a timeline at or before a moment."""
    timeline = timelines.get(name, [])
    index = bisect_right(timeline, at, key=by_moment)
    return timeline[index - 1] if index else None

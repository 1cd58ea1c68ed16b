"""Whether a location carried the notice that it must: its duties, and what time has decided of each.

A duty is one version at one location, from the fact that set it until the next version, or until the location is
closed. Up to its deadline, the deadline included, the location may carry any version or none. After it, each gap is
returned with the fact that began it and the posting that ended it. The removal of a notice has no deadline. A posting
replaces what stood at its location; removing a version that no longer stands does nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from domain.policy.status import Status
from domain.rules.common.base import Settled, later
from domain.rules.common.particulars import particulars

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from domain.policy.force import Step
    from domain.records.company import Posting
    from domain.rules.common.particulars import Particulars

NOT_POSTED, REMOVED = "notice_not_posted", "notice_removed"
NOTICE_REASONS: Final[Mapping[str, str]] = {
    NOT_POSTED: "The version in force was not posted in time.",
    REMOVED: "The version in force was removed or replaced.",
}


class Location(NamedTuple):
    """A location that must carry the notice, because of the event at `fact`: since when, and until when."""

    fact: int
    since: datetime
    until: datetime | None = None
    at_once: bool = False
    """Whether the version in force at its beginning must be there at once, without a deadline."""
    name: str = ""


class _Duty(NamedTuple):
    """A location must carry a version, by `fact` and `others`. `due` is the deadline; None means from `since`."""

    version: str
    fact: int
    others: tuple[int, ...]
    since: datetime
    until: datetime | None
    due: datetime | None
    location: str

    def binds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


class _Span(NamedTuple):
    """A location carried a version, from a posting until its removal, or the posting of another version."""

    posted: Posting
    removed: Posting | None


def settle_location(
    location: Location, steps: Sequence[Step], seconds: int, postings: Sequence[Posting], as_of: datetime
) -> Iterator[Settled]:
    """Return what time has decided of one location. `steps` are the versions in force; a deadline is `seconds` long.

    `postings` are those at the location, in order of time, and none is later than `as_of`.
    """
    duties = [duty for duty in _duties(location, steps, seconds) if duty.since <= as_of]
    for duty in duties:
        yield from _settle(duty, duties, postings, as_of)


def _duties(location: Location, steps: Sequence[Step], seconds: int) -> Iterator[_Duty]:
    for step, after in zip(steps, (*steps[1:], None), strict=True):
        if not step.version.version:
            continue  # No version is in force.
        since = max(location.since, step.since.at)
        ends = [end for end in (location.until, after and after.since.at) if end is not None]
        until = min(ends, default=None)
        if until is not None and until <= since:
            continue
        fact = step.fact if step.fact and step.since.at > location.since else location.fact
        others = tuple(one for one in (step.fact, location.fact) if one and one != fact)
        due = None if location.at_once and since == location.since else later(since, seconds)
        yield _Duty(step.version.version, fact, others, since, until, due, location.name)


def _settle(duty: _Duty, duties: Sequence[_Duty], postings: Sequence[Posting], as_of: datetime) -> Iterator[Settled]:
    """Return each gap of a duty after its deadline; or that it is open; or, without a gap, that it was kept."""
    gaps: list[Settled] = []
    carried: list[Posting] = []
    bare: datetime | None = duty.due or duty.since
    began, code, shown = duty.fact, NOT_POSTED, duty.others
    for posted, removed in _spans(postings, duty.version):
        at = posted.moment.at
        if bare is None or (removed and removed.moment.at <= bare) or (duty.until and at >= duty.until):
            continue
        if at > bare:
            known = _of_gap(duty, bare, at)
            gaps.append(Settled(Status.BROKEN, began, bare, code, shown, posted.position, known))
        carried.append(posted)
        bare = None
        if removed:
            bare, began, code, shown = removed.moment.at, removed.position, REMOVED, (posted.position,)
    if bare is not None and (duty.until is None or bare < duty.until):
        if bare == duty.due and as_of <= bare:
            gaps.append(Settled(Status.OPEN, began, bare, events=shown, particulars=_of_gap(duty, bare, None)))
        else:
            remedied = _set_right(duties[duties.index(duty) + 1 :], postings)
            ends = min(as_of, duty.until or as_of)
            known = _of_gap(duty, bare, ends)
            gaps.append(Settled(Status.BROKEN, began, bare, code, shown, remedied, known))
    yield from gaps
    if carried and not gaps:
        since = max(duty.since, carried[0].moment.at)
        events = tuple(dict.fromkeys((*duty.others, *(one.position for one in carried))))
        yield Settled(Status.KEPT, duty.fact, since, events=events)


def _of_gap(duty: _Duty, bare: datetime, until: datetime | None) -> Particulars:
    """Return which version a location had to carry since when, and how long it did not."""
    known = particulars(location=duty.location, version=duty.version, since=duty.since, due=duty.due)
    if until is None:
        return known
    return (*known, *particulars(without_since=bare, without_seconds=int((until - bare).total_seconds())))


def _spans(postings: Sequence[Posting], version: str) -> Iterator[_Span]:
    """Return when a version was carried. A posting that was removed or replaced at the same time does not count."""
    posted: Posting | None = None
    for one in postings:
        if one.is_posted and one.version == version:
            posted = posted or one
        elif posted and (one.is_posted or one.version == version):
            if posted.moment.at < one.moment.at:
                yield _Span(posted, one)
            posted = None
    if posted:
        yield _Span(posted, None)


def _set_right(duties: Sequence[_Duty], postings: Sequence[Posting]) -> int | None:
    """Return the first posting that fulfils one of the later duties, for a gap that no posting ended."""
    for duty in duties:
        for posted, _ in _spans(postings, duty.version):
            if duty.binds(posted.moment.at):
                return posted.position
    return None

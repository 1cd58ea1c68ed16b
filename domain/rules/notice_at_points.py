"""Rule kind `notice_at_points`: every collection point is registered, and carries the version in force."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from domain.events.customer import DataCollected
from domain.policy.force import in_force, timeline
from domain.policy.notices import NOTICE_REASONS, Location, settle_location
from domain.rules.common.base import Breach, Case, Rule, Settled
from domain.rules.common.particulars import particulars
from domain.vocabulary import Act

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from domain.moments import Moment
    from domain.policy.force import Step
    from domain.policy.model import Policy
    from domain.records.company import Company, Opening
    from domain.rules.common.particulars import Particulars


class _Bound(NamedTuple):
    """A point that must carry the notice at the moment of a collection."""

    opened: Opening
    step: Step

    @property
    def since(self) -> datetime:
        """Return since when it must carry the version in force."""
        return max(self.opened.moment.at, self.step.since.at)


class NoticeAtPoints(Rule):
    """Each registered online point carries the version in force while it is open, whether anything is collected or not.

    After its registration, and after each publication that takes effect, there is a time to post the notice, which is
    a parameter of the policy. A collection within that time breaks nothing. At any other time a collection must have
    shown the version in force, and that version must be posted at its point. A collection at a point that is not
    registered is a breach, unless its act is one of `except_acts`. With `offline_too`, offline points are judged too.
    """

    concerns: ClassVar = frozenset({DataCollected})
    reasons: ClassVar = {
        **NOTICE_REASONS,
        "notice_not_live": "The version in force was not posted at the collection point.",
        "notice_stale": "The notice shown there was not the version in force.",
        "point_not_registered": "The collection point was not registered.",
    }

    except_acts: tuple[Act, ...] = (Act.INBOUND_MESSAGE,)
    offline_too: bool = False

    def is_tested(self, case: Case) -> bool:
        """Return whether the collection came from a point that must carry the notice."""
        return self._bound(case) is not None

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one collection."""
        event, company, moment = case.event, case.company, case.moment
        if not isinstance(event, DataCollected) or not (event.online or self.offline_too):
            return
        bound = self._bound(case)
        if bound is None:
            if event.act not in self.except_acts and not company.has_point(event.collection_point, moment):
                yield Breach("point_not_registered", particulars=_of_point(company, event, moment))
            return
        if moment.at - bound.since <= timedelta(seconds=case.policy.parameters.notice_within_seconds):
            return
        version, published = bound.step.version.version, bound.step.fact
        known = particulars(
            collection_point=event.collection_point, version=version, since=max(bound.opened.moment, bound.step.since)
        )
        if not company.shows(event.collection_point, version, moment):
            yield Breach("notice_not_live", (bound.opened.position,), particulars=known)
        if event.notice != version:
            shown = particulars(notice=event.notice)
            yield Breach("notice_stale", (published,) if published else (), particulars=(*known, *shown))

    def rests_on(self, case: Case) -> tuple[int, ...]:
        """Return the registration of the point, the publication, and the posting of the version in force there."""
        bound = self._bound(case)
        if bound is None or not isinstance(case.event, DataCollected):
            return ()
        version, published = bound.step.version.version, bound.step.version.published
        postings = case.company.postings(case.event.collection_point)
        stands = [one for one in postings if one.version == version and one.moment <= case.moment]
        posted = (stands[-1].position,) if stands and stands[-1].is_posted else ()
        return (bound.opened.position, *((published.position,) if published else ()), *posted)

    def settle_company(self, policy: Policy, company: Company, as_of: datetime) -> Iterator[Settled]:
        """Return each gap at a point, and each point whose time to post still runs or was kept."""
        steps = timeline(policy, company)
        seconds = policy.parameters.notice_within_seconds
        for name in company.points_ever():
            postings = company.postings(name)
            for location in self._locations(name, company.openings(name)):
                yield from settle_location(location, steps, seconds, postings, as_of)

    def _bound(self, case: Case) -> _Bound | None:
        event = case.event
        if not isinstance(event, DataCollected) or not (event.online or self.offline_too):
            return None
        opened: Opening | None = None
        for one in case.company.openings(event.collection_point):
            if one.moment > case.moment:
                break
            opened = (opened or one) if self._binds(one) else None
        step = in_force(case.policy, case.company, case.moment)
        return _Bound(opened, step) if opened and step else None

    def _locations(self, name: str, openings: Sequence[Opening]) -> Iterator[Location]:
        """Return the periods in which a point must carry the notice; to register it again changes nothing."""
        opened: Opening | None = None
        for one in openings:
            if self._binds(one):
                opened = opened or one
            elif opened:
                yield Location(opened.position, opened.moment.at, one.moment.at, name=name)
                opened = None
        if opened:
            yield Location(opened.position, opened.moment.at, name=name)

    def _binds(self, opening: Opening) -> bool:
        return opening.is_open and (opening.online or self.offline_too)


def _of_point(company: Company, event: DataCollected, at: Moment) -> Particulars:
    """Return which collection point was not registered, and when it was closed or opened, if it ever was."""
    openings = company.points.get(event.collection_point, ())
    before = [one.moment for one in openings if one.moment <= at]
    after = next((one.moment for one in openings if one.moment > at and one.is_open), None)
    point = particulars(collection_point=event.collection_point, act=event.act)
    return (*point, *particulars(closed_at=max(before, default=None), registered_at=after))

"""Notices in any history: what time says of a location is what one sees who looks at it all day long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import given, settings, strategies as st

from domain.moments import end_of
from domain.policy.force import in_force
from domain.policy.status import Status
from domain.rules.notice_at_points import NoticeAtPoints
from domain.rules.notice_posted import NoticePosted
from tests.controls import TEXT_DIGEST, VERSION, day, order, point, point_closed, posted, published, removed
from tests.laws.numbers import part_of
from tests.scenario import Shop, with_parameters, with_rule

if TYPE_CHECKING:
    from datetime import datetime

    from domain.records.company import Company
    from domain.rules.common.base import Rule

DAYS: Final = 14
WITHIN: Final = 2
"""So many days a location may take."""
POLICY: Final = with_parameters(notice_within_seconds=WITHIN * 86_400)
END: Final = day(DAYS + 1)
days = st.integers(0, DAYS)
versions = st.sampled_from((VERSION, "v2", "v3"))
publications = st.lists(
    st.tuples(days, versions, st.one_of(st.none(), days)), max_size=3, unique_by=lambda one: (one[0], one[1])
)
postings = st.lists(
    st.tuples(days, st.booleans(), versions), max_size=12, unique_by=lambda one: (one[0], one[1], one[2])
)
openings = st.lists(
    st.tuples(days, st.sampled_from(("open", "offline", "close"))), max_size=4, unique_by=lambda one: one[0]
)
# The same histories each time: what fails, fails for everybody.
same_each_time = settings(max_examples=part_of(100), derandomize=True, deadline=None)


def shop_of(
    rule: Rule,
    publishing: list[tuple[int, str, int | None]],
    posting: list[tuple[int, bool, str]],
    opening: list[tuple[int, str]] | None = None,
) -> Shop:
    """Return a shop that did these things, each in its own time."""
    facts = [published(on, name, TEXT_DIGEST if name == VERSION else "0" * 64, since) for on, name, since in publishing]
    for on, is_posted, name in posting:
        make = posted if is_posted else removed
        facts.append(make(on, "web", name, fact_id=f"{is_posted}-{name}-{on}"))
    for on, what in opening or []:
        facts.append(point_closed(on) if what == "close" else point(on, online=what == "open"))
    shop = Shop(with_rule(rule, POLICY))
    return shop.given(*sorted(facts, key=lambda one: one.time))


def looks(company: Company, hour: int, location: str = "web") -> tuple[datetime, bool]:
    """Look at a location so many hours after the start: when that is, and whether it carries what is in force."""
    at = day(hour / 24)
    now = end_of(at)
    step = in_force(POLICY, company, now)
    return at, step is None or company.shows(location, step.version.version, now)


def days_since(company: Company, at: datetime, since: datetime) -> float:
    """Return how many days a location has had to post what is in force."""
    step = in_force(POLICY, company, end_of(at))
    assert step is not None
    return (at - max(since, step.since.at)).total_seconds() / 86_400


@same_each_time
@given(publications, postings)
def test_a_location_is_broken_where_one_sees_it_bare(
    publishing: list[tuple[int, str, int | None]], posting: list[tuple[int, bool, str]]
) -> None:
    """A gap is found if and only if somebody who looks each hour, after the time to post, sees one."""
    shop = shop_of(NoticePosted(location="web"), publishing, posting)
    company = shop.company
    if publishing:
        begun = min(max(day(on), day(since or 0)) for on, _, since in publishing)
    else:
        begun = min((day(on) for on, is_posted, _ in posting if is_posted), default=END)
    bare = []
    for hour in range((DAYS + 1) * 24):
        at, is_fine = looks(company, hour)
        has_time = bool(publishing) and at >= begun and days_since(company, at, begun) <= WITHIN
        if at >= begun and not is_fine and not has_time:
            bare.append(at)
    gaps = sorted(said.at for _, said in shop.judge.settle_company(company, END) if said.status is Status.BROKEN)
    assert bool(gaps) == bool(bare)
    if bare:
        assert 0 <= (bare[0] - gaps[0]).total_seconds() <= 3600
    assert all(any(0 <= (at - gap).total_seconds() <= 3600 for at in bare) for gap in gaps)


@same_each_time
@given(publications, postings, openings)
def test_a_point_is_broken_where_collections_are(
    publishing: list[tuple[int, str, int | None]],
    posting: list[tuple[int, bool, str]],
    opening: list[tuple[int, str]],
) -> None:
    """A collection each hour meets a point without its notice if and only if time tells a gap there."""
    shop = shop_of(NoticeAtPoints(), publishing, posting, opening)
    rule = shop.judge.rules[0][1]
    bare = []
    for hour in range((DAYS + 1) * 24):
        collected = shop.when(order(hour / 24, fact_id=f"{hour}")).events[0]
        case = shop.judge.case(shop.customer(), shop.company, collected)
        codes = {breach.code for breach in rule.breaches(case)}
        if "notice_not_live" in codes:
            bare.append(collected.occurred_at)
        assert ("point_not_registered" in codes) == (not shop.company.has_point("web", case.moment))
    gaps = sorted(said.at for _, said in shop.judge.settle_company(shop.company, END) if said.status is Status.BROKEN)
    assert bool(gaps) == bool(bare)
    assert all(any(0 <= (at - gap).total_seconds() <= 3600 for at in bare) for gap in gaps)


@same_each_time
@given(publications, postings, openings, days)
def test_what_was_broken_stays_so(
    publishing: list[tuple[int, str, int | None]],
    posting: list[tuple[int, bool, str]],
    opening: list[tuple[int, str]],
    until: int,
) -> None:
    """As time goes on, with nothing more to be done, no breach goes away and what was kept is not forgotten."""
    shop = shop_of(NoticeAtPoints(), publishing, posting, opening)
    last = day(DAYS)
    sooner, later = (
        [said._replace(particulars=()) for _, said in shop.judge.settle_company(shop.company, at)]
        for at in (last, day(DAYS + until))
    )
    broken = [said for said in sooner if said.status is Status.BROKEN]
    assert all(said in later for said in broken)
    assert {said.event for said in sooner} == {said.event for said in later}

"""For any history, in any order of arrival, questions get the answers of a slow fold, as of any moment."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings, strategies as st

from domain.policy.judge import Judge
from domain.vocabulary import Program
from projections import (
    activity_counts,
    checkpoints,
    engine,
    holding_history,
    request_history,
    subscription_history,
    suppression_list,
)
from projections.as_of import KnownAt
from tests.controls import START
from tests.laws.histories import OF_CONTACT_POINTS, facts_of
from tests.laws.numbers import part_of
from tests.read_models import slow_fold
from tests.read_models.steps import ASKING, COLLECTIONS, LEAVING, steps

if TYPE_CHECKING:
    from uuid import UUID

    from domain.events import Event
    from projections.as_of import AsOf

    Moment = float | datetime | tuple[datetime, float] | None
    from tests.laws.histories import Step
    from tests.read_models.conftest import History

GENERATED = settings(
    max_examples=max(10, part_of(25)),
    derandomize=True,  # The same histories each time: what fails, fails for everybody.
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_PLACES, _TIMES = st.floats(0, 1), st.integers(1, 10).map(lambda day: START + timedelta(days=day - 0.5))
MOMENTS = st.one_of(st.none(), _PLACES, _TIMES, st.tuples(_TIMES, _PLACES))
"""All of it, a place in the log between its beginning and end, a time, or what was known of a time at such a place."""


def _happened(history: History, taken: list[Step], moment: Moment) -> tuple[list[Event], AsOf]:
    """Tell a history, catch up, and give the log with the moment to ask about."""
    crowd = str(checkpoints.size(history.connection))
    engine.prepare(history.connection)
    before = checkpoints.size(history.connection)
    history.take(facts_of(taken, crowd))
    engine.catch_up(history.connection)
    log = history.events()

    def position(place: float) -> int:
        return before + round(place * (len(log) - before))

    match moment:
        case (time, place):
            return log, KnownAt(time, position(place))
        case float():
            return log, position(moment)
        case _:
            return log, moment


def _whole(log: list[Event], as_of: AsOf) -> AsOf:
    """Return a moment up to a position as that up to the last event of the fact which stands there."""
    if isinstance(as_of, KnownAt):
        return KnownAt(as_of.time, _end(log, as_of.position))
    return _end(log, as_of) if isinstance(as_of, int) else as_of


def _end(log: list[Event], position: int) -> int:
    fact = next((event.fact_position for event in log if event.position == position), position)
    return max((event.moment.position for event in log if event.fact_position == fact), default=position)


def _persons(log: list[Event], as_of: AsOf) -> list[frozenset[UUID]]:
    """Return the living persons that a question as of a moment knows of."""
    alive = slow_fold.living(log)
    known = slow_fold.persons(slow_fold.let_in(log, as_of))
    return list({known[stream]: None for stream in alive if stream in known})


@GENERATED
@given(taken=steps(), moment=MOMENTS)
def test_subscriptions_are_those_of_the_fold(history: History, taken: list[Step], moment: Moment) -> None:
    """Each person's subscriptions, and the counts of everybody's, as of any moment."""
    log, as_of = _happened(history, taken, moment)
    expected = slow_fold.tables(slow_fold.let_in(log, as_of))
    counted = {program.value: {"enrolled": 0, "opted_out": 0} for program in Program}
    for streams in _persons(log, as_of):
        states = slow_fold.subscriptions(expected, streams)
        now = subscription_history.current(history.connection, [min(streams)], as_of=as_of)
        assert {program: change.state for program, change in now.items()} == states
        for program, state in states.items():
            if state != "ended":
                counted[program][state] += 1
    assert subscription_history.counts(history.connection, as_of=as_of) == counted


@GENERATED
@given(
    taken=steps((*COLLECTIONS, "correct", *("wrong_entry", "delete") * 2, "age", "link", "unlink", "erase")),
    moment=MOMENTS,
)
def test_holdings_are_those_of_the_fold(history: History, taken: list[Step], moment: Moment) -> None:
    """What took the place of each collected category, for each person; and the counts over everybody."""
    log, as_of = _happened(history, taken, moment)
    seen = slow_fold.let_in(log, as_of)
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for streams in _persons(log, as_of):
        expected = slow_fold.holdings(seen, streams)
        held = holding_history.of(history.connection, [max(streams)], as_of=as_of)
        assert held.erased is None
        assert {
            (
                one.category,
                one.position,
                one.given_by,
                one.withheld,
                one.superseded and (one.superseded.how, one.superseded.by),
                one.deleted and one.deleted.by,
            )
            for one in held.listed
        } == expected
        for one in held.listed:
            counted[one.category]["deleted" if one.deleted else one.state] += 1
        for category in {one.category for one in held.listed if one.state == "current"}:
            counted[category]["persons"] += 1
    counts = holding_history.counts(history.connection, as_of=as_of)
    assert {category: Counter(count._asdict()) for category, count in counts.items()} == counted


@GENERATED
@given(
    taken=steps((*ASKING, *ASKING, "link", "unlink", "erase", "erase_only", "correct")),
    moment=MOMENTS,
    now=st.integers(1, 60),
)
def test_requests_are_those_of_the_fold(history: History, taken: list[Step], moment: Moment, now: int) -> None:
    """Each person's requests and answers are those of their access report; deadlines decide between the states.

    No position is asked about at which only a part of a fact is known: a link names the codes of each stream apart.
    """
    log, as_of = _happened(history, taken, moment)
    as_of = _whole(log, as_of)
    seen = slow_fold.let_in(log, as_of)
    terms = request_history.Deadlines(START + timedelta(days=now))
    recorded = {event.position: event.recorded_at for event in log}
    match as_of:
        case datetime() | KnownAt(time=datetime()):
            at = as_of.time if isinstance(as_of, KnownAt) else as_of
        case _:
            at = recorded.get(as_of) or terms.now
    by = {event.moment.position: event.fact for event in log}
    everybody: list[request_history.RequestStatus] = []
    alive = slow_fold.living(log).keys()
    for streams in _persons(log, as_of):
        mine = request_history.of(history.connection, [max(streams & alive)], terms, as_of=as_of)
        found = [
            (
                one.request_code,
                one.kind,
                one.category,
                one.asked_at,
                one.asked_by and by[one.asked_by],
                one.identity,
                one.answer,
                one.answered_at,
                one.answered_by and by[one.answered_by],
            )
            for one in mine
        ]
        assert sorted(found, key=repr) == slow_fold.requests(log, streams, as_of)
        everybody += mine
    for one in everybody:
        assert one.deadline == (one.asked_at and one.asked_at + timedelta(days=30))
        left = one.deadline - at if one.deadline else timedelta()
        late = "overdue" if left < timedelta() else "due" if left <= timedelta(days=7) else "open"
        assert one.state == ("answered" if one.answer else late)
    listed = request_history.listed(history.connection, terms, states=request_history.STATES, as_of=as_of)
    gone = [one for one in listed if one.state == "unanswered"]
    inside = {event.position for event in seen}
    expected = {one for one in slow_fold.unanswered(log) if one[0] in inside and one[2] in inside}
    assert {(one.asked_by, one.request_code, one.erased_by) for one in gone} == expected
    assert Counter(listed) == Counter([*(one for one in everybody if one.asked_by), *gone])
    unanswered = request_history.listed(history.connection, terms, as_of=as_of)
    assert Counter(unanswered) == Counter(one for one in [*everybody, *gone] if one.answer is None)
    assert [one.deadline for one in unanswered] == sorted(one.deadline for one in unanswered if one.deadline)
    counted = Counter((one.kind, one.state) for one in [*everybody, *gone] if one.asked_by)
    counts = request_history.counts(history.connection, terms, as_of=as_of)
    assert {(kind, state): number for kind, one in counts.items() for state, number in one.items() if number} == counted


def _list(history: History, judge: Judge, as_of: AsOf) -> dict[tuple[UUID, str], tuple[Any, ...]]:
    """Read the whole suppression list by small pages; give since when and why each stream is on it."""
    found: dict[tuple[UUID, str], tuple[Any, ...]] = {}
    last: UUID | None = None
    while True:
        page = suppression_list.page(history.connection, judge, after=last, limit=3, as_of=as_of)
        for entry in page.entries:
            found |= {(stream, entry.suppressed): (entry.since, entry.by) for stream in entry.streams}
        if page.last is None:
            return found
        last = page.last


@GENERATED
@given(
    taken=steps(
        (*LEAVING, *LEAVING, *LEAVING, *OF_CONTACT_POINTS, *OF_CONTACT_POINTS, "enroll", "age", "erase", "erase_only")
    ),
    moment=MOMENTS,
    limit=st.integers(1, 9),
)
def test_the_suppression_list_is_what_the_judge_says(
    history: History, taken: list[Step], moment: Moment, limit: int
) -> None:
    """The list is right for every person and program, in any order of arrival; applying the changes gives the list."""
    judge = Judge(history.installation.policy)
    log, as_of = _happened(history, taken, moment)
    seen, book = slow_fold.let_in(log, as_of), slow_fold.known_by(history.contacts(log), as_of)
    counted = dict.fromkeys((*(program.value for program in Program), "under_13"), 0)
    expected: dict[tuple[UUID, str], tuple[Any, ...]] = {}
    for streams in _persons(log, as_of):
        suppressed = slow_fold.suppressed(seen, streams, judge, book)
        mine = suppression_list.of(history.connection, judge, [max(streams)], as_of=as_of)
        assert {name: entry.since for name, entry in mine.items()} == {
            name: since for name, (since, _) in suppressed.items()
        }
        assert all(mine[name].by == fact for name, (_, fact) in suppressed.items() if fact is not None)
        assert all((entry.person, frozenset(entry.streams)) == (min(streams), streams) for entry in mine.values())
        for name, entry in mine.items():
            counted[name] += 1
            expected |= {(stream, name): (entry.since, entry.by) for stream in streams}
    assert suppression_list.counts(history.connection, judge, as_of=as_of) == counted
    assert _list(history, judge, as_of) == expected

    kept: dict[tuple[UUID, str], tuple[Any, ...]] = {}
    after = 0
    while True:
        page = suppression_list.changes(history.connection, judge, after=after, limit=limit * 7, as_of=as_of)
        for change in page.changes:
            assert after < change.position <= page.position
            if change.state == "erased":
                kept = {key: value for key, value in kept.items() if key[0] != change.stream}
            elif change.state == "lifted":
                assert change.suppressed is not None
                del kept[change.stream, change.suppressed]
            else:
                assert change.suppressed is not None
                kept[change.stream, change.suppressed] = (change.at, change.by)
        after = page.position
        if page.is_all:
            break
    assert kept == expected
    again = suppression_list.changes(history.connection, judge, after=after, as_of=as_of)
    assert again == suppression_list.SuppressionChanges((), after, is_all=True)


@GENERATED
@given(taken=steps(), moment=st.one_of(st.none(), _PLACES, _TIMES))
def test_activities_are_counted_as_in_the_fold(history: History, taken: list[Step], moment: Moment) -> None:
    """Every event counts once under its activity and day, and once under each promise that it breaks."""
    log, as_of = _happened(history, taken, moment)
    assert not isinstance(as_of, KnownAt)
    seen = slow_fold.let_in(log, as_of)
    by_activity = Counter((type(event).__name__, slow_fold.detail(event)) for event in seen)
    activities = activity_counts.by_activity(history.connection, as_of=as_of)
    assert {(one.event, one.detail): one.events for one in activities} == by_activity
    found = Counter((promise, outcome) for event in seen for promise, outcome in slow_fold.outcomes(event))
    promises = activity_counts.by_promise(history.connection, as_of=as_of)
    assert (
        Counter({(one.promise, "broken"): one.broken for one in promises})
        + Counter({(one.promise, "excused"): one.excused for one in promises})
        == found
    )
    by_day = Counter(slow_fold.day(event) for event in seen)
    days = activity_counts.by_day(history.connection, as_of=as_of)
    assert {one.day: one.events for one in days} == by_day
    assert [one.day for one in days] == sorted(by_day)
    assert (sum(one.broken for one in days), sum(one.excused for one in days)) == (
        sum(number for (_, outcome), number in found.items() if outcome == "broken"),
        sum(number for (_, outcome), number in found.items() if outcome == "excused"),
    )
    for one in promises:
        theirs = {slow_fold.day(e) for e in seen if one.promise in {promise for promise, _ in slow_fold.outcomes(e)}}
        assert (one.first, one.last) == (min(theirs), max(theirs))

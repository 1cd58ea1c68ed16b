"""Histories of the same shape: what was found of one holds of the next, so only the first has to be judged.

Promise: an audit with shapes finds what one without them does, which tests hold on generated histories. The shape of a
history is what happened, in which order, each with its coded facts, where names and references count only by which are
the same, and times only by their order and by which of the company's own changes lie between them. Only histories in
which the length of a time decides nothing have a shape: no deadlines, no offers, no children, no requests. Everything
else is judged one by one.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from domain.audit.auditor import Revision
from domain.audit.tally import Spoken
from domain.events import customer as events
from domain.rules.base import Rule, later
from domain.vocabulary import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from uuid import UUID

    from domain.audit.auditor import Findings
    from domain.audit.question import Question
    from domain.audit.tally import Tally
    from domain.policy.model import Policy, Promise
    from domain.policy.status import Status
    from domain.records.company import Company

TIMELESS: Final = frozenset(
    cls.topic
    for cls in (
        events.AccountOpened,
        events.CollectionRefused,
        events.CustomerEnrolled,
        events.CustomerOptedOut,
        events.CustomerRegistered,
        events.DataCollected,
        events.DataShared,
        events.DataUsed,
        events.EnrollmentEnded,
        events.EnrollmentRefused,
        events.MessageSent,
        events.OrderCancelled,
        events.OrderCompleted,
        events.RecordRead,
        events.ShareRefused,
        events.UseRefused,
    )
)
"""Topics of which only the order matters, as long as no grace is set."""
SHAPES_MAX: Final = 50_000
LONGEST: Final = 200
"""A history of more events than this hardly has its like."""
_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)
_TIMES: Final = ("queued_at",)


class Sketch(NamedTuple):
    """An event as it is read from the log: enough to tell its shape. `name` is that of its fact.

    `coded` is the JSON of its coded facts without those that stand beside it, which are None where the event has none:
    `reference` is a code, `relies_on` and `findings` are JSON lists, and `value_from` is the name of a fact.
    """

    at: datetime
    position: int
    topic: str
    name: str
    coded: str
    reference: str | None
    relies_on: str | None
    value_from: str | None
    findings: str | None
    stream: UUID


BESIDE: Final = ("reference_code", "relies_on", "value_from", "findings")
"""The coded facts of a sketch that stand beside the others."""
UNSEEN: Final = ("message_id", "because")
"""Coded facts that no rule looks at; a sketch is without them."""


class Like(NamedTuple):
    """What was said of a fact: `event`, `at` and `events` by their places in the history; a text stands for itself."""

    reading: Reading
    promise: str
    status: Status
    event: int
    codes: tuple[str, ...]
    events: tuple[int | str, ...]


@dataclass(slots=True)
class Pattern:
    """What is found of every history of one shape, and of how many histories it has been found so far.

    `counts`: how often a promise was put to the test, and how many persons are affected. `kept`: the places of what
    keeps it.
    """

    counts: list[tuple[Tally, int, int]]
    kept: list[tuple[Tally, tuple[int, ...]]]
    said: list[Like]
    revisions: list[tuple[int, tuple[str, ...], tuple[str, ...]]]
    times: int = 0
    evidence_until: datetime = _LAST
    """After this, no fact is among the first that show that one of these promises was kept."""


class Shapes:
    """The shapes of one history, under one policy and question; what is found of them is entered into `found`.

    How often each was found is kept back until `count` is called.
    """

    def __init__(
        self, policy: Policy, company: Company, question: Question, found: Findings, *, at_most: int = SHAPES_MAX
    ) -> None:
        self._found = found
        self._moments = set(_moments(policy, company, question))
        self._edges = sorted(_edges(self._moments, policy.parameters.notice_within_seconds))
        parameters = policy.parameters
        self._has_grace = bool(parameters.opt_out_grace_seconds or parameters.postal_opt_out_grace_seconds)
        # Where a promise itself measures the time between two acts of a person, their order does not tell enough.
        self._at_most = 0 if any(_measures_time(promise) for promise in policy.promises) else at_most
        self._patterns: dict[Any, Pattern] = {}
        self._coded: dict[str, str | None] = {}

    def shape_of(self, history: Sequence[Sketch]) -> tuple[Any, ...] | None:
        """Give the shape of one person's history, in order of time; None: it has none."""
        if len(history) > LONGEST or not self._at_most:
            return None
        places: dict[str, int] = {}
        references: dict[str | None, int] = {None: 0}
        shape: list[Any] = []
        last = 0
        for place, one in enumerate(history):
            at, position, topic, name, coded, reference, relies_on, value_from, findings, _ = one
            if topic not in TIMELESS or position < last or at in self._moments:
                return None  # At the very time of a fact of the company, positions decide.
            if self._has_grace and topic == events.CustomerOptedOut.topic:
                return None
            last = position
            own = places.setdefault(name, place)
            same = self._interned(coded)
            names = [] if relies_on is None else json.loads(relies_on)
            relied = [places.get(each) for each in (names if value_from is None else [*names, value_from])]
            if same is None or None in relied:
                return None
            code = references.setdefault(reference, len(references))
            said = None if findings is None else _gist(findings)
            shape += (topic, own, bisect_right(self._edges, at), same, code, len(names), *relied, said)
        return tuple(shape)

    def enter(self, shape: tuple[Any, ...], history: Sequence[Sketch], subject: str | None) -> bool:
        """Enter what is found of a history of this shape; tell whether that is known."""
        pattern = self._patterns.get(shape)
        if pattern is None:
            return False
        pattern.times += 1
        if history[0].at <= pattern.evidence_until:
            for tally, places in pattern.kept:
                if tally.wants(history[places[0]].at):
                    for place in places:
                        tally.rests_on(history[place].name, history[place].at)
            pattern.evidence_until = max((tally.newest for tally, _ in pattern.kept), default=_FIRST)
        for like in pattern.said:
            one = history[like.event]
            shown = tuple(each if isinstance(each, str) else history[each].name for each in like.events)
            said = Spoken(one.at, one.name, subject, like.codes, shown)
            self._found.tallies[like.reading][like.promise].say(like.status, said)
        for place, then, now in pattern.revisions:
            self._found.revisions.append(Revision(history[place].at, history[place].name, then, now))
        return True

    def learn(self, shape: tuple[Any, ...], history: Sequence[Sketch], found: Findings) -> bool:
        """Remember what was found of a history, for the others of its shape; tell whether it will do for them."""
        if len(self._patterns) >= self._at_most:
            return False
        pattern = _pattern(history, found, self._found)
        if pattern is None:
            return False
        self._patterns[shape] = pattern
        return True

    def count(self) -> None:
        """Enter how often each promise was put to the test, and how many persons are affected."""
        for pattern in self._patterns.values():
            for tally, exercised, persons in pattern.counts:
                tally.exercised += exercised * pattern.times
                tally.persons += persons * pattern.times
            pattern.times = 0

    def _interned(self, coded: str) -> str | None:
        """Give the one copy of a text that many events have; None where it holds a time."""
        try:
            return self._coded[coded]
        except KeyError:
            if len(self._coded) >= self._at_most:
                self._coded.clear()
            kept = self._coded[coded] = None if any(f'"{time}"' in coded for time in _TIMES) else coded
            return kept


def _measures_time(promise: Promise) -> bool:
    rules = (promise.under(reading) for reading in Reading)
    return any(isinstance(rule, Rule) and rule.measures_time for rule in rules)


def _gist(findings: str) -> tuple[Any, ...]:
    """Give what of the findings at append an audit compares with."""
    found = json.loads(findings)
    return tuple((one["promise"], one.get("excused"), one.get("about") is None) for one in found)


def _moments(policy: Policy, company: Company, question: Question) -> Iterator[datetime]:
    """Give the times of all that can let the same act be judged otherwise, other than the person's own acts."""
    yield from (policy.observed_at, question.as_of)
    yield from (one for one in (policy.effective_from, question.since, question.until) if one)
    yield from (one.effective_from for one in company.publications if one.effective_from)
    yield from (one.moment.at for one in company.publications)
    timelines: Iterable[Iterable[Any]] = (
        *company.recipients.values(),
        *company.points.values(),
        *company.purposes.values(),
        *company.notices.values(),
    )
    yield from (one.moment.at for timeline in timelines for one in timeline)


def _edges(moments: Iterable[datetime], within: int) -> set[datetime]:
    """Give these times, and the deadlines that they set: what a deadline still allows ends just after it."""
    instant = timedelta(microseconds=1)
    deadlines = {later(moment, within) for moment in moments}
    return {*moments, *deadlines, *(moment + instant for moment in deadlines if moment < _LAST)}


def _pattern(history: Sequence[Sketch], found: Findings, into: Findings) -> Pattern | None:
    """Give what was found of a history in terms of its places; None where it names what is not in it."""
    places: dict[str, int] = {}
    for place, one in enumerate(history):
        places.setdefault(one.name, place)
    pattern = Pattern([], [], [], [])
    for reading, tallies in found.tallies.items():
        for promise, tally in tallies.items():
            if tally.late or any(name not in places for name in tally.kept_by):
                return None
            own = into.tallies[reading][promise]
            if tally.exercised or tally.persons:
                pattern.counts.append((own, tally.exercised, tally.persons))
            if tally.kept_by:
                pattern.kept.append((own, tuple(sorted(places[name] for name in tally.kept_by))))
            for status, spoken in tally.spoken.items():
                for told in spoken.values():
                    at = places.get(told.event)
                    if at is None or told.remedied or told.at != history[at].at:
                        return None
                    shown = tuple(places.get(name, name) for name in told.events)
                    pattern.said.append(Like(reading, promise, status, at, told.codes, shown))
    pattern.revisions += [(places[revised.event], revised.then, revised.now) for revised in found.revisions]
    return pattern

"""Histories of the same shape: what was found of one holds of the next, so only the first has to be judged.

Promise: an audit with shapes finds what one without them does, which tests hold on generated histories. The shape of a
history is what happened, in which order, each with its coded facts, where names and references count only by which are
the same, and times only by their order and by which of the company's own changes lie between them. Only histories in
which the length of a time decides nothing have a shape: no deadlines, no offers, no children, no requests. Everything
else is judged one by one.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from domain.audit.auditor import Findings, Revision
from domain.audit.tally import Spoken
from domain.events import customer as events
from domain.policy.rules.base import later

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from domain.audit.question import Question
    from domain.company import Company
    from domain.policy.model import Policy
    from domain.policy.status import Status
    from domain.vocabulary import Reading

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
_LAST: Final = datetime.max.replace(tzinfo=UTC)
_REFERENCE: Final = "reference_code"
_NAMES: Final = ("relies_on", "value_from")
_TIMES: Final = ("queued_at",)


class Sketch(NamedTuple):
    """An event as it is read from the log: enough to tell its shape."""

    at: datetime
    position: int
    topic: str
    name: str
    facts: dict[str, Any]


class Like(NamedTuple):
    """What was said of a fact: `event`, `at` and `events` by their places in the history; a text stands for itself."""

    reading: Reading
    promise: str
    status: Status
    event: int
    codes: tuple[str, ...]
    events: tuple[int | str, ...]


class Pattern(NamedTuple):
    """What is found of every history of one shape."""

    counts: tuple[tuple[Reading, str, int, int, tuple[int, ...]], ...]
    """By reading and promise: how often tested, how many persons affected, and the places of what keeps it."""
    said: tuple[Like, ...]
    revisions: tuple[tuple[int, tuple[str, ...], tuple[str, ...]], ...]


class Shapes:
    """The shapes of one history, under one policy and question."""

    def __init__(self, policy: Policy, company: Company, question: Question, *, at_most: int = SHAPES_MAX) -> None:
        self._moments = set(_moments(policy, company, question))
        self._edges = sorted(_edges(self._moments, policy.parameters.notice_within_seconds))
        parameters = policy.parameters
        self._has_grace = bool(parameters.opt_out_grace_seconds or parameters.postal_opt_out_grace_seconds)
        self._patterns: dict[Any, Pattern | None] = {}
        self._at_most = at_most

    def shape_of(self, history: Sequence[Sketch]) -> tuple[Any, ...] | None:
        """Give the shape of one person's history, in order of time; None: it has none."""
        if len(history) > LONGEST:
            return None
        places: dict[str, int] = {}
        references: dict[str, int] = {}
        shape: list[Any] = []
        last = 0
        for place, one in enumerate(history):
            if one.topic not in TIMELESS or one.position < last or one.at in self._moments:
                return None  # At the very time of a fact of the company, positions decide.
            if self._has_grace and one.topic == events.CustomerOptedOut.topic:
                return None
            last = one.position
            places.setdefault(one.name, place)
            facts = _shape_of_facts(one.facts, places, references)
            if facts is None:
                return None
            shape.append((one.topic, places[one.name], bisect_right(self._edges, one.at), facts))
        return tuple(shape)

    def pattern(self, shape: tuple[Any, ...]) -> Pattern | None:
        """Give what is found of histories of a shape, if one was judged."""
        return self._patterns.get(shape)

    def learn(self, shape: tuple[Any, ...], history: Sequence[Sketch], found: Findings) -> None:
        """Remember what was found of a history, for the others of its shape."""
        if len(self._patterns) < self._at_most and (pattern := _pattern(history, found)) is not None:
            self._patterns[shape] = pattern


def apply(pattern: Pattern, history: Sequence[Sketch], subject: str | None, into: Findings) -> None:
    """Enter what is found of a history of this pattern."""
    for reading, promise, exercised, persons, kept_by in pattern.counts:
        tally = into.tallies[reading][promise]
        tally.exercised += exercised
        tally.persons += persons
        if kept_by and tally.wants(history[kept_by[0]].at):
            for place in kept_by:
                one = history[place]
                tally.rests_on(one.name, one.at)
    for like in pattern.said:
        one = history[like.event]
        shown = tuple(each if isinstance(each, str) else history[each].name for each in like.events)
        said = Spoken(one.at, one.name, subject, like.codes, shown)
        into.tallies[like.reading][like.promise].say(like.status, said)
    for place, then, now in pattern.revisions:
        into.revisions.append(Revision(history[place].at, history[place].name, then, now))


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


def _shape_of_facts(
    facts: dict[str, Any], places: dict[str, int], references: dict[str, int]
) -> tuple[Any, ...] | None:
    shape: list[Any] = []
    for key in sorted(facts):
        value = facts[key]
        if key == _REFERENCE:
            value = references.setdefault(value, len(references))
        elif key in _NAMES:
            names = value if isinstance(value, list) else [value]
            if not all(name in places for name in names):
                return None
            value = tuple(places[name] for name in names)
        elif key in _TIMES:
            return None
        elif key == "findings":
            value = tuple((found["promise"], found.get("excused"), found.get("about") is None) for found in value)
        elif key in {"message_id", "because"}:
            continue  # No rule looks at it.
        elif isinstance(value, list):
            value = tuple(value)
        shape.append((key, value))
    return tuple(shape)


def _pattern(history: Sequence[Sketch], found: Findings) -> Pattern | None:
    """Give what was found of a history in terms of its places; None where it names what is not in it."""
    places: dict[str, int] = {}
    for place, one in enumerate(history):
        places.setdefault(one.name, place)
    counts: list[tuple[Reading, str, int, int, tuple[int, ...]]] = []
    said: list[Like] = []
    for reading, tallies in found.tallies.items():
        for promise, tally in tallies.items():
            if tally.late or any(name not in places for name in tally.kept_by):
                return None
            if tally.exercised or tally.persons or tally.kept_by:
                kept_by = tuple(sorted(places[name] for name in tally.kept_by))
                counts.append((reading, promise, tally.exercised, tally.persons, kept_by))
            for status, spoken in tally.spoken.items():
                for told in spoken.values():
                    at = places.get(told.event)
                    if at is None or told.remedied or told.at != history[at].at:
                        return None
                    shown = tuple(places.get(name, name) for name in told.events)
                    said.append(Like(reading, promise, status, at, told.codes, shown))
    revisions = tuple((places[revised.event], revised.then, revised.now) for revised in found.revisions)
    return Pattern(tuple(counts), tuple(said), revisions)

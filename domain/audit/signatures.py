"""Histories with the same signature: what was found of one holds for the others, so only the first is judged.

The signature of a history is what happened, in which order, each event with its coded data. Names and references count
only by which of them are equal. Times count only by their order, and by which changes of the company's record lie
between them. A history has a signature only if no length of time decides anything in it: no deadlines, no offers, no
children, no requests. Any other history is judged by itself. Tests on generated histories show that an audit with
signatures finds what an audit without them finds.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic_core import from_json

from domain.audit.findings import Revision
from domain.audit.particulars import found_again, placed
from domain.audit.tally import Statement
from domain.events import customer as events, refused
from domain.moments import Turn
from domain.rules.common.base import Rule, later
from domain.vocabulary import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from uuid import UUID

    from domain.audit.findings import Findings
    from domain.audit.question import Question
    from domain.audit.tally import Detail, Tally
    from domain.policy.model import Policy, Promise
    from domain.policy.status import Status
    from domain.records.company import Company

TIMELESS: Final = {
    cls.topic: cls.turn
    for cls in (
        events.AccountOpened,
        refused.CollectionRefused,
        events.CustomerEnrolled,
        events.CustomerOptedOut,
        events.CustomerRegistered,
        events.DataCollected,
        events.DataShared,
        events.DataUsed,
        events.EnrollmentEnded,
        refused.EnrollmentRefused,
        events.MessageSent,
        events.OrderCancelled,
        events.OrderCompleted,
        events.RecordRead,
        refused.ShareRefused,
        refused.UseRefused,
    )
}
"""Topics of events of which only the order matters, as long as no grace is set, with their turn at one instant."""
SIGNATURES_MAX: Final = 50_000
LONGEST: Final = 200
"""A longer history seldom has the signature of another."""
_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)
_TIMES: Final = ("queued_at",)


class EventSummary(NamedTuple):
    """As much of a stored event as its history's signature needs. `fact` is the position of its fact's first event.

    `coded` is the JSON of its coded data without those fields that stand beside it, which are None where the event has
    none: `reference` and `alike` are codes, `value_from` is a position, and the rest are JSON lists.
    """

    at: datetime
    position: int
    topic: str
    fact: int
    coded: str
    reference: str | None
    alike: str | None
    relies_on: str | None
    cites: str | None
    value_from: int | None
    value_cited: str | None
    findings: str | None
    stream: UUID


BESIDE: Final = ("reference_code", "alike_code", "relies_on", "cites", "value_from", "value_cited", "findings")
"""The coded fields that an event summary has apart from `coded`."""
UNSEEN: Final = ("because",)
"""Coded fields that no rule looks at. An event summary leaves them out."""


class _Placed(NamedTuple):
    """A statement about a fact in every history of a signature: `fact` and `evidence` are places in the history.

    A negative number in `evidence` is `~position` of a fact outside the history.
    """

    reading: Reading
    promise: str
    status: Status
    fact: int
    codes: tuple[str, ...]
    evidence: tuple[int, ...]
    details: tuple[Detail, ...]


@dataclass(slots=True)
class Outcome:
    """What is found of every history of one signature, and of how many histories it has been found so far.

    `counts`: how often a promise was tested, how many persons are affected, and how many of these are erased. `kept`:
    the places of the facts that show that a promise was kept.
    """

    counts: list[tuple[Tally, int, int, int]]
    kept: list[tuple[Tally, tuple[int, ...]]]
    statements: list[_Placed]
    revisions: list[tuple[int, tuple[str, ...], tuple[str, ...]]]
    times: int = 0
    evidence_until: datetime = _LAST
    """After this time, no fact is among the earliest that show that one of these promises was kept."""


class Signatures:
    """The outcomes of all signatures seen under one policy and question. What they say is entered into `found`.

    How often each was seen is entered only when `count` is called.
    """

    def __init__(
        self, policy: Policy, company: Company, question: Question, found: Findings, *, at_most: int = SIGNATURES_MAX
    ) -> None:
        self._found = found
        self._moments = set(_moments(policy, company, question))
        self._edges = sorted(_edges(self._moments, policy.parameters.notice_within_seconds))
        self._heard = sorted({one.position for one in company.moments()})
        """Where what the company did was told: of what counts for an act, an audit says what was recorded after it."""
        parameters = policy.parameters
        self._has_grace = bool(parameters.opt_out_grace_seconds or parameters.postal_opt_out_grace_seconds)
        # Where a promise measures the time between two acts of a person, their order does not tell enough.
        self._at_most = 0 if any(_measures_time(promise) for promise in policy.promises) else at_most
        self._outcomes: dict[Any, Outcome] = {}
        self._coded: dict[str, str | None] = {}

    def signature_of(self, history: Sequence[EventSummary]) -> tuple[Any, ...] | None:
        """Return the signature of one person's history, which is in order of time; None: it has none."""
        if len(history) > LONGEST or not self._at_most:
            return None
        places: dict[int, int] = {}
        owns: dict[int, int] = {}
        references: dict[str | None, int] = {None: 0}
        signature: list[Any] = []
        last, before, turn_before = 0, _FIRST, Turn.COMPANY
        for place, one in enumerate(history):
            at, position, topic, fact, coded, reference, alike, relies_on, cites, value_from, cited, findings, _ = one
            turn = TIMELESS.get(topic)
            if turn is None or position < last or at in self._moments:
                return None  # What the company did at the very time may come before or after it.
            if at == before and turn < turn_before:
                return None  # At one instant, what is told later came before.
            before, turn_before = at, turn
            if self._has_grace and topic == events.CustomerOptedOut.topic:
                return None
            last = position
            own = owns[position] = places.setdefault(fact, place)
            same = self._interned(coded)
            relies: list[int] = [] if relies_on is None else from_json(relies_on)
            named = relies if value_from is None else [*relies, value_from]
            relied = [owns.get(each if each > 0 else position + each) for each in named]
            if same is None or None in relied:
                return None
            code = references.setdefault(reference, len(references))
            like = references.setdefault(alike, len(references))
            told: tuple[Any, ...] = ()
            if cites or cited:
                named_too = [*(from_json(cites) if cites else ()), *([from_json(cited)] if cited else ())]
                told = tuple((act, references.setdefault(code_of, len(references))) for act, code_of in named_too)
            found = None if findings is None else _gist(findings)
            when = bisect_right(self._edges, at), bisect_right(self._heard, position)
            signature += (topic, own, when, same, code, like, len(relies), *relied, told, found)
        return tuple(signature)

    def apply(self, signature: tuple[Any, ...], history: Sequence[EventSummary], subject: str | None) -> bool:
        """Enter the known outcome of a signature for another history; return whether there is one."""
        outcome = self._outcomes.get(signature)
        if outcome is None:
            return False
        outcome.times += 1
        if history[0].at <= outcome.evidence_until:
            for tally, places in outcome.kept:
                if tally.wants(history[places[0]].at):
                    for place in places:
                        tally.rests_on(history[place].fact, history[place].at)
            outcome.evidence_until = max((tally.newest for tally, _ in outcome.kept), default=_FIRST)
        for reading, promise, status, place, codes, shown_by, details in outcome.statements:
            one = history[place]
            evidence = tuple(~each if each < 0 else history[each].fact for each in shown_by)
            known = found_again(details, history) if details else ()
            stated = Statement(reading, promise, status, one.at, one.fact, subject, codes, evidence, details=known)
            self._found.tallies[reading][promise].enter(stated)
        for place, then, now in outcome.revisions:
            self._found.revisions.append(Revision(history[place].at, history[place].fact, then, now))
        return True

    def learn(self, signature: tuple[Any, ...], history: Sequence[EventSummary], found: Findings) -> bool:
        """Remember what was found of a history for others of its signature; return whether it holds for them."""
        if len(self._outcomes) >= self._at_most:
            return False
        outcome = None if found.ungrounded else _outcome(history, found, self._found)
        if outcome is None:
            return False
        self._outcomes[signature] = outcome
        return True

    def count(self) -> None:
        """Enter how often each promise was tested, and how many persons are affected."""
        for outcome in self._outcomes.values():
            for tally, exercised, persons, erased in outcome.counts:
                tally.exercised += exercised * outcome.times
                tally.persons += persons * outcome.times
                tally.erased += erased * outcome.times
            outcome.times = 0

    def _interned(self, coded: str) -> str | None:
        """Return the one copy of a text that many events have; None if it holds a time."""
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
    """Return the part of the findings at append with which an audit compares."""
    found = from_json(findings)
    return tuple((one["promise"], one.get("excused"), one.get("about") is None) for one in found)


def _moments(policy: Policy, company: Company, question: Question) -> Iterator[datetime]:
    """Return the times from which an act can be judged differently, apart from the person's own acts."""
    yield from (policy.observed_at, question.as_of)
    yield from (one for one in (policy.effective_from, question.since, question.until) if one)
    yield from (one.effective_from for one in company.publications if one.effective_from)
    yield from (one.at for one in company.moments())


def _edges(moments: Iterable[datetime], within: int) -> set[datetime]:
    """Return these times, and the deadlines that they set; a deadline still allows its own instant, and none after."""
    instant = timedelta(microseconds=1)
    deadlines = {later(moment, within) for moment in moments}
    return {*moments, *deadlines, *(moment + instant for moment in deadlines if moment < _LAST)}


def _outcome(history: Sequence[EventSummary], found: Findings, into: Findings) -> Outcome | None:
    """Return what was found of a history, by places; None if it names a fact that is not in the history."""
    places: dict[int, int] = {}
    for place, one in enumerate(history):
        places.setdefault(one.fact, place)
    outcome = Outcome([], [], [], [])
    for reading, tallies in found.tallies.items():
        for promise, tally in tallies.items():
            if tally.late or tally.of_late or any(fact not in places for fact in tally.kept_by):
                return None
            own = into.tallies[reading][promise]
            if tally.exercised or tally.persons:
                outcome.counts.append((own, tally.exercised, tally.persons, tally.erased))
            if tally.kept_by:
                outcome.kept.append((own, tuple(sorted(places[fact] for fact in tally.kept_by))))
            for statements in tally.statements.values():
                for stated in statements.values():
                    known = _of_places(stated, history, places)
                    if known is None:
                        return None
                    outcome.statements.append(known)
    outcome.revisions += [(places[revised.fact], revised.then, revised.now) for revised in found.revisions]
    return outcome


def _of_places(stated: Statement, history: Sequence[EventSummary], places: Mapping[int, int]) -> _Placed | None:
    """Return a statement by places in a history; None if it holds for that history alone."""
    at = places.get(stated.fact)
    if at is None or stated.remedied or stated.others or stated.at != history[at].at:
        return None
    details = placed(stated.details, history, places)
    if details is None:
        return None
    evidence = tuple(places.get(fact, ~fact) for fact in stated.evidence)
    return _Placed(stated.reading, stated.promise, stated.status, at, stated.codes, evidence, details)

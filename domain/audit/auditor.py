"""The auditor: judges the events of a history anew, each by what had happened by its own moment.

Promise: pure, and the same rules as at append. A person is judged on all of their streams, merged by time, whenever
they were found to be one person's; the company's record is given whole, and every rule looks no further into it
than to the event's moment. Findings that were made at append are compared with, and never relied on. Refused: nothing;
an event that nobody promised anything about is passed over.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from domain.audit.explanation import Heard
from domain.audit.lateness import late_evidence
from domain.audit.tally import Spoken, Tally
from domain.events.customer import CustomersLinked, EntryCorrected
from domain.policy.judge import Judge, Weighed
from domain.policy.status import Status
from domain.records import customer as customer_fold, visitor as visitor_fold
from domain.records.customer import Customer
from domain.records.visitor import Visitor
from domain.vocabulary import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.audit.question import Question
    from domain.events import Event
    from domain.policy.model import Policy
    from domain.records.company import Company
    from domain.rules.base import Case, Rule, Settled

READINGS = (Reading.HARMONISED, Reading.STRICT, Reading.PERMISSIVE)
"""All readings; what the first finds decides what people are enrolled in, so it stands first in every report."""
_STANDING = frozenset({Status.OPEN, Status.ATTESTED, Status.INDETERMINATE})
"""What holds at the end of any period."""
_NO_READINGS: frozenset[Reading] = frozenset()


class Revision(NamedTuple):
    """A fact of which the audit finds something else than was found at append, because other facts came late."""

    at: datetime
    event: str
    then: tuple[str, ...]
    """The promises that it broke as far as was known then."""
    now: tuple[str, ...]


class Amendment(NamedTuple):
    """An entry of ours was declared wrong, by which fact; the entry stays, and so does what was found wrong with it."""

    by: str
    replacement: str | None
    reason: str | None
    """None where the seal was not opened."""


@dataclass(slots=True)
class Findings:
    """All that an audit has found: a tally for each reading and promise, and what it sees otherwise than was seen."""

    tallies: dict[Reading, dict[str, Tally]]
    revisions: list[Revision] = field(default_factory=list)
    amended: dict[str, Amendment] = field(default_factory=dict)
    """By the name of the entry."""

    @classmethod
    def empty(cls, readings: Iterable[Reading]) -> Findings:
        """Begin, with nothing found of any promise."""
        return cls({reading: defaultdict(Tally) for reading in readings})

    def add(self, other: Findings) -> None:
        """Take over what was found in another part of the same history."""
        for reading, tallies in other.tallies.items():
            for promise, tally in tallies.items():
                self.tallies[reading][promise].add(tally)
        self.revisions += other.revisions
        self.amended |= other.amended


class _Bench:
    """One judge, with the rules that answer for each type of event, in time and in the order of the log."""

    def __init__(self, policy: Policy, reading: Reading, promises: Collection[str] | None) -> None:
        self.judge = Judge(policy, reading)
        rules = [one for one in self.judge.rules if promises is None or one[0] in promises]
        self.settling = frozenset(promise for promise, _ in rules)
        kinds = {kind for _, rule in rules for kind in rule.concerns}
        self.in_time = {kind: _concerned(rules, kind, by_position=False) for kind in kinds}
        self.in_log = {kind: _concerned(rules, kind, by_position=True) for kind in kinds}


class Auditor:
    """Audits one history as of a time, part by part; `findings` is what came of the parts so far.

    `named` gives whom a fact is about, in the words of whoever asks: from the fact's name and the stream it is on. With
    `compares`, what is found is held against what was found at append; that was by the harmonised reading, of the same
    policy. `hears` is told all that the rules say, one by one, of facts in the period.
    """

    def __init__(  # noqa: PLR0913 - what is judged, by what, for what question
        self,
        policy: Policy,
        company: Company,
        question: Question,
        named: Callable[[str, UUID | None], str | None],
        readings: Sequence[Reading] = READINGS,
        *,
        compares: bool = False,
        hears: Callable[[Heard], None] | None = None,
    ) -> None:
        self.company = company
        self.question = question
        self.findings = Findings.empty(readings)
        self._benches = [_Bench(policy, reading, question.promises) for reading in readings]
        self._named = named
        self._compares = compares
        self._hears = hears
        self._times: dict[str, datetime] = {}
        """When the facts happened of whoever is judged."""
        self._affected: set[tuple[Reading, str]] = set()

    def take(self) -> Findings:
        """Give what was found since the last time, and begin anew."""
        found, self.findings = self.findings, Findings.empty(self.findings.tallies)
        return found

    def person(self, events: Sequence[Event]) -> None:
        """Judge all that happened to one person: events of all of their streams."""
        records = _one_record(events)
        in_log: list[tuple[Customer, Event]] = []
        for event in sorted(events, key=_moment):
            record = records[event.originator_id]
            self._times[event.fact] = event.occurred_at
            broken = self._weigh(record, event)
            if isinstance(event, EntryCorrected):
                self.findings.amended[event.entry] = Amendment(event.fact, event.replacement, event.reason)
            if any(type(event) in bench.in_log and bench.in_log[type(event)] for bench in self._benches):
                in_log.append((record, event))
            customer_fold.evolve(record, event, broken)
        for _, event in in_log:
            self._weigh_in_log(records[event.originator_id], event)
        for record in {id(one): one for one in records.values()}.values():
            for bench in self._benches:
                for promise, settled in bench.judge.settle(record, self.question.as_of):
                    self._settle(bench, promise, settled, next(iter(record.streams)))
        self._count_the_affected()

    def visitor(self, events: Sequence[Event]) -> None:
        """Judge all that happened to one browser."""
        nobody = Customer(person=events[0].originator_id)
        record = Visitor(events[0].originator_id)
        for event in sorted(events, key=_moment):
            self._times[event.fact] = event.occurred_at
            self._weigh(nobody, event, record)
            visitor_fold.evolve(record, event)
        self._count_the_affected()

    def the_company(self, events: Iterable[Event]) -> None:
        """Judge what the company did, and what time decided about it."""
        nobody = Customer(person=self.company.stream)
        for event in sorted(events, key=_moment):
            self._times[event.fact] = event.occurred_at
            self._weigh(nobody, event)
        for bench in self._benches:
            for promise, settled in bench.judge.settle_company(self.company, self.question.as_of):
                self._settle(bench, promise, settled, None)
        self._affected.clear()
        self._times.clear()

    def _weigh(self, customer: Customer, event: Event, visitor: Visitor | None = None) -> frozenset[Reading]:
        """Judge an event under each reading, and give those under which it breaks a promise."""
        broken = _NO_READINGS
        for bench in self._benches:
            rules = bench.in_time.get(type(event))
            if not rules:
                continue
            case = bench.judge.case(customer, self.company, event, visitor)
            weighed = bench.judge.weigh(case, rules)
            if any(_breaks(one) for one in weighed):
                broken |= {bench.judge.reading}
            if self._compares and bench.judge.reading is Reading.HARMONISED:
                self._compare(event, rules, weighed)
            self._note(bench, case, rules, weighed)
        return broken

    def _compare(self, event: Event, rules: Sequence[tuple[str, Rule]], weighed: Sequence[Weighed]) -> None:
        """Note an event of which something else is found now than was found when it was appended."""
        asked = {promise for promise, rule in rules if rule.at_append}
        then = {found.promise for found in event.findings if found.is_breach} & asked
        now = {one.promise for one in weighed if _breaks(one)} & asked
        if then != now and self.question.is_about(event.occurred_at):
            revised = Revision(event.occurred_at, event.fact, tuple(sorted(then)), tuple(sorted(now)))
            self.findings.revisions.append(revised)

    def _weigh_in_log(self, customer: Customer, event: Event) -> None:
        for bench in self._benches:
            rules = bench.in_log.get(type(event), [])
            case = bench.judge.case(customer, self.company, event)
            self._note(bench, case, rules, bench.judge.weigh(case, rules))

    def _note(self, bench: _Bench, case: Case, rules: Sequence[tuple[str, Rule]], weighed: Sequence[Weighed]) -> None:
        """Enter what the rules had to say of an event into the tallies."""
        event = case.event
        if not self.question.is_about(event.occurred_at):
            return
        reading = bench.judge.reading
        tallies = self.findings.tallies[reading]
        against = {one.promise for one in weighed}
        relied: tuple[str, ...] = getattr(event, "relies_on", ())
        late: tuple[str, ...] | None = None
        for promise, rule in rules:
            if promise in against or rule.is_tested(case):
                tally = tallies[promise]
                tally.exercised += 1
                if promise not in against:
                    late = late_evidence(case) if late is None else late
                    tally.came_late(event.fact, late)
                    for name in (event.fact, *relied):
                        tally.rests_on(name, self._times.get(name, event.occurred_at))
                    if self._hears:
                        kept = Spoken(event.occurred_at, event.fact, None, (), relied)
                        self._hears(Heard(reading, promise, Status.KEPT, kept, event))
        for one in weighed:
            breach = one.breach
            status = Status.EXCUSED if one.excused else breach.status
            name, at = (breach.about.name, breach.about.moment.at) if breach.about else (event.fact, event.occurred_at)
            said = Spoken(at, name, self._named(name, event.originator_id), (breach.code,), breach.events)
            tallies[one.promise].say(status, said)
            if self._hears:
                self._hears(Heard(reading, one.promise, status, said, event))
            if status is Status.BROKEN:
                self._affected.add((reading, one.promise))

    def _settle(self, bench: _Bench, promise: str, settled: Settled, stream: UUID | None) -> None:
        is_asked = settled.status in _STANDING or self.question.is_about(settled.at)
        if promise not in bench.settling or not is_asked:
            return
        reading = bench.judge.reading
        tally = self.findings.tallies[reading][promise]
        tally.exercised += settled.event != ""
        codes = (settled.code,) if settled.code else ()
        said = Spoken(settled.at, settled.event, None, codes, settled.events, settled.remedied)
        if self._hears:
            self._hears(Heard(reading, promise, settled.status, said))
        if settled.status in {Status.KEPT, Status.ATTESTED}:
            for name in (settled.event, *settled.events):
                tally.rests_on(name, self._times.get(name, settled.at))
        if settled.status is Status.KEPT:
            return
        subject = self._named(settled.event, stream) if settled.event else None
        tally.say(settled.status, said._replace(subject=subject))
        if settled.status is Status.BROKEN:
            self._affected.add((reading, promise))

    def _count_the_affected(self) -> None:
        for reading, promise in self._affected:
            self.findings.tallies[reading][promise].persons += 1
        self._affected.clear()
        self._times.clear()


def _concerned(rules: Iterable[tuple[str, Rule]], kind: type[Event], *, by_position: bool) -> list[tuple[str, Rule]]:
    return [one for one in rules if kind in one[1].concerns and one[1].by_position is by_position]


def _one_record(events: Iterable[Event]) -> dict[UUID, Customer]:
    """Give the one record of all streams of a person, with the codes that stand for the same reference on them.

    That they are one person's is known to whoever audits, whenever it was found.
    """
    streams = dict.fromkeys(event.originator_id for event in events)
    record = Customer(person=next(iter(streams)), streams=dict.fromkeys(streams, 0))
    for event in events:
        if isinstance(event, CustomersLinked):
            for code, into in event.same_codes:
                record.unify(code, into)
    return dict.fromkeys(streams, record)


def _breaks(weighed: Weighed) -> bool:
    breach = weighed.breach
    return not weighed.excused and breach.about is None and breach.status is Status.BROKEN


def _moment(event: Event) -> tuple[datetime, int]:
    return event.moment

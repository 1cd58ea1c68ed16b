"""The auditor: judges the events of a history anew, each by what had happened before it.

The rules are the same as when the events were appended. A person is judged on all of their streams, merged by time,
whenever the streams were found to be one person's. The company's record is given whole; a rule looks no further into it
than to the event's own moment. Findings made at append are compared with, and never relied on.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final

from domain.audit.findings import Amendment, Findings, Revision
from domain.audit.lateness import late_evidence
from domain.audit.tally import Statement
from domain.events.base import COMPANY, VISITOR
from domain.events.customer import CustomersLinked, EntryCorrected
from domain.policy.judge import AttributedBreach, Judge
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
    from domain.rules.common.base import Case, Rule, Settled

    Rules = Sequence[tuple[str, Rule]]
    """Rules, each with its promise."""

READINGS: Final = (Reading.HARMONISED, Reading.STRICT, Reading.PERMISSIVE)
"""All readings. The first one decides what people are enrolled in, so every report begins with it."""
_UNDATED: Final = frozenset({Status.OPEN, Status.ATTESTED, Status.INDETERMINATE})
"""Statuses that hold at the end of any period, whenever they began."""
_MOMENT: Final = attrgetter("moment")
_NO_READINGS: Final[frozenset[Reading]] = frozenset()


class _RuleSet:
    """The judge of one reading, with the rules for each type of event: those in order of time, those in log order."""

    def __init__(self, policy: Policy, reading: Reading, promises: Collection[str] | None) -> None:
        self.judge = Judge(policy, reading)
        rules = [one for one in self.judge.rules if promises is None or one[0] in promises]
        self.settling = frozenset(promise for promise, _ in rules)
        kinds = {kind for _, rule in rules for kind in rule.concerns}
        self.in_time = {kind: _concerned(rules, kind, by_position=False) for kind in kinds}
        self.in_log = {kind: _concerned(rules, kind, by_position=True) for kind in kinds}


class Auditor:
    """Audits one history as of a time, part by part; `findings` is what the parts so far have shown.

    A fact is known by the position of its first event, whichever of its events is meant. `subject_of` returns whom a
    fact is about, in the words of the caller, from that position and its stream. With `compares`, the breaches found
    are compared with those found at append, which were found under the harmonised reading of the same policy.
    `on_statement` gets each statement about a fact in the period, with the judged event (None: time decided).
    """

    def __init__(  # noqa: PLR0913 - what is judged, by what, for what question
        self,
        policy: Policy,
        company: Company,
        question: Question,
        subject_of: Callable[[int, UUID | None], str | None],
        readings: Sequence[Reading] = READINGS,
        *,
        compares: bool = False,
        on_statement: Callable[[Statement, Event | None], None] | None = None,
    ) -> None:
        self.company = company
        self.question = question
        self.findings = Findings.empty(readings)
        self._rule_sets = [_RuleSet(policy, reading, question.promises) for reading in readings]
        self._subject_of = subject_of
        self._compares = compares
        self._on_statement = on_statement
        self._times: dict[int, datetime] = {}
        """When the facts of the person being judged happened."""
        self._facts: dict[int, int] = {}
        """The facts of those events of the person that are not the first of theirs."""
        self._affected: set[tuple[Reading, str]] = set()

    def take(self) -> Findings:
        """Return what was found since the last call, and start again with nothing."""
        found, self.findings = self.findings, Findings.empty(self.findings.tallies)
        return found

    def judge(self, events: Sequence[Event]) -> None:
        """Judge a history that has events: the company's, a browser's, or a person's with all of their streams."""
        kind = events[0].stream_kind
        judge = self.the_company if kind == COMPANY else self.visitor if kind == VISITOR else self.person
        judge(events)

    def person(self, events: Sequence[Event]) -> None:
        """Judge one person by the events of all of their streams."""
        record = _record_of(events)
        in_log: list[Event] = []
        for event in sorted(events, key=_MOMENT):
            self._note(event)
            broken = self._judge(record, event)
            if isinstance(event, EntryCorrected) and event.entry is not None:
                amendment = Amendment(event.fact_position, event.replacement, event.reason)
                self.findings.amended[event.entry] = amendment
            if any(rule_set.in_log.get(type(event)) for rule_set in self._rule_sets):
                in_log.append(event)
            customer_fold.evolve(record, event, broken)
        for event in in_log:
            self._judge_in_log(record, event)
        for rule_set in self._rule_sets:
            for promise, settled in rule_set.judge.settle(record, self.question.as_of):
                self._enter_settled(rule_set, promise, settled, next(iter(record.streams)))
        self._count_the_affected()

    def visitor(self, events: Sequence[Event]) -> None:
        """Judge one browser by its events."""
        nobody = Customer(person=events[0].originator_id)
        record = Visitor(events[0].originator_id)
        for event in sorted(events, key=_MOMENT):
            self._note(event)
            self._judge(nobody, event, record)
            visitor_fold.evolve(record, event)
        self._count_the_affected()

    def the_company(self, events: Iterable[Event]) -> None:
        """Judge the company by its events, and by what time has decided about it."""
        nobody = Customer(person=self.company.stream)
        for event in sorted(events, key=_MOMENT):
            self._note(event)
            self._judge(nobody, event)
        for rule_set in self._rule_sets:
            for promise, settled in rule_set.judge.settle_company(self.company, self.question.as_of):
                self._enter_settled(rule_set, promise, settled, None)
        self._affected.clear()
        self._times.clear()

    def _note(self, event: Event) -> None:
        """Note when the fact of an event happened."""
        fact = event.fact_position
        self._times[fact] = event.occurred_at
        if event.part:
            self._facts[event.moment.position] = fact

    def _facts_of(self, positions: Iterable[int]) -> tuple[int, ...]:
        """Return the facts of events, each once."""
        return tuple(dict.fromkeys(self._facts.get(one, one) for one in positions))

    def _judge(self, customer: Customer, event: Event, visitor: Visitor | None = None) -> frozenset[Reading]:
        """Judge an event under each reading, and return the readings under which it breaks a promise."""
        broken = _NO_READINGS
        for rule_set in self._rule_sets:
            rules = rule_set.in_time.get(type(event))
            if not rules:
                continue
            case = rule_set.judge.case(customer, self.company, event, visitor)
            breaches = rule_set.judge.breaches_of(case, rules)
            if any(_is_own(one) for one in breaches):
                broken |= {rule_set.judge.reading}
            if self._compares and rule_set.judge.reading is Reading.HARMONISED:
                self._compare(event, rules, breaches)
            self._enter(rule_set, case, rules, breaches)
        return broken

    def _compare(self, event: Event, rules: Rules, breaches: Sequence[AttributedBreach]) -> None:
        """Add a revision if the event breaks other promises now than were found when it was appended."""
        judged = {promise for promise, rule in rules if rule.at_append}
        then = {found.promise for found in event.findings if found.is_breach} & judged
        now = {one.promise for one in breaches if _is_own(one)} & judged
        if then != now and self.question.is_about(event.occurred_at):
            revised = Revision(event.occurred_at, event.fact_position, tuple(sorted(then)), tuple(sorted(now)))
            self.findings.revisions.append(revised)

    def _judge_in_log(self, customer: Customer, event: Event) -> None:
        for rule_set in self._rule_sets:
            rules = rule_set.in_log.get(type(event), [])
            case = rule_set.judge.case(customer, self.company, event)
            self._enter(rule_set, case, rules, rule_set.judge.breaches_of(case, rules))

    def _enter(self, rule_set: _RuleSet, case: Case, rules: Rules, breaches: Sequence[AttributedBreach]) -> None:
        """Enter into the tallies which promises an event tested, kept and broke."""
        event = case.event
        if not self.question.is_about(event.occurred_at):
            return
        reading = rule_set.judge.reading
        tallies = self.findings.tallies[reading]
        against = {one.promise for one in breaches}
        own = event.fact_position
        grounds = self._facts_of(getattr(event, "relies_on", ()))
        late: tuple[int | str, ...] | None = None
        for promise, rule in rules:
            if promise in against or rule.is_tested(case):
                tally = tallies[promise]
                tally.exercised += 1
                if promise not in against:
                    late = self._late(case) if late is None else late
                    tally.came_late(own, late)
                    for fact in (own, *grounds):
                        tally.rests_on(fact, self._times.get(fact, event.occurred_at))
                    if self._on_statement:
                        kept = Statement(reading, promise, Status.KEPT, event.occurred_at, own, evidence=grounds)
                        self._on_statement(kept, event)
        for promise, breach, excused in breaches:
            status = Status.EXCUSED if excused else breach.status
            about = breach.about or event.moment
            fact = self._facts.get(about.position, about.position)
            subject, shown = self._subject_of(fact, event.originator_id), self._facts_of(breach.events)
            stated = Statement(reading, promise, status, about.at, fact, subject, (breach.code,), shown)
            tallies[promise].enter(stated)
            if self._on_statement:
                self._on_statement(stated, event)
            if status is Status.BROKEN:
                self._affected.add((reading, promise))

    def _late(self, case: Case) -> tuple[int | str, ...]:
        late = (one if isinstance(one, str) else self._facts.get(one, one) for one in late_evidence(case))
        return tuple(dict.fromkeys(late))

    def _enter_settled(self, rule_set: _RuleSet, promise: str, settled: Settled, stream: UUID | None) -> None:
        """Enter into a tally what time has decided."""
        status, event, at, code, shown, remedied = settled
        fact, evidence = self._facts.get(event, event), self._facts_of(shown)
        remedied = remedied and self._facts.get(remedied, remedied)
        is_asked = status in _UNDATED or self.question.is_about(at)
        if promise not in rule_set.settling or not is_asked:
            return
        reading = rule_set.judge.reading
        tally = self.findings.tallies[reading][promise]
        tally.exercised += fact != 0
        subject = self._subject_of(fact, stream) if fact else None
        codes = (code,) if code else ()
        stated = Statement(reading, promise, status, at, fact, subject, codes, evidence, remedied)
        if self._on_statement:
            self._on_statement(stated, None)
        if status in {Status.KEPT, Status.ATTESTED}:
            for one in (fact, *evidence):
                tally.rests_on(one, self._times.get(one, at))
        if status is Status.KEPT:
            return
        tally.enter(stated)
        if status is Status.BROKEN:
            self._affected.add((reading, promise))

    def _count_the_affected(self) -> None:
        for reading, promise in self._affected:
            self.findings.tallies[reading][promise].persons += 1
        self._affected.clear()
        self._times.clear()
        self._facts.clear()


def _concerned(rules: Iterable[tuple[str, Rule]], kind: type[Event], *, by_position: bool) -> list[tuple[str, Rule]]:
    return [one for one in rules if kind in one[1].concerns and one[1].by_position is by_position]


def _record_of(events: Iterable[Event]) -> Customer:
    """Return a person's record with all of their streams, and with the codes that stand for the same reference.

    The auditor knows from the start that the streams are one person's, whenever that was found.
    """
    streams = dict.fromkeys((event.originator_id for event in events), 0)
    record = Customer(person=next(iter(streams)), streams=streams)
    for event in events:
        if isinstance(event, CustomersLinked):
            for code, into in event.same_codes:
                record.unify(code, into)
    return record


def _is_own(attributed: AttributedBreach) -> bool:
    """Return whether the event itself is the breach, and nothing excuses it."""
    breach = attributed.breach
    return not attributed.excused and breach.about is None and breach.status is Status.BROKEN

"""The auditor: judges the events of a history anew, each by what had happened before it.

The rules are the same as when the events were appended. Linked streams are judged as one person's from the time of the
link on, and each by itself before it. The company's record is given whole; a rule looks no further into it
than to the event's own moment. Findings made at append are compared with, and never relied on.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final

from domain.audit.findings import Amendment, Findings, Revision
from domain.audit.lateness import late_evidence
from domain.audit.people import People, as_known
from domain.audit.rule_sets import RuleSet
from domain.audit.tally import Statement
from domain.events.base import COMPANY, VISITOR
from domain.events.customer import CustomerEnrolled, EntryCorrected
from domain.events.links import CustomersLinked
from domain.policy.judge import PERSON_ERASED, AttributedBreach
from domain.policy.status import Status
from domain.records import visitor as visitor_fold
from domain.records.customer import Customer
from domain.records.visitor import Visitor
from domain.rules.common.addresses import is_tested
from domain.vocabulary import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.audit.question import Question
    from domain.events import Event
    from domain.policy.model import Policy
    from domain.records.company import Company
    from domain.records.contacts import ContactBook
    from domain.rules.common.base import Case, Rule, Settled

    Rules = Sequence[tuple[str, Rule]]
    """Rules, each with its promise."""

READINGS: Final = (Reading.HARMONISED, Reading.STRICT, Reading.PERMISSIVE)
"""All readings. The first one decides what people are enrolled in, so every report begins with it."""
_UNDATED: Final = frozenset({Status.OPEN, Status.ATTESTED, Status.INDETERMINATE})
"""Statuses that hold at the end of any period, whenever they began."""
_MOMENT: Final = attrgetter("moment")
_NO_READINGS: Final = frozenset[Reading]()


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
        self._rule_sets = [RuleSet(policy, reading, question.promises) for reading in readings]
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

    def judge(self, events: Sequence[Event], book: ContactBook, beside: Sequence[Event] = ()) -> None:
        """Judge a history that has events: the company's, a browser's, or a person's, as `person` does."""
        kind = events[0].stream_kind
        if kind == COMPANY:
            self.the_company(events)
        elif kind == VISITOR:
            self.visitor(events)
        else:
            self.person(events, book, beside)

    def person(self, events: Sequence[Event], book: ContactBook, beside: Sequence[Event] = ()) -> None:
        """Judge one person by the events of all of their streams; `book` has their contact points.

        Streams are one person's from the time of the link on: what was done before is judged by what could be known.
        `beside` are the events of others who may have got this person's messages (`mailed_points`); these are not
        judged here.
        """
        people = People(events, beside, book)
        in_log: list[Event] = []
        for event in sorted([*events, *beside], key=_MOMENT):
            record = people.of(event)
            if not people.has_own(event):
                people.fold(event, self._enrolled_against(record, event))
                continue
            self._note(event)
            if is_link := isinstance(event, CustomersLinked):  # It is judged by what stands on all of the streams.
                people.fold(event)
            broken = self._judge(people.of(event), event, holders=people.holders(event))
            if isinstance(event, EntryCorrected) and event.entry is not None:
                amendment = Amendment(event.fact_position, event.replacement, event.reason)
                self.findings.amended[event.entry] = amendment
            if any(rule_set.in_log.get(type(event)) for rule_set in self._rule_sets):
                in_log.append(event)
            if not is_link:
                people.fold(event, broken)
        for event in in_log:
            self._judge_in_log(people.of(event), event)
        self._settle(people.own())

    def _enrolled_against(self, record: Customer, event: Event) -> frozenset[Reading]:
        """Return the readings under which an enrollment of somebody who is not judged here breaks a promise."""
        if not isinstance(event, CustomerEnrolled):
            return _NO_READINGS
        return frozenset(
            one.judge.reading
            for one in self._rule_sets
            if any(
                map(
                    _is_own,
                    one.judge.breaches_of(
                        one.judge.case(record, self.company, event), one.in_time.get(type(event), ())
                    ),
                )
            )
        )

    def _settle(self, records: Iterable[Customer]) -> None:
        """Enter what time has decided about people."""
        for record in records:
            for rule_set in self._rule_sets:
                for promise, settled in rule_set.judge.settle(record, self.question.as_of):
                    known = _undecided(settled) if record.is_late else settled
                    self._enter_settled(rule_set, promise, known, next(iter(record.streams)))
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

    def _judge(
        self, customer: Customer, event: Event, visitor: Visitor | None = None, holders: Iterable[Customer] = ()
    ) -> frozenset[Reading]:
        """Judge an event under each reading, and return the readings under which it breaks a promise."""
        broken = _NO_READINGS
        for rule_set in self._rule_sets:
            rules = rule_set.in_time.get(type(event))
            if not rules:
                continue
            case = rule_set.judge.case(customer, self.company, event, visitor, holders)
            breaches = as_known(case, rules, rule_set.judge.breaches_of(case, rules))
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
        for one in self._rule_sets:
            case, rules = one.judge.case(customer, self.company, event), one.in_log.get(type(event), [])
            self._enter(one, case, rules, one.judge.breaches_of(case, rules))

    def _enter(self, rule_set: RuleSet, case: Case, rules: Rules, breaches: Sequence[AttributedBreach]) -> None:
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
            if promise in against or is_tested(case, rule):
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

    def _enter_settled(self, rule_set: RuleSet, promise: str, settled: Settled, stream: UUID | None) -> None:
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


def _undecided(settled: Settled) -> Settled:
    """Return what time would have decided, had the person not been erased when it was told."""
    return settled._replace(status=Status.INDETERMINATE, code=PERSON_ERASED)


def _is_own(attributed: AttributedBreach) -> bool:
    """Return whether the event itself is the breach, and nothing excuses it."""
    breach = attributed.breach
    return not attributed.excused and breach.about is None and breach.status is Status.BROKEN

"""The auditor: judges the events of a history anew, each by what had happened before it.

The rules are the same as when the events were appended. Linked streams are judged as one person's from the time of the
link on, and each by itself before it, and again after somebody parted them (`domain.audit.linked_records`). What was
permitted only by a link that was undone since is indeterminate. The company's record is given whole; a rule looks no
further into it than to the event's own moment. Findings made at append are compared with, and never relied on.
"""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from domain.audit.all_readings import AllReadings
from domain.audit.anew import came_late, read_anew
from domain.audit.apart import Apart, apart_of, only_linked, undecided
from domain.audit.entering import Entering
from domain.audit.findings import Findings
from domain.audit.follows import LetGo, are_of, follow, follows_as_enrollment, in_order, is_followed, is_made
from domain.audit.linked_records import LinkedRecords, undone_of_browser
from domain.audit.rule_sets import RuleSet, is_unlawful
from domain.events.base import COMPANY, VISITOR
from domain.events.customer import CustomerEnrolled
from domain.events.links import CustomersLinked
from domain.records import visitor as visitor_fold
from domain.records.customer import Customer
from domain.records.visitor import Visitor
from domain.vocabulary import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence
    from uuid import UUID

    from domain.audit.all_readings import Judged
    from domain.audit.question import Question
    from domain.audit.tally import Statement
    from domain.events import Event
    from domain.policy.model import Policy
    from domain.records.company import Company
    from domain.records.contacts import ContactBook

READINGS: Final = (Reading.HARMONISED, Reading.STRICT, Reading.PERMISSIVE)
"""All readings. The first one decides what people are enrolled in, so every report begins with it."""
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
        self.company, self.policy = company, policy
        self.question = question
        self._entering = Entering(question, readings, subject_of, on_statement)
        self._rule_sets = [RuleSet(policy, reading, question.promises) for reading in readings]
        self._enrolling = RuleSet(policy, Reading.HARMONISED, None)
        judges = [one.judge for one in self._rule_sets]
        self._in_time = AllReadings(judges, [one.in_time for one in self._rule_sets])
        self._in_log = AllReadings(judges, [one.in_log for one in self._rule_sets])
        self._compares = compares

    @property
    def findings(self) -> Findings:
        """What the parts so far have shown."""
        return self._entering.findings

    def take(self) -> Findings:
        """Return what was found since the last call, and start again with nothing."""
        found, self._entering.findings = self.findings, Findings.empty(self.findings.tallies)
        return found

    def judge(
        self,
        events: Sequence[Event],
        book: ContactBook,
        beside: Sequence[Event] = (),
        only: Container[UUID] | None = None,
        elsewhere: Sequence[Event] = (),
    ) -> None:
        """Judge a history that has events: the company's, a browser's, or a person's, as `person` does."""
        if events[0].stream_kind == COMPANY:
            self.the_company(events)
        elif events[0].stream_kind == VISITOR:
            self.visitor(events)
        else:
            self.person(events, book, beside, only, elsewhere)

    def person(
        self,
        events: Sequence[Event],
        book: ContactBook,
        beside: Sequence[Event] = (),
        only: Container[UUID] | None = None,
        elsewhere: Sequence[Event] = (),
    ) -> None:
        """Judge one person by the events of all of their streams; `book` has their contact points.

        Streams are one person's from the time of the link on: what was done before is judged by what could be known.
        Streams that were linked and parted since are judged together; with `only`, something is stated about some.
        `beside` are the events of others who may have got this person's messages (`mailed_points`); these are not
        judged here. `elsewhere` are the events of streams that this person's erasures and reports left out.
        """
        records = LinkedRecords(events, beside, book)
        in_time = sorted([*events, *beside], key=_MOMENT)
        self._entering.begin(in_time, only)
        self._entering.persons = records.persons() if records.has_unlinks else {}
        # What followed while streams were linked is not what follows for those who were parted.
        in_log = self._judge_in_time(records, in_time, is_late=records.has_several or came_late(in_time, book))
        for event in in_log:
            self._judge_in_log(records, event)
        last = records.at_last()
        for record in last:
            for event in elsewhere:
                record.settle(event)
            for rule_set in self._rule_sets:
                for promise, settled in rule_set.judge.settle(record, self.question.as_of):
                    known = undecided(settled) if record.is_late else settled
                    self._entering.enter_settled(rule_set, promise, known, next(iter(record.streams)))
        self.findings.undone += records.undoings(self._entering.subject_of)
        self.findings.undone += records.annulments(self._entering.subject_of)
        self._entering.count_the_affected(last)

    def _judge_in_time(self, records: LinkedRecords, in_time: Sequence[Event], *, is_late: bool) -> list[Event]:
        """Judge events in the order of time; return those that are judged in the order of the log as well."""
        in_log: list[Event] = []
        derives = is_late and are_of(self.policy, in_time)
        for told in in_order(in_time, records.book) if derives else in_time:
            if isinstance(told, LetGo):
                self._follow(records, told)
                continue
            if derives and is_made(told):
                continue
            event = self._anew(records, told) if is_late else told
            if is_own := records.has_own(event):
                self._entering.note(event)
            self._take(records, event)
            if derives and is_followed(event):
                self._follow(records, event)
            is_judged = is_own and not records.goes_on(event)
            if is_judged and self._in_log.concern(type(event)):
                in_log.append(event)
        return in_log

    def _follow(self, records: LinkedRecords, told: Event | LetGo) -> None:
        """Let what follows from an event follow in each set of records that holds it, by what that set holds."""
        for number in records.numbers():
            for person, held in records.followed(told, number):
                follow(self._enrolling.judge, person, self.company, held, partial(self._take_made, records, number))

    def _take_made(self, records: LinkedRecords, number: int, made: Event) -> None:
        """Fold what follows in one set of records; judge it where it is about somebody who is judged by this set."""
        record = records.record(made, number)
        if number == records.set_of(made) and records.has_own(made) and not records.goes_on(made):
            broken = self._judge(record, made, holders=records.holders(made, number))
        else:
            broken = self._in_time.broken(record, self.company, made)
        records.fold(made, number, broken)

    def _take(self, records: LinkedRecords, event: Event) -> None:
        """Judge an event, if it is about somebody who is judged here, and fold it."""
        if records.has_own(event) and not records.goes_on(event):
            self._judge_and_fold(records, event)
        else:
            self._fold_beside(records, event)

    def _anew(self, records: LinkedRecords, event: Event) -> Event:
        """Return an event with what it relies on, as far as that had happened by its time."""
        person = records.record(event, records.set_of(event))
        return event if person.is_late else read_anew(self._rule_sets[0].judge, person, self.company, event)

    def _judge_and_fold(self, records: LinkedRecords, event: Event) -> None:
        """Judge an event of somebody who is judged here, and fold it."""
        if is_link := isinstance(event, CustomersLinked):  # It is judged by what stands on all of the streams.
            records.fold_all(event)
        broken = self._judge_linked(records, event)
        self._enter_waited(records, event)
        self._entering.amend(event)
        if not is_link:
            for number in records.numbers():
                records.fold(event, number, broken[number])

    def _enter_waited(self, records: LinkedRecords, event: Event) -> None:
        """Enter what was done although the person, or somebody who had the address of a message, waits to be erased."""
        if not self.policy.parameters.erasure_waiting_days:
            return
        number = records.set_of(event)
        record, holders = records.record(event, number), records.holders(event, number)
        case = self._rule_sets[0].judge.case(record, self.company, event, holders=holders)
        self._entering.enter_waited(self.policy, case)

    def _fold_beside(self, records: LinkedRecords, event: Event) -> None:
        """Fold an event that is not judged: of somebody else, or one that lets a person go on."""
        if not isinstance(event, CustomerEnrolled):
            records.fold_all(event)
            return
        for number in records.numbers():
            records.fold(event, number, self._in_time.broken(records.record(event, number), self.company, event))

    def visitor(self, events: Sequence[Event]) -> None:
        """Judge one browser by its events."""
        nobody = Customer(person=events[0].originator_id)
        record = Visitor(events[0].originator_id)
        in_time = sorted(events, key=_MOMENT)
        self._entering.begin(in_time, None)
        for event in in_time:
            self._entering.note(event)
            self._judge(nobody, event, record)
            self._entering.amend(event)
            visitor_fold.evolve(record, event)
        self.findings.undone += undone_of_browser(record, in_time, self._entering.subject_of)
        self._entering.count_the_affected()

    def the_company(self, events: Iterable[Event]) -> None:
        """Judge the company by its events, and by what time has decided about it."""
        nobody = Customer(person=self.company.stream)
        in_time = sorted(events, key=_MOMENT)
        self._entering.begin(in_time, None)
        for event in in_time:
            self._entering.note(event)
            self._judge(nobody, event)
            self._entering.amend(event)
        for rule_set in self._rule_sets:
            for promise, settled in rule_set.judge.settle_company(self.company, self.question.as_of):
                self._entering.enter_settled(rule_set, promise, settled, None)
        self._entering.forget()

    def _judge_linked(self, records: LinkedRecords, event: Event) -> Sequence[frozenset[Reading]]:
        """Judge an event of a person; for each set of records, return the readings under which it breaks a promise."""
        if not records.has_several:
            return (self._judge(records.record(event, 0), event, holders=records.holders(event, 0)),)
        own = records.set_of(event)
        apart = apart_of(records, event, own)
        broken = self._judge(records.record(event, own), event, holders=records.holders(event, own), apart=apart)
        found = [broken] * len(records.numbers())
        if isinstance(event, CustomerEnrolled):  # Of no other event does a record keep whether it broke a promise.
            for number in set(records.numbers()) - {own}:
                found[number] = self._in_time.broken(records.record(event, number), self.company, event)
        return found

    def _judge(
        self,
        customer: Customer,
        event: Event,
        visitor: Visitor | None = None,
        holders: Iterable[Customer] = (),
        apart: Apart | None = None,
    ) -> frozenset[Reading]:
        """Judge an event under each reading, and return the readings under which it breaks a promise."""
        judged = self._in_time.judge(customer, self.company, event, visitor, holders)
        if judged is None:
            return _NO_READINGS
        self._entering.enter_ungrounded(judged.cases[0])
        broken = judged.broken()
        is_void = follows_as_enrollment(event) and is_unlawful(self._enrolling, self.company, customer, event)
        if apart is not None:
            self._add_only_linked(judged, apart)
        if not is_void:  # Else it would not have followed with what is known now.
            if self._compares:
                self._entering.compare(judged)
            self._entering.enter(judged)
        return broken

    def _judge_in_log(self, records: LinkedRecords, event: Event) -> None:
        apart = apart_of(records, event, own := records.set_of(event))
        judged = self._in_log.judge(records.record(event, own), self.company, event)
        assert judged is not None, "some rule judges it in the order of the log"
        if apart is not None:
            self._add_only_linked(judged, apart)
        self._entering.enter(judged)

    def _add_only_linked(self, judged: Judged, apart: Apart) -> None:
        """Add what was permitted only by a link that was undone since, under each reading."""
        for number, judge in enumerate(self._in_time.judges):
            found, rules = judged.breaches[number], judged.questions.rules[number]
            found += only_linked(judge, rules, judged.cases[number], tuple(found), apart)

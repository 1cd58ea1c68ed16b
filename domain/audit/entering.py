"""Entering into the tallies of an audit what the judge says of facts: which promises they tested, kept and broke.

A fact is known by the position of its first event, whichever of its events is meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from domain.audit.findings import Amendment, Findings, Revision, Ungrounded, Waited
from domain.audit.follows import follows_as_enrollment
from domain.audit.lateness import late_evidence
from domain.audit.particulars import moved
from domain.audit.tally import Detail, Statement
from domain.events.company import CompanyEntryCorrected
from domain.events.customer import EntryCorrected
from domain.events.visitor import VisitorEntryCorrected
from domain.policy.judge import ungrounded
from domain.policy.status import Status
from domain.rules.common.addresses import is_tested as is_tested_by_any
from domain.vocabulary import Reading
from domain.waiting import forbidden

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.audit.all_readings import Judged
    from domain.audit.question import Question
    from domain.audit.rule_sets import RuleSet
    from domain.events import Event
    from domain.moments import Moment
    from domain.policy.attributed import AttributedBreach
    from domain.policy.model import Policy
    from domain.records.customer import Customer
    from domain.rules.common.base import Case, Settled
    from domain.rules.common.particulars import Particulars

_UNDATED: Final = frozenset({Status.OPEN, Status.ATTESTED, Status.INDETERMINATE})
"""Statuses that hold at the end of any period, whenever they began."""


CORRECTIONS: Final = (CompanyEntryCorrected, EntryCorrected, VisitorEntryCorrected)
_Correction = CompanyEntryCorrected | EntryCorrected | VisitorEntryCorrected


class _Shown(NamedTuple):
    """What shows that an event kept a promise: what it relies on, and which of that was recorded only after it."""

    grounds: tuple[int, ...] = ()
    late: tuple[int | str, ...] = ()
    facts: tuple[tuple[int, datetime], ...] = ()
    """The event's own fact and its grounds, each with its time."""


class Entering:
    """What an audit has found, and what has to be known of the facts that are judged to enter more.

    `subject_of` returns whom a fact is about, in the words of the caller, from its position and its stream.
    `on_statement` gets each statement about a fact in the period, with the judged event (None: time decided).
    """

    def __init__(
        self,
        question: Question,
        readings: Iterable[Reading],
        subject_of: Callable[[int, UUID | None], str | None],
        on_statement: Callable[[Statement, Event | None], None] | None,
    ) -> None:
        self.question = question
        self.findings = Findings.empty(readings)
        self.subject_of = subject_of
        self._on_statement = on_statement
        self._times: dict[int, datetime] = {}
        """When the facts of the person being judged happened."""
        self._facts: dict[int, int] = {}
        """The facts of those events of the person that are not the first of theirs."""
        self._affected: set[tuple[Reading, str, UUID | None]] = set()
        self._waiting: dict[int, _Correction] = {}
        """The corrections of entries that were not told yet."""
        self._amended: dict[int, Moment] = {}
        """When the entries were corrected, the first time."""
        self.persons: Mapping[UUID, UUID] = {}
        """The persons to whom the streams belong that are judged together, where somebody parted them."""
        self.only: Container[UUID] | None = None
        """The streams about which something is asked; None: all that are judged."""

    def note(self, event: Event) -> None:
        """Note when the fact of an event happened."""
        fact = event.fact_position
        self._times[fact] = event.occurred_at
        if event.part:
            self._facts[event.moment.position] = fact

    def begin(self, events: Iterable[Event], only: Container[UUID] | None) -> None:
        """Begin with the history of one person, where something may be asked about some streams `only`."""
        self.only = only
        for event in events:
            if isinstance(event, CORRECTIONS) and event.entry is None:
                self._waiting[event.moment.position] = event

    def amend(self, event: Event) -> None:
        """Enter that an entry was corrected, by the correction that was told, also where it waited for the entry."""
        if not isinstance(event, CORRECTIONS) or event.entry is None:
            return
        told = self._waiting.get(event.waited or 0, event)
        if (known := self._amended.get(event.entry)) is None or told.moment < known:
            self._amended[event.entry] = told.moment
            said = (None, None) if isinstance(told, VisitorEntryCorrected) else (told.reason, told.evidence)
            self.findings.amended[event.entry] = Amendment(told.fact_position, event.replacement, *said)

    def _facts_of(self, positions: Iterable[int]) -> tuple[int, ...]:
        """Return the facts of events, each once."""
        return tuple(dict.fromkeys(self._facts.get(one, one) for one in positions))

    def is_asked(self, event: Event) -> bool:
        """Return whether the question is about an event."""
        is_of_them = self.only is None or event.originator_id in self.only
        return is_of_them and self.question.is_about(event.occurred_at)

    def enter(self, judged: Judged) -> None:
        """Enter into the tallies which promises an event tested, kept and broke, under each reading."""
        event = judged.cases[0].event
        if not self.is_asked(event):
            return
        is_act = not follows_as_enrollment(event)  # What the ledger itself made of a fact breaks nothing.
        kept = self._enter_tested(judged, is_act=is_act)
        known: dict[int, Statement] = {}
        for number, reading in enumerate(judged.readings):
            tallies = self.findings.tallies[reading]
            if self._on_statement:
                for stated in kept[number]:
                    self._on_statement(stated, event)
            for one in judged.breaches[number] if is_act else ():
                if (found := known.get(id(one))) is None:
                    found = known[id(one)] = self._stated(reading, event, one)
                # What several readings find alike is one breach, of which the same is stated.
                stated = found if found.reading is reading else Statement(reading, *found[1:])
                tallies[one.promise].enter(stated)
                if self._on_statement:
                    self._on_statement(stated, event)
                if stated.status is Status.BROKEN:
                    self._affected.add((reading, one.promise, self.persons.get(event.originator_id)))

    def _enter_tested(self, judged: Judged, *, is_act: bool) -> list[list[Statement]]:
        """Enter which promises an event tested, and what shows which of them it kept; return what is stated of these.

        Nothing is stated unless somebody asks for statements.
        """
        by_reading = [self.findings.tallies[reading] for reading in judged.readings]
        against = [{one.promise for one in breaches} for breaches in judged.breaches]
        is_against = any(against)
        shown = self._shown_by(judged.cases[0])
        kept: list[list[Statement]] = [[] for _ in by_reading]
        for (promise, rule, _, is_tested, rests_on), readings in judged.questions.each:
            keeping = readings
            if is_against:
                for number in readings:
                    by_reading[number][promise].exercised += is_act and promise in against[number]
                keeping = tuple(number for number in readings if promise not in against[number])
            case = judged.cases[readings[0]]
            if not keeping or not (
                is_tested_by_any(case, rule) if case.holders else is_tested is None or is_tested(case)
            ):
                continue
            late = self._late_of(case, shown, rests_on(case) if rests_on else ())
            for number in keeping:
                tally = by_reading[number][promise]
                tally.exercised += 1
                tally.rests_on_all(shown.facts)
                if late:
                    tally.came_late(case.event.fact_position, late)
                if self._on_statement:
                    kept[number].append(_kept(judged.readings[number], promise, case.event, shown))
        return kept

    def _stated(self, reading: Reading, event: Event, attributed: AttributedBreach) -> Statement:
        """Return what is stated of a breach."""
        promise, breach, excused = attributed
        about = breach.about or event.moment
        fact = self._facts.get(about.position, about.position)
        return Statement(
            reading,
            promise,
            Status.EXCUSED if excused else breach.status,
            about.at,
            fact,
            self.subject_of(fact, event.originator_id),
            (breach.code,),
            self._facts_of(breach.events),
            details=self._detailed(breach.code, breach.particulars),
            others=self._facts_of(breach.others),
        )

    def _detailed(self, code: str, given: Particulars) -> tuple[Detail, ...]:
        """Return a reason with its particulars, which name facts by their first events."""
        return (Detail(code, moved(given, self._facts)),) if given else ()

    def _late_of(self, case: Case, shown: _Shown, company: Iterable[int]) -> tuple[int | str, ...]:
        """Return the facts that show that an event kept a promise, and were recorded only after it."""
        late = [one for one in company if one > case.moment.position] if company else ()
        return (*shown.late, *self._facts_of(late)) if late or shown.late else ()

    def _shown_by(self, case: Case) -> _Shown:
        """Return what shows that an event kept a promise, whichever promise it is."""
        event = case.event
        own = event.fact_position
        grounds = self._facts_of(getattr(event, "relies_on", ()))
        late = (one if isinstance(one, str) else self._facts.get(one, one) for one in late_evidence(case))
        facts = tuple((fact, self._times.get(fact, event.occurred_at)) for fact in (own, *grounds))
        return _Shown(grounds, tuple(dict.fromkeys(late)), facts)

    def compare(self, judged: Judged) -> None:
        """Add a revision if the event breaks other promises now than were found when it was appended."""
        if Reading.HARMONISED not in judged.readings:
            return
        number, event = judged.readings.index(Reading.HARMONISED), judged.cases[0].event
        if not event.findings and not judged.breaches[number]:
            return
        judged_then = {promise for promise, rule in judged.questions.rules[number] if rule.at_append}
        then = {found.promise for found in event.findings if found.is_breach} & judged_then
        now = {one.promise for one in judged.breaches[number] if one.is_own} & judged_then
        if then != now and self.is_asked(event):
            revised = Revision(event.occurred_at, event.fact_position, tuple(sorted(then)), tuple(sorted(now)))
            self.findings.revisions.append(revised)

    def enter_settled(self, rule_set: RuleSet, promise: str, settled: Settled, stream: UUID | None) -> None:
        """Enter into a tally what time has decided."""
        status, event, at, code, shown, remedied, given = settled
        fact, evidence = self._facts.get(event, event), self._facts_of(shown)
        remedied = remedied and self._facts.get(remedied, remedied)
        is_asked = status in _UNDATED or self.question.is_about(at)
        is_of_them = self.only is None or stream in self.only
        if promise not in rule_set.settling or not is_asked or not is_of_them:
            return
        reading = rule_set.judge.reading
        tally = self.findings.tallies[reading][promise]
        tally.exercised += fact != 0
        subject = self.subject_of(fact, stream) if fact else None
        codes = (code,) if code else ()
        details = self._detailed(code, given)
        stated = Statement(reading, promise, status, at, fact, subject, codes, evidence, remedied, details)
        if self._on_statement:
            self._on_statement(stated, None)
        if status in {Status.KEPT, Status.ATTESTED}:
            for one in (fact, *evidence):
                tally.rests_on(one, self._times.get(one, at))
        if status is Status.KEPT:
            return
        tally.enter(stated)
        if status is Status.BROKEN:
            self._affected.add((reading, promise, self.persons.get(stream) if stream else None))

    def enter_ungrounded(self, case: Case) -> None:
        """Enter what an event used that no collection on record holds."""
        if (categories := ungrounded(case)) and self.is_asked(case.event):
            fact = case.event.fact_position
            subject = self.subject_of(fact, case.event.originator_id)
            self.findings.ungrounded.append(Ungrounded(case.event.occurred_at, fact, subject, categories))

    def enter_waited(self, policy: Policy, case: Case) -> None:
        """Enter something that a wish to be forgotten should have kept back, also that of somebody else who was mailed.

        Of somebody else only the end of the waiting period is told, and not which fact asked.
        """
        event = case.event
        if event.part or not self.is_asked(event):
            return  # What the ledger itself made of facts is nothing that was done.
        if wait := forbidden(policy, case.customer, event, case.holders):
            fact = event.fact_position
            subject = self.subject_of(fact, event.originator_id)
            self.findings.waited.append(Waited(event.occurred_at, fact, subject, wait.request, wait.until))

    def count_the_affected(self, records: Sequence[Customer] = ()) -> None:
        """Count the persons about whom a promise was broken, by their records, and go on to the next history."""
        is_late = any(record.is_late for record in records)
        is_erased = any(record.erased for record in records)
        for reading, promise, _ in self._affected:
            tally = self.findings.tallies[reading][promise]
            tally.persons += not is_late
            tally.erased += is_erased and not is_late
            tally.of_late |= is_late
        self.forget()

    def forget(self) -> None:
        """Go on to the next history."""
        self._affected.clear()
        self._times.clear()
        self._facts.clear()
        self._waiting.clear()
        self._amended.clear()
        self.only = None


def _kept(reading: Reading, promise: str, event: Event, shown: _Shown) -> Statement:
    own = event.fact_position
    return Statement(reading, promise, Status.KEPT, event.occurred_at, own, evidence=shown.grounds)

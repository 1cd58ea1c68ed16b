"""Judging an event under all readings at once: what is the same under several of them is worked out once.

Readings differ in the parameters of a few rules, and in who counts as enrolled and as opted out. Where neither differs,
a rule gives one answer under each reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from domain.policy.attributed import AttributedBreach
from domain.policy.undecided import undecided
from domain.records.entries import OPTED_OUT
from domain.rules.common.addresses import breaches_of
from domain.vocabulary import Act

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

    from domain.events import Event
    from domain.policy.judge import Judge
    from domain.records.company import Company
    from domain.records.customer import Customer
    from domain.records.visitor import Visitor
    from domain.rules.common.base import Case
    from domain.rules.common.by_kind import Asked, Rules, RulesByKind
    from domain.vocabulary import Reading


class Question(NamedTuple):
    """What is asked of one rule, once for all `readings` (by number) that share it and the case that it judges."""

    asked: Asked
    readings: tuple[int, ...]

    @property
    def case(self) -> int:
        """The number of the reading whose case is judged."""
        return self.readings[0]


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked about one type of event. Readings are numbered; those with the same number in `cases` share one."""

    rules: tuple[Rules, ...]
    """By reading."""
    cases: tuple[int, ...]
    each: tuple[Question, ...]
    whole: tuple[Question, ...]
    """Those to rules that judge such an event as a whole."""
    forbidding: Mapping[Act, tuple[int, ...]]
    """By the act of a collection that is relied on: readings with the same number forbid the same of it."""
    serving: tuple[int, ...]
    """Readings with the same number bind data to purposes by the same promises."""

    @classmethod
    def of(cls, rules: Sequence[Rules], cases: Sequence[int]) -> Questions:
        """Return what is asked by these rules, which are given by reading, of cases of which some are shared."""
        found: dict[tuple[str, int, int], tuple[Asked, list[int]]] = {}
        for promise in dict.fromkeys(one.promise for own in rules for one in own.asked):
            for number, own in enumerate(rules):
                for one in own.asked:
                    if one.promise == promise:
                        found.setdefault((promise, id(one.rule), cases[number]), (one, []))[1].append(number)
        each = tuple(Question(asked, tuple(readings)) for asked, readings in found.values())
        return cls(
            tuple(rules),
            tuple(cases),
            each,
            tuple(one for one in each if one.asked.breaches),
            {act: _numbered(own.forbids[act] for own in rules) for act in Act},
            _numbered(own.serving for own in rules),
        )


class Judged(NamedTuple):
    """An event as it is judged under each reading: the case, and what is wrong with it."""

    questions: Questions
    cases: tuple[Case, ...]
    readings: tuple[Reading, ...]
    breaches: list[list[AttributedBreach]]
    """By reading."""

    def broken(self) -> frozenset[Reading]:
        """Return the readings under which the event itself breaks a promise."""
        by_reading = zip(self.readings, self.breaches, strict=True)
        return frozenset(reading for reading, breaches in by_reading if any(one.is_own for one in breaches))


class AllReadings:
    """The judges of several readings of one policy, each with its rules by type of event."""

    def __init__(self, judges: Sequence[Judge], rules: Sequence[RulesByKind]) -> None:
        self.judges = tuple(judges)
        self.readings = tuple(judge.reading for judge in judges)
        self._counting = {judge.counts_by[0] for judge in judges}
        self._rules = tuple(rules)
        self._cases_apart = tuple(
            judges.index(next(one for one in judges if one.counts_by == each.counts_by)) for each in judges
        )
        self._questions: dict[type[Event], tuple[Questions, Questions] | None] = {}

    def concern(self, kind: type[Event]) -> bool:
        """Return whether any rule judges events of a type."""
        return self.questions(kind) is not None

    def questions(self, kind: type[Event]) -> tuple[Questions, Questions] | None:
        """Return what is asked of events of a type: where people count alike under all readings, and where not.

        None: no rule judges them.
        """
        if kind not in self._questions:
            rules = [own.of(kind) for own in self._rules]
            alike = [0] * len(self.judges)
            shared = (Questions.of(rules, alike), Questions.of(rules, self._cases_apart)) if any(rules) else None
            self._questions[kind] = shared
        return self._questions[kind]

    def judge(
        self,
        customer: Customer,
        company: Company,
        event: Event,
        visitor: Visitor | None = None,
        holders: Iterable[Customer] = (),
    ) -> Judged | None:
        """Judge an event under each reading; None: no rule judges it."""
        if (known := self.questions(type(event))) is None:
            return None
        case = self.judges[0].case(customer, company, event, visitor, holders)
        questions, own = known
        cases = (case,) * len(self.judges)
        if own.cases != questions.cases and not self._count_alike(case):
            questions, cases = own, self._cases(case, own)
        return Judged(questions, cases, self.readings, self._breaches(questions, cases))

    def broken(self, customer: Customer, company: Company, event: Event) -> frozenset[Reading]:
        """Return the readings under which an event breaks a promise."""
        judged = self.judge(customer, company, event)
        return judged.broken() if judged is not None else frozenset()

    def _cases(self, case: Case, questions: Questions) -> tuple[Case, ...]:
        """Return the case of each reading, of that of the first; those who count the same share one."""
        found: dict[int, Case] = {0: case}
        for number in questions.cases:
            if number not in found:
                reading, reopening = self.judges[number].counts_by
                found[number] = case.altered(reading=reading, reopening=reopening)
        return tuple(found[number] for number in questions.cases)

    def _count_alike(self, case: Case) -> bool:
        """Return whether the people of a case count as enrolled or not, whichever reading it is judged under.

        They do where no opt-out is on record that some reading may take for lifted, and each change of a subscription
        counts under all readings or under none.
        """
        asked = [point.key for point in (case.sent_to, case.sent_then) if point is not None]
        for person in (case.customer, *case.holders):
            contacts = person.contacts
            if contacts.bound and (contacts.bindings() or any(key in contacts.bound for key in asked)):
                return False
            for changes in person.programs.values():
                for change in changes:
                    if change.state == OPTED_OUT:
                        return False
                    is_broken = change.broken_under or not change.lawful
                    if is_broken and len({change.is_lawful(reading) for reading in self._counting}) > 1:
                        return False
        return True

    def _breaches(self, questions: Questions, cases: Sequence[Case]) -> list[list[AttributedBreach]]:
        """Return for each reading what is wrong with an event, as `Judge.breaches_of` does for one."""
        found: list[list[AttributedBreach]] = [[] for _ in cases]
        first = cases[0]
        is_by_address = bool(first.holders) or first.sent_to is not None or first.sent_then is not None
        for asked, readings in questions.each if is_by_address else questions.whole:
            case = cases[readings[0]]
            judge = asked.breaches
            own = breaches_of(case, asked.rule) if is_by_address or judge is None else judge(case)
            for breach in own:
                one = AttributedBreach(asked.promise, breach)
                for number in readings:
                    found[number].append(one)
        if first.grounds:
            for numbers in _same(questions, first):
                number = numbers[0]
                without = self.judges[number].without_ground(cases[number], questions.rules[number])
                for each in numbers:
                    found[each] += without
        if first.customer.is_late:
            return [list(undecided(*one)) for one in zip(cases, questions.rules, found, strict=True)]
        return found


def _same(questions: Questions, case: Case) -> Iterator[list[int]]:
    """Yield the readings under which the collections that an event relies on permit the same, group by group."""
    acts = {held.act for ground in case.grounds for held in ground.held}
    groups: dict[tuple[int, ...], list[int]] = {}
    for number, own in enumerate(questions.cases):
        what = own, questions.serving[number], *(questions.forbidding[act][number] for act in acts)
        groups.setdefault(what, []).append(number)
    yield from groups.values()


def _numbered(values: Iterable[Hashable]) -> tuple[int, ...]:
    """Return a number for each value, the same for equal ones."""
    numbers: dict[Hashable, int] = {}
    return tuple(numbers.setdefault(value, len(numbers)) for value in values)

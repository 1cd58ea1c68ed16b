"""The judge: what a policy finds wrong with one event, given what had happened before it.

Appends and audits use the same judge; they differ only in which facts were known. `judge` returns findings for one
event, `settle` returns what time alone decides. The judge refuses nothing: a ledger that refuses to record a breach
hides it, so `domain.decide` decides what to refuse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from domain.events import Event, Finding
from domain.events.customer import CustomerEnrolled, DataShared, DataUsed, MessageSent
from domain.grounds import Ground, grounds_on_record
from domain.moments import end_of
from domain.policy.asking import NOBODYS, enrollment_by, without_bindings
from domain.policy.attributed import AttributedBreach
from domain.policy.excuses import is_excused, needs_no_ground
from domain.policy.settling import settled_by
from domain.policy.status import Status
from domain.policy.undecided import undecided
from domain.records.standing import standing_of
from domain.records.uncorrected import standing
from domain.rules.common.addresses import breaches_of, sent_then_to
from domain.rules.common.base import Breach, Case, Rule, Settled
from domain.rules.common.by_kind import Rules
from domain.rules.common.particulars import particulars
from domain.rules.common.programs import marketing_program
from domain.rules.requests_answered import ERASED_UNANSWERED
from domain.vocabulary import HOLDERS_MOST, Act, Program, Reading
from domain.waiting import forbidden

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from domain.moments import Moment
    from domain.policy.model import Policy
    from domain.records.company import Company
    from domain.records.contacts import Point
    from domain.records.customer import Customer
    from domain.records.entries import Change, Held, Standing
    from domain.records.visitor import Visitor

LEGAL_ORDER: Final = "legal_order"
"""The code of a finding that a legal order excuses."""
NO_GROUND: Final = "no_ground"
"""The code of what cannot be decided, since no collection on record holds what was used."""
ONLY_LINKED: Final = "only_linked"
"""The code of what was permitted only by a link that was undone since."""
_RELYING: Final = frozenset({DataUsed, DataShared, MessageSent})


class Judge:
    """A policy under one reading, which judges events."""

    def __init__(self, policy: Policy, reading: Reading = Reading.HARMONISED) -> None:
        self.policy = policy
        self.reading = reading
        rules = ((one.id, one.under(reading)) for one in policy.promises)
        self.rules: list[tuple[str, Rule]] = [(name, rule) for name, rule in rules if isinstance(rule, Rule)]
        self._settling = [one for one in self.rules if type(one[1]).settle is not Rule.settle]
        self._standing = Reading.HARMONISED if reading is Reading.STRICT else reading
        reopeners = (promise.under(self._standing) for promise in policy.promises)
        self._reopening = {
            program: acts for rule in reopeners if isinstance(rule, Rule) for program, acts in rule.reopening().items()
        }
        self._at_append: dict[type[Event], Rules] = {}
        self._enrolling = self if reading is Reading.HARMONISED else Judge(policy)
        self.enforced = frozenset(promise.id for promise in policy.promises if promise.enforced)

    def judge(
        self,
        customer: Customer,
        company: Company,
        event: Event,
        visitor: Visitor | None = None,
        holders: Iterable[Customer] = (),
    ) -> tuple[Finding, ...]:
        """Return what the policy finds wrong with an event. Nothing later than the event counts."""
        if not self._rules_for(type(event)):
            return ()
        return self.findings(self.case(customer, company, event, visitor, holders))

    def findings(self, case: Case) -> tuple[Finding, ...]:
        """Return what the policy finds wrong with the event of a case."""
        breaches = self.breaches_of(case, self._rules_for(type(case.event)))
        if not breaches:
            return ()
        return tuple(
            dict.fromkeys(_finding(one) for one in breaches if one.excused or one.breach.status is Status.BROKEN)
        )

    def doubts(
        self, customer: Customer, company: Company, event: Event, holders: Iterable[Customer] = ()
    ) -> tuple[Finding, ...]:
        """Return what nobody can know of an act of the company, and what a decision therefore has against it."""
        if not isinstance(event, DataUsed | MessageSent | CustomerEnrolled):
            return ()
        breaches = self.breaches_of(self.case(customer, company, event, None, holders), self._rules_for(type(event)))
        doubted = (one for one in breaches if one.breach.status is Status.INDETERMINATE and not one.excused)
        return tuple(dict.fromkeys(map(_finding, doubted)))

    def case(
        self,
        customer: Customer,
        company: Company,
        event: Event,
        visitor: Visitor | None = None,
        holders: Iterable[Customer] = (),
    ) -> Case:
        """Return an event with the records that rules judge it by.

        `holders` are the other people who may have the contact point under which a message was told.
        """
        moment, sent_to = event.moment, None
        customer = standing(customer, moment)
        company = company.standing(moment) if company.wrong.told else company
        visitor = visitor and visitor.standing(moment)
        sent_then = sent_then_to(customer, event, moment) if type(event) is MessageSent else None
        if type(event) is MessageSent and event.contact is not None:
            sent_to = customer.contacts.points.get((event.originator_id, event.contact))
        people: tuple[Customer, ...] = ()
        if holders and sent_to is not None:
            ever = [
                standing(one, moment) for one in holders if one.contacts.own(sent_to) in one.contacts.points.values()
            ]
            is_all = len(ever) <= HOLDERS_MOST  # Of more, not everybody may be known here.
            people = tuple(one for one in ever if not is_all or one.contacts.own(sent_to) in one.contacts.held(moment))
        grounds = _grounds(customer, event, moment, people)
        told, enrolls = (self._standing, customer, company, event, moment, self._reopening), self.would_enroll
        return Case(self.policy, *told, visitor, sent_to, sent_then, people, grounds, enrolls, {})

    @property
    def counts_by(self) -> tuple[Reading, Mapping[Program, frozenset[Act]]]:
        """By what this judge says who counts as enrolled and as opted out: `reading` and `reopening` of its cases."""
        return self._standing, self._reopening

    def breaches_of(self, case: Case, rules: Rules) -> list[AttributedBreach]:
        """Return what these rules find wrong with an event, each breach with its promise."""
        if case.holders or case.sent_to is not None or case.sent_then is not None:
            breaches = [AttributedBreach(name, breach) for name, rule in rules for breach in breaches_of(case, rule)]
        else:
            breaches = [AttributedBreach(name, breach) for name, judge in rules.breaches for breach in judge(case)]
        if case.grounds:
            breaches += self.without_ground(case, rules)
        return list(undecided(case, rules, breaches)) if case.customer.is_late else breaches

    def choose_grounds(self, case: Case) -> tuple[int, ...]:
        """Return the positions of the collections that an event relies on, on the record of its own person.

        Of collections that the fact does not name, one is chosen for each category: the latest that permits the event,
        else the latest. Its promise is then broken.
        """
        rules = self._rules_for(type(case.event))
        chosen: dict[int, None] = {}
        for ground in case.grounds:
            if ground.is_named:
                for held in ground.held:
                    chosen[held.moment.position] = None
            elif ground.held:
                permitting = (held for held in ground.held if not any(self._forbidden(case, rules, held)))
                chosen[next(permitting, ground.held[0]).position] = None
        return tuple(chosen)

    def standing(self, customer: Customer, program: Program, at: Moment, sent_to: Point | None = None) -> Standing:
        """Return what a person is owed in a program at a moment, by their current contact point or by `sent_to`."""
        by = self._reopening.get(program)
        return standing_of(customer, program, at, by, sent_to=sent_to, would_enroll=self.would_enroll)

    def would_enroll(self, customer: Customer, program: Program, held: Held) -> bool:
        """Return whether a collection would enroll its person, by the harmonised reading, if nothing was bound.

        Whoever asked so asked anew, also where an opt-out of somebody else kept the enrollment from following.
        """
        candidate, alone = enrollment_by(self.policy, program, held), without_bindings(customer)
        if candidate is None or forbidden(self.policy, alone, candidate):
            return False
        return all(found.excused for found in self._enrolling.judge(alone, NOBODYS, candidate))

    def is_enrolled(self, customer: Customer, program: Program, at: Moment) -> bool:
        """Return whether a person is lawfully enrolled in a program at a moment."""
        return self.standing(customer, program, at).is_enrolled

    def opted_out(self, customer: Customer, program: Program, at: Moment) -> Change | None:
        """Return the opt-out that binds at a moment, or None."""
        return self.standing(customer, program, at).opted_out

    def is_bound(self, customer: Customer, program: Program, at: Moment) -> bool:
        """Return whether a contact point of the person is out of a program, which they cannot lift by asking.

        For somebody without a number, that may be so under the number of another.
        """
        return (standing := self.standing(customer, program, at)).of_address or standing.by_number is not None

    def lifting(self, program: Program) -> frozenset[Act]:
        """Return the acts by which a person asks for a program anew after an opt-out."""
        return self._reopening.get(program, frozenset(Act))

    def settle(self, customer: Customer, as_of: datetime) -> Iterator[tuple[str, Settled]]:
        """Return what time has decided about a person, or still can, each with its promise."""
        for promise, rule in self._settling:
            for settled in settled_by(rule, self.policy, customer, as_of):
                yield promise, settled

    def judge_erasure(self, customer: Customer, at: datetime) -> tuple[Finding, ...]:
        """Return which requests an erasure leaves unanswered for good, by the record that it leaves."""
        return tuple(
            Finding(promise=promise, code=settled.code, about=settled.event)
            for promise, settled in self.settle(customer, at)
            if settled.code == ERASED_UNANSWERED
        )

    def settle_company(self, company: Company, as_of: datetime) -> Iterator[tuple[str, Settled]]:
        """Return what time has decided about the company, or still can, each with its promise."""
        left = company.standing(end_of(as_of))
        for promise, rule in self.rules:
            for settled in rule.settle_company(self.policy, left, as_of):
                yield promise, settled

    def _rules_for(self, kind: type[Event]) -> Rules:
        rules = self._at_append.get(kind)
        if rules is None:
            at_append = ((promise, rule) for promise, rule in self.rules if rule.at_append)
            rules = self._at_append[kind] = Rules.of(at_append, kind)
        return rules

    def without_ground(self, case: Case, rules: Rules) -> list[AttributedBreach]:
        """Return a breach for each category that no collection permits; where none holds it, a doubt about the rest."""
        verdicts: dict[int, list[AttributedBreach]] = {}
        breaking: dict[int, list[str]] = {}
        doubtful: list[str] = []
        for ground in case.grounds:
            for held in ground.held:
                position = held.moment.position
                verdict = verdicts.get(position)
                if verdict is None:
                    verdict = verdicts[position] = list(self._forbidden(case, rules, held))
                if not verdict:
                    break  # One that permits it suffices.
            else:
                is_known = ground.held and not ground.is_others
                into = breaking.setdefault(ground.held[0].position, []) if is_known else doubtful
                into.append(ground.category)
        found = [
            one.with_categories(categories) for position, categories in breaking.items() for one in verdicts[position]
        ]
        if doubtful and not needs_no_ground(case.event):
            against = {one.promise for one in found}
            known = particulars(purpose=getattr(case.event, "purpose", None), categories=tuple(doubtful))
            doubt = Breach(NO_GROUND, status=Status.INDETERMINATE, particulars=known)
            open_to = (promise for promise in rules.serving if promise not in against)
            found += (AttributedBreach(promise, doubt, is_excused(case)) for promise in open_to)
        return found

    def _forbidden(self, case: Case, rules: Rules, held: Held) -> Iterator[AttributedBreach]:
        """Return the breaches of relying on one collection."""
        if needs_no_ground(case.event):
            return
        for promise, judge in rules.forbids[held.act]:
            for breach in judge(case, held):
                yield AttributedBreach(promise, breach, is_excused(case))


def relies_on_collections(event: DataUsed | MessageSent) -> bool:
    """Return whether an event relies on collections. A message in a program relies on its enrollment instead."""
    return isinstance(event, DataUsed) or marketing_program(event) is None


def ungrounded(case: Case) -> tuple[str, ...]:
    """Return the categories that an event uses and that no collection on record holds."""
    if case.customer.is_late:
        return ()
    return tuple(ground.category for ground in case.grounds if not ground.held)


def is_refused_without_ground(case: Case) -> bool:
    """Return whether an act rests on nothing recorded, and neither its purpose nor a legal order lets it do so."""
    return bool(ungrounded(case)) and not needs_no_ground(case.event) and not is_excused(case)


def _grounds(customer: Customer, event: Event, moment: Moment, holders: Iterable[Customer]) -> tuple[Ground, ...]:
    """Return what an event relies on; for what is not on record, what others hold who have the message's address."""
    if type(event) not in _RELYING:
        return ()
    event = cast("DataUsed | MessageSent", event)
    if not relies_on_collections(event):
        return ()
    own = grounds_on_record(customer, event, moment)
    if not holders or all(ground.held for ground in own):
        return own
    others = [ground for one in holders for ground in grounds_on_record(one, event, moment) if ground.held]
    return tuple(ground._replace(is_others=True) for ground in others) or own


def _finding(attributed: AttributedBreach) -> Finding:
    promise, breach, excused = attributed
    code = LEGAL_ORDER if excused else breach.code
    about = breach.about.position if breach.about else None
    return Finding(promise=promise, code=code, events=breach.events, excused=excused, about=about)

"""The judge: what a policy says of one event, given what had happened before it.

Promise: pure, and the same for an append and for an audit, which differ only in which facts were known. `judge` gives
findings for one event; `settle` gives what time alone decides. Refused: nothing; a ledger that refuses to record a
breach hides it, so whether to refuse is for the one who decides (`domain.decide`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain.events import Event, Finding, Moment
from domain.events.customer import DataShared, DataUsed, MessageSent
from domain.policy.status import Status
from domain.rules.base import Breach, Case, Rule, Settled, marketing_program, used_categories
from domain.vocabulary import LEGAL_OBLIGATION, Program, Reading, Role, ShareKind, holds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from domain.policy.model import Policy
    from domain.records.company import Company
    from domain.records.customer import Customer
    from domain.records.entries import Change, Held
    from domain.records.visitor import Visitor

LAWFUL_USES = frozenset({"verify_identity", "answer_rights_request"})
"""Purposes of use that no promise about a single collection forbids (wire contract, "Shares need both")."""


class Weighed(NamedTuple):
    """What speaks against an event, under which promise; `excused` where a legal order stands behind it."""

    promise: str
    breach: Breach
    excused: bool = False


class Judge:
    """A policy under one reading, ready to be asked about events."""

    def __init__(self, policy: Policy, reading: Reading = Reading.HARMONISED) -> None:
        self.policy = policy
        self.reading = reading
        rules = ((promise.id, promise.under(reading)) for promise in policy.promises)
        self.rules: list[tuple[str, Rule]] = [(name, rule) for name, rule in rules if isinstance(rule, Rule)]
        self._licence = Reading.HARMONISED if reading is Reading.STRICT else reading
        licensed = (promise.under(self._licence) for promise in policy.promises)
        self._reopening = {
            program: acts for rule in licensed if isinstance(rule, Rule) for program, acts in rule.reopening().items()
        }
        self._at_append: dict[type[Event], list[tuple[str, Rule]]] = {}
        self.enforced = frozenset(promise.id for promise in policy.promises if promise.enforced)

    def judge(
        self, customer: Customer, company: Company, event: Event, visitor: Visitor | None = None
    ) -> tuple[Finding, ...]:
        """Give what the policy finds wrong with an event, looking at nothing later than the event itself."""
        rules = self._rules_for(type(event))
        if not rules:
            return ()
        weighed = self.weigh(self.case(customer, company, event, visitor), rules)
        return tuple(
            dict.fromkeys(_finding(one) for one in weighed if one.excused or one.breach.status is Status.BROKEN)
        )

    def case(self, customer: Customer, company: Company, event: Event, visitor: Visitor | None = None) -> Case:
        """Give an event as the rules are asked about it."""
        return Case(self.policy, self._licence, customer, company, event, event.moment, self._reopening, visitor)

    def weigh(self, case: Case, rules: Sequence[tuple[str, Rule]]) -> list[Weighed]:
        """Give what these rules have against an event."""
        weighed = [Weighed(promise, breach) for promise, rule in rules for breach in rule.breaches(case)]
        event = case.event
        if isinstance(event, DataUsed | MessageSent) and relies_on_collections(event):
            weighed += self._unlicensed(case, rules, list(case.cited()))
        return weighed

    def rely(self, customer: Customer, company: Company, event: DataUsed | MessageSent) -> tuple[Held, ...]:
        """Choose the collections that an event relies on when it names none: those that permit it best.

        For each category that it uses, the latest collection that holds it and permits the event; if none does, the
        latest that holds it, whose promise breaks. What does not hold a category cannot permit its use.
        """
        case = self.case(customer, company, event)
        rules = self._rules_for(type(event))
        chosen: dict[str, Held] = {}
        for category in used_categories(event):
            latest = (_latest(customer.collections_of(act, case.moment), category) for act in customer.by_act)
            candidates = sorted((held for held in latest if held), key=lambda held: held.moment, reverse=True)
            permitting = (held for held in candidates if not any(self._forbidden(case, rules, held)))
            if best := next(permitting, candidates[0] if candidates else None):
                chosen[best.name] = best
        return tuple(chosen.values())

    def is_enrolled(self, customer: Customer, program: Program, at: Moment) -> bool:
        """Tell whether a person is enrolled in a program at a moment, and lawfully so."""
        return customer.standing(program, at, self._reopening.get(program)).is_enrolled

    def opted_out(self, customer: Customer, program: Program, at: Moment) -> Change | None:
        """Give the opt-out under which a person stands at a moment, or None."""
        return customer.standing(program, at, self._reopening.get(program)).opted_out

    def settle(self, customer: Customer, as_of: datetime) -> Iterator[tuple[str, Settled]]:
        """Give what time has decided about a person, or still can, with the promise that it is about."""
        for promise, rule in self.rules:
            for settled in rule.settle(self.policy, customer, as_of):
                yield promise, settled

    def settle_company(self, company: Company, as_of: datetime) -> Iterator[tuple[str, Settled]]:
        """Give what time has decided about the company, or still can, with the promise that it is about."""
        for promise, rule in self.rules:
            for settled in rule.settle_company(self.policy, company, as_of):
                yield promise, settled

    def _rules_for(self, kind: type[Event]) -> list[tuple[str, Rule]]:
        rules = self._at_append.get(kind)
        if rules is None:
            rules = [(promise, rule) for promise, rule in self.rules if kind in rule.concerns and rule.at_append]
            self._at_append[kind] = rules
        return rules

    def _unlicensed(self, case: Case, rules: Sequence[tuple[str, Rule]], relied: Sequence[Held]) -> Iterator[Weighed]:
        """Find the categories that none of the collections relied on permits to be used so."""
        if not relied:
            return
        latest_first = sorted(relied, key=lambda held: held.moment, reverse=True)
        verdicts = {held.name: tuple(self._forbidden(case, rules, held)) for held in latest_first}
        if not any(verdicts.values()):
            return
        for category in used_categories(case.event):
            holders = [held for held in latest_first if holds(held.categories, category)] or latest_first
            if all(verdicts[held.name] for held in holders):
                yield from verdicts[holders[0].name]

    def _forbidden(self, case: Case, rules: Iterable[tuple[str, Rule]], held: Held) -> Iterator[Weighed]:
        event = case.event
        is_use = not isinstance(event, DataShared)
        if is_use and isinstance(event, DataUsed | MessageSent) and event.purpose in LAWFUL_USES:
            return
        excused = _is_excused(case)
        for promise, rule in rules:
            for breach in rule.forbids(case, held):
                yield Weighed(promise, breach, excused)


def relies_on_collections(event: DataUsed | MessageSent) -> bool:
    """Tell whether an event relies on collections: a message in a program relies on its enrollment instead."""
    return isinstance(event, DataUsed) or marketing_program(event) is None


def _is_excused(case: Case) -> bool:
    event = case.event
    if isinstance(event, DataShared):
        recipient = case.company.recipient(event.recipient, case.moment)
        is_ordered = event.kind is ShareKind.LEGAL_OBLIGATION or event.purpose == LEGAL_OBLIGATION
        return is_ordered and recipient is not None and Role.AUTHORITY in recipient.roles
    return isinstance(event, DataUsed | MessageSent) and event.purpose == LEGAL_OBLIGATION


def _latest(held: Iterable[Held], category: str) -> Held | None:
    return next((one for one in held if holds(one.categories, category)), None)


def _finding(weighed: Weighed) -> Finding:
    breach = weighed.breach
    code = "legal_order" if weighed.excused else breach.code
    about = breach.about.name if breach.about else None
    return Finding(promise=weighed.promise, code=code, events=breach.events, excused=weighed.excused, about=about)

"""The judge: what a policy says of one event, given what had happened before it.

Promise: pure, and the same for an append and for an audit, which differ only in which facts were known. `judge` gives
findings for one event; `settle` gives what time alone decides. Refused: nothing; a ledger that refuses to record a
breach hides it, so whether to refuse is for the one who decides (`domain.decide`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain.events import Event, Finding, Moment
from domain.events.customer import DataShared, DataUsed, MessageSent
from domain.policy.rules.base import Breach, Case, Rule, marketing_program, used_categories
from domain.vocabulary import LEGAL_OBLIGATION, Program, Reading, Role, ShareKind, holds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from domain.company import Company
    from domain.customer import Change, Customer, Held
    from domain.policy.model import Policy

LAWFUL_USES = frozenset({"verify_identity", "answer_rights_request"})
"""Purposes of use that no promise about a single collection forbids (wire contract, "Shares need both")."""


class Due(NamedTuple):
    """A deadline that still runs: under which promise, which fact set it, and when it ends."""

    promise: str
    event: str
    due: datetime


class Judge:
    """A policy under one reading, ready to be asked about events."""

    def __init__(self, policy: Policy, reading: Reading = Reading.HARMONISED) -> None:
        self.policy = policy
        self.reading = reading
        self._rules: list[tuple[str, Rule]] = [
            (promise.id, promise.rule) for promise in policy.promises if isinstance(promise.rule, Rule)
        ]
        self._reopening = {program: acts for _, rule in self._rules for program, acts in rule.reopening().items()}
        self._concerned: dict[type[Event], list[tuple[str, Rule]]] = {}
        self.enforced = frozenset(promise.id for promise in policy.promises if promise.enforced)

    def judge(self, customer: Customer, company: Company, event: Event) -> tuple[Finding, ...]:
        """Give what the policy finds wrong with an event, looking at nothing later than the event itself."""
        rules = self._rules_for(type(event))
        if not rules:
            return ()
        case = Case(self.policy, self.reading, customer, company, event, event.moment, self._reopening)
        found = [_finding(promise, breach) for promise, rule in rules for breach in rule.breaches(case)]
        if isinstance(event, DataUsed | MessageSent) and _relies_on_collections(event):
            relied = [held for name in event.relies_on if (held := customer.by_name.get(name))]
            found += self._unlicensed(case, rules, relied)
        return tuple(dict.fromkeys(found))

    def rely(self, customer: Customer, company: Company, event: DataUsed | MessageSent) -> tuple[Held, ...]:
        """Choose the collections that an event relies on when it names none: those that permit it best.

        For each category that it uses, the latest collection that holds it and permits the event; if none does, the
        latest that holds it, whose promise breaks. What does not hold a category cannot permit its use.
        """
        case = Case(self.policy, self.reading, customer, company, event, event.moment, self._reopening)
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

    def settle(self, customer: Customer, as_of: datetime) -> Iterator[Due]:
        """Give the deadlines about a person that still run at a time."""
        for promise, rule in self._rules:
            for still_open in rule.settle(self.policy, customer, as_of):
                yield Due(promise, still_open.event, still_open.due)

    def _rules_for(self, kind: type[Event]) -> list[tuple[str, Rule]]:
        rules = self._concerned.get(kind)
        if rules is None:
            rules = [(promise, rule) for promise, rule in self._rules if kind in rule.concerns]
            self._concerned[kind] = rules
        return rules

    def _unlicensed(self, case: Case, rules: Sequence[tuple[str, Rule]], relied: Sequence[Held]) -> Iterator[Finding]:
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

    def _forbidden(self, case: Case, rules: Iterable[tuple[str, Rule]], held: Held) -> Iterator[Finding]:
        event = case.event
        is_use = not isinstance(event, DataShared)
        if is_use and isinstance(event, DataUsed | MessageSent) and event.purpose in LAWFUL_USES:
            return
        excused = _is_excused(case)
        for promise, rule in rules:
            for breach in rule.forbids(case, held):
                yield _finding(promise, breach, excused=excused)


def _relies_on_collections(event: DataUsed | MessageSent) -> bool:
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


def _finding(promise: str, breach: Breach, *, excused: bool = False) -> Finding:
    if excused:
        return Finding(promise=promise, code="legal_order", events=breach.events, excused=True)
    return Finding(promise=promise, code=breach.code, events=breach.events)

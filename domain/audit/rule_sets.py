"""The rules of one reading, as an audit asks them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.policy.judge import Judge
from domain.rules.common.by_kind import RulesByKind

if TYPE_CHECKING:
    from collections.abc import Collection

    from domain.events import Event
    from domain.policy.attributed import AttributedBreach
    from domain.policy.model import Policy
    from domain.records import Company, Customer
    from domain.vocabulary import Reading


class RuleSet:
    """The judge of one reading, with the rules for each type of event: those in order of time, those in log order."""

    def __init__(self, policy: Policy, reading: Reading, promises: Collection[str] | None) -> None:
        self.judge = Judge(policy, reading)
        rules = [one for one in self.judge.rules if promises is None or one[0] in promises]
        self.settling = frozenset(promise for promise, _ in rules)
        self.in_time = RulesByKind(one for one in rules if not one[1].by_position)
        self.in_log = RulesByKind(one for one in rules if one[1].by_position)


def is_unlawful(rule_set: RuleSet, company: Company, customer: Customer, event: Event) -> bool:
    """Return whether the reading by which people are enrolled finds anything wrong with an event."""
    return bool(_breaches(rule_set, company, customer, event))


def _breaches(rule_set: RuleSet, company: Company, customer: Customer, event: Event) -> list[AttributedBreach]:
    rules = rule_set.in_time.of(type(event))
    return list(rule_set.judge.breaches_of(rule_set.judge.case(customer, company, event), rules))

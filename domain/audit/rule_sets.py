"""The rules of one reading, as an audit asks them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.policy.judge import Judge

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from domain.events import Event
    from domain.policy.model import Policy
    from domain.rules.common.base import Rule
    from domain.vocabulary import Reading


class RuleSet:
    """The judge of one reading, with the rules for each type of event: those in order of time, those in log order."""

    def __init__(self, policy: Policy, reading: Reading, promises: Collection[str] | None) -> None:
        self.judge = Judge(policy, reading)
        rules = [one for one in self.judge.rules if promises is None or one[0] in promises]
        self.settling = frozenset(promise for promise, _ in rules)
        kinds = {kind for _, rule in rules for kind in rule.concerns}
        self.in_time = {kind: _concerned(rules, kind, by_position=False) for kind in kinds}
        self.in_log = {kind: _concerned(rules, kind, by_position=True) for kind in kinds}


def _concerned(rules: Iterable[tuple[str, Rule]], kind: type[Event], *, by_position: bool) -> list[tuple[str, Rule]]:
    return [one for one in rules if kind in one[1].concerns and one[1].by_position is by_position]

"""The rules that concern one type of event, and what a judge and an audit ask of them about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from domain.rules.common.base import Rule
from domain.vocabulary import Act

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from domain.events import Event
    from domain.records.entries import Held
    from domain.rules.common.base import Breach, Case


class Asked(NamedTuple):
    """What an audit asks a rule about an event. None stands for the answer of a rule that has none of its own."""

    promise: str
    rule: Rule
    breaches: Callable[[Case], Iterator[Breach]] | None
    """None: it judges no such event as a whole."""
    is_tested: Callable[[Case], bool] | None
    """None: every event that the rule concerns tests the promise."""
    rests_on: Callable[[Case], tuple[int, ...]] | None
    """None: it rests on no facts about the company."""

    @classmethod
    def of(cls, promise: str, rule: Rule, event: type[Event]) -> Asked:
        """Return what is asked of a rule about a type of event."""
        kind = type(rule)
        breaches = rule.breaches if _judges_whole(rule, event) else None
        is_tested = None if kind.is_tested is Rule.is_tested else rule.is_tested
        return cls(promise, rule, breaches, is_tested, None if kind.rests_on is Rule.rests_on else rule.rests_on)


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules that concern one type of event, each with its promise, and what to ask of them about such an event.

    A rule that judges nothing of it is not asked.
    """

    each: tuple[tuple[str, Rule], ...]
    breaches: tuple[tuple[str, Callable[[Case], Iterator[Breach]]], ...]
    forbids: Mapping[Act, tuple[tuple[str, Callable[[Case, Held], Iterator[Breach]]], ...]]
    """By the act of the collection that is relied on."""
    asked: tuple[Asked, ...]
    serving: tuple[str, ...]
    """The promises that bind data of an act to a list of purposes."""

    @classmethod
    def of(cls, rules: Iterable[tuple[str, Rule]], kind: type[Event]) -> Rules:
        """Return those of the rules that concern a type of event."""
        each = tuple((promise, rule) for promise, rule in rules if kind in rule.concerns)
        asked = tuple(Asked.of(promise, rule, kind) for promise, rule in each)
        return cls(
            each,
            tuple((one.promise, one.breaches) for one in asked if one.breaches),
            {act: tuple((promise, rule.forbids) for promise, rule in each if _limits(rule, act)) for act in Act},
            asked,
            tuple(promise for promise, rule in each if rule.served()),
        )

    def __iter__(self) -> Iterator[tuple[str, Rule]]:
        """Yield each rule with its promise."""
        return iter(self.each)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.each)


class RulesByKind:
    """Rules by the type of event that they concern: those of a type are put together when they are first asked for."""

    def __init__(self, rules: Iterable[tuple[str, Rule]]) -> None:
        self._rules = tuple(rules)
        self._of_kind: dict[type[Event], Rules] = {}

    def of(self, kind: type[Event]) -> Rules:
        """Return the rules that concern a type of event."""
        known = self._of_kind.get(kind)
        if known is None:
            known = self._of_kind[kind] = Rules.of(self._rules, kind)
        return known


def _limits(rule: Rule, act: Act) -> bool:
    return type(rule).forbids is not Rule.forbids and rule.limited_act() in {None, act}


def _judges_whole(rule: Rule, kind: type[Event]) -> bool:
    return type(rule).breaches is not Rule.breaches and kind in (rule.judged_whole or rule.concerns)

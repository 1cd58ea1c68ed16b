"""The rule kinds that a policy file may name."""

from __future__ import annotations

import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings

from domain.events import TOPICS
from domain.events.company import IncidentRecorded
from domain.events.customer import OrderCompleted
from domain.events.links import CustomersLinked
from domain.refusals import REFUSALS
from domain.rules.common.base import Rule
from domain.rules.common.by_kind import Rules
from domain.rules.common.kinds import KINDS
from domain.vocabulary import Act
from tests.laws.histories import Step, facts_of, steps
from tests.scenario import Shop, first_policy

ROOT: Final = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", sorted(KINDS))
def test_each_kind_is_a_frozen_rule(name: str) -> None:
    """Each kind is named after its module and class, concerns events that exist, and cannot be changed."""
    kind = KINDS[name]
    assert issubclass(kind, Rule)
    assert kind.__module__.endswith("." + name)
    assert kind.__name__.lower() == name.replace("_", "")
    assert kind.concerns <= set(TOPICS.values())
    assert kind.concerns
    assert kind.model_config["frozen"]
    assert kind.__doc__


@settings(max_examples=60, deadline=None)
@given(taken=steps(most=40, of_any_name=True))
def test_no_kind_finds_what_it_is_not_asked_for(taken: list[Step]) -> None:
    """A kind that judges only some events as a whole finds nothing wrong with the others that it concerns."""
    shop = Shop()
    for fact in facts_of(taken):
        for event in shop.when(fact).events:
            person = shop.store.people.get(event.originator_id)
            if person is None:
                continue
            case = shop.judge.case(person, shop.company, event)
            for _, rule in shop.judge.rules:
                if rule.judged_whole is not None and type(event) in rule.concerns - rule.judged_whole:
                    assert list(rule.breaches(case)) == []


@pytest.mark.parametrize("name", sorted(KINDS))
def test_the_judge_asks_each_kind_for_what_it_judges(name: str) -> None:
    """A kind is asked about an event exactly where it has a way of its own to judge it."""
    kind = KINDS[name]
    fields = {"act": Act.ORDER, "purposes": "completion"}
    given: dict[str, Any] = {name: value for name, value in fields.items() if name in kind.model_fields}
    rule = kind.model_construct(**given)
    for event in kind.concerns:
        asked = Rules.of([("P", rule)], event)
        assert [one for _, one in asked] == [rule]
        judged_whole = "breaches" in vars(kind) and event in (kind.judged_whole or kind.concerns)
        assert bool(asked.breaches) is judged_whole
        assert any(asked.forbids.values()) is ("forbids" in vars(kind))
        ((_, _, breaches, is_tested, rests_on),) = asked.asked
        assert (breaches is not None) is judged_whole
        assert (is_tested is not None) is ("is_tested" in vars(kind))
        assert (rests_on is not None) is ("rests_on" in vars(kind))


@pytest.mark.parametrize("name", sorted(name for name, kind in KINDS.items() if "forbids" in vars(kind)))
def test_a_kind_forbids_nothing_of_another_act_than_it_says(name: str) -> None:
    """A rule about one act is asked about collections of that act alone, and forbids nothing of any other."""
    rules = [rule for promise in first_policy().promises for rule in (promise.rule,) if type(rule) is KINDS[name]]
    assert rules
    for rule in rules:
        limited = rule.limited_act()
        asked = Rules.of([("P", rule)], next(iter(rule.concerns)))
        assert {act for act, own in asked.forbids.items() if own} == ({limited} if limited else set(Act))
    assert not Rules.of([("P", rule)], OrderCompleted)


def test_the_registry_is_closed() -> None:
    """No kind can be added while the program runs."""
    with pytest.raises(TypeError):
        KINDS["anything_goes"] = Rule  # type: ignore[index]


@pytest.mark.parametrize("name", sorted(name for name, kind in KINDS.items() if kind.at_append))
def test_what_breaks_a_promise_at_append_can_be_refused(name: str) -> None:
    """Each event that a service can ask for has a refusal; it asks for no link of people, and for no incident."""
    assert KINDS[name].concerns - {CustomersLinked, IncidentRecorded} <= set(REFUSALS)


def test_the_readme_says_what_each_kind_is_for() -> None:
    """The table of kinds names each kind of the two policies with its promises, and says what its module says."""
    page = (ROOT / "domain" / "rules" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[`(\w+)`\]\((\w+)\.py\) \| (.*) \| (.*) \|$", page, re.MULTILINE)
    promises = defaultdict(list)
    policies = ROOT / "adapters" / "policies"
    for file in [*policies.glob("diamondnexus-*.toml"), *policies.glob("newsletter-*.toml")]:
        for promise in tomllib.loads(file.read_text(encoding="utf-8"))["promise"]:
            promises[promise["kind"]].append(promise["id"])
    assert [(kind, ", ".join(ids)) for kind, ids in sorted(promises.items())] == [(row[0], row[3]) for row in rows]
    for kind, file, purpose, _ in rows:
        said = (sys.modules[KINDS[kind].__module__].__doc__ or "").partition(": ")[2].strip()
        assert (file, purpose.lower()) == (kind, said.lower())


def test_only_rule_kinds_stand_in_the_folder() -> None:
    """Each module of `domain/rules/` is a rule kind; what kinds share is in `common/`."""
    modules = {path.stem for path in (ROOT / "domain" / "rules").glob("*.py")} - {"__init__"}
    assert modules == set(KINDS)

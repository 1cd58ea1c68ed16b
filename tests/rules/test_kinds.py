"""The rule kinds that a policy file may name."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING, Any, cast

import pytest

from domain.audit.reasons import REASONS
from domain.events import TOPICS
from domain.events.company import IncidentRecorded
from domain.events.customer import CustomersLinked
from domain.refusals import REFUSALS
from domain.rules.base import Breach, Rule, Settled
from domain.rules.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator


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


def test_the_registry_is_closed() -> None:
    """No kind can be added while the program runs."""
    with pytest.raises(TypeError):
        KINDS["anything_goes"] = Rule  # type: ignore[index]


@pytest.mark.parametrize("name", sorted(KINDS))
def test_each_code_has_its_sentence(name: str) -> None:
    """A kind has a sentence for each code that stands in its file, and no other kind gives that code another one."""
    kind = KINDS[name]
    assert set(_codes(kind)) <= kind.reasons.keys()
    for code, sentence in kind.reasons.items():
        assert sentence.endswith(".")
        assert REASONS[code] == sentence


@pytest.mark.parametrize("name", sorted(name for name, kind in KINDS.items() if kind.at_append))
def test_what_breaks_a_promise_at_append_can_be_refused(name: str) -> None:
    """Each event that a service can ask for has a refusal; it asks for no link of people, and for no incident."""
    assert KINDS[name].concerns - {CustomersLinked, IncidentRecorded} <= set(REFUSALS)


def _codes(kind: type[Rule]) -> Iterator[str]:
    """Return the texts that a kind's file passes as the code of a breach, or of what time decided."""
    place = {Breach.__name__: Breach._fields.index("code"), Settled.__name__: Settled._fields.index("code")}
    for node in ast.walk(ast.parse(inspect.getsource(cast("Any", inspect.getmodule(kind))))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in place:
            for given in node.args[place[node.func.id] :][:1]:
                yield from (str(one.value) for one in ast.walk(given) if isinstance(one, ast.Constant))

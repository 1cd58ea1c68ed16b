"""The rule kinds that a policy file may name."""

from __future__ import annotations

import pytest

from domain.events import TOPICS
from domain.events.company import IncidentRecorded
from domain.events.links import CustomersLinked
from domain.refusals import REFUSALS
from domain.rules.base import Rule
from domain.rules.kinds import KINDS


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


@pytest.mark.parametrize("name", sorted(name for name, kind in KINDS.items() if kind.at_append))
def test_what_breaks_a_promise_at_append_can_be_refused(name: str) -> None:
    """Each event that a service can ask for has a refusal; it asks for no link of people, and for no incident."""
    assert KINDS[name].concerns - {CustomersLinked, IncidentRecorded} <= set(REFUSALS)

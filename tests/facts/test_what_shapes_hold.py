"""Facts whose shape cannot hold an answer are not asked: which contact points they hold, whom else they name."""

from __future__ import annotations

from typing import Any, Final, get_args

import pytest

from adapters.contract import OWN
from domain.contact_points import names_beside, points_in
from domain.facts import SHAPES, CustomerFact
from domain.facts.fields import Subject, VerifiedName
from tests.controls import fact

ADDRESS: Final = "ada@example.com"
WORDS: Final = sorted(name.split(".")[1] for name, (kind, _) in SHAPES.items() if issubclass(kind, CustomerFact))


def _subjects(word: str) -> set[str]:
    """Return the fields of a fact's data whose type is a name of somebody."""
    fields = SHAPES[f"pledger.{word}.v1"][1].model_fields
    return {name for name, field in fields.items() if _is_subject(field.annotation)} - {"also"}


def _is_subject(hint: Any) -> bool:  # noqa: ANN401 - the type of a field
    return hint is Subject or any(map(_is_subject, get_args(hint)))


@pytest.mark.parametrize("word", WORDS)
def test_no_contact_point_is_overlooked(word: str) -> None:
    """Each field that can hold a contact point is seen where it holds one; the buyer of a gift is somebody else."""
    shape = SHAPES[f"pledger.{word}.v1"][1]
    told = fact("objection", 1, {"purpose": "measure_activity"})
    assert isinstance(told, CustomerFact)
    held: dict[str, Any] = {name: Subject("email", ADDRESS) for name in _subjects(word) - {"with_", "source"}}
    held |= {"values": {"user.contact.email": ADDRESS}} if "values" in shape.model_fields else {}
    held |= {"category": "user.contact.email", "value": ADDRESS} if "value" in shape.model_fields else {}
    data = shape.model_construct(**held)
    points = list(points_in(told.model_copy(update={"data": data}), OWN.addresses))
    assert points == [Subject("email", ADDRESS)] * bool(held)


@pytest.mark.parametrize("word", WORDS)
def test_whom_a_fact_names_beside(word: str) -> None:
    """A fact that names somebody else is seen to, and so is one with a verified name."""
    shape = SHAPES[f"pledger.{word}.v1"][1]
    other, verified = Subject("customer", "2"), VerifiedName.model_construct(name=Subject("order", "7"), verified="m")
    named: dict[str, Any] = dict.fromkeys(_subjects(word) & {"with_", "name"}, other)
    told = fact("objection", 1, {"purpose": "measure_activity"})
    assert isinstance(told, CustomerFact)
    for also, expected in (((), ()), ((verified,), (verified.name,))):
        said: dict[str, Any] = {"also": also, "verified": "m", "evidence": None, **named}
        data = shape.model_construct(**said)
        beside = names_beside(told.model_copy(update={"data": data}))
        assert sorted(beside) == sorted((*expected, *named.values()))

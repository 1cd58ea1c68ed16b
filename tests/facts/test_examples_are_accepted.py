"""Each row of the table of facts is accepted with all of its fields."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from adapters.contract import parse_fact
from domain.errors import MalformedFact
from domain.facts import SHAPES, CompanyFact, CustomerFact, VisitorFact
from tests.controls import as_cloud_event, cloud_event, example, raw_example
from tests.examples import EXAMPLES


def test_every_type_has_an_example() -> None:
    """The examples and the contract's types are the same list."""
    assert {f"pledger.{word}.v1" for word in EXAMPLES} == set(SHAPES)


@pytest.mark.parametrize("word", EXAMPLES)
def test_accepted_with_every_field(word: str) -> None:
    """As a mapping, as text and as bytes the example is one fact, and no field of its shape is left out."""
    raw = raw_example(word)
    fact = parse_fact(raw)
    text = json.dumps(raw)
    for again in (parse_fact(text), parse_fact(text.encode())):
        assert again == fact
        assert again.content() == fact.content()
    fields = {field.alias or name for name, field in type(fact.data).model_fields.items()}
    ended = (
        {"roles", "group", "categories", "online"} if word in {"recipient_ended", "collection_point_closed"} else set()
    )
    assert fields - set(raw["data"]) <= ended
    assert fact.name == f"/examples example-{word}"
    assert fact.time == datetime(2016, 4, 2, 10, 15, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize("word", EXAMPLES)
def test_accepted_with_its_required_fields_alone(word: str) -> None:
    """The tests' own default for a type is accepted, and a parsed fact can be written as its CloudEvent again."""
    assert parse_fact(cloud_event(word)).type == f"pledger.{word}.v1"
    assert parse_fact(as_cloud_event(example(word))) == example(word)


@pytest.mark.parametrize("word", EXAMPLES)
def test_every_required_field_is_missed(word: str) -> None:
    """Each field of the envelope and of the data that has no default is missed when it is left out."""
    shape = SHAPES[f"pledger.{word}.v1"][1]
    required = {field.alias or name for name, field in shape.model_fields.items() if field.is_required()}
    raw = raw_example(word)
    raw["data"] = {name: value for name, value in raw["data"].items() if name not in required}
    del raw["source"], raw["id"], raw["time"]
    expected = {"source", "id", "time"} | {f"data.{name}" for name in required}
    with pytest.raises(MalformedFact) as caught:
        parse_fact(raw)
    assert {problem.where for problem in caught.value.problems if problem.what == "is missing"} == expected


def test_subjects_are_of_three_kinds() -> None:
    """A fact is about a customer, a browser or nobody, as its type says."""
    assert isinstance(example("opt_out"), CustomerFact)
    assert isinstance(example("signal"), VisitorFact)
    assert isinstance(example("incident"), CompanyFact)
    assert example("incident").subject is None


@pytest.mark.parametrize(
    "subject",
    ["customer:17850", "email:ada@example.com", "id:00000000-0000-0000-0000-000000000001", "order:O-1", "customer:a:b"],
)
def test_names_of_a_customer(subject: str) -> None:
    """Each kind of name is taken, and a colon inside a name is part of it."""
    raw = raw_example("opt_out") | {"subject": subject}
    assert str(parse_fact(raw).subject) == subject


def test_sets_have_one_order() -> None:
    """Categories are a set: the same ones in another order make the same fact."""
    one = example("share", categories=["user.name", "user.contact.address"])
    assert one.content() == example("share", categories=["user.contact.address", "user.name", "user.name"]).content()


def test_zones_make_no_difference() -> None:
    """The same instant in another zone is the same fact."""
    raw = raw_example("opt_out")
    assert parse_fact(raw | {"time": "2016-04-02T10:15:00.000001Z"}).content() == parse_fact(raw).content()


def test_a_default_said_or_left_out_is_the_same() -> None:
    """A field at its default says what its absence says."""
    left_out = raw_example("opt_out")
    del left_out["data"]["mode"], left_out["specversion"], left_out["datacontenttype"]
    assert parse_fact(left_out).content() == example("opt_out").content()


@pytest.mark.parametrize("change", [{"program": "email_marketing"}, {"mode": "enforce"}, {"also": []}])
def test_other_data_is_other_content(change: dict[str, object]) -> None:
    """Other data makes other content."""
    assert example("opt_out", **change).content() != example("opt_out").content()


def test_one_citation_is_a_list_of_one() -> None:
    """`relying_on` may be one collection or several."""
    cited = {"act": "order", "reference": "O-1"}
    assert example("use", relying_on=cited) == example("use", relying_on=[cited])

"""Every attribute of CloudEvents is accepted, and is no part of what a fact says; a wrong word is answered well."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from adapters.contract import parse_fact
from domain.errors import MalformedFact
from domain.facts.patterns import is_open_word
from tests.controls import raw_example
from tests.examples import EXAMPLES

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"


def problems(raw: object) -> dict[str, str]:
    """Return what is wrong with a fact, by place."""
    with pytest.raises(MalformedFact) as caught:
        parse_fact(raw)  # type: ignore[arg-type]
    return {problem.where: problem.what for problem in caught.value.problems}


@pytest.mark.parametrize("word", EXAMPLES)
def test_other_attributes(word: str) -> None:
    """Extensions of each kind, a schema and a media type of JSON change nothing of a fact of any type."""
    raw = raw_example(word)
    others: dict[str, Any] = {"partitionkey": "p", "sampledrate": 30, "a1": True, "unset": None, "tracestate": "a=b"}
    others |= {"dataschema": "https://shop.example/schema", "traceparent": TRACEPARENT}
    content = parse_fact(raw).content()
    assert parse_fact(raw | others).content() == content
    for media in ("application/json; charset=utf-8", 'text/json;charset="UTF-8"', "application/vnd.shop+json", None):
        assert parse_fact(raw | {"datacontenttype": media}).content() == content


def test_the_trace_is_the_correlation_of_a_fact_that_gives_none() -> None:
    """The trace id correlates, not the span; what the data says wins; what is no traceparent is passed over."""
    raw = raw_example("opt_out", correlation=None)
    span = TRACEPARENT.replace("b7ad6b7169203331", "00f067aa0ba902b7")
    assert parse_fact(raw | {"traceparent": TRACEPARENT}).correlation == TRACE
    assert parse_fact(raw | {"traceparent": span}).correlation == TRACE
    assert parse_fact(raw | {"traceparent": TRACEPARENT}).content() == parse_fact(raw | {"traceparent": span}).content()
    assert parse_fact(raw_example("opt_out") | {"traceparent": TRACEPARENT}).correlation == "c-1"
    for wrong in ("", "x", f"ff{TRACEPARENT[2:]}", TRACEPARENT.replace(TRACE, "0" * 32), f"{TRACEPARENT}-x"):
        assert parse_fact(raw | {"traceparent": wrong}).correlation is None


@pytest.mark.parametrize(
    ("word", "changes", "where", "right"),
    [
        ("collection", {"act": "ordr"}, "data.act", "order"),
        ("enrollment", {"program": "emails"}, "data.program", "email_marketing, physical_mailings"),
        ("enrollment", {"cause": "purchse"}, "data.cause", "purchase"),
        ("message", {"channel": "mail"}, "data.channel", "email, post"),
        ("recipient_registered", {"roles": ["carier"]}, "data.roles.0", "carrier"),
        ("share", {"categories": ["user.contact.emails"]}, "data.categories.0", "user.contact.email"),
        ("share", {"kind": "sold"}, "data.kind", "sale"),
        ("share", {"recipent": "carrier"}, "data.recipent", "the nearest is recipient"),
        ("share", {"relying_on": {"act": "order", "refrence": "1"}}, "data.relying_on.0.refrence", "reference"),
    ],
)
def test_the_right_word_is_given(word: str, changes: dict[str, Any], where: str, right: str) -> None:
    """The answer lists the valid words, or gives the nearest."""
    assert right in problems(raw_example(word, **changes))[where]


def test_the_right_type_is_given() -> None:
    """An unknown type is answered with the nearest."""
    assert "pledger.opt_out.v1" in problems(raw_example("opt_out") | {"type": "pledger.optout.v1"})["type"]


@settings(max_examples=300, deadline=None)
@given(
    word=st.text(st.sampled_from("a9_.-Zé @\n0"), max_size=12)
    | st.from_regex(r"[a-z0-9][a-z0-9_.-]{60,66}", fullmatch=True)
)
def test_open_words(word: str) -> None:
    """A purpose and a recipient are accepted exactly as the contract's own words say."""
    is_valid = re.fullmatch(r"(?!.*[0-9]{5})[a-z0-9][a-z0-9_.-]{0,63}", word) is not None
    assert is_open_word(word) is is_valid
    raw = raw_example("share", purpose=word, recipient=word)
    if is_valid:
        parse_fact(raw)
    else:
        assert set(problems(raw)) == {"data.purpose", "data.recipient"}

"""Mutated facts are accepted or refused as malformed; nothing else ever happens."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings, strategies as st

from adapters.contract import parse_fact
from domain.errors import MalformedFact
from domain.facts import Fact
from tests.controls import raw_example
from tests.examples import EXAMPLES

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["\x00", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)


def accept_or_refuse(raw: Any) -> None:  # noqa: ANN401 - anything at all
    """Parse, and let nothing but a refusal out; what is accepted has a content."""
    try:
        fact = parse_fact(raw)
    except MalformedFact:
        return
    assert isinstance(fact, Fact)
    assert fact.content()


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401 - any JSON
    """Return the path of everything inside a JSON value."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += paths(inner, (*path, key))
    return found


@settings(max_examples=1300, deadline=None)
@given(word=st.sampled_from(sorted(EXAMPLES)), value=JSON_VALUES, data=st.data())
def test_any_value_anywhere(word: str, value: object, data: st.DataObject) -> None:
    """Anything in place of any part of a good fact, or that part removed, or moved to another key."""
    raw = json.loads(json.dumps(raw_example(word)))
    *above, last = data.draw(st.sampled_from(paths(raw)))
    place = raw
    for step in above:
        place = place[step]
    if isinstance(place, dict) and data.draw(st.booleans()):
        moved = place.pop(last)
        if data.draw(st.booleans()):
            place[data.draw(st.text(max_size=6))] = moved
    else:
        place[last] = value
    accept_or_refuse(raw)


@settings(max_examples=500, deadline=None)
@given(
    word=st.sampled_from(sorted(EXAMPLES)), at=st.integers(0, 10_000), put=st.binary(max_size=4), cut=st.integers(0, 4)
)
def test_any_bytes_anywhere(word: str, at: int, put: bytes, cut: int) -> None:
    """Bytes cut out of the text of a good fact, and others put in their place."""
    text = json.dumps(raw_example(word)).encode()
    at %= len(text)
    accept_or_refuse(text[:at] + put + text[at + cut :])


@settings(max_examples=300, deadline=None)
@given(raw=JSON_VALUES)
def test_any_json(raw: object) -> None:
    """Any JSON value at all, as a Python value and as text."""
    accept_or_refuse(raw)
    accept_or_refuse(json.dumps(raw))

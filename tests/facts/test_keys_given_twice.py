"""An object that gives a key twice is refused at any depth, however the key is written; nothing else is refused."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings, strategies as st

from adapters.contract import parse_fact
from domain.errors import MalformedFact
from domain.json_text import NotJson, read_json
from tests.controls import raw_example
from tests.examples import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator


class Pairs(list[tuple[str, Any]]):
    """An object as it is written: its keys in order, some of them perhaps twice."""


KEYS = st.sampled_from(["", "a", "A", "b", "é", "é", '"', "\\", ":", 'a":', "💍", "a b"])
WRITTEN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", ":", 'x": 1', '{"a": 1, "a": 2}', "\\"]),
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(KEYS, inner), max_size=4).map(Pairs),
    max_leaves=12,
)


def as_text(value: Any, draw: st.DrawFn) -> str:  # noqa: ANN401 - any JSON
    """Write a value as one of the many texts that stand for it."""
    blank = draw(st.sampled_from(["", " ", "\n\t", "\r"]))
    if isinstance(value, Pairs):
        keys = (json.dumps(key, ensure_ascii=draw(st.booleans())) for key, _ in value)
        keys = (key.replace("a", "\\u0061") if draw(st.booleans()) else key for key in keys)
        pairs = zip(keys, (inner for _, inner in value), strict=True)
        return "{" + ",".join(f"{blank}{key}{blank}:{as_text(inner, draw)}" for key, inner in pairs) + blank + "}"
    if isinstance(value, list):
        return "[" + ",".join(as_text(one, draw) for one in value) + blank + "]"
    return blank + json.dumps(value) + blank


@st.composite
def texts(draw: st.DrawFn) -> tuple[Any, str]:
    """Draw a value and a text of it."""
    value = draw(WRITTEN)
    return value, as_text(value, draw)


def twice(value: object) -> int:
    """Count the keys that are given more than once in the same object: the slow reference."""
    if isinstance(value, Pairs):
        counts = Counter(key for key, _ in value)
        return sum(count > 1 for count in counts.values()) + sum(twice(inner) for _, inner in value)
    return sum(map(twice, value)) if isinstance(value, list) else 0


def plain(value: object) -> object:
    """Return the value as Python has it."""
    if isinstance(value, Pairs):
        return {key: plain(inner) for key, inner in value}
    return [plain(one) for one in value] if isinstance(value, list) else value


def test_as_the_slow_reference_says() -> None:
    """A text is refused if the reference finds a key twice, with a problem for each; else it is read."""
    seen = Counter[bool]()

    @settings(max_examples=400, deadline=None)
    @given(drawn=texts())
    def check(drawn: tuple[Any, str]) -> None:
        value, text = drawn
        expected = twice(value)
        seen[expected > 0] += 1
        if not expected:
            assert read_json(text.encode()) == plain(value)
            return
        with pytest.raises(NotJson) as caught:
            read_json(text.encode())
        assert [problem.what for problem in caught.value.problems] == ["is given twice"] * expected

    check()
    assert min(seen[True], seen[False]) >= 40, seen


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - any JSON
    """Yield the path of each key inside a JSON value."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if isinstance(value, dict):
            yield (*path, key)
        yield from paths(inner, (*path, key))


@pytest.mark.parametrize("word", EXAMPLES)
def test_every_key_of_a_fact(word: str) -> None:
    """Each key of each example, given a second time with the same or another value, is named; the value is not."""
    raw = raw_example(word)
    for path in paths(raw):
        for second in ('"Qzx7"', "null", None):
            text = json.dumps(raw)
            place: Any = json.loads(text)
            whole = place
            for step in path[:-1]:
                place = place[step]
            mark = place[path[-1]]
            place["@twice"] = mark
            again = json.dumps(mark) if second is None else second
            text = json.dumps(whole).replace(f'"@twice": {json.dumps(mark)}', f"{json.dumps(path[-1])}: {again}")
            with pytest.raises(MalformedFact) as caught:
                parse_fact(text)
            assert [problem.what for problem in caught.value.problems] == ["is given twice"]
            assert "Qzx7" not in str(caught.value)


def test_a_number_that_python_does_not_read() -> None:
    """Beside a number of thousands of digits the key is found as well."""
    with pytest.raises(NotJson):
        read_json(b'{"a": 1, "b": ' + b"9" * 5_000 + b', "a": 1}')


def test_a_key_that_could_be_somebody() -> None:
    """A key that could be an address or a number is not repeated."""
    for key in ("ada@example.org", "31612345678", "Ada Example"):
        with pytest.raises(NotJson) as caught:
            read_json(json.dumps({key: 1})[:-1].encode() + f', "{key}": 2}}'.encode())
        assert key not in str(caught.value)

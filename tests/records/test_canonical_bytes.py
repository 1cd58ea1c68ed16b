"""The one byte form of what is hashed, sealed or compared."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import cbor2
import pytest
from hypothesis import given, settings, strategies as st

from domain.canonical import canonical_again, canonical_flat_json, canonical_json, cbor, microseconds, sealed_header
from domain.vocabulary import Act, Reading

TEXTS = st.text(max_size=40)
INTEGERS = st.integers(-(2**64), 2**64 - 1)
ITEMS = st.none() | TEXTS | INTEGERS | st.binary(max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(items=st.lists(ITEMS, max_size=30))
def test_cbor_is_the_librarys_canonical_form(items: list[object]) -> None:
    """Our encoder gives, byte for byte, what cbor2 gives as canonical, and cbor2 reads it back."""
    encoded = cbor(items)
    assert encoded == cbor2.dumps(items, canonical=True)
    assert cbor2.loads(encoded) == items


@settings(max_examples=100, deadline=None)
@given(
    version=st.integers(1, 2**40),
    time=st.datetimes(timezones=st.just(UTC)),
    texts=st.lists(TEXTS, min_size=5, max_size=5),
    part=st.integers(0, 2**31 - 1),
)
def test_header_is_one_canonical_array(version: int, time: datetime, texts: list[str], part: int) -> None:
    """The sealed header is the canonical CBOR of its ten fields in their order."""
    topic, actor, source, policy, data = texts
    stream = UUID(int=77)
    header = sealed_header(
        stream=stream,
        version=version,
        topic=topic,
        occurred_at=time,
        actor=actor,
        source=source,
        part=part,
        policy=policy,
        data=data,
    )
    since_1970 = time - datetime(1970, 1, 1, tzinfo=UTC)
    stamp = since_1970 // timedelta(microseconds=1)
    fields = ["pledger1", stream.bytes, version, topic, stamp, actor, source, part, policy, data]
    assert header == cbor2.dumps(fields, canonical=True)


def test_header_bytes() -> None:
    """The bytes of one small header, as the module shows them."""
    assert (
        cbor(["pledger1", None, -1, 24, b"\x01"]).hex()
        == "85" + "68" + b"pledger1".hex() + "f6" + "20" + "1818" + "4101"
    )


@pytest.mark.parametrize("item", [1.5, True, [1], {"a": 1}, 2**64, -(2**64) - 1])
def test_what_a_header_does_not_hold(item: object) -> None:
    """A float, a truth, a nested value or an integer of more than 64 bits raises."""
    with pytest.raises(TypeError):
        cbor([item])


@settings(max_examples=150, deadline=None)
@given(value=JSON)
def test_json_has_one_form(value: object) -> None:
    """Canonical JSON reads back as it was, has sorted keys and no white space, and repeats itself."""
    text = canonical_json(value)
    assert json.loads(text) == value
    assert text == json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert canonical_json(json.loads(text)) == text


PLAIN = TEXTS | st.integers(-(2**63), 2**63 - 1) | st.booleans() | st.sampled_from([*Act, *Reading])


@settings(max_examples=200, deadline=None)
@given(fields=st.dictionaries(TEXTS, PLAIN | st.lists(PLAIN | st.tuples(TEXTS, PLAIN), max_size=3).map(tuple)))
def test_flat_fields_have_the_same_form(fields: dict[str, object]) -> None:
    """Fields in order of their names, with plain values, have their canonical form by the shorter way as well."""
    in_order = dict(sorted(fields.items()))
    assert canonical_flat_json(in_order) == canonical_json(fields)


@settings(max_examples=200, deadline=None)
@given(fields=st.dictionaries(TEXTS, JSON | st.floats(-1e9, 1e9) | st.lists(TEXTS | st.floats(0, 1), max_size=2)))
def test_json_text_of_any_form_has_the_same(fields: dict[str, object]) -> None:
    """An object's text, in any order and with any white space, is given the canonical form of what it says."""
    turned = dict(reversed(fields.items()))
    assert canonical_again(json.dumps(turned, indent=1)) == canonical_json(fields)
    assert canonical_again(json.dumps(turned, ensure_ascii=False)) == canonical_json(fields)


def test_flat_fields_with_every_character() -> None:
    """No character of the first plane is written otherwise, nor one beyond it."""
    text = "".join(chr(code) for code in range(0x10000) if not 0xD800 <= code < 0xE000) + "\U0001f48d\U0010ffff"
    assert canonical_flat_json({"text": text}) == canonical_json({"text": text})


@pytest.mark.parametrize("value", [b"x", object(), {1, 2}, timedelta(1)])
def test_json_refuses_what_has_no_form(value: object) -> None:
    """Anything else that JSON does not have raises."""
    with pytest.raises(TypeError):
        canonical_json([value])


def test_times_and_ids() -> None:
    """A time in any zone is written in UTC with microseconds; an id is written as its text."""
    noon = datetime(2016, 4, 2, 12, tzinfo=timezone(timedelta(hours=2)))
    assert (
        canonical_json([noon, UUID(int=1)]) == '["2016-04-02T10:00:00.000000Z","00000000-0000-0000-0000-000000000001"]'
    )
    assert microseconds(noon) == microseconds(noon.astimezone(UTC)) == 1_459_591_200_000_000
    assert microseconds(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1

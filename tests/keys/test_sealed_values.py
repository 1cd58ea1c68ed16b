"""Values sealed apart: the published bytes, what goes with a key, and what must not open.

The vectors were computed apart from our code: HMAC and SHA-256 from their definitions, GCM through another interface.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import given, strategies as st

from adapters.keys.sealing import (
    SealBroken,
    fresh_bytes,
    open_value_keys,
    seal_event,
    unseal,
    unseal_event,
    value_places,
    without_values,
)

KEY = bytes.fromhex("806d71bec06ae4f4855dfa45b3be988b1bb8755ea12b13eb6c2a1bff62f4a7e5")
HEADER = b"header"
FRESH = bytes(range(24 + 64))
VALUES = [(0, b"Ada"), (2, b"ada@example.test")]
REST = b'{"reference":"O-1"}'
ENVELOPE = bytes.fromhex(
    "020200d984ea80bd1b527a8c74e5611a32f3584ba9a3b828de4d2c3a8127c2838d949200000050777838858d14a336ca1a5ee8849e34"
    "47fc29ec3d3e87dc29ebe677d3f484880b6823406f92b4ce5fb4a4ea3463c49d85f1c34414a7ffa4fa57ea8a1a7dcb778023058ff813"
    "0bbfaa91576bf7c2f2aa79026c603c49a67914ac5994f66b2f6b3215e0cbb1ba83d83aad1caff28e1fd83acf0000005032997b389c50"
    "f6ecb29b14e07f9fdabb47178f424082e3d979112c46dfd71a698abd53ebde0f293de491f8284258d50cf77389662ef1a12f98b51967"
    "080fdbefffb9a7c5763d988e24d1700f40fe242c01000102030405060708090a0bf2a7bfc92ee9aea3baa34a2728abfa71fa8bdaf91f"
    "c7647e5a18e35d35215f26313992c0818c8aa1c62350a71d162d72b6d1243903d712a209edb3c395405ab647e63ca3b6f6c2892c74de"
    "2538fc0e29"
)
COMMITMENT = bytes.fromhex("d8b64084d0588439306b2fa0c3556cb0ac6a869ece6c4a3b7ad3b0ce1991dd79")
VALUE_KEYS = bytes.fromhex(
    "010200020c0d0e0f1011121314151617055ec6f58034ac9fab26d396d2506f45b675283773a8ecda6dbc9c0ca5da3206933f46aa8b58"
    "049c83680c91d7431f4fb6c9885c00178a714134e747d082f0b61e66e0114db8dae9ef0f259f396da59c"
)
NONCE = bytes(range(0x40, 0x4C))
LEFT = bytes.fromhex(
    "010102404142434445464748494a4b50cd56f784eaff532f825151daccf8c4bac35d371ec50ca6e8c830c18577f9faa039043be6cf87"
    "201d58ce544925ad2a"
)
"""The value keys when the first value was deleted."""


def test_an_event_with_values_has_the_published_bytes() -> None:
    """The same keys, nonces, header and values always give the same envelope, commitment and value keys."""
    assert seal_event(KEY, REST, VALUES, HEADER, FRESH) == (ENVELOPE, COMMITMENT, VALUE_KEYS)
    assert unseal_event(KEY, ENVELOPE, HEADER, COMMITMENT, VALUE_KEYS) == (REST, dict(VALUES))
    assert (value_places(VALUE_KEYS), value_places(LEFT)) == ((0, 2), (2,))


def test_a_value_goes_with_its_key() -> None:
    """What is left opens, and is checked as before against the commitment; the value that went is known to be gone."""
    assert without_values(KEY, VALUE_KEYS, {0}, NONCE) == LEFT
    assert unseal_event(KEY, ENVELOPE, HEADER, COMMITMENT, LEFT) == (REST, {0: None, 2: b"ada@example.test"})
    assert without_values(KEY, LEFT, {2}, NONCE) is None
    assert unseal_event(KEY, ENVELOPE, HEADER, COMMITMENT, None) == (REST, {0: None, 2: None})
    assert set(open_value_keys(KEY, LEFT).values()) < set(open_value_keys(KEY, VALUE_KEYS).values())


@given(
    texts=st.lists(st.binary(max_size=200), min_size=1, max_size=6),
    rest=st.binary(max_size=200),
    gone=st.sets(st.integers(0, 5)),
)
def test_any_values_come_back(texts: list[bytes], rest: bytes, gone: set[int]) -> None:
    """Any values open again, whichever of them were deleted."""
    values = list(enumerate(texts))
    sealed = seal_event(KEY, rest, values, HEADER, os.urandom(fresh_bytes(len(values))))
    left = without_values(KEY, sealed.value_keys, gone, NONCE)
    opened, found = unseal_event(KEY, sealed.envelope, HEADER, sealed.commitment, left)
    assert opened == rest
    assert found == {place: None if place in gone else text for place, text in values}


@given(place=st.integers(0, len(ENVELOPE) - 1), change=st.integers(1, 255))
def test_no_byte_can_be_changed(place: int, change: int) -> None:
    """An envelope with one changed byte does not open."""
    changed = bytearray(ENVELOPE)
    changed[place] ^= change
    with pytest.raises(SealBroken):
        unseal_event(KEY, bytes(changed), HEADER, COMMITMENT, VALUE_KEYS)


@given(place=st.integers(0, len(VALUE_KEYS) - 1), change=st.integers(1, 255))
def test_no_byte_of_the_value_keys_can_be_changed(place: int, change: int) -> None:
    """Value keys with one changed byte do not open, so a key stays with its category."""
    changed = bytearray(VALUE_KEYS)
    changed[place] ^= change
    with pytest.raises(SealBroken):
        unseal_event(KEY, ENVELOPE, HEADER, COMMITMENT, bytes(changed))


@pytest.mark.parametrize("length", range(0, len(ENVELOPE), 7))
def test_cut_bytes_do_not_open(length: int) -> None:
    """Bytes that are cut are an error of ours, not a crash."""
    with pytest.raises(SealBroken):
        unseal_event(KEY, ENVELOPE[:length], HEADER, COMMITMENT, VALUE_KEYS)
    if length < len(VALUE_KEYS):
        with pytest.raises(SealBroken):
            open_value_keys(KEY, VALUE_KEYS[:length])


def test_the_value_keys_of_another_event_do_not_open() -> None:
    """Keys are bound to their event's key; those of another event, or of other values, are refused."""
    other = seal_event(KEY, REST, VALUES, HEADER, os.urandom(len(FRESH)))
    with pytest.raises(SealBroken) as caught:
        unseal_event(KEY, ENVELOPE, HEADER, COMMITMENT, other.value_keys)
    assert "commitment" in caught.value.why
    with pytest.raises(SealBroken):
        unseal_event(bytes(32), ENVELOPE, HEADER, COMMITMENT, VALUE_KEYS)
    with pytest.raises(SealBroken):
        unseal_event(KEY, ENVELOPE, b"other", COMMITMENT, VALUE_KEYS)


def test_the_rest_does_not_open_alone() -> None:
    """The commitment is over all keys, so nobody can leave the values out and keep it."""
    with pytest.raises(SealBroken):
        unseal(KEY, ENVELOPE[-93 - 64 :], HEADER, COMMITMENT)


@pytest.mark.parametrize("count", [0, 256])
def test_a_count_that_is_no_byte_is_refused(count: int) -> None:
    """An event with values has 1 to 255 of them."""
    with pytest.raises(ValueError, match="random bytes"):
        seal_event(KEY, REST, [(0, b"x")] * count, HEADER, os.urandom(fresh_bytes(count)))

"""Sealing: the published bytes, the padding, and everything that must not open.

The vectors were computed apart from our code: HMAC from its definition on SHA-256, GCM through another interface.
"""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, strategies as st

from adapters.keys.sealing import SealBroken, commitment, event_key, reference_key, seal, unseal

DEK = bytes(range(32))
STREAM = bytes(range(0xA0, 0xB0))
NONCE = bytes(range(0xC0, 0xCC))
HEADER = b"header"
KEY = bytes.fromhex("806d71bec06ae4f4855dfa45b3be988b1bb8755ea12b13eb6c2a1bff62f4a7e5")
COMMITMENT = bytes.fromhex("7bb2b18ac7f2e461f5ffa14944f9011bc7cf35ad4c4100b95360f3b989529eb5")
ENVELOPE = bytes.fromhex(
    "01c0c1c2c3c4c5c6c7c8c9cacbce98da6147a8c488e546db5f14e72ea1e56a53b7c9c785631f74bcdd900b8e95eed8aeb0d1b1382a9066"
    "93c7dcb8ee6431e799a1f11d93df7b7875184c1450d82d2851a1965cec675149a4923d16f14e"
)
PLAINTEXT = b"ada@example.test"


def test_an_event_key_has_the_published_bytes() -> None:
    """The key of an event follows from the data key, the stream and the version as written down."""
    assert event_key(DEK, STREAM, 7) == KEY


def test_a_reference_key_has_the_published_bytes() -> None:
    """The key for a customer's own references follows from the data key as written down."""
    assert reference_key(DEK).hex() == "8a603224a0d57c0a11667ef1a5c168083124d8676f4539ba61a6409ff8d213cc"


def test_a_commitment_has_the_published_bytes() -> None:
    """The commitment follows from the event's key as written down."""
    assert commitment(KEY) == COMMITMENT


def test_an_envelope_has_the_published_bytes() -> None:
    """The same key, nonce, header and text always give the same envelope, and it opens again."""
    assert seal(KEY, PLAINTEXT, HEADER, NONCE) == ENVELOPE
    assert unseal(KEY, ENVELOPE, HEADER, COMMITMENT) == PLAINTEXT


def test_every_stream_and_version_has_its_own_key() -> None:
    """No two events share a key, so an envelope moved to another place does not open there."""
    others = [event_key(DEK, STREAM, 8), event_key(DEK, bytes(16), 7), event_key(bytes(32), STREAM, 7)]
    assert len({KEY, *others}) == 4


@pytest.mark.parametrize(("length", "padded"), [(0, 64), (1, 64), (62, 64), (63, 64), (64, 128), (65, 128), (127, 128)])
def test_the_length_shows_in_steps_of_64_bytes(length: int, padded: int) -> None:
    """An envelope is 29 bytes longer than the text rounded up, and a full step gets another one."""
    envelope = seal(KEY, b"x" * length, HEADER, NONCE)
    assert len(envelope) == 1 + 12 + padded + 16
    assert unseal(KEY, envelope, HEADER, COMMITMENT) == b"x" * length


@given(plaintext=st.binary(max_size=300), header=st.binary(max_size=100), key=st.binary(min_size=32, max_size=32))
def test_what_is_sealed_opens_again(plaintext: bytes, header: bytes, key: bytes) -> None:
    """Any text comes back as it was, one that ends like the padding included."""
    for text in (plaintext, plaintext + b"\x80\x00"):
        assert unseal(key, seal(key, text, header, os.urandom(12)), header, commitment(key)) == text


@given(place=st.integers(0, len(ENVELOPE) - 1), change=st.integers(1, 255))
def test_no_byte_of_an_envelope_can_be_changed(place: int, change: int) -> None:
    """An envelope with one changed byte does not open."""
    changed = bytearray(ENVELOPE)
    changed[place] ^= change
    with pytest.raises(SealBroken):
        unseal(KEY, bytes(changed), HEADER, COMMITMENT)


@pytest.mark.parametrize("length", [0, 1, 29, 92, 93])
def test_a_cut_envelope_does_not_open(length: int) -> None:
    """Bytes too short for an envelope are an error of ours, not a crash; the whole one has 93."""
    if length == len(ENVELOPE):
        assert unseal(KEY, ENVELOPE[:length], HEADER, COMMITMENT) == PLAINTEXT
        return
    with pytest.raises(SealBroken):
        unseal(KEY, ENVELOPE[:length], HEADER, COMMITMENT)


def test_another_header_does_not_open() -> None:
    """The header is authenticated: an envelope under other facts does not open."""
    with pytest.raises(SealBroken):
        unseal(KEY, ENVELOPE, b"Header", COMMITMENT)


def test_another_key_does_not_open_and_is_told_apart() -> None:
    """A key that the commitment does not name is refused before anything is decrypted."""
    with pytest.raises(SealBroken) as caught:
        unseal(bytes(32), ENVELOPE, HEADER, COMMITMENT)
    assert "commitment" in caught.value.why


@pytest.mark.parametrize("padded", [b"", b"\x80" * 10, bytes(64), b"x" * 64, b"\x80" + bytes(127), b"x\x80"])
def test_only_our_own_padding_opens(padded: bytes) -> None:
    """A text sealed with the key but without the padding does not open, so each text has one sealed form."""
    envelope = b"\x01" + NONCE + AESGCM(KEY).encrypt(NONCE, padded, HEADER)
    with pytest.raises(SealBroken):
        unseal(KEY, envelope, HEADER, COMMITMENT)


def test_an_error_holds_no_value() -> None:
    """What is said about a broken seal names neither text nor key, and no chained error does."""
    with pytest.raises(SealBroken) as caught:
        unseal(KEY, ENVELOPE, b"other", COMMITMENT)
    assert caught.value.code == "seal_broken"
    assert "ada" not in str(caught.value)
    assert KEY.hex() not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("stream", [b"", bytes(15), bytes(17)])
def test_a_stream_of_another_length_is_refused(stream: bytes) -> None:
    """Only 16 bytes are a stream; with others two inputs could run together into one key."""
    with pytest.raises(ValueError, match="16 bytes"):
        event_key(DEK, stream, 1)


def test_a_nonce_of_another_length_is_refused() -> None:
    """Only 12 bytes are a nonce; with others the envelope could not be read back."""
    with pytest.raises(ValueError, match="12 bytes"):
        seal(KEY, PLAINTEXT, HEADER, bytes(16))

"""Digests under a key that is used often are those of the standard."""

from __future__ import annotations

import hmac
import pickle

import pytest
from hypothesis import given, settings, strategies as st

from adapters.keys.mac import BLOCK_BYTES, Mac, mac_once


@settings(max_examples=150, deadline=None)
@given(key=st.binary(max_size=BLOCK_BYTES), texts=st.lists(st.binary(max_size=200), max_size=4))
def test_it_is_hmac(key: bytes, texts: list[bytes]) -> None:
    """Each text has the digest that the standard library gives it, whatever was digested before it."""
    mac, expected = Mac(key), [hmac.digest(key, text, "sha256") for text in texts]
    assert [mac.digest(text) for text in texts] == expected
    assert [mac_once(key, text) for text in texts] == expected


def test_a_published_digest() -> None:
    """The digest of a vector of RFC 4231, section 4.3."""
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert Mac(b"Jefe").digest(b"what do ya want for nothing?").hex() == expected


def test_another_process_can_have_it() -> None:
    """It comes out of a pickle as it went in, though it had begun to digest."""
    mac = Mac(b"Jefe")
    assert pickle.loads(pickle.dumps(mac)).digest(b"a") == mac.digest(b"a")  # noqa: S301 - what was just pickled


def test_a_key_that_is_too_long() -> None:
    """A longer key would have to be hashed first, and none of ours is longer."""
    with pytest.raises(ValueError, match="65 bytes"):
        Mac(bytes(BLOCK_BYTES + 1))

"""Sealing: personal values become envelopes that open with one key, under one header, to one plaintext.

Pure functions on bytes. An event's key is derived from its customer's data key, its stream and its version, so an
envelope opens in its own place only, and destroying the data key closes all of them. The visible length is rounded up
to 64 bytes. Nothing is opened before the stored commitment is checked: with GCM alone a forger can make one ciphertext
that opens under two keys to two different texts.

Formats (AES-256-GCM of NIST SP 800-38D with a 12-byte nonce and a 16-byte tag, HMAC-SHA256 of RFC 2104, padding of
ISO/IEC 7816-4):

    event key    HMAC(dek, "ev1" ‖ stream (16 bytes) ‖ version (8 bytes, big-endian))       32 bytes
    reference    HMAC(dek, "ref1")                                                          32 bytes
    commitment   HMAC(event key, "commit")                                                  32 bytes
    envelope     01 ‖ nonce (12) ‖ AES-256-GCM(plaintext ‖ 80 ‖ 00 …, AAD = header) ‖ tag (16)
"""

from __future__ import annotations

import hmac
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import PledgerError

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
STREAM_BYTES: Final = 16
PADDING_STEP_BYTES: Final = 64

_FORMAT: Final = b"\x01"
_SHORTEST_ENVELOPE_BYTES: Final = 1 + NONCE_BYTES + PADDING_STEP_BYTES + TAG_BYTES


class SealBroken(PledgerError):
    """An envelope does not open: its key, header, commitment or bytes do not belong together."""

    code = "seal_broken"

    def __init__(self, why: str) -> None:
        super().__init__(
            "A sealed value cannot be opened.",
            why,
            "Check the ledger against its last signed checkpoint, and restore the row from a backup if it was changed.",
        )


def event_key(dek: bytes, stream: bytes, version: int) -> bytes:
    """Derive the 32-byte key of one event; `stream` is the 16 bytes of its UUID."""
    if len(stream) != STREAM_BYTES:
        message = f"a stream is {STREAM_BYTES} bytes, not {len(stream)}"
        raise ValueError(message)
    return hmac.digest(dek, b"ev1" + stream + version.to_bytes(8, "big"), "sha256")


def reference_key(dek: bytes) -> bytes:
    """Derive the 32-byte key of the digests of the customer's references, such as a collection's name."""
    return hmac.digest(dek, b"ref1", "sha256")


def commitment(key: bytes) -> bytes:
    """Return the commitment to an event's key, 32 bytes that are stored beside the envelope and in the leaf."""
    return hmac.digest(key, b"commit", "sha256")


def seal(key: bytes, plaintext: bytes, header: bytes, nonce: bytes) -> bytes:
    """Seal `plaintext` under `header`, which is authenticated and not stored in the envelope.

    `nonce` is 12 random bytes that were never used with this key. The result is 29 bytes longer than the padded
    plaintext.
    """
    if len(nonce) != NONCE_BYTES:
        message = f"a nonce is {NONCE_BYTES} bytes, not {len(nonce)}"
        raise ValueError(message)
    padded = plaintext + b"\x80" + bytes(-(len(plaintext) + 1) % PADDING_STEP_BYTES)
    return _FORMAT + nonce + AESGCM(key).encrypt(nonce, padded, header)


def unseal(key: bytes, envelope: bytes, header: bytes, key_commitment: bytes) -> bytes:
    """Open an envelope, after checking that `key_commitment` is the commitment to this key.

    Raise `SealBroken`, which holds no value and no key.
    """
    if not hmac.compare_digest(commitment(key), key_commitment):
        raise SealBroken("the key is not the one of the stored commitment.")
    if len(envelope) < _SHORTEST_ENVELOPE_BYTES or envelope[:1] != _FORMAT:
        raise SealBroken("the bytes are not an envelope of a known format.")
    try:
        padded = AESGCM(key).decrypt(envelope[1 : 1 + NONCE_BYTES], envelope[1 + NONCE_BYTES :], header)
    except InvalidTag:
        # "from None": the chain would keep frames that hold the key.
        raise SealBroken("the envelope or its header was changed after sealing.") from None
    plaintext = padded.rstrip(b"\x00")
    if (
        plaintext[-1:] != b"\x80"
        or len(padded) % PADDING_STEP_BYTES
        or len(padded) - len(plaintext) >= PADDING_STEP_BYTES
    ):
        raise SealBroken("its padding is not that of sealing.")
    return plaintext[:-1]

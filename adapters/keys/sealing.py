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

Values that can be deleted in part are sealed apart, each under a random key of its own. An event with n of them (1 to
255) has these forms instead. A value's place is that of its category in the event's coded list of categories, from 0.

    envelope     02 ‖ n (1) ‖ n sections ‖ envelope of the rest, as above
    section      place (1) ‖ HMAC(value key, "commit") (32) ‖ length (4, big-endian) ‖ sealed value
    sealed value AES-256-GCM(value ‖ 80 ‖ 00 …, key = value key, nonce = 12 bytes 00, AAD = header) ‖ tag (16)
    commitment   SHA-256(HMAC(event key, "commit") ‖ HMAC(value key, "commit") of each section)  32 bytes
    value keys   01 ‖ n (1) ‖ n places (1 each) ‖ nonce (12)
                 ‖ AES-256-GCM(n value keys, key = event key, AAD = "values1" ‖ n ‖ places) ‖ tag (16)

A value key seals one text and nothing else, ever, so its nonce is fixed. The value keys are stored beside the log, in a
row that can be deleted, or replaced by one with fewer of them (`without_values`). The commitments of the sections stay
with the event, so it opens and is checked as before when value keys are gone.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.keys.mac import mac_once
from domain.errors import PledgerError

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from adapters.keys.mac import Mac

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
STREAM_BYTES: Final = 16
PADDING_STEP_BYTES: Final = 64

_FORMAT: Final = b"\x01"
_WITH_VALUES: Final = b"\x02"
_VALUE_NONCE: Final = bytes(NONCE_BYTES)
_VALUE_KEYS: Final = b"values1"
_SECTION_BYTES: Final = 1 + 32 + 4
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


class SealedEvent(NamedTuple):
    """What is stored of an event with values: its envelope and commitment, and its value keys, which can go."""

    envelope: bytes
    commitment: bytes
    value_keys: bytes


def event_key(dek: bytes | Mac, stream: bytes, version: int) -> bytes:
    """Derive the 32-byte key of one event; `stream` is the 16 bytes of its UUID.

    A data key that seals many events is given as the `Mac` of it.
    """
    if len(stream) != STREAM_BYTES:
        message = f"a stream is {STREAM_BYTES} bytes, not {len(stream)}"
        raise ValueError(message)
    place = b"ev1" + stream + version.to_bytes(8, "big")
    return hmac.digest(dek, place, "sha256") if isinstance(dek, bytes) else dek.digest(place)


def reference_key(dek: bytes) -> bytes:
    """Derive the 32-byte key of the digests of the customer's references, such as a collection's name."""
    return mac_once(dek, b"ref1")


def commitment(key: bytes) -> bytes:
    """Return the commitment to an event's key, 32 bytes that are stored beside the envelope and in the leaf."""
    return mac_once(key, b"commit")


def seal(key: bytes, plaintext: bytes, header: bytes, nonce: bytes) -> bytes:
    """Seal `plaintext` under `header`, which is authenticated and not stored in the envelope.

    `nonce` is 12 random bytes that were never used with this key. The result is 29 bytes longer than the padded
    plaintext.
    """
    if len(nonce) != NONCE_BYTES:
        message = f"a nonce is {NONCE_BYTES} bytes, not {len(nonce)}"
        raise ValueError(message)
    return _FORMAT + nonce + AESGCM(key).encrypt(nonce, _padded(plaintext), header)


def unseal(key: bytes, envelope: bytes, header: bytes, key_commitment: bytes) -> bytes:
    """Open an envelope, after checking that `key_commitment` is the commitment to this key.

    Raise `SealBroken`, which holds no value and no key.
    """
    if not hmac.compare_digest(commitment(key), key_commitment):
        raise SealBroken("the key is not the one of the stored commitment.")
    if len(envelope) < _SHORTEST_ENVELOPE_BYTES or envelope[:1] != _FORMAT:
        raise SealBroken("the bytes are not an envelope of a known format.")
    return _opened(key, envelope[1 : 1 + NONCE_BYTES], envelope[1 + NONCE_BYTES :], header)


def seal_event(
    key: bytes, rest: bytes, values: Sequence[tuple[int, bytes]], header: bytes, fresh: bytes
) -> SealedEvent:
    """Seal an event with values, each given with its place; `fresh` is `fresh_bytes(len(values))` random bytes."""
    count = len(values)
    if not 0 < count < 256 or len(fresh) != fresh_bytes(count):  # noqa: PLR2004 - the count is one byte
        message = f"{count} values are sealed with {fresh_bytes(count)} random bytes, not {len(fresh)}"
        raise ValueError(message)
    nonce, wrap_nonce, keys = fresh[:NONCE_BYTES], fresh[NONCE_BYTES : 2 * NONCE_BYTES], fresh[2 * NONCE_BYTES :]
    parts = [_WITH_VALUES, count.to_bytes(1, "big")]
    digest = sha256(commitment(key))
    start = 0
    for place, value in values:
        value_key = keys[start : start + KEY_BYTES]
        start += KEY_BYTES
        committed = commitment(value_key)
        sealed = AESGCM(value_key).encrypt(_VALUE_NONCE, _padded(value), header)
        digest.update(committed)
        parts += (place.to_bytes(1, "big"), committed, len(sealed).to_bytes(4, "big"), sealed)
    cipher = AESGCM(key)
    parts += (_FORMAT, nonce, cipher.encrypt(nonce, _padded(rest), header))
    head = count.to_bytes(1, "big") + bytes([place for place, _ in values])
    wrapped = _FORMAT + head + wrap_nonce + cipher.encrypt(wrap_nonce, keys, _VALUE_KEYS + head)
    return SealedEvent(b"".join(parts), digest.digest(), wrapped)


def fresh_bytes(count: int) -> int:
    """Return how many random bytes it takes to seal an event with so many values."""
    return 2 * NONCE_BYTES + count * KEY_BYTES


def unseal_event(
    key: bytes, envelope: bytes, header: bytes, key_commitment: bytes, value_keys: bytes | None
) -> tuple[bytes, dict[int, bytes | None]]:
    """Open an event: the rest, and its values by place; None for a value whose key is gone.

    An event that was sealed without values has none. Raise `SealBroken`.
    """
    opened, sections = _rest_and_sections(key, envelope, header, key_commitment)
    if not sections:
        return opened, {}
    keys = {} if value_keys is None else open_value_keys(key, value_keys)
    values: dict[int, bytes | None] = {}
    for place, committed, sealed in sections:
        value_key = keys.pop(place, None)
        if value_key is not None and not hmac.compare_digest(commitment(value_key), committed):
            raise SealBroken("the key of a value is not the one of the stored commitment.")
        values[place] = None if value_key is None else _opened(value_key, _VALUE_NONCE, sealed, header)
    if keys:
        raise SealBroken("there is a key of a value that the event does not have.")
    return opened, values


def unseal_rest(key: bytes, envelope: bytes, header: bytes, key_commitment: bytes) -> bytes:
    """Open what is sealed of an event beside its values, which stay closed. Raise `SealBroken`."""
    return _rest_and_sections(key, envelope, header, key_commitment)[0]


def _rest_and_sections(
    key: bytes, envelope: bytes, header: bytes, key_commitment: bytes
) -> tuple[bytes, list[tuple[int, bytes, bytes]]]:
    """Open what is sealed of an event beside its values; return it with the sections of the values, still closed."""
    if envelope[:1] != _WITH_VALUES:
        return unseal(key, envelope, header, key_commitment), []
    sections, rest = _sections(envelope)
    own = commitment(key)
    expected = sha256(own)
    for _, committed, _ in sections:
        expected.update(committed)
    if not hmac.compare_digest(expected.digest(), key_commitment):
        raise SealBroken("the key is not the one of the stored commitment.")
    return unseal(key, rest, header, own), sections


def value_places(value_keys: bytes) -> tuple[int, ...]:
    """Return the places of the values whose keys these are; it takes no key to see them."""
    return tuple(value_keys[2 : 2 + value_keys[1]])


def open_value_keys(key: bytes, value_keys: bytes) -> dict[int, bytes]:
    """Return the value keys of an event by place. Raise `SealBroken`."""
    count = value_keys[1] if len(value_keys) > 1 else 0
    start = 2 + count + NONCE_BYTES
    if value_keys[:1] != _FORMAT or len(value_keys) != start + count * KEY_BYTES + TAG_BYTES:
        raise SealBroken("the bytes are not value keys of a known format.")
    head, nonce = value_keys[1 : 2 + count], value_keys[2 + count : start]
    try:
        keys = AESGCM(key).decrypt(nonce, value_keys[start:], _VALUE_KEYS + head)
    except InvalidTag:
        raise SealBroken("the keys of its values were changed, or are another event's.") from None
    return {place: keys[KEY_BYTES * n : KEY_BYTES * (n + 1)] for n, place in enumerate(head[1:])}


def without_values(key: bytes, value_keys: bytes, places: Container[int], nonce: bytes) -> bytes | None:
    """Return an event's value keys without those of some places; None where none is left. Raise `SealBroken`."""
    left = {place: kept for place, kept in open_value_keys(key, value_keys).items() if place not in places}
    if not left:
        return None
    head = bytes([len(left), *left])
    return _FORMAT + head + nonce + AESGCM(key).encrypt(nonce, b"".join(left.values()), _VALUE_KEYS + head)


def _sections(envelope: bytes) -> tuple[list[tuple[int, bytes, bytes]], bytes]:
    """Return the sections of an envelope with values, each a place, a commitment and a sealed value; and the rest."""
    found, start = [], 2
    for _ in range(envelope[1] if len(envelope) > 1 else 0):
        end = start + _SECTION_BYTES
        length = int.from_bytes(envelope[end - 4 : end], "big")
        if end + length > len(envelope):
            raise SealBroken("the bytes are not an envelope of a known format.")
        found.append((envelope[start], envelope[start + 1 : end - 4], envelope[end : end + length]))
        start = end + length
    return found, envelope[start:]


def _padded(plaintext: bytes) -> bytes:
    return plaintext + b"\x80" + bytes(-(len(plaintext) + 1) % PADDING_STEP_BYTES)


def _opened(key: bytes, nonce: bytes, sealed: bytes, header: bytes) -> bytes:
    """Decrypt, and take the padding off."""
    try:
        padded = AESGCM(key).decrypt(nonce, sealed, header)
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

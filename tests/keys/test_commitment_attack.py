"""Why a commitment stands beside every envelope: the attack on bare GCM, carried out, and stopped.

Method: "Fast Message Franking: From Invisible Salamanders to Encryptment" (Dodis, Grubbs, Ristenpart, Woodage, 2018).
The tag of GCM is linear in each block of ciphertext, so one block can be solved for to fit two keys.
"""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.keys.sealing import SealBroken, commitment, unseal

NONCE = bytes(12)
HEADER = b"sixteen byte AAD"
ONE = 1 << 127  # GCM numbers bits from the left, so this is the field's 1.


def multiply(a: int, b: int) -> int:
    """Multiply in the field of GCM (SP 800-38D, algorithm 1)."""
    product = 0
    for bit in range(127, -1, -1):
        if a >> bit & 1:
            product ^= b
        b = b >> 1 ^ (0xE1 << 120 if b & 1 else 0)
    return product


def power(base: int, exponent: int) -> int:
    """Raise to a power in the field of GCM."""
    result = ONE
    while exponent:
        if exponent & 1:
            result = multiply(result, base)
        base = multiply(base, base)
        exponent >>= 1
    return result


def keystream_block(key: bytes, counter: bytes) -> int:
    """Encrypt one block: counter mode on zeros gives it."""
    return int.from_bytes(Cipher(algorithms.AES(key), modes.CTR(counter)).encryptor().update(bytes(16)), "big")


def ghash(key: bytes, blocks: list[int]) -> int:
    """Hash blocks under the key's hash subkey."""
    subkey, total = keystream_block(key, bytes(16)), 0
    for block in blocks:
        total = multiply(total ^ block, subkey)
    return total


def forge(one: bytes, other: bytes) -> bytes:
    """Make a ciphertext of four blocks and a tag that opens under both keys."""
    known = [int.from_bytes(bytes([place]) * 16, "big") for place in range(1, 4)]
    header, lengths = int.from_bytes(HEADER, "big"), (len(HEADER) * 8) << 64 | 64 * 8
    masks = [keystream_block(key, NONCE + b"\x00\x00\x00\x01") for key in (one, other)]
    sums = [ghash(key, [header, *known, 0, lengths]) for key in (one, other)]
    # The last block meets the square of the subkey: once for itself, once for the block of lengths.
    squares = [power(keystream_block(key, bytes(16)), 2) for key in (one, other)]
    difference = masks[0] ^ masks[1] ^ sums[0] ^ sums[1]
    free = multiply(difference, power(squares[0] ^ squares[1], 2**128 - 2))
    tag = ghash(one, [header, *known, free, lengths]) ^ masks[0]
    return b"".join(block.to_bytes(16, "big") for block in [*known, free, tag])


def test_one_ciphertext_opens_under_two_keys_in_bare_gcm_and_not_here() -> None:
    """GCM alone accepts two keys for one envelope; the commitment of one of them refuses the other."""
    one, other = b"1" * 32, b"2" * 32
    forged = forge(one, other)
    assert AESGCM(one).decrypt(NONCE, forged, HEADER) != AESGCM(other).decrypt(NONCE, forged, HEADER)
    with pytest.raises(SealBroken) as caught:
        unseal(other, b"\x01" + NONCE + forged, HEADER, commitment(one))
    assert "commitment" in caught.value.why

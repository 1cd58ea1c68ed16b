"""Where an append stands in the log, in a form that tells nothing but that: a read waits for it, and no more.

A receipt carries a token instead of a position. Two positions, or a count of events, would tell a service what else the
ledger made of a fact: whether an address was an erased person's, or how much others append.

Format (AES-256 in the SIV mode of RFC 5297, 64-byte key; base64url of RFC 4648; 32 characters):

    token       base64url(SIV (16) ‖ ciphertext (8))                     AAD = "pledger append 1"
    plaintext   position (8, big-endian)

A number of 1 to 19 digits is no token but a position, as `Pledger-Position` has it.
"""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import Annotated, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from pydantic import Field

from adapters.http.problems import RequestError
from domain.errors import Problem
from projections.as_of import POSITION_MAX

AtLeast = Annotated[
    str,
    Field(
        pattern=r"^([0-9]{1,19}|[A-Za-z0-9_-]{32})$",
        description="Wait until the answer knows of the append whose receipt has this as `at_least`, or of every event "
        "up to a position of `Pledger-Position`.",
        examples=["4Yb0xH2v3mXq9o5cT1LkS7ZnJfWd8uAe", "120"],
    ),
]
"""What an answer must know: the token of an append, or a position."""

_CONTEXT: Final = [b"pledger append 1"]
_DIGITS_MAX: Final = 19


class AppendTokens:
    """Writes and reads the tokens of one ledger; `key` is 64 bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(key)

    def write(self, position: int) -> str:
        """Return the token of a position; the same position always has the same token."""
        sealed = self._cipher.encrypt(position.to_bytes(8, "big"), _CONTEXT)
        return base64.urlsafe_b64encode(sealed).decode()

    def read(self, at_least: str) -> int:
        """Return the position that a token or a number means. Raise `RequestError` for a token of another ledger."""
        if len(at_least) <= _DIGITS_MAX:
            position = int(at_least)
        else:
            position = POSITION_MAX + 1
            with suppress(InvalidTag):
                sealed = base64.urlsafe_b64decode(at_least)
                position = int.from_bytes(self._cipher.decrypt(sealed, _CONTEXT), "big")
        if position > POSITION_MAX:
            raise RequestError(
                "The question was not answered.",
                "at_least is neither a receipt's nor a position.",
                "Pass the `at_least` of a receipt unchanged, or a `Pledger-Position`.",
                [Problem("query.at_least", "is neither the at_least of a receipt of this ledger nor a position")],
            )
        return position

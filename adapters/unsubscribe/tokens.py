"""The tokens in unsubscribe links: who, which program, address and message, and when, readable by this ledger only.

Pure functions on bytes. A token never expires: it opens as long as the ledger has its lookup key, whichever key wraps
that and wherever the ledger has moved. It is encrypted as well as authenticated, so a mail service that sees many links
learns nothing from them. A token that is forged, cut or changed in one character is refused, in a time that does not
depend on where it is wrong.

It names a person and an address by the digests that the ledger looks them up by, so who has the key can open it and
still reads no address: a log of clicks holds none, also after an erasure.

Format (AES-256 in the SIV mode of RFC 5297, 64-byte key; base64url of RFC 4648 without padding; 148 characters):

    token       base64url(01 ‖ SIV (16) ‖ ciphertext (94))                AAD = "pledger unsubscribe 1"
    plaintext   program (1) ‖ issued at (5, seconds since 1970) ‖ stream (16) ‖ name (32) ‖ address (32) ‖ message (8)
    program     01 email_marketing, 02 physical_mailings
    stream      16 zeros if the link was made for an address under which nobody's stream was opened
    name        the digest by which the customer's name was looked up; 32 zeros if an id named the customer
    address     the digest by which the address is matched that the message goes to; 32 zeros if it was not given
    message     HMAC-SHA256(key, "message" ‖ the message's id), its first 8 bytes

111 bytes are exactly 148 characters, so a token can be written in one way only.
"""

from __future__ import annotations

import base64
import hmac
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from domain.errors import PledgerError
from domain.vocabulary import Program

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN_CHARACTERS: Final = 148
NAMELESS: Final = bytes(32)
"""In place of a name's digest, if an id named the customer."""
NO_ADDRESS: Final = bytes(32)
"""In place of an address's digest, if the sender did not say where the message goes."""
NO_STREAM: Final = UUID(int=0)
"""In place of a stream, if an address named the customer that leads to none."""

_FORMAT: Final = b"\x01"
_CONTEXT: Final = [b"pledger unsubscribe 1"]
_FORM: Final = re.compile(r"[A-Za-z0-9_-]{148}")
_CODE_OF: Final[Mapping[Program, int]] = {Program.EMAIL_MARKETING: 1, Program.PHYSICAL_MAILINGS: 2}
_PROGRAM_OF: Final[Mapping[int, Program]] = {code: program for program, code in _CODE_OF.items()}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MESSAGE_BYTES: Final = 8


class TokenNotValid(PledgerError):
    """An unsubscribe link has no token of this ledger."""

    code = "unsubscribe_token_not_valid"

    def __init__(self) -> None:
        super().__init__(
            "This unsubscribe link does not work.",
            "it is incomplete, or this ledger did not make it.",
            "Use the link as it is in the message; if it was split over two lines, join them.",
        )


class Token(NamedTuple):
    """What an unsubscribe link says. `name` and `address` are digests of 32 bytes, `message` has 8."""

    program: Program
    issued_at: datetime
    stream: UUID
    name: bytes
    address: bytes
    message: bytes


class Tokens:
    """Writes and reads the tokens of one ledger; `key` is 64 bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(key)
        self._key = key

    def write(self, token: Token) -> str:
        """Return the text of a token; the same token always has the same text."""
        # A clock before 1970 is wrong, but the message still needs its link.
        seconds = max(0, (token.issued_at - _EPOCH) // timedelta(seconds=1))
        plaintext = bytes([_CODE_OF[token.program]]) + seconds.to_bytes(5, "big") + token.stream.bytes
        sealed = self._cipher.encrypt(plaintext + token.name + token.address + token.message, _CONTEXT)
        return base64.urlsafe_b64encode(_FORMAT + sealed).decode()

    def read(self, text: str) -> Token:
        """Return what a token says. Raise `TokenNotValid`, which does not say what is wrong with it."""
        if _FORM.fullmatch(text):
            raw = base64.urlsafe_b64decode(text)
            # "suppress", and the error outside of it: the chain would keep frames that hold the key.
            with suppress(InvalidTag):
                if raw[:1] == _FORMAT:
                    return _parsed(self._cipher.decrypt(raw[1:], _CONTEXT))
        raise TokenNotValid

    def message(self, message_id: str) -> bytes:
        """Return what a token holds of a message's id."""
        return hmac.digest(self._key, b"message" + message_id.encode(), "sha256")[:_MESSAGE_BYTES]

    def fact_id(self, token: Token, after: int) -> str:
        """Return the id of the opt-out that a token asks for, if the subscription last changed at position `after`.

        So the same click twice is one fact, and a click after the person came back is another.
        """
        # Nobody without the key can compute this id, so nobody can use it for another fact.
        content = b"fact" + self.write(token).encode() + after.to_bytes(8, "big")
        return hmac.digest(self._key, content, "sha256")[:16].hex()


def _parsed(plaintext: bytes) -> Token:
    """Return the token in a plaintext, which only this ledger can have written."""
    issued_at = _EPOCH + timedelta(seconds=int.from_bytes(plaintext[1:6], "big"))
    stream, name, address, message = plaintext[6:22], plaintext[22:54], plaintext[54:86], plaintext[86:]
    return Token(_PROGRAM_OF[plaintext[0]], issued_at, UUID(bytes=stream), name, address, message)

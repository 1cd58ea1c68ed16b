"""The tokens in unsubscribe links: who, which program, when and in which message, for this ledger's eyes only.

Promise: pure functions on bytes. A token never expires, and opens as long as the ledger has its lookup key, whichever
key that is wrapped by and wherever the ledger has moved. It shows nothing of what is in it: it is encrypted as well as
authenticated, in one go, so that a mail service that sees many links cannot tell whose they are. One that is forged,
cut or altered in a single character is refused, in a time that does not depend on where it is wrong.

Format (AES-256 in the SIV mode of RFC 5297, 64-byte key; base64url of RFC 4648 without padding; 104 characters):

    token       base64url(01 ‖ SIV (16) ‖ ciphertext (61))                AAD = "pledger unsubscribe 1"
    plaintext   program (1) ‖ issued at (5, seconds since 1970) ‖ stream (16) ‖ name (32) ‖ message (7)
    program     01 email_marketing, 02 physical_mailings
    name        the digest under which the ledger looked the customer's name up; 32 zeros where an id named them
    message     HMAC-SHA256(key, "message" ‖ the message's id), its first 7 bytes

78 bytes are 104 characters without a bit to spare, so there is one way only to write a token.
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

TOKEN_CHARACTERS: Final = 104
NAMELESS: Final = bytes(32)
"""In place of a name's digest, where the customer was named by an id."""

_FORMAT: Final = b"\x01"
_CONTEXT: Final = [b"pledger unsubscribe 1"]
_FORM: Final = re.compile(r"[A-Za-z0-9_-]{104}")
_CODE_OF: Final[Mapping[Program, int]] = {Program.EMAIL_MARKETING: 1, Program.PHYSICAL_MAILINGS: 2}
_PROGRAM_OF: Final[Mapping[int, Program]] = {code: program for program, code in _CODE_OF.items()}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MESSAGE_BYTES: Final = 7


class TokenNotValid(PledgerError):
    """An unsubscribe link holds no token of this ledger."""

    code = "unsubscribe_token_not_valid"

    def __init__(self) -> None:
        super().__init__(
            "This unsubscribe link does not work.",
            "it is not whole, or not one that was made here.",
            "Use the link as it stands in the message; if it was split over two lines, join them.",
        )


class Token(NamedTuple):
    """What an unsubscribe link says. `name`: 32 bytes, the digest of a name of the customer; `message`: 7 bytes."""

    program: Program
    issued_at: datetime
    stream: UUID
    name: bytes
    message: bytes


class Tokens:
    """Writes and reads the tokens of one ledger; `key` is 64 bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(key)
        self._key = key

    def write(self, token: Token) -> str:
        """Give the text of a token; the same token always has the same text."""
        # A clock that stands before 1970 is wrong, and no reason to send a message without a way out.
        seconds = max(0, (token.issued_at - _EPOCH) // timedelta(seconds=1))
        plaintext = bytes([_CODE_OF[token.program]]) + seconds.to_bytes(5, "big") + token.stream.bytes
        sealed = self._cipher.encrypt(plaintext + token.name + token.message, _CONTEXT)
        return base64.urlsafe_b64encode(_FORMAT + sealed).decode()

    def read(self, text: str) -> Token:
        """Give what a token says. Raises `TokenNotValid`, which does not tell what is wrong with it."""
        if _FORM.fullmatch(text):
            raw = base64.urlsafe_b64decode(text)
            # "suppress", and the error outside of it: the chain would keep frames that hold the key.
            with suppress(InvalidTag):
                if raw[:1] == _FORMAT:
                    return _parsed(self._cipher.decrypt(raw[1:], _CONTEXT))
        raise TokenNotValid

    def message(self, message_id: str) -> bytes:
        """Give what a token holds of a message's id."""
        return hmac.digest(self._key, b"message" + message_id.encode(), "sha256")[:_MESSAGE_BYTES]

    def fact_id(self, token: Token, after: int) -> str:
        """Name the opt-out that a token asks for when the last change of the subscription stands at position `after`.

        The same click twice is so one fact, and a click after the person came back is another.
        """
        # Nobody without the key can know this name, so nobody can take it for a fact of theirs.
        content = b"fact" + self.write(token).encode() + after.to_bytes(8, "big")
        return hmac.digest(self._key, content, "sha256")[:16].hex()


def _parsed(plaintext: bytes) -> Token:
    """Take apart what only this ledger can have written."""
    issued_at = _EPOCH + timedelta(seconds=int.from_bytes(plaintext[1:6], "big"))
    return Token(_PROGRAM_OF[plaintext[0]], issued_at, UUID(bytes=plaintext[6:22]), plaintext[22:54], plaintext[54:])

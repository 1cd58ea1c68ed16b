"""Contact points: e-mail addresses and telephone numbers, and the one form in which two spellings are equal.

Which text is an address is not decided here: the domain has no parser of its own and is given one (`Addresses`).
"""

from __future__ import annotations

from typing import Protocol


class Addresses(Protocol):
    """Reads contact points. Both methods raise `ValueError`, whose text says what is wrong and quotes nothing."""

    def email(self, text: str) -> str:
        """Return the normal form of an e-mail address: lower case, its domain in ASCII, in Unicode's NFC."""
        ...

    def phone(self, text: str) -> str:
        """Return the normal form of a telephone number: E.164, such as +43123456789."""
        ...

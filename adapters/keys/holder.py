"""The protocol of a holder of the key encryption key: a file, or a service on the network.

The ledger asks a holder to wrap and unwrap data keys. A holder never hands out its own key.
"""

from __future__ import annotations

from typing import Protocol


class KeyHolder(Protocol):
    """A holder of one key encryption key.

    `context` says what the wrapped key is for, such as a stream. It is authenticated and not stored in the result, so a
    wrapped key that is moved to another row does not open there.
    """

    @property
    def key_id(self) -> str:
        """The public name of the key. It is stored beside each wrapped key, and says which holder opens it."""

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Encrypt a data key for this context."""

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Return the data key. Raise a `PledgerError` if key, context or bytes do not belong together."""

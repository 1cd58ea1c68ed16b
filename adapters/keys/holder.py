"""What every holder of the key encryption key can do, be it a file or a service far away.

Promise: the ledger asks a holder to wrap and unwrap data keys, and needs nothing else of it. A holder never hands out
its own key.
"""

from __future__ import annotations

from typing import Protocol


class KeyHolder(Protocol):
    """A holder of one key encryption key.

    `context` says what the wrapped key is for (a stream, say). It is authenticated and not stored in the result, so a
    wrapped key moved to another row does not open there.
    """

    @property
    def key_id(self) -> str:
        """A public name of the key: stored beside each wrapped key, it says which holder opens it."""

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Encrypt a data key for this context."""

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Give the data key back; raises a `PledgerError` where key, context or bytes do not belong together."""

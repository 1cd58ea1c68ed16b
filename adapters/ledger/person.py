"""A person as the appending side remembers them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from adapters.keys.keyring import StreamKey
    from domain.records import Customer


@dataclass(slots=True, eq=False)
class Person:
    """One person's folded record, the keys of their streams, and the last epoch in which it was up to date."""

    customer: Customer
    keys: dict[UUID, StreamKey] = field(default_factory=dict)
    epoch: int = 0

    def code(self, stream: UUID, reference: str) -> str:
        """Return the code of a reference under the key of one of the person's streams."""
        return self.keys[stream].code(reference)

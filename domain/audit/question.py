"""The question that an audit answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Question:
    """The time as of which to audit, the promises, the customer and the period; None: all of them.

    A period limits what is reported, never what is known: the records hold what happened before it, and what is still
    open at `as_of` is open in any period.
    """

    as_of: datetime
    since: datetime | None = None
    until: datetime | None = None
    promises: tuple[str, ...] | None = None
    customer: str | None = None

    def is_about(self, at: datetime) -> bool:
        """Return whether a time lies in the period."""
        return (self.since is None or at >= self.since) and (self.until is None or at <= self.until)

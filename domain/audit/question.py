"""What an audit is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Question:
    """As of what time, of which promises, about whom, and of what happened in which period; None: of all.

    A period bounds what is reported, never what is known: what happened before it is folded, and what is still open
    at `as_of` is open in any period.
    """

    as_of: datetime
    since: datetime | None = None
    until: datetime | None = None
    promises: tuple[str, ...] | None = None
    customer: str | None = None

    def is_about(self, at: datetime) -> bool:
        """Tell whether a time lies in the period."""
        return (self.since is None or at >= self.since) and (self.until is None or at <= self.until)

"""What the judge finds: a breach, with the promise that it breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain.policy.status import Status

if TYPE_CHECKING:
    from domain.rules.common.base import Breach


class AttributedBreach(NamedTuple):
    """A breach, and the promise that it breaks; `excused` if a legal order requires what was done."""

    promise: str
    breach: Breach
    excused: bool = False

    @property
    def is_own(self) -> bool:
        """Return whether the event itself is the breach, and nothing excuses it."""
        return not self.excused and self.breach.about is None and self.breach.status is Status.BROKEN

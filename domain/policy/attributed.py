"""What the judge finds: a breach, with the promise that it breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain.policy.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.rules.common.base import Breach


class AttributedBreach(NamedTuple):
    """A breach, and the promise that it breaks; `excused` if a legal order requires what was done."""

    promise: str
    breach: Breach
    excused: bool = False

    def with_categories(self, categories: Iterable[str]) -> AttributedBreach:
        """Return the breach with the categories of which it was found, where its rule names none."""
        known = self.breach.particulars
        if any(name == "categories" for name, _ in known):
            return self
        return self._replace(breach=self.breach._replace(particulars=(("categories", tuple(categories)), *known)))

    @property
    def is_own(self) -> bool:
        """Return whether the event itself is the breach, and nothing excuses it."""
        return not self.excused and self.breach.about is None and self.breach.status is Status.BROKEN

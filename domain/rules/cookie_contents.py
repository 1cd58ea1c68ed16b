"""Rule kind `cookie_contents`: no cookie holds data that identifies a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.visitor import CookieSet
from domain.policy.model import DataCategory
from domain.rules.common.base import Breach, Case, Rule
from domain.rules.common.particulars import particulars
from domain.vocabulary import covers, overlaps

if TYPE_CHECKING:
    from collections.abc import Iterator


class CookieContents(Rule):
    """No cookie holds a category that is, or can hold, one of `identifying`, unless it is within `but_not`."""

    concerns: ClassVar = frozenset({CookieSet})
    reasons: ClassVar = {"cookie_identifies": "The cookie holds data that identifies a person."}

    identifying: tuple[DataCategory, ...]
    but_not: tuple[DataCategory, ...] = ()

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one cookie."""
        event = case.event
        if isinstance(event, CookieSet) and (held := tuple(filter(self._identifies, event.categories))):
            yield Breach("cookie_identifies", particulars=particulars(categories=held, purpose=event.purpose))

    def _identifies(self, category: str) -> bool:
        if any(covers(harmless, category) for harmless in self.but_not):
            return False
        return any(overlaps(category, identifying) for identifying in self.identifying)

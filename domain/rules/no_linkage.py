"""Rule kind `no_linkage`: what a browser is known by is never linked to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.visitor import CookieSet, IdentifierLinked
from domain.rules.base import Breach, Case, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator


class NoLinkage(Rule):
    """No identifier of a browser is linked to anything; every cookie that is set could have been."""

    concerns: ClassVar = frozenset({CookieSet, IdentifierLinked})

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one link."""
        if isinstance(case.event, IdentifierLinked):
            yield Breach("identifier_linked")

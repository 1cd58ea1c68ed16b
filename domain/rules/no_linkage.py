"""Rule kind `no_linkage`: the identifier of a browser is never linked to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.visitor import CookieSet, IdentifierLinked
from domain.rules.common.base import Breach, Case, Rule
from domain.rules.common.particulars import particulars

if TYPE_CHECKING:
    from collections.abc import Iterator


class NoLinkage(Rule):
    """No identifier of a browser is linked to anything. Each cookie tests this, because it could have been linked."""

    concerns: ClassVar = frozenset({CookieSet, IdentifierLinked})
    reasons: ClassVar = {"identifier_linked": "A browser's identifier was linked to something."}

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one link."""
        if isinstance(case.event, IdentifierLinked):
            yield Breach("identifier_linked", particulars=particulars(linked_at=case.moment))

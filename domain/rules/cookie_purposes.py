"""Rule kind `cookie_purposes`: cookies serve the purposes that the policy names, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.visitor import CookieSet
from domain.policy.model import PurposeListName
from domain.rules.common.base import Breach, Case, Rule
from domain.rules.common.particulars import particulars

if TYPE_CHECKING:
    from collections.abc import Iterator


class CookiePurposes(Rule):
    """A cookie serves one of `purposes`, a list of the policy."""

    concerns: ClassVar = frozenset({CookieSet})
    reasons: ClassVar = {"cookie_purpose_not_named": "The cookie serves a purpose that the policy does not name."}

    purposes: PurposeListName

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one cookie."""
        event = case.event
        if isinstance(event, CookieSet) and event.purpose not in case.policy.purposes[self.purposes]:
            yield Breach("cookie_purpose_not_named", particulars=particulars(purpose=event.purpose))

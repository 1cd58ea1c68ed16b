"""Rule kind `refusal_honoured`: no cookie is set in a browser that refused cookies."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from domain.events.visitor import CookieSet
from domain.rules.common.base import Breach, Case, Rule
from domain.rules.common.particulars import particulars
from domain.rules.common.particulars_of import told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.moments import Moment


class RefusalHonoured(Rule):
    """After a browser refused cookies, none is set in it.

    A signal in `signals` that is switched on counts as a refusal from then on. Other signals are only on record.
    """

    concerns: ClassVar = frozenset({CookieSet})
    reasons: ClassVar = {"cookie_after_refusal": "The browser had refused cookies."}

    signals: tuple[Literal["gpc", "dnt"], ...] = ()

    def is_tested(self, case: Case) -> bool:
        """Return whether the browser had refused."""
        return self._refused_by(case) is not None

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one cookie."""
        refused_by = self._refused_by(case)
        if refused_by is not None and isinstance(case.event, CookieSet):
            known = (*particulars(refused_at=refused_by, purpose=case.event.purpose), *told(case, refused_by))
            yield Breach("cookie_after_refusal", (refused_by.position,), particulars=known)

    def _refused_by(self, case: Case) -> Moment | None:
        """Return the first refusal of the browser, before the event."""
        visitor = case.visitor
        if visitor is None:
            return None
        refusals = [visitor.refused, *(visitor.signalled(signal) for signal in self.signals)]
        before = [one for one in refusals if one is not None and one <= case.moment]
        return min(before, default=None)

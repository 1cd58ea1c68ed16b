"""Rule kind `shared_after`: some recipients get data only after the person had time to say no, and did not."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import DataShared
from domain.policy.model import Programs, RoleName, Seconds
from domain.rules.base import Breach, Case, Rule, want_of_offer
from domain.vocabulary import ShareKind

if TYPE_CHECKING:
    from collections.abc import Iterator


class SharedAfter(Rule):
    """What goes to a recipient in one of `roles`, or in a capacity of `kinds`, waits until the person could say no.

    An offer to opt out of the very purpose of the share must have stood for `period_seconds`, the last instant
    included. Whoever objected to that purpose is not shared any more, nor who has left one of `programs` and has not
    asked anew. It binds every purpose: what the policy describes, too.
    """

    concerns: ClassVar = frozenset({DataShared})

    roles: tuple[RoleName, ...]
    period_seconds: Seconds
    kinds: tuple[ShareKind, ...] = ()
    programs: Programs = ()

    def is_tested(self, case: Case) -> bool:
        """Tell whether the share goes to one of those who have to wait."""
        event = case.event
        if not isinstance(event, DataShared):
            return False
        recipient = case.company.recipient(event.recipient, case.moment)
        return event.kind in self.kinds or (recipient is not None and not set(self.roles).isdisjoint(recipient.roles))

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one share."""
        event = case.event
        if not isinstance(event, DataShared) or not self.is_tested(case):
            return
        yield from want_of_offer(case, event.purpose, self.period_seconds)
        for program in self.programs:
            left = case.standing(program).opted_out
            if left:
                yield Breach("shared_after_leaving", (left.name,))

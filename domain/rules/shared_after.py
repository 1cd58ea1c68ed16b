"""Rule kind `shared_after`: some recipients get data only after the person had time to opt out, and did not."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import DataShared
from domain.policy.model import Programs, RoleName, Seconds
from domain.rules.common.base import Breach, Case, Rule
from domain.rules.common.offers import OFFER_REASONS, missing_offer
from domain.rules.common.particulars_of import of_opt_out
from domain.vocabulary import ShareKind

if TYPE_CHECKING:
    from collections.abc import Iterator


class SharedAfter(Rule):
    """A share with a recipient in one of `roles`, or in a capacity of `kinds`, waits until the person could opt out.

    An offer to opt out of the very purpose of the share must have stood for `period_seconds`, the last instant
    included. Data is not shared about a person who objected to that purpose, or who left one of `programs` and has not
    asked anew. This holds for every purpose, also for those that the policy describes.
    """

    concerns: ClassVar = frozenset({DataShared})
    looks_back: ClassVar = True
    reasons: ClassVar = {
        **OFFER_REASONS,
        "shared_after_leaving": "The person had left the program, and had not asked anew.",
    }

    roles: tuple[RoleName, ...]
    period_seconds: Seconds
    kinds: tuple[ShareKind, ...] = ()
    programs: Programs = ()

    def is_tested(self, case: Case) -> bool:
        """Return whether the share goes to a recipient that must wait."""
        event = case.event
        if not isinstance(event, DataShared):
            return False
        recipient = case.recipient()
        return event.kind in self.kinds or (recipient is not None and not set(self.roles).isdisjoint(recipient.roles))

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one share."""
        event = case.event
        if not isinstance(event, DataShared) or not self.is_tested(case):
            return
        yield from missing_offer(case, event.purpose, self.period_seconds)
        for program in self.programs:
            left = case.standing(program).opted_out
            if left:
                known = of_opt_out(case, program, left)
                yield Breach("shared_after_leaving", left.evidence, particulars=known, others=left.others)

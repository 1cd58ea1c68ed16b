"""Rule kind `set_apart`: what one act brings in serves that act alone, and neither programs nor outside parties."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import CustomerEnrolled, DataShared, DataUsed, MessageSent
from domain.policy.model import PurposeListName, RoleName
from domain.rules.base import (
    Breach,
    Case,
    Rule,
    enrolled_by,
    is_for,
    is_known_only_by,
    is_needed,
    program_of,
)
from domain.vocabulary import CONTACT_OF_PROGRAM, Act, ShareKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.records.entries import Held


class SetApart(Rule):
    """Collections of `act` serve `purposes`, for their own reference; nobody is enrolled or mailed because of them.

    Whose contact for a program is known from nothing else may be neither enrolled in it nor mailed in it. Outside
    parties are registered recipients in one of `roles`, in a capacity of `kinds`, which serve these same purposes with
    no more than their registration and role allow; without roles there are none.
    """

    concerns: ClassVar = frozenset({DataUsed, DataShared, MessageSent, CustomerEnrolled})

    act: Act
    purposes: PurposeListName
    roles: tuple[RoleName, ...] = ()
    kinds: tuple[ShareKind, ...] = (ShareKind.SERVICE_PROVIDER, ShareKind.THIRD_PARTY)

    def is_tested(self, case: Case) -> bool:
        """Tell whether the event relies on such a collection."""
        return any(held.act is self.act for held in (*case.cited(), *enrolled_by(case)))

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge enrollments and marketing mail to an address that is known from this act alone."""
        program = program_of(case.event)
        if program and is_known_only_by(case, self.act, CONTACT_OF_PROGRAM[program]):
            enrolls = isinstance(case.event, CustomerEnrolled)
            code = "enrolled_by_set_apart_contact" if enrolls else "mailed_by_set_apart_contact"
            latest = next(case.customer.collections_of(self.act, case.moment))
            yield Breach(code, (latest.name,))

    def forbids(self, case: Case, held: Held) -> Iterator[Breach]:
        """Judge a use, share or message that relies on a collection of this act."""
        event = case.event
        if held.act is not self.act or not isinstance(event, DataUsed | MessageSent):
            return
        is_within = event.purpose in case.policy.purposes[self.purposes]
        if isinstance(event, DataShared):
            if not (is_within and is_for(case, held) and self._may_have_it(case, event)):
                yield Breach("shared_with_outside_party", (held.name,))
        elif not is_within:
            yield Breach("purpose_not_allowed", (held.name,))
        elif not is_for(case, held):
            yield Breach("other_reference", (held.name,))

    def _may_have_it(self, case: Case, event: DataShared) -> bool:
        recipient = case.company.recipient(event.recipient, case.moment)
        if recipient is None or event.kind not in self.kinds:
            return False
        return is_needed(case, event, recipient, [role for role in recipient.roles if role in self.roles])

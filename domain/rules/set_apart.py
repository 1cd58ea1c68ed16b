"""Rule kind `set_apart`: data collected in one act serves that act alone, and no program or outside party."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import ACTS, CustomerEnrolled, DataShared, DataUsed, MessageSent
from domain.policy.model import PurposeListName, RoleName
from domain.rules.common.base import Breach, Case, Rule
from domain.rules.common.grounds import (
    PURPOSE_REASONS,
    SET_APART_REASONS,
    grounds_of,
    is_for,
    is_needed,
    set_apart_contact,
)
from domain.rules.common.particulars import particulars
from domain.rules.common.particulars_of import of_collection, of_reference
from domain.vocabulary import Act, ShareKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.records.entries import Held


class SetApart(Rule):
    """Collections of `act` serve `purposes`, for their own reference. Nobody is enrolled or mailed because of them.

    A person whose contact for a program is known from such collections alone is neither enrolled nor mailed in it. The
    data may go to registered recipients in one of `roles`, in a capacity of `kinds`, for these same purposes and within
    their registration and role; without roles it goes to nobody.
    """

    concerns: ClassVar = frozenset({DataUsed, DataShared, MessageSent, CustomerEnrolled})
    judged_whole: ClassVar = frozenset({MessageSent, CustomerEnrolled})
    looks_back: ClassVar = True
    reasons: ClassVar = {
        **PURPOSE_REASONS,
        **SET_APART_REASONS,
        "shared_with_outside_party": "It went to an outside party, or beyond what that party needs to answer.",
    }

    act: Act
    purposes: PurposeListName
    roles: tuple[RoleName, ...] = ()
    kinds: tuple[ShareKind, ...] = (ShareKind.SERVICE_PROVIDER, ShareKind.THIRD_PARTY)

    def served(self) -> str:
        """Return the list of the act's purposes."""
        return self.purposes

    def is_tested(self, case: Case) -> bool:
        """Return whether the event relies on such a collection."""
        return any(held.act is self.act for held in grounds_of(case))

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge enrollments and messages in a program whose contact is known from this act alone."""
        yield from set_apart_contact(case, self.act)

    def limited_act(self) -> Act:
        """Return the act that the promise is about."""
        return self.act

    def forbids(self, case: Case, held: Held) -> Iterator[Breach]:
        """Judge a use, share or message that relies on a collection of this act."""
        event = case.event
        if held.act is not self.act or not isinstance(event, ACTS):
            return
        is_within = event.purpose in case.policy.purposes[self.purposes]
        if isinstance(event, DataShared):
            if not (is_within and is_for(case, held) and self._may_have_it(case, event)):
                given = particulars(recipient=event.recipient, kind=event.kind, purpose=event.purpose)
                known = (*given, *of_reference(case, held))
                yield Breach("shared_with_outside_party", (held.position,), particulars=known)
        elif not is_within:
            known = (*particulars(purpose=event.purpose), *of_collection(case, held))
            yield Breach("purpose_not_allowed", (held.position,), particulars=known)
        elif not is_for(case, held):
            yield Breach("other_reference", (held.position,), particulars=of_reference(case, held))

    def _may_have_it(self, case: Case, event: DataShared) -> bool:
        recipient = case.recipient()
        if recipient is None or event.kind not in self.kinds:
            return False
        return is_needed(case, event, recipient, [role for role in recipient.roles if role in self.roles])

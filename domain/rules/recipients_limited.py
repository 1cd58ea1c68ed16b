"""Rule kind `recipients_limited`: data collected in one act goes only to the recipients that this act needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import DataShared
from domain.policy.model import Programs, PurposeListName, RoleName
from domain.rules.common.base import Breach, Case, Rule
from domain.rules.common.grounds import PURPOSE_REASONS, is_for, is_needed
from domain.rules.common.offers import was_offered
from domain.rules.common.particulars import outside, particulars
from domain.rules.common.particulars_of import of_collection, of_reference
from domain.vocabulary import CONTACT_OF_PROGRAM, DIRECT_MARKETING, Act, ShareKind, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.records.company import Registration
    from domain.records.entries import Held
    from domain.rules.common.particulars import Particulars


class RecipientsLimited(Rule):
    """Collections of `act` may go to registered recipients in `roles`, for `purposes` of their own reference.

    `kinds` are the capacities in which they may go there. Both the recipient's registration and its role limit the
    categories. `opens` are programs into which the act may enroll; their contact may then go to recipients in
    `program_roles` for direct marketing. With `cured_by_offer`, any purpose is allowed for which the person was offered
    an opt-out in time.
    """

    concerns: ClassVar = frozenset({DataShared})
    reasons: ClassVar = {
        **PURPOSE_REASONS,
        "categories_beyond_need": "More went there than the recipient's registration and role allow.",
        "kind_not_allowed": "The recipient got it in a capacity that is not allowed.",
        "recipient_not_registered": "The recipient was not registered.",
        "role_not_allowed": "The recipient has none of the roles that may get it.",
    }

    act: Act
    roles: tuple[RoleName, ...]
    purposes: PurposeListName
    kinds: tuple[ShareKind, ...] = (ShareKind.SERVICE_PROVIDER, ShareKind.THIRD_PARTY)
    opens: Programs = ()
    program_roles: tuple[RoleName, ...] = ()
    cured_by_offer: bool = False

    def served(self) -> str:
        """Return the list of the act's purposes."""
        return self.purposes

    def is_tested(self, case: Case) -> bool:
        """Return whether the share relies on such a collection."""
        return any(held.act is self.act for held in case.cited())

    def limited_act(self) -> Act:
        """Return the act that the promise is about."""
        return self.act

    def forbids(self, case: Case, held: Held) -> Iterator[Breach]:
        """Judge a share that relies on a collection of this act."""
        event = case.event
        if held.act is not self.act or not isinstance(event, DataShared):
            return
        if self.cured_by_offer and was_offered(case, event.purpose):
            return
        recipient = case.recipient()
        if recipient is None:
            yield Breach("recipient_not_registered", (held.position,), particulars=_unregistered(case, event, held))
        elif not self._is_opened(case, event, recipient):
            for code, known in self._excesses(case, event, recipient, held):
                given = particulars(recipient=event.recipient)
                yield Breach(code, (held.position,), particulars=(*given, *known, *of_collection(case, held)))

    def _excesses(
        self, case: Case, event: DataShared, recipient: Registration, held: Held
    ) -> Iterator[tuple[str, Particulars]]:
        roles = [role for role in recipient.roles if role in self.roles]
        if not roles:
            yield "role_not_allowed", particulars(roles=recipient.roles, needs=self.roles)
        elif not is_needed(case, event, recipient, roles):
            needed = [category for role in roles for category in case.policy.roles.get(role, ())]
            beyond = outside(event.categories, (recipient.categories, needed))
            yield "categories_beyond_need", particulars(categories=beyond, roles=tuple(roles))
        if event.kind not in self.kinds:
            yield "kind_not_allowed", particulars(kind=event.kind, needs=self.kinds)
        if event.purpose not in case.policy.purposes[self.purposes]:
            yield "purpose_not_allowed", particulars(purpose=event.purpose)
        elif not is_for(case, held):
            yield "other_reference", of_reference(case, held)[: -len(of_collection(case, held))]

    def _is_opened(self, case: Case, event: DataShared, recipient: Registration) -> bool:
        roles = [role for role in recipient.roles if role in self.program_roles]
        return (
            event.purpose == DIRECT_MARKETING
            and event.kind in self.kinds
            and bool(roles)
            and is_needed(case, event, recipient, roles)
            and any(
                within(event.categories, (CONTACT_OF_PROGRAM[program],)) and case.standing(program).is_enrolled
                for program in self.opens
            )
        )


def _unregistered(case: Case, event: DataShared, held: Held) -> Particulars:
    """Return who was not registered, and when it was or ceased to be, if it ever was."""
    entries = case.company.recipients.get(event.recipient, ())
    ended = max((one.moment for one in entries if one.ended and one.moment <= case.moment), default=None)
    later = min((one.moment for one in entries if not one.ended and one.moment > case.moment), default=None)
    known = particulars(recipient=event.recipient, ended_at=ended, registered_at=later)
    return (*known, *of_collection(case, held))

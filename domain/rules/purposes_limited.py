"""Rule kind `purposes_limited`: data collected in one act, such as a gift, serves the purposes of that act only."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import ACTS, CustomerEnrolled, DataUsed, MessageSent
from domain.grounds import used_categories
from domain.policy.model import DataCategory, Programs, PurposeListName
from domain.records.entries import by_moment
from domain.rules.common.base import Breach, Case, OfHolders, Rule
from domain.rules.common.gifts import RECIPIENT_REASONS, recipient_only
from domain.rules.common.grounds import (
    PURPOSE_REASONS,
    SET_APART_REASONS,
    enrolled_by,
    grounds_of,
    is_for,
    set_apart_contact,
)
from domain.rules.common.offers import was_offered
from domain.rules.common.particulars import particulars
from domain.rules.common.particulars_of import of_collection, of_reference
from domain.rules.common.programs import program_of
from domain.vocabulary import CONTACT_OF_PROGRAM, DIRECT_MARKETING, Act, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.records.entries import Held


class PurposesLimited(Rule):
    """Data collected by `act` may be used for `purposes`, and only for the same reference, such as the order.

    `opens` lists the programs into which such a collection may enroll. Marketing in an opened program may use the
    program's own contact, and `opened_categories`.

    - `bars_programs`: a person known only as the recipient of gifts is not enrolled and not mailed.
    - `bars_contact`: nor is a person whose contact for the program is known from such collections alone.
    - `bars_marketing`: nor is anybody on the ground of such collections alone.
    - `cured_by_offer`: any other purpose is allowed too, if the person was offered an opt-out from it in time.
    """

    concerns: ClassVar = frozenset({DataUsed, MessageSent, CustomerEnrolled})
    judged_whole: ClassVar = frozenset({MessageSent, CustomerEnrolled})
    looks_back: ClassVar = True
    reasons: ClassVar = {
        **PURPOSE_REASONS,
        **RECIPIENT_REASONS,
        **SET_APART_REASONS,
        "marketed_by_this_act": "It relies only on a collection that opens no program.",
    }
    of_holders: ClassVar = OfHolders.OBJECTION

    act: Act
    purposes: PurposeListName
    opens: Programs = ()
    opened_categories: tuple[DataCategory, ...] = ()
    bars_programs: bool = False
    bars_contact: bool = False
    bars_marketing: bool = False
    cured_by_offer: bool = False

    def served(self) -> str:
        """Return the list of the act's purposes."""
        return self.purposes

    def is_tested(self, case: Case) -> bool:
        """Return whether the event relies on such a collection."""
        return any(held.act is self.act for held in grounds_of(case))

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge enrollments and messages in a program that rest on this act alone."""
        if program_of(case.event) is None:
            return
        if self.bars_programs:
            yield from recipient_only(case, self.act)
        if self.bars_contact:
            yield from set_apart_contact(case, self.act)
        if self.bars_marketing:
            enrolls = isinstance(case.event, CustomerEnrolled)
            grounds = tuple(case.cited()) if enrolls else enrolled_by(case)
            if grounds and all(held.act is self.act for held in grounds):
                program = program_of(case.event)
                known = (*particulars(program=program), *of_collection(case, max(grounds, key=by_moment)))
                yield Breach("marketed_by_this_act", tuple(held.position for held in grounds), particulars=known)

    def limited_act(self) -> Act:
        """Return the act that the promise is about."""
        return self.act

    def forbids(self, case: Case, held: Held) -> Iterator[Breach]:
        """Judge a use or a message that relies on a collection of this act. Another rule kind judges shares."""
        event = case.event
        if held.act is not self.act or not isinstance(event, ACTS):
            return
        if event.purpose in case.policy.purposes[self.purposes]:
            if not is_for(case, held):
                yield Breach("other_reference", (held.position,), particulars=of_reference(case, held))
        elif not self._is_opened(case, event) and not (self.cured_by_offer and was_offered(case, event.purpose)):
            known = (*particulars(purpose=event.purpose), *of_collection(case, held))
            yield Breach("purpose_not_allowed", (held.position,), particulars=known)

    def _is_opened(self, case: Case, event: DataUsed | MessageSent) -> bool:
        return event.purpose == DIRECT_MARKETING and any(
            within(used_categories(event), (CONTACT_OF_PROGRAM[program], *self.opened_categories))
            and case.standing(program).is_enrolled
            for program in self.opens
        )

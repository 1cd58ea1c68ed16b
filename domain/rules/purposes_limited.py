"""Rule kind `purposes_limited`: what is collected in one act may be used for these purposes of that act only."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import CustomerEnrolled, DataUsed, MessageSent
from domain.policy.model import DataCategory, Programs, PurposeListName
from domain.rules.base import (
    Breach,
    Case,
    Rule,
    enrolled_by,
    is_for,
    is_known_only_by,
    program_of,
    used_categories,
    was_offered,
)
from domain.vocabulary import CONTACT_OF_PROGRAM, DIRECT_MARKETING, Act, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.records.entries import Held


class PurposesLimited(Rule):
    """Collections of `act` serve `purposes`, for their own reference; and `opens`, programs they may enroll into.

    A program that is opened may use its own contact, and `opened_categories`. With `bars_programs`, a person known by
    nothing but such collections may be neither enrolled nor mailed; with `bars_contact`, nor may one whose contact for
    the program is known from nothing else; with `bars_marketing`, no such collection may enroll anybody. With
    `cured_by_offer`, any purpose is allowed for which the person had been offered an opt-out in time.
    """

    concerns: ClassVar = frozenset({DataUsed, MessageSent, CustomerEnrolled})

    act: Act
    purposes: PurposeListName
    opens: Programs = ()
    opened_categories: tuple[DataCategory, ...] = ()
    bars_programs: bool = False
    bars_contact: bool = False
    bars_marketing: bool = False
    cured_by_offer: bool = False

    def is_tested(self, case: Case) -> bool:
        """Tell whether the event relies on such a collection."""
        return any(held.act is self.act for held in case.cited()) or any(
            held.act is self.act for held in enrolled_by(case)
        )

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge enrollments and marketing mail to somebody who is known only through this act."""
        event = case.event
        program = program_of(event)
        if program is None:
            return
        enrolls = isinstance(event, CustomerEnrolled)
        if self.bars_programs and case.customer.is_known_only_as_recipient(case.moment):
            code = "enrolled_as_recipient_only" if enrolls else "mailed_as_recipient_only"
            yield Breach(code, _first_of(case, self.act))
        if self.bars_contact and is_known_only_by(case, self.act, CONTACT_OF_PROGRAM[program]):
            code = "enrolled_by_set_apart_contact" if enrolls else "mailed_by_set_apart_contact"
            yield Breach(code, _first_of(case, self.act))
        if self.bars_marketing:
            grounds = list(case.cited()) if enrolls else enrolled_by(case)
            if grounds and all(held.act is self.act for held in grounds):
                yield Breach("marketed_by_this_act", tuple(held.name for held in grounds))

    def forbids(self, case: Case, held: Held) -> Iterator[Breach]:
        """Judge a use or a message that relies on a collection of this act; shares have a rule kind of their own."""
        event = case.event
        if held.act is not self.act or not isinstance(event, DataUsed | MessageSent):
            return
        if event.purpose in case.policy.purposes[self.purposes]:
            if not is_for(case, held):
                yield Breach("other_reference", (held.name,))
        elif not self._is_opened(case, event) and not (self.cured_by_offer and was_offered(case, event.purpose)):
            yield Breach("purpose_not_allowed", (held.name,))

    def _is_opened(self, case: Case, event: DataUsed | MessageSent) -> bool:
        return event.purpose == DIRECT_MARKETING and any(
            within(used_categories(event), (CONTACT_OF_PROGRAM[program], *self.opened_categories))
            and case.standing(program).is_enrolled
            for program in self.opens
        )


def _first_of(case: Case, act: Act) -> tuple[str, ...]:
    held = next(case.customer.collections_of(act, case.moment), None)
    return (held.name,) if held else ()

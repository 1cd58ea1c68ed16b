"""Rule kind `purposes_limited`: what is collected in one act may be used for these purposes of that act only."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import CustomerEnrolled, DataUsed, MessageSent
from domain.policy.model import PurposeListName
from domain.policy.rules.base import (
    Breach,
    Case,
    Rule,
    is_for,
    marketing_program,
    used_categories,
)
from domain.vocabulary import CONTACT_OF_PROGRAM, DIRECT_MARKETING, Act, Program, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.customer import Held


class PurposesLimited(Rule):
    """Collections of `act` serve `purposes`, for their own reference; and `opens`, a program they may enroll into.

    With `bars_programs`, a person known by nothing but such collections may be neither enrolled nor mailed.
    """

    concerns: ClassVar = frozenset({DataUsed, MessageSent, CustomerEnrolled})

    act: Act
    purposes: PurposeListName
    opens: Program | None = None
    bars_programs: bool = False

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge enrollments and marketing mail to somebody who is known only through this act."""
        event = case.event
        if not self.bars_programs or isinstance(event, DataUsed):
            return
        if isinstance(event, MessageSent) and marketing_program(event) is None:
            return
        if case.customer.is_known_only_as_recipient(case.moment):
            code = "enrolled_as_recipient_only" if isinstance(event, CustomerEnrolled) else "mailed_as_recipient_only"
            yield Breach(code, _first_of(case, self.act))

    def forbids(self, case: Case, held: Held) -> Iterator[Breach]:
        """Judge a use or a message that relies on a collection of this act; shares have a rule kind of their own."""
        event = case.event
        if held.act is not self.act or not isinstance(event, DataUsed | MessageSent):
            return
        if event.purpose in case.policy.purposes[self.purposes]:
            if not is_for(case, held):
                yield Breach("other_reference", (held.name,))
        elif not self._is_opened(case, event):
            yield Breach("purpose_not_allowed", (held.name,))

    def _is_opened(self, case: Case, event: DataUsed | MessageSent) -> bool:
        return (
            self.opens is not None
            and event.purpose == DIRECT_MARKETING
            and within(used_categories(event), (CONTACT_OF_PROGRAM[self.opens],))
            and case.standing(self.opens).is_enrolled
        )


def _first_of(case: Case, act: Act) -> tuple[str, ...]:
    held = next(case.customer.collections_of(act, case.moment), None)
    return (held.name,) if held else ()

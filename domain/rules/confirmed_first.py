"""Rule kind `confirmed_first`: nobody is enrolled in a program, or mailed in it, before they confirmed their wish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from domain.events.customer import CustomerEnrolled, MessageSent
from domain.records.entries import by_moment
from domain.routes import routes
from domain.rules.base import Breach, Case, Rule, is_in_grace, program_of
from domain.vocabulary import Program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.records.entries import Change, Held


class ConfirmedFirst(Rule):
    """Whoever asks for `program` is in it only once they have confirmed that, at one of the collection `points`.

    Only who reads what was written to an address gets to such a point. What is collected there confirms every
    collection under the same reference: an enrollment must cite one that is confirmed, and before a message there is
    one that asks for the program. A confirmation lasts until the person leaves; mail within the grace of an opt-out is
    judged as if they had not left.
    """

    concerns: ClassVar = frozenset({CustomerEnrolled, MessageSent})

    program: Program
    points: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]

    def is_tested(self, case: Case) -> bool:
        """Tell whether it is an enrollment in the program, or a message of it."""
        return program_of(case.event) is self.program

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge one enrollment or message."""
        if not self.is_tested(case):
            return
        standing = case.standing(self.program)
        left = standing.opted_out
        if isinstance(case.event, MessageSent) and is_in_grace(case, self.program, standing):
            left = None
        asked = list(case.cited() if isinstance(case.event, CustomerEnrolled) else self._asking(case))
        if not any(self._is_confirmed(case, held, left) for held in asked):
            shown = [held.name for held in sorted(asked, key=by_moment)]
            yield Breach("not_confirmed", (*shown, left.name) if left else tuple(shown))

    def _asking(self, case: Case) -> Iterator[Held]:
        """Give the collections by which the person asked for the program."""
        for act in case.customer.by_act:
            for held in case.customer.collections_of(act, case.moment):
                if self.program in routes(held.act, held.categories, held.requests):
                    yield held

    def _is_confirmed(self, case: Case, held: Held, left: Change | None) -> bool:
        return any(
            one.point in self.points and (left is None or one.moment > left.moment)
            for one in case.customer.collections_under(held.reference, case.moment)
        )

"""Rule kind `confirmed_first`: a person is enrolled or mailed in a program only after confirming that they want it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from domain.events.customer import CustomerEnrolled, MessageSent
from domain.records.entries import by_moment
from domain.routes import routes
from domain.rules.common.base import Breach, Case, OfHolders, Rule
from domain.rules.common.particulars import particulars
from domain.rules.common.particulars_of import of_opt_out
from domain.rules.common.programs import is_in_grace, program_of
from domain.vocabulary import Program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.records.entries import Change, Held


class ConfirmedFirst(Rule):
    """A person who asks for `program` is in it once they have confirmed that at one of the collection `points`.

    Only a person who reads the mail sent to the address reaches such a point. A collection there confirms every
    collection under the same reference. An enrollment must cite a confirmed collection; a message needs a confirmed one
    that asks for the program. A confirmation lasts until the person leaves. Mail within the grace of an opt-out is
    judged as if the person had not left.
    """

    concerns: ClassVar = frozenset({CustomerEnrolled, MessageSent})
    looks_back: ClassVar = True
    of_holders: ClassVar = OfHolders.WAY_IN
    reasons: ClassVar = {"not_confirmed": "The person had not confirmed that they want it."}

    program: Program
    points: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]

    def is_tested(self, case: Case) -> bool:
        """Return whether it is an enrollment in the program, or a message of it."""
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
            shown = [held.position for held in sorted(asked, key=by_moment)]
            latest = max(asked, key=by_moment, default=None)
            missing = (
                *(of_opt_out(case, self.program, left) if left else particulars(program=self.program)),
                *particulars(points=self.points, asked_times=len(asked), asked_at=latest.moment if latest else None),
            )
            yield Breach("not_confirmed", (*shown, *left.evidence) if left else tuple(shown), particulars=missing)

    def _asking(self, case: Case) -> Iterator[Held]:
        """Return the collections by which the person asked for the program."""
        for act in case.customer.by_act:
            for held in case.customer.collections_of(act, case.moment):
                if self.program in routes(held.act, held.categories, held.requests, held.unread):
                    yield held

    def _is_confirmed(self, case: Case, held: Held, left: Change | None) -> bool:
        return any(
            one.point in self.points and (left is None or one.moment > left.moment)
            for one in case.customer.collections_under(held.reference, case.moment)
        )

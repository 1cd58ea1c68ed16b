"""Rule kind `routes_limited`: nobody gets catalogs or updates but by one of these routes, each for its own program."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from domain.events.customer import CustomerEnrolled, DataShared, DataUsed, MessageSent
from domain.policy.rules.base import (
    Breach,
    Case,
    Rule,
    is_in_grace,
    marketed_programs,
    marketing_program,
)
from domain.vocabulary import DIRECT_MARKETING, Cause, Program

if TYPE_CHECKING:
    from collections.abc import Iterator


class RoutesLimited(Rule):
    """`routes` maps each cause of an enrollment to the programs that it may open; other causes open none."""

    concerns: ClassVar = frozenset({CustomerEnrolled, MessageSent, DataUsed, DataShared})

    routes: dict[Cause, tuple[Program, ...]]

    def breaches(self, case: Case) -> Iterator[Breach]:
        """Judge enrollments by their cause, and marketing by whether its addressee is enrolled at all."""
        event = case.event
        if isinstance(event, CustomerEnrolled):
            if event.program not in self.routes.get(event.cause, ()):
                yield Breach("no_route", event.relies_on)
        elif isinstance(event, MessageSent):
            program = marketing_program(event)
            if program and not _may_be_mailed(case, program):
                yield Breach("not_enrolled", _last_change(case, program))
        elif isinstance(event, DataUsed) and event.purpose == DIRECT_MARKETING:
            programs, needs_all = marketed_programs(event)
            missing = [program for program in programs if not case.standing(program).is_enrolled]
            if missing and (needs_all or len(missing) == len(programs)):
                yield Breach("not_enrolled", _last_change(case, missing[0]))


def _may_be_mailed(case: Case, program: Program) -> bool:
    """Tell whether the person is enrolled, or was until an opt-out whose grace still runs."""
    standing = case.standing(program)
    return standing.is_enrolled or (standing.was_enrolled and is_in_grace(case, program, standing))


def _last_change(case: Case, program: Program) -> tuple[str, ...]:
    change = case.customer.subscription(program, case.moment)
    return (change.name,) if change else ()

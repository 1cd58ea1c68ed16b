"""What a person is owed at a moment, by the judge and the person's record: all that outlives what is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from domain.records.objections import all_objected_to
from domain.suppressed import Age, Objection, Suppressed
from domain.vocabulary import Program

if TYPE_CHECKING:
    from domain.events import Moment
    from domain.policy.judge import Judge
    from domain.records import Customer


class Owed(NamedTuple):
    """Since when something is owed, and whether it is owed only to a contact point that the person has."""

    since: Moment
    is_elsewhere: bool = False


def owed_at(judge: Judge, person: Customer, at: Moment) -> dict[Suppressed, Owed]:
    """Return what a person is owed at a moment: peace in programs, objections, and to be treated as a child."""
    opted_out = ((program, judge.opted_out(person, program, at)) for program in Program)
    owed: dict[Suppressed, Owed] = {
        program: Owed(one.moment, one.is_elsewhere) for program, one in opted_out if one is not None
    }
    for purpose, objected in all_objected_to(person, at).items():
        owed[Objection(purpose)] = Owed(objected.moment, objected.is_elsewhere)
    if person.child_since is not None and person.child_since <= at:
        owed[Age.UNDER_13] = Owed(person.child_since)
    return owed

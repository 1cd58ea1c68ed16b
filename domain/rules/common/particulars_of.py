"""Particulars that several rule kinds give: of an opt-out, of a collection relied on, of a reference, of lateness."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.naming import Named, Recorded
from domain.rules.common.particulars import Reference, particulars

if TYPE_CHECKING:
    from uuid import UUID

    from domain.moments import Moment
    from domain.records.entries import Change, Held
    from domain.rules.common.base import Case
    from domain.rules.common.particulars import Particulars
    from domain.vocabulary import Program


def told(case: Case, moment: Moment, *, is_elsewhere: bool = False) -> Particulars:
    """Return that something which counts for an event was told only after it; nothing where it was told before."""
    if moment.position <= case.moment.position:
        return ()
    return particulars(told_later=True, told_at=None if is_elsewhere else Recorded(moment.position))


def of_opt_out(case: Case, program: Program, opted_out: Change) -> Particulars:
    """Return since when somebody is out of a program and by which way; of another stream's opt-out only its time."""
    return (
        *particulars(opted_out_at=opted_out.since, via=opted_out.via, program=program),
        *told(case, opted_out.told, is_elsewhere=opted_out.is_elsewhere or not opted_out.evidence),
    )


def of_collection(case: Case, held: Held) -> Particulars:
    """Return which collection an event relies on."""
    return (*particulars(act=held.act, collected_at=held.moment), *told(case, held.moment))


def of_reference(case: Case, held: Held) -> Particulars:
    """Return which reference was expected and which was given, where both are codes under one key."""
    reference: str | None = getattr(case.event, "reference_code", None)
    stream: UUID = case.event.originator_id
    is_comparable = reference is not None and held.stream in {None, stream}
    return (
        *particulars(
            expected_reference=Reference(held.reference, held.position) if is_comparable else None,
            reference=Reference(reference, case.moment.position) if is_comparable and reference else None,
            expected_of=Named(held.position),
        ),
        *of_collection(case, held),
    )

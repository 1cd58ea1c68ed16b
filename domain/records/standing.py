"""What a person is owed in a program: whether they are enrolled, and whether an opt-out binds them, at any moment."""

from __future__ import annotations

from bisect import bisect_right
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from domain.records.entries import ENROLLED, OPTED_OUT, Change, Standing, by_moment
from domain.routes import routes
from domain.vocabulary import Act, Cause, Reading

if TYPE_CHECKING:
    from collections.abc import Container

    from domain.events import Moment
    from domain.records.customer import Customer
    from domain.vocabulary import Program


def standing_of(
    person: Customer,
    program: Program,
    until: Moment,
    reopened_by: Container[Act] | None,
    reading: Reading = Reading.HARMONISED,
) -> Standing:
    """Return what the person is owed in a program at a moment, under a reading.

    An opt-out is lifted only by what the person asked for after it, in an act of `reopened_by` (None: any act).
    What enrolled them in ignorance of it lifts nothing: the opt-out came late, or stood on a stream joined since.
    An enrollment that another reading forbids for a reason of its own still lifts it, if the harmonised one does
    not: that the person asked anew is no less true.

    Looks back from the moment, no further than to the beginning of the opt-out under which the person stands or
    last stood, so that what it costs does not grow with what came before.
    """
    changes = person.programs.get(program, [])
    end = bisect_right(changes, until, key=by_moment)
    latest = _opt_out_before(changes, end)
    if latest is None or _is_lifted(person, changes, latest, end, reopened_by, reading):
        return Standing(_lawful_before(changes, end, reading))
    began = latest
    while (earlier := _opt_out_before(changes, began)) is not None:
        if _is_lifted(person, changes, earlier, began, reopened_by, reading):
            break
        began = earlier
    before = Standing(_lawful_before(changes, began, reading))
    return Standing(changes[latest], changes[began], before.is_enrolled)


def _is_lifted(  # noqa: PLR0913, PLR0917 - a span of changes, and what they are judged by
    person: Customer,
    changes: list[Change],
    opt_out: int,
    end: int,
    reopened_by: Container[Act] | None,
    reading: Reading,
) -> bool:
    """Return whether one of the changes after an opt-out, before the index `end`, lifts it."""
    after = changes[opt_out].moment
    return any(
        held.moment > after and (reopened_by is None or held.act in reopened_by)
        for change in islice(changes, opt_out + 1, end)
        if change.state == ENROLLED and (change.lawful or change.is_lawful(reading))
        for held in map(person.by_position.get, change.relies_on)
        if held
    )


def rests_on_order_alone(person: Customer, program: Program, order: str, at: Moment) -> bool:
    """Return whether a purchase enrolled a person and, were this order cancelled now, nothing else kept them so.

    Looks from the last opt-out up to the moment.
    """
    changes = person.programs.get(program, [])[: bisect_right(person.programs.get(program, []), at, key=by_moment)]
    since = max((index for index, change in enumerate(changes) if change.state == OPTED_OUT), default=-1)
    begun = changes[since].moment if since >= 0 else None
    enrolled = [change for change in changes[since + 1 :] if change.state == ENROLLED]
    if not any(change.cause is Cause.PURCHASE for change in enrolled):
        return False
    if any(change.lawful and change.cause is not Cause.PURCHASE for change in enrolled):
        return False
    grounds = (
        held
        for act in (Act.ORDER, Act.CONTEST_ENTRY, Act.PROMOTIONAL_REQUEST, Act.CATALOG_REQUEST, Act.REGISTRATION)
        for held in takewhile(lambda one: begun is None or one.moment > begun, person.collections_of(act, at))
    )
    return not any(
        program in routes(held.act, held.categories, held.requests)
        for held in grounds
        if not person.is_cancelled_order(held, at) and not (held.act is Act.ORDER and held.reference == order)
    )


def _opt_out_before(changes: list[Change], end: int) -> int | None:
    """Return the index of the last opt-out before an index; every opt-out is lawful."""
    return next((index for index in range(end - 1, -1, -1) if changes[index].state == OPTED_OUT), None)


def _lawful_before(changes: list[Change], end: int, reading: Reading) -> Change | None:
    """Return the last lawful change before an index."""
    return next((changes[index] for index in range(end - 1, -1, -1) if changes[index].is_lawful(reading)), None)
